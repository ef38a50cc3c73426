"""Who repeats a text, as numbers to draw from: harmless crowds, each the trap of a careless detector, and campaigns."""

from typing import NamedTuple


class Trait(NamedTuple):
    """A share that differs from crowd to crowd: beta by its mean, and how alike crowds are."""

    mean: float
    concentration: float = 4.0


class Shared(NamedTuple):
    """An identifier of the whole crowd: in which share of crowds there is one, and which share of accounts has it."""

    crowds: float
    accounts: float


NOTHING = Shared(0.0, 0.0)


class Crowd(NamedTuple):
    """One kind of repeated text.

    `rate` a node and week, however many nodes there are; `spread` the chance that each further node has it too; `size`
    the median accounts a node, and `skew` the spread of its logarithm; `days` over which they come.
    """

    name: str
    rate: float
    spread: float
    size: float
    skew: float
    days: float
    new: Trait
    devoted: Trait
    flagged: Trait = Trait(0.03, 3.0)
    evading: Trait = Trait(0.02, 3.0)
    together: float = 0.05
    within: float = 0.1
    payment: Shared = NOTHING
    device: Shared = NOTHING
    email: Shared = NOTHING
    invitation: Shared = NOTHING
    domain: Shared = NOTHING
    follows: bool = False
    """Whether an identifier that it shares is the same at every node."""

    def shared(self) -> tuple[Shared, ...]:
        return self.payment, self.device, self.email, self.invitation, self.domain


COORDINATED = "coordinated, harmless"
HOUSEHOLD = "household"
BENIGN = (
    Crowd(
        "viral template",
        2.5,
        0.6,
        9,
        0.8,
        12,
        Trait(0.15),
        Trait(0.08),
        domain=Shared(0.3, 0.5),
        follows=True,
    ),
    Crowd("boilerplate", 3.0, 0.3, 6, 0.6, 25, Trait(0.1), Trait(0.15), domain=Shared(0.4, 0.7)),
    Crowd(
        *("copy-paste of one client", 2.0, 0.1, 7, 0.6, 20, Trait(0.45), Trait(0.6)),
        domain=Shared(0.6, 0.8),
        payment=Shared(0.08, 0.4),
    ),
    Crowd(
        *("class", 1.0, 0.05, 11, 0.3, 4, Trait(0.8), Trait(0.2)),
        together=0.8,
        within=0.4,
        device=Shared(0.4, 0.2),
        invitation=Shared(0.5, 0.9),
    ),
    Crowd(
        *(COORDINATED, 1.0, 0.4, 6, 0.6, 14, Trait(0.5), Trait(0.45)),
        evading=Trait(0.06, 3.0),
        flagged=Trait(0.06, 3.0),
        together=0.4,
        within=0.3,
        payment=Shared(0.2, 0.5),
        device=Shared(0.15, 0.3),
        email=Shared(0.1, 0.3),
        invitation=Shared(0.4, 0.6),
        domain=Shared(0.7, 0.7),
        follows=True,
    ),
    Crowd(
        *(HOUSEHOLD, 2.0, 0.0, 2.5, 0.3, 5, Trait(0.2), Trait(0.2)),
        payment=Shared(0.4, 0.9),
        device=Shared(0.5, 0.9),
    ),
)
"""A fashion, a footer, an app, a class; those who act together for harmless reasons (an agency with one card and many
seats, a launch, a protest that writes in disguise against a filter); and two or three at one card or one device, for
whom a node's own minimum of accounts is there."""

CAMPAIGN = Crowd(
    *("campaign", 0.0, 0.5, 4, 0.5, 26, Trait(0.6, 3.0), Trait(0.5, 3.0)),
    flagged=Trait(0.12, 2.0),
    evading=Trait(0.2, 1.0),
    together=0.4,
    within=0.15,
    payment=Shared(0.5, 0.45),
    device=Shared(0.35, 0.4),
    email=Shared(0.3, 0.3),
    invitation=Shared(0.3, 0.5),
    domain=Shared(0.6, 0.6),
)
"""Few accounts at each node, over weeks. Whether its identifiers go from node to node is the setting's."""
