"""Who repeats a text: the evidence for one cluster of near-duplicates, as a sum of capped terms.

Repetition itself is worth nothing: it only chooses the group. Each term asks how much likelier what is known of
the accounts is in a campaign than in a crowd of this node (`likelihood`). The caps carry the policy, which
docs/warnings.md gives with its reasons:

1. what a class, an office, a launch or a protest shows as well (new accounts, made together, busy with one text,
   one link, one invitation, one place, one hour) is worth at most CAP_CROWD, which is below THRESHOLD: such a
   group never rings by that alone;
2. what is left is conduct: shared means of payment or contact, shared devices, earlier flags, disguised writing.
   Some of it is needed to ring.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from tocsin.correlate.groups import Group, Ledger
from tocsin.correlate.likelihood import Shares, clip, ratio, shrunk
from tocsin.kernel import Reason

THRESHOLD = 6.0
"""Odds of 400 to 1: what a node should ask before it calls a person, with hundreds of repeated texts a week."""

FLOOR = 2.0
"""Evidence worth corroborating a peer's confirmed indicator, or (later) raising in a private sum."""

STRONG = 9.0
"""Evidence that no dismissal quiets."""

CAP_NEW = 3.75
CAP_CONTEXT = 2.2
CAP_DEVOTED = 2.0
CAP_CROWD = 5.5
"""All that a harmless crowd shows as well, together. Below THRESHOLD, and a test holds it there."""

CAP_IDENTIFIERS = 6.0
CAP_FLAGGED = 4.5
CAP_EVASION = 2.25
CAP_GUARDED = 1.5
"""Of a guard model's word, and never more than all other conduct together: a model's opinion may bear out what else is
known of accounts, and is nobody's ground alone. With a crowd at CAP_CROWD and nothing else it is worth nothing.
"""

LEAST_NEW = -3.0
LEAST_DEVOTED = -1.0
"""Old accounts, and accounts busy with much else, speak against a campaign, within bounds."""

CAP_ONE_IDENTIFIER = 4.5

DEVICE_ACTORS = 3
"""Two accounts on one device are a household or a borrowed telephone."""

HISTORY = 50.0
"""Accounts that a prior counts for: a node with fewer of its own leans on the priors."""

PRIOR_NEW, PRIOR_DEVOTED, PRIOR_FLAGGED, PRIOR_EVASION, PRIOR_TOGETHER, PRIOR_TEMPO = (
    0.1,
    0.1,
    0.03,
    0.02,
    0.1,
    0.25,
)
CROWD = 4.0
"""Concentration of crowds and campaigns alike: groups differ much from each other."""

CAMPAIGN_SHARE = 0.7
CAMPAIGN_SHARED = Shares(2 / 3, 3.0)
CAMPAIGN_SOME = Shares(0.5, 2.0)
CROWD_SHARED = 2.0
TOGETHER_WEIGHT = 0.5
TEMPO_WEIGHT = 0.25
EVASION_WEIGHT = 0.5
GUARD_WEIGHT = 0.5


class Kind(NamedTuple):
    """An identifier's type: how common one value is before a node knows, how much sharing it says, of what."""

    prior: float
    weight: float
    conduct: bool


KINDS: Mapping[str, Kind] = {
    "payment": Kind(0.005, 1.0, True),
    "wallet": Kind(0.005, 1.0, True),
    "device": Kind(0.005, 1.0, True),
    "email": Kind(0.005, 0.8, True),
    "phone": Kind(0.005, 0.8, True),
    # Below: what a text carries with it, or what people in one place share.
    "invitation": Kind(0.02, 0.4, False),
    "address-prefix": Kind(0.05, 0.35, False),
    "domain": Kind(0.05, 0.35, False),
    "handle": Kind(0.05, 0.35, False),
    "file-hash": Kind(0.05, 0.35, False),
    "text": Kind(0.05, 0.4, False),
}
"""`text` is another repeated text that the same accounts also repeat (co-occurrence)."""

OTHER_KIND = Kind(0.05, 0.2, False)
KIND_HISTORY = 20.0
FULL_FOCUS = 0.5
"""Share of an identifier's uses that are this text, from which it counts in full; below, in proportion."""


FULL_LIKENESS = 0.46
"""What texts have in common with their original, on average, from which shared identifiers count in full: two copies
that each have so much of it are .25 similar, as texts of one cluster are to its typical text (`clusters.MEMBER`)."""


class Term(NamedTuple):
    """One part of the score, already weighted and capped, with the reason that says it to people."""

    value: float
    reason: Reason
    conduct: bool = False
    """Whether it is an identifier that speaks of conduct, not one that a crowd shares."""

    def scaled(self, by: float) -> "Term":
        """The term with a smaller value, and its reason saying so."""
        value = self.value * by
        return Term(
            value, Reason(self.reason.code, {**self.reason.values, "weight": round(value, 2)}), self.conduct
        )


class Evidence(NamedTuple):
    """The terms for one group, the weightiest first."""

    terms: tuple[Term, ...]

    @property
    def score(self) -> float:
        return round(sum(term.value for term in self.terms), 3)


def weigh(group: Group, ledger: Ledger) -> Evidence:
    """The evidence for one group of accounts that repeat a text, against the rest of the node's accounts."""
    devoted = _devoted(group, ledger)
    identifiers = _identifiers(group, ledger, elsewhere=devoted.value < 0)
    context = [term for term in identifiers if not term.conduct] + [_together(group, ledger), _tempo(group)]
    crowd = [_new(group, ledger), devoted, *_capped(context, CAP_CONTEXT)]
    terms = _capped(crowd, CAP_CROWD)
    conduct = _capped([term for term in identifiers if term.conduct], CAP_IDENTIFIERS)
    conduct.append(_looseness(group, ledger, identifiers=sum(term.value for term in conduct)))
    conduct += [_flagged(group, ledger), _evasion(group, ledger)]
    borne_out = _guarded(group, ledger, most=sum(term.value for term in conduct))
    said = [term for term in (*terms, *conduct, borne_out) if abs(term.value) >= 0.05]
    return Evidence(tuple(sorted(said, key=lambda term: (-term.value, term.reason.code))))


def corroboration(group: Group, ledger: Ledger, evidence: Evidence) -> float:
    """The part of the evidence that may corroborate a stranger's indicator: conduct seen here, and nothing else.

    A protest looks like a campaign in every other respect: new accounts, made together, busy with one text,
    disguised against a filter, sharing a link, an invitation, a place, at times a device. So what counts is a
    shared means of payment or contact, a device from DEVICE_ACTORS accounts up, and accounts of which this
    node's own rules or reviewers already said something.
    """
    identifiers = sum(term.value for term in evidence.terms if term.conduct)
    suspects = int(np.count_nonzero(group.is_suspect))
    raw = (
        ratio(suspects, len(group.actors), CAMPAIGN_SOME, Shares(PRIOR_FLAGGED, CROWD_SHARED))
        if suspects
        else 0.0
    )
    return identifiers + clip(raw, 0.0, CAP_FLAGGED)


def _capped(terms: list[Term], cap: float) -> list[Term]:
    """The terms, what speaks for a campaign scaled down so that all of them together reach no more than a cap."""
    above = sum(term.value for term in terms) - cap
    if above <= 0:
        return terms
    scale = 1 - above / sum(term.value for term in terms if term.value > 0)
    return [term.scaled(scale) if term.value > 0 else term for term in terms]


def _term(code: str, value: float, conduct: bool = False, **values: str | int | float) -> Term:
    return Term(value, Reason(code, {**values, "weight": round(value, 2)}), conduct)


def _usual(mean: float) -> tuple[Shares, Shares]:
    """Campaign and crowd shares of a trait whose usual share is `mean`: where all have it, it says nothing."""
    return Shares(max(CAMPAIGN_SHARE, (1 + mean) / 2), CROWD), Shares(mean, CROWD)


def _new(group: Group, ledger: Ledger) -> Term:
    usual = shrunk(*ledger.outside(ledger.new, ledger.dated, group.actors), PRIOR_NEW, HISTORY)
    known = int(np.count_nonzero(group.age_known))
    new = int(np.count_nonzero(group.is_new))
    value = clip(ratio(new, known, *_usual(usual)), LEAST_NEW, CAP_NEW)
    return _term("campaign.new-accounts", value, new=new, known=known, usual=usual)


def _devoted(group: Group, ledger: Ledger) -> Term:
    """Accounts with at least three events of which most are this text; accounts with fewer say nothing."""
    usual = shrunk(*ledger.outside(ledger.devoted, ledger.busy, group.actors), PRIOR_DEVOTED, HISTORY)
    busy = int(np.count_nonzero(ledger.busy[group.actors]))
    devoted = int(np.count_nonzero(group.is_devoted))
    value = clip(ratio(devoted, busy, CAMPAIGN_SOME, Shares(usual, CROWD)), LEAST_DEVOTED, CAP_DEVOTED)
    return _term("campaign.devoted", value, devoted=devoted, busy=busy)


def by_text(group: Group, ledger: Ledger) -> float:
    """How far the texts alone would have made this group, 0 to 1: less than 1 only where an identifier helped."""
    likeness = ledger.likeness(group)
    return 1.0 if likeness is None else min(likeness / FULL_LIKENESS, 1.0)


def _looseness(group: Group, ledger: Ledger, *, identifiers: float) -> Term:
    """Taken off shared identifiers where texts are only loosely alike: an identifier helped to choose the group."""
    value = -(1 - by_text(group, ledger)) * identifiers
    return _term("campaign.loosely-alike", value, True, likeness=ledger.likeness(group) or 1.0)


def _flagged(group: Group, ledger: Ledger) -> Term:
    usual = shrunk(*ledger.outside(ledger.flagged, None, group.actors), PRIOR_FLAGGED, HISTORY)
    flagged = int(np.count_nonzero(group.is_flagged))
    value = clip(
        ratio(flagged, len(group.actors), CAMPAIGN_SOME, Shares(usual, CROWD_SHARED)), 0.0, CAP_FLAGGED
    )
    return _term("campaign.flagged", value, flagged=flagged, actors=len(group.actors))


def _evasion(group: Group, ledger: Ledger) -> Term:
    usual = shrunk(*ledger.outside(ledger.evading, None, group.actors), PRIOR_EVASION, HISTORY)
    evading = int(np.count_nonzero(group.is_evading))
    raw = ratio(evading, len(group.actors), CAMPAIGN_SOME, Shares(usual, CROWD_SHARED))
    value = clip(EVASION_WEIGHT * raw, 0.0, CAP_EVASION)
    return _term("campaign.evasion", value, evading=evading, actors=len(group.actors))


def _guarded(group: Group, ledger: Ledger, *, most: float) -> Term:
    """Accounts of which a guard flagged another text, each counted as much as that guard is right in its language."""
    value = 0.0
    if group.guard_weight > 0:
        usual = shrunk(*ledger.guarded_outside(group.actors), PRIOR_FLAGGED, HISTORY)
        if usual < CAMPAIGN_SOME.mean:  # where most are flagged, being flagged says nothing
            raw = ratio(
                round(group.guard_weight, 6), len(group.actors), CAMPAIGN_SOME, Shares(usual, CROWD_SHARED)
            )
            value = clip(min(GUARD_WEIGHT * raw, most), 0.0, CAP_GUARDED)
    return _term(
        "campaign.guarded",
        value,
        guarded=group.guarded,
        actors=len(group.actors),
        trust=group.guard_weight / group.guarded if group.guarded else 0.0,
    )


def _together(group: Group, ledger: Ledger) -> Term:
    """Accounts made within the same three days; the first of them chose the days and is not counted."""
    together, known, elsewhere, dated = ledger.made_together(group)
    usual = shrunk(elsewhere, dated, PRIOR_TOGETHER, HISTORY)
    raw = ratio(together - 1, known - 1, *_usual(usual)) if together > 1 else 0.0
    value = clip(TOGETHER_WEIGHT * raw, 0.0, CAP_CONTEXT)
    return _term("campaign.made-together", value, together=together, known=known)


def _tempo(group: Group) -> Term:
    """Accounts that first used the text within the same hour; the first of them chose the hour."""
    within = group.within_an_hour
    raw = ratio(within - 1, len(group.actors) - 1, CAMPAIGN_SOME, Shares(PRIOR_TEMPO, CROWD_SHARED))
    value = clip(TEMPO_WEIGHT * raw, 0.0, CAP_CONTEXT)
    return _term("campaign.tempo", value, within=within, actors=len(group.actors))


def _identifiers(group: Group, ledger: Ledger, *, elsewhere: bool) -> list[Term]:
    """For each type the identifier that says most: several of one type are one piece of evidence.

    A device that mostly serves other texts, or whose accounts are busy `elsewhere`, is a school's or a library's, and
    one of fewer than DEVICE_ACTORS a household's: it counts as the place it stands in.
    """
    best: dict[str, Term] = {}
    others = ledger.present - len(group.actors)
    for kind_name, having, everywhere, focus in ledger.shared(group):
        kind = KINDS.get(kind_name, OTHER_KIND)
        usual = shrunk(everywhere - having, others, kind.prior, KIND_HISTORY)
        raw = ratio(having, len(group.actors), CAMPAIGN_SHARED, Shares(usual, CROWD_SHARED))
        value = kind.weight * min(focus / FULL_FOCUS, 1.0) * clip(raw, 0.0, CAP_ONE_IDENTIFIER)
        held = best.get(kind_name)
        if value > 0 and (held is None or value > held.value):
            best[kind_name] = _term(
                _code(kind_name),
                value,
                kind.conduct
                and (
                    kind_name != "device"
                    or (having >= DEVICE_ACTORS and focus >= FULL_FOCUS and not elsewhere)
                ),
                having=having,
                actors=len(group.actors),
                elsewhere=everywhere - having,
            )
    return [best[name] for name in sorted(best)]


def _code(kind_name: str) -> str:
    if kind_name == "text":
        return "campaign.same-other-text"
    return f"campaign.shared-{kind_name if kind_name in KINDS else 'other'}"
