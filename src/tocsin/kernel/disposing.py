"""Disposition: what was decided of a case, why, and what a person concerned may do about it."""

from enum import StrEnum

import msgspec


class Measure(StrEnum):
    """What is done. Before the dot stand the kinds of restriction of Regulation (EU) 2022/2065, Article 17(1)."""

    NONE = "none"
    VISIBILITY_REMOVED = "visibility.removed"
    VISIBILITY_DISABLED = "visibility.disabled"
    VISIBILITY_DEMOTED = "visibility.demoted"
    VISIBILITY_AGE_RESTRICTED = "visibility.age-restricted"
    VISIBILITY_INTERACTION = "visibility.interaction-restricted"
    VISIBILITY_LABELLED = "visibility.labelled"
    MONETARY_SUSPENDED = "monetary.suspended"
    MONETARY_TERMINATED = "monetary.terminated"
    PROVISION_PARTLY_SUSPENDED = "provision.partly-suspended"
    PROVISION_SUSPENDED = "provision.suspended"
    PROVISION_PARTLY_TERMINATED = "provision.partly-terminated"
    PROVISION_TERMINATED = "provision.terminated"
    ACCOUNT_SUSPENDED = "account.suspended"
    ACCOUNT_TERMINATED = "account.terminated"
    WARNED = "warned"
    """The person was told what the rule is, and nothing else."""
    AUTHORITY_INFORMED = "authority.informed"


GRAVE = frozenset(
    {
        Measure.MONETARY_TERMINATED,
        Measure.PROVISION_SUSPENDED,
        Measure.PROVISION_TERMINATED,
        Measure.ACCOUNT_TERMINATED,
        Measure.AUTHORITY_INFORMED,
    }
)
"""Hard to take back for whom it meets: two people decide."""


class Ground(StrEnum):
    """DSA, Article 17(3)(d) and (e)."""

    NONE = "none"
    ILLEGAL = "illegal-content"
    TERMS = "incompatible-content"


class Outcome(StrEnum):
    BORNE_OUT = "borne-out"
    NOT_BORNE_OUT = "not-borne-out"
    NO_FINDING = "no-finding"
    """It could not be found out, and that is said."""


class Party(StrEnum):
    """Whose duty something was, along the chain."""

    DEVELOPER = "developer"
    HOST = "host"
    DEPLOYER = "deployer"
    USER = "user"


class Attribution(msgspec.Struct, frozen=True):
    """Who may be behind it, how sure one is of that, and what else it may be. Never a name: a pseudonym or a kind."""

    said: str
    confidence: int
    """Percent; never 100."""
    alternatives: tuple[str, ...] = ()


class DutyOf(msgspec.Struct, frozen=True):
    """One link of the accountability chain: who, what they owed, whether they did it, and what shows it."""

    party: Party
    name: str
    owed: str
    met: bool | None
    shown_by: str = ""


class Disposition(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided. `reasons` are for the persons concerned to read, in `lang`; `facts` what they rest on.

    `decided_by` is who proposed it, `approved_by` the second person of a grave one; user ids.
    """

    outcome: Outcome
    measures: tuple[Measure, ...]
    ground: Ground
    ground_text: str
    """Which law or which rule of the terms."""
    explanation: str
    """Why the facts fall under it."""
    facts: str
    reasons: str
    lang: str
    decided_by: str
    at: int
    approved_by: str | None = None
    approved_at: int = 0
    automated_detection: bool = False
    automated_decision: bool = False
    """Always false here: nothing is decided without a person. It is kept because a statement of reasons says it."""
    ends: int | None = None
    """When a suspension or a restriction ends; None for no end."""
    accountability: tuple[DutyOf, ...] = ()
    attribution: Attribution | None = None

    @property
    def grave(self) -> bool:
        return not GRAVE.isdisjoint(self.measures)


class Appellant(StrEnum):
    REPORTER = "reporter"
    AFFECTED = "affected"


class Appeal(msgspec.Struct, frozen=True, kw_only=True):
    """A person's objection to a disposition, and what another reviewer made of it. What they wrote lies sealed."""

    by: Appellant
    at: int
    lang: str
    judged_by: str | None = None
    judged_at: int = 0
    upheld: bool | None = None
    reasons: str = ""
    """Of the judgement, for the person to read."""
