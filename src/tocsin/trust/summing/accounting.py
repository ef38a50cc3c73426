"""What the noise of an epoch proves about one account, where it proves anything."""

from tocsin.kernel.sums import COMPONENTS, KEYS_AN_ACTOR, SumRoster


def look_cost(noise: int) -> int:
    """Thousandths of `epsilon` of one look at this scale, rounded up; 0 without noise, where nothing is accounted."""
    return -(-COMPONENTS * KEYS_AN_ACTOR * 1_000 // noise) if noise else 0


def least_scale(budget: int) -> int:
    """The least whole scale at which one look costs no more than this many thousandths of epsilon."""
    return -(-COMPONENTS * KEYS_AN_ACTOR * 1_000 // budget)


def epsilon(roster: SumRoster, looks: int | None = None, keys: int = KEYS_AN_ACTOR) -> float | None:
    """Pure epsilon of one account at one node over one epoch, against one aggregator; None without noise: unbounded.

    One account adds at most one to each of COMPONENTS counts, under at most `keys` keys, at each of `looks` (all of
    the roster's unless told). The keys of one look need not be those of another: looks multiply. Against an aggregator
    the other's noise alone counts, since it knows its own. It covers the counts under the keys that were raised, and
    not which keys those are: that is what the word "noisy" is for.
    """
    if not roster.noise:
        return None
    return COMPONENTS * keys * (roster.looks if looks is None else looks) / roster.noise
