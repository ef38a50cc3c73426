"""What is known of the accounts: the node's ledger of traits, and one group of accounts held against it."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.correlate.joined import Joined
from tocsin.correlate.numbers import spans
from tocsin.correlate.repeated import Repeated, counted, narrow
from tocsin.correlate.stock import UNKNOWN
from tocsin.correlate.window import View

DAY_US = 86_400_000_000
HOUR_US = 3_600_000_000
NEW_DAYS = 14
"""An account is new in its first two weeks."""

TOGETHER_DAYS = 3
BUSY_EVENTS = 3
"""Events from which the share of one text among them says something of an account."""

MAX_IDENTIFIERS = 48
"""Shared identifiers weighed for one group, the most shared first: the cost of a group is bounded."""

EVASION_DETECTOR = "evasion"
TEXT = "text"

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
F64 = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
NO_WORDS: tuple[I64, F64] = (np.empty(0, np.int64), np.empty(0, np.float64))


class Group(NamedTuple):
    """Events that are near-duplicates, and their accounts. `rows` are rows of the view, `actors` ascending.

    `is_new` to `is_evading` run along `actors`.
    """

    rows: I64
    actors: I64
    first_use: I64
    clusters: frozenset[int]
    """The clusters these rows belong to: sharing them is the repetition itself, not further evidence."""
    is_new: Bools
    age_known: Bools
    is_devoted: Bools
    is_flagged: Bools
    is_suspect: Bools
    """Whether a rule that rings by itself spoke of the account, anywhere, or a person confirmed a warning on it."""
    is_evading: Bools
    within_an_hour: int
    guarded: int = 0
    """Accounts of which a guard model flagged another text, and people here found that guard right."""
    guard_weight: float = 0.0
    """The same accounts, each counted as much as the guard's word weighs: at most `guarded`."""


class Shared(NamedTuple):
    """One identifier: its type, how many of the group and of all accounts have it, and what it is used for.

    `focus` is the share of the events that carry it which are this text: a wallet made for one campaign has 1, a
    company's card or a school's computer, used for everything, little.
    """

    kind: str
    having: int
    everywhere: int
    focus: float


class Sets(NamedTuple):
    """Distinct pairs (actor, item), by actor: actor a's items from starts[a] to starts[a + 1]."""

    items: I32
    starts: I32
    holders: I32
    """By item: how many actors have it."""
    uses: I32
    """By item: in how many events."""

    @classmethod
    def of(cls, actors: npt.NDArray[np.int32], items: npt.NDArray[np.int32], number: int) -> "Sets":
        width = max(int(items.max(initial=0)) + 1, 1)
        bits = np.int64(width.bit_length())
        codes = actors.astype(np.int64)
        codes <<= bits
        codes |= items
        pairs, _ = counted(codes)
        del codes
        found = cls.of_pairs(narrow(pairs >> bits), narrow(pairs & ((1 << bits) - 1)), width, number)
        return found._replace(uses=narrow(np.bincount(items, minlength=width)))

    @classmethod
    def of_pairs(cls, owner: I32, item: I32, width: int, number: int) -> "Sets":
        """Of pairs that are distinct, each of which is one use; `width` items, `number` actors."""
        bits = np.int64(width.bit_length())
        codes = owner.astype(np.int64)
        codes <<= bits
        codes |= item
        codes.sort()
        codes &= (1 << bits) - 1
        starts = np.zeros(number + 1, np.int32)
        np.cumsum(np.bincount(owner, minlength=number), out=starts[1:])
        holders = narrow(np.bincount(item, minlength=width))
        return cls(narrow(codes), starts, holders, holders)

    def of_owners(self, actors: npt.NDArray[np.integer[Any]]) -> tuple[I64, I32]:
        """The items of each of some actors: (place in `actors`, item) in a row."""
        first, last = self.starts[actors], self.starts[actors + 1]
        return np.repeat(np.arange(len(actors)), last - first), self.items[spans(first, last)]

    def shared(self, actors: I64) -> tuple[I32, I64]:
        """Items that at least two of the actors have, the most shared first, and by how many."""
        spans = [self.items[self.starts[actor] : self.starts[actor + 1]] for actor in actors.tolist()]
        item, count = np.unique(np.concatenate((self.items[:0], *spans)), return_counts=True)
        item, count = item[count >= 2], count[count >= 2]
        order = np.lexsort((item, self.holders[item], -count))[:MAX_IDENTIFIERS]
        return item[order], count[order]


def carried_in(view: View) -> Sets:
    """The identifiers of each account of a view, as in `View.tag`."""
    return Sets.of(view.actor[view.tag_row], view.tag, len(view.created))


class Ledger:
    """Traits of every account in a view, by actor number; made once for all groups."""

    def __init__(
        self,
        view: View,
        cluster_of_text: Joined,
        carried: Sets,
        confirmed: I64,
        repeated: Repeated,
        tally: tuple[I32, I64],
        guarded: tuple[I64, F64] = NO_WORDS,
    ) -> None:
        """`carried` are the view's identifiers; `confirmed` rows whose text a person here confirmed to be misuse,
        ascending; `guarded` rows that a guard model flagged, with what its word weighs (`guard_words`).
        """
        self.view = view
        number = len(view.created)
        self._clusters = cluster_of_text
        self.events, first = tally
        self._numbers: dict[int, int] = {}
        self._present = self.events > 0
        self.present = int(np.count_nonzero(self._present))
        self._has_date = view.created != UNKNOWN
        self.dated = self._has_date & self._present
        self.new = self.dated & (first - view.created < NEW_DAYS * DAY_US)
        self.busy = self.events >= BUSY_EVENTS
        most = np.zeros(number, np.int32)
        np.maximum.at(most, repeated.whose, repeated.uses)
        self.devoted = self.busy & (most * 2 > self.events)
        """Busy accounts most of whose events are one repeated text."""
        marked = np.zeros(number, np.bool_)
        marked[view.actor[confirmed]] = True
        self._confirmed = confirmed
        self._guard_rows, self._guard_weights = guarded
        self.guarded = np.zeros(number if len(self._guard_rows) else 0, np.float64)
        """By actor, the weightiest word of a guard on a text of theirs; empty where no guard's word weighs."""
        np.maximum.at(self.guarded, view.actor[self._guard_rows], self._guard_weights)
        evasion = np.array([rule.detector == EVASION_DETECTOR for rule in view.rules], np.bool_)
        loud = np.array([rule.loud for rule in view.rules], np.bool_)
        evading = evasion[view.signal] if len(view.rules) else np.zeros(0, np.bool_)
        self._evades = np.unique(view.signal_row[evading])
        self._flagging = np.unique(view.signal_row[~evading])
        self._loud = np.unique(view.signal_row[loud[view.signal]] if len(loud) else view.signal_row[:0])
        self._suspect = self._of_actors(self._loud, number) > 0
        self._suspect |= marked
        self._flags = self._of_actors(self._flagging, number)
        self.flagged = (self._flags > 0) | marked
        self.evading = self._of_actors(self._evades, number) > 0
        self.carried = carried
        self._repeated = repeated
        self._texts = Sets.of_pairs(repeated.whose, repeated.owner, len(repeated.clusters), number)

    @cached_property
    def _made(self) -> I64:
        """When the accounts were made that have a date: asked for by the few groups that are weighed."""
        return np.sort(self.view.created[self.dated])

    def tags_of(self, actors: npt.NDArray[np.integer[Any]]) -> tuple[I64, I32]:
        """The identifiers of each of some actors: (place in `actors`, identifier) in a row."""
        return self.carried.of_owners(actors)

    def likeness(self, group: Group) -> float | None:
        """How much the texts of a group have in common, 0 to 1, where an identifier made it one (`kin`)."""
        return self._clusters.likeness(group.clusters)

    def _of_actors(self, rows: I32, number: int) -> I32:
        """By actor: how many of some rows are theirs."""
        counts = np.zeros(number, np.int32)
        np.add.at(counts, self.view.actor[rows], np.int32(1))
        return counts

    def heard(self, rows: I64) -> bool:
        """Whether a rule that rings by itself spoke in one of some rows."""
        return bool(_among(rows, self._loud).any())

    def group(self, rows: I64, clusters: frozenset[int]) -> Group:
        """The accounts behind some rows of the view, with their traits as of these rows."""
        view = self.view
        actors, place = np.unique(view.actor[rows].astype(np.int64), return_inverse=True)
        number = len(actors)
        first = np.full(number, np.iinfo(np.int64).max)
        np.minimum.at(first, place, view.time[rows])
        used = np.bincount(place, minlength=number)
        flags_here = np.bincount(place, weights=_among(rows, self._flagging), minlength=number)
        dated = self._has_date[actors]
        age = first - np.where(dated, view.created[actors], 0)
        events = self.events[actors]
        times = np.sort(first)
        guarded = self._guarded_elsewhere(actors, rows, clusters)
        within = int((np.searchsorted(times, times + HOUR_US, "right") - np.arange(number)).max(initial=0))
        return Group(
            rows=rows,
            actors=actors,
            first_use=first,
            clusters=clusters,
            is_new=dated & (age < NEW_DAYS * DAY_US),
            age_known=dated,
            is_devoted=(events >= BUSY_EVENTS) & (used * 2 > events),
            # A flag on the repeated text itself says nothing of the account: a joke may quote a flagged phrase.
            is_flagged=(self._flags[actors] > flags_here) | self._confirmed_elsewhere(actors, rows, clusters),
            is_suspect=self._suspect[actors],
            is_evading=np.bincount(place, weights=_among(rows, self._evades), minlength=number) > 0,
            within_an_hour=within,
            guarded=int(np.count_nonzero(guarded)),
            guard_weight=float(guarded.sum()),
        )

    def _confirmed_elsewhere(self, actors: I64, rows: I64, clusters: frozenset[int]) -> Bools:
        """Which of the accounts used a confirmed text, other than the one in question."""
        at = self._confirmed
        clustered = self._clusters[self.view.text[at]]
        other = ~np.isin(clustered, list(clusters)) & ~np.isin(at, rows)
        return np.isin(actors, self.view.actor[at[other]])

    def _guarded_elsewhere(self, actors: I64, rows: I64, clusters: frozenset[int]) -> F64:
        """Along `actors`: the weightiest word of a guard on a text of theirs other than the one in question."""
        best = np.zeros(len(actors), np.float64)
        at, text = self._guard_rows, self.view.text[self._guard_rows]
        if not len(at):
            return best
        clustered = np.full(len(at), -1, np.int32)
        clustered[text >= 0] = self._clusters[text[text >= 0]]
        whose = self.view.actor[at].astype(np.int64)
        other = ~np.isin(clustered, list(clusters)) & ~np.isin(at, rows) & np.isin(whose, actors)
        np.maximum.at(best, np.searchsorted(actors, whose[other]), self._guard_weights[other])
        return best

    def guarded_outside(self, actors: I64) -> tuple[float, int]:
        """What guards' words weigh on the node's other present accounts, and how many those are."""
        if not len(self.guarded):
            return 0.0, 0
        return float(self.guarded.sum() - self.guarded[actors].sum()), self.present - len(actors)

    def outside(self, having: Bools, among: Bools | None, actors: I64) -> tuple[int, int]:
        """How many of the node's other present accounts have a trait, among those of whom it is known (None: all)."""
        present = self._present if among is None else among
        inside = actors[present[actors] & self._present[actors]]
        return (
            self._number(having) - int(np.count_nonzero(having[inside])),
            self._number(present) - len(inside),
        )

    def _number(self, having: Bools) -> int:
        """How many present accounts have one of this ledger's traits: counted once."""
        known = self._numbers.get(id(having))
        if known is None:
            known = self._numbers[id(having)] = int(np.count_nonzero(having & self._present))
        return known

    def made_together(self, group: Group) -> tuple[int, int, int, int]:
        """Most accounts of the group made within TOGETHER_DAYS, of how many; and the same days elsewhere."""
        made = np.sort(self.view.created[group.actors[group.age_known]])
        dated = len(self._made) - len(made)
        if not len(made):
            return 0, 0, 0, dated
        span = TOGETHER_DAYS * DAY_US
        counts = np.searchsorted(made, made + span, "right") - np.arange(len(made))
        best = int(np.argmax(counts))
        start, together = made[best], int(counts[best])
        everywhere = np.searchsorted(self._made, start + span, "right") - np.searchsorted(self._made, start)
        return together, len(made), max(int(everywhere) - together, 0), max(dated, 0)

    def shared_tags(self, group: Group) -> Iterator[tuple[int, Shared]]:
        """The identifiers (as in `View.tag`) that at least two of the group have."""
        inside = np.bincount(self.view.tag[_spans(self.view.tag_row, group.rows)])
        for item, count in zip(*self.carried.shared(group.actors), strict=True):
            here = int(inside[item]) if item < len(inside) else 0
            kind = self.view.types[self.view.type_of_tag[item]]
            focus = here / int(self.carried.uses[item])
            yield int(item), Shared(kind, int(count), int(self.carried.holders[item]), focus)

    def shared(self, group: Group) -> Iterator[Shared]:
        """What at least two of the group have in common."""
        for _, shared in self.shared_tags(group):
            yield shared
        for item, count in zip(*self._texts.shared(group.actors), strict=True):
            if int(self._repeated.clusters[item]) not in group.clusters:
                yield Shared(TEXT, int(count), int(self._texts.holders[item]), 1.0)


def _spans(sorted_rows: npt.NDArray[np.int32], rows: I64) -> I64:
    """Places in an ascending column of row numbers that name any of some rows."""
    first, last = np.searchsorted(sorted_rows, rows), np.searchsorted(sorted_rows, rows, "right")
    return spans(first, last)


def _among(rows: I64, ascending: I32) -> Bools:
    """Which of some rows stand in an ascending column."""
    found: Bools = np.searchsorted(ascending, rows, "right") > np.searchsorted(ascending, rows)
    return found


def densest(times: I64, actors: Sequence[int] | npt.NDArray[np.int32], span: int) -> I64:
    """Places of the events in the span with most distinct actors, the earliest such; `times` ascending."""
    if not len(times) or times[-1] - times[0] < span:
        return np.arange(len(times))
    held: dict[int, int] = {}
    best, where, start = 0, (0, 0), 0
    names = np.asarray(actors).tolist()
    clock = times.tolist()
    for end, name in enumerate(names):
        held[name] = held.get(name, 0) + 1
        while clock[end] - clock[start] >= span:
            leaving = names[start]
            held[leaving] -= 1
            if not held[leaving]:
                del held[leaving]
            start += 1
        if len(held) > best or (len(held) == best and where[0] == start):
            best, where = len(held), (start, end + 1)
    return np.arange(*where)
