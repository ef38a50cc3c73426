"""From what ties a cluster to how likely each form is: few terms, each a judgement that stands here to be read.

The terms are not fitted to data: nobody has labelled clusters to fit them to. docs/actors.md measures how often they
are right in an invented world. What a harmless crowd shows as well (new accounts, one hour, one link) is no term.
"""

from collections.abc import Collection, Mapping, Sequence
from math import exp

import msgspec

from tocsin.correlate.actors.profiles import Form
from tocsin.correlate.actors.ties import Tie
from tocsin.correlate.actors.traits import NAMED, Traits, share

FEW = 4
"""Up to so many accounts are a family first, whatever ties them."""

DEVOTED = 0.6
"""Part of their events that is the warning, from which the accounts serve little else."""

MACHINE = 0.5
"""Part of the accounts with a pace that is a machine's."""

HUB = 0.8
"""Part of the accounts that one identifier reaches, from which it is what they have in common."""

PERSONAL = frozenset({"device", "phone"})
"""What a family lends each other."""

PAID = frozenset({"payment", "wallet"})
CUSTOMER = frozenset({"payment", "email", "phone"})
"""What one customer of a platform gives for many people: an office, a school, a reseller."""


REACH = 0.4
"""Part of the accounts that a kind of identifier must tie to count: two of twenty who share a card are a couple."""


class Facts(msgspec.Struct, frozen=True):
    """What the forms are judged by. `hub` is the share of the accounts that the widest binding tie reaches.

    `kinds` are types that reach REACH of the accounts; `single`: without the widest tie less than that hangs together,
    and everything rests on one identifier, which is one fact, however many accounts it names.
    """

    accounts: int
    linked: int
    kinds: frozenset[str]
    values: int
    single: bool
    hub: float
    hub_type: str
    hub_elsewhere: int
    devoted: float
    paced: int
    machines: int
    evading: int
    events: int


def facts_of(accounts: Collection[str], ties: Sequence[Tie], traits: Mapping[str, Traits]) -> Facts:
    """`accounts` are the warned ones of a cluster; of its ties only those that bind count."""
    binding = [tie for tie in ties if tie.binds]
    warned = frozenset(accounts)
    known = [traits[name] for name in accounts if name in traits]
    reach = [len(warned.intersection(tie.warned)) for tie in binding]
    least = REACH * len(warned)
    reached: dict[str, set[str]] = {}
    for tie in binding:
        reached.setdefault(tie.type, set()).update(warned.intersection(tie.warned))
    widest = max(range(len(binding)), key=lambda at: (reach[at], binding[at].weight), default=None)
    return Facts(
        accounts=len(warned),
        linked=len({name for tie in binding for name in tie.others}),
        kinds=frozenset(type_ for type_, names in reached.items() if len(names) >= least),
        values=len(binding),
        single=len(_without(binding, widest, warned)) < least,
        hub=0.0 if widest is None else reach[widest] / len(warned),
        hub_type="" if widest is None else binding[widest].type,
        hub_elsewhere=0 if widest is None else binding[widest].elsewhere,
        devoted=share(traits, accounts),
        paced=sum(one.paced for one in known),
        machines=sum(one.machine for one in known),
        evading=sum(one.evading for one in known),
        events=sum(one.events for one in known),
    )


def _without(ties: Sequence[Tie], left_out: int | None, warned: frozenset[str]) -> frozenset[str]:
    """Accounts that other ties than one still tie to each other."""
    return frozenset(
        name
        for at, tie in enumerate(ties)
        if at != left_out and len(warned.intersection(tie.warned)) > 1
        for name in warned.intersection(tie.warned)
    )


def likelihoods(facts: Facts) -> dict[Form, float]:
    """Shares of one for the forms of a tied cluster of two accounts or more, likeliest first."""
    scores = {
        Form.SHARED: _shared(facts),
        Form.SERVICE: _service(facts),
        Form.PEOPLE: _people(facts),
        Form.GROUP: _group(facts),
        Form.NETWORK: _network(facts),
    }
    whole = sum(exp(score) for score in scores.values())
    return {
        form: exp(score) / whole
        for form, score in sorted(scores.items(), key=lambda item: (-item[1], item[0]))
    }


def _shared(facts: Facts) -> float:
    few = facts.accounts <= FEW
    score = 0.5 + (1.5 if facts.accounts <= 2 else 1.0 if few else -1.0)
    score += 0.7 if facts.kinds <= PERSONAL else 0.0
    score += 1.5 if facts.single and facts.hub_type == "device" and not few else 0.0  # a library's computer
    score -= 1.0 if facts.devoted >= DEVOTED and facts.accounts > 2 else 0.0
    score -= 1.0 if _mechanical(facts) else 0.0
    score -= 0.5 if "wallet" in facts.kinds else 0.0
    return score - (0.0 if few else 1.2 * (len(facts.kinds) - 1))


def _service(facts: Facts) -> float:
    score = -0.5
    if facts.hub >= HUB and facts.hub_type in CUSTOMER and facts.accounts >= 3:
        score += 1.8 if facts.devoted < DEVOTED else 0.6
        score += 0.7 if facts.hub_elsewhere * 2 >= facts.accounts else 0.0
        score += 2.5 if facts.single else 0.0  # an office on one card looks just like this
    return score - (1.0 if facts.devoted >= DEVOTED else 0.0)


def _people(facts: Facts) -> float:
    """Different people who name one wallet, address or number: alone it is no hold, anybody can write it down."""
    score = -1.5 + (4.0 if facts.single and facts.kinds <= NAMED and facts.accounts > FEW else 0.0)
    return score - (1.0 if _mechanical(facts) else 0.0)


def _group(facts: Facts) -> float:
    if facts.accounts <= FEW:
        return (
            -1.0
        )  # a family lends each other cards, telephones and devices: all of it together says no more
    score = 1.0 + 0.9 * (len(facts.kinds) - 1)
    score += 0.6 if facts.values >= 3 else 0.0
    score += 0.8 if facts.devoted >= DEVOTED else 0.0
    score += 0.8 if facts.kinds & PAID else 0.0
    return score - (2.0 if facts.single else 0.0)


def _network(facts: Facts) -> float:
    """A group that a clock drives."""
    return max(_group(facts), 0.5) + 1.5 if _mechanical(facts) else -1.5


def _mechanical(facts: Facts) -> bool:
    return facts.machines >= 3 and facts.machines >= MACHINE * facts.paced
