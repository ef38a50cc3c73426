"""Joint case: what several nodes know of one matter and decide on it, each keeping what it does not say.

Nobody holds it: it is the messages of its parties, each signed by its author, and every party merges those it has
(`cases.joint`). Bounds stand here because the published schema is made of these structs.
"""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from tocsin.kernel.disposing import Measure
from tocsin.kernel.indicators import EvidenceStatus

MAX_JOINT_PARTIES = 16
"""Each party is a peer of each other one; beyond this a standing group with a written agreement is what is wanted."""

MAX_JOINT_MESSAGES = 500
"""Of one party in one case: people wrote them. A hostile party ends there, with 2 MB at each of the others."""

MAX_JOINT_CHARS = 500
"""Of what a person says in one place. A fact is a sentence or three; a file stays where it is."""

MAX_JOINT_REFERENCES = 20
MAX_JOINT_ALTERNATIVES = 5
MAX_JOINT_CONFIDENCE = 95
"""Percent. Who did it is never certain: false flags are made to look certain."""

Sha256 = Annotated[str, Meta(pattern=r"^sha256:[0-9a-f]{64}$")]
PartyKey = Annotated[str, Meta(pattern=r"^sha256:[0-9a-f]{64}$", description="A node, by its first key.")]
Said = Annotated[
    str, Meta(min_length=1, max_length=MAX_JOINT_CHARS, description="Written for the parties; names nobody.")
]
Sure = Annotated[int, Meta(ge=0, le=100, description="Percent.")]
References = Annotated[list[Sha256], Meta(min_length=1, max_length=MAX_JOINT_REFERENCES)]


class JointRule(StrEnum):
    """Who decides."""

    CONVENER = "convener"
    MAJORITY = "majority"
    """More than half of the parties that neither declined nor left."""
    UNANIMOUS = "unanimous"
    """All of these."""
    EACH = "each-for-itself"
    """Nobody for another: facts and opinions are common, decisions are not."""


class Choice(StrEnum):
    YES = "yes"
    NO = "no"
    ABSTAIN = "abstain"


class JointOutcome(StrEnum):
    ADOPTED = "adopted"
    REJECTED = "rejected"


class JointStanding(StrEnum):
    INVITED = "invited"
    JOINED = "joined"
    DECLINED = "declined"
    LEFT = "left"


class Explains(StrEnum):
    """What else may explain it."""

    ANOTHER = "another-actor"
    FALSE_FLAG = "false-flag"
    SHARED_TOOLING = "shared-tooling"
    COINCIDENCE = "coincidence"
    HARMLESS = "harmless-use"
    TOO_LITTLE = "insufficient-data"


class _Says(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What one message says; `kind` tells which."""


class Otherwise(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Another explanation, how likely it is, and what would decide."""

    explanation: Explains
    confidence: Sure
    would_decide: Said


class Attributes(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who may be behind it: a kind of actor, never a name; never certain, never without another explanation."""

    form: Annotated[
        str,
        Meta(
            pattern=r"^(?:unknown|individual|informal-group|criminal-group|company|insider|automated-system)$"
        ),
    ]
    confidence: Annotated[int, Meta(ge=0, le=MAX_JOINT_CONFIDENCE, description="Percent.")]
    alternatives: Annotated[list[Otherwise], Meta(min_length=1, max_length=MAX_JOINT_ALTERNATIVES)]


class Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one party would do on its own platform. Its own people decide whether it does."""

    party: PartyKey
    measures: Annotated[list[Measure], Meta(min_length=1, max_length=8)]


class Invitation(_Says, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="invitation"):
    """The convener's first message. The case's id is made of it and of its parties: other terms are another case."""

    convener: PartyKey
    rule: JointRule
    category: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,31}\.[a-z][a-z0-9-]{0,31}$")]
    purpose: Said
    until: Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T00:00:00\.000Z$")]
    nonce: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$", description="Drawn: no two cases are one.")]


class Acceptance(_Says, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="acceptance"):
    """A person of this party joined on its behalf."""


class Decline(_Says, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="decline"):
    reason: Said


class Fact(_Says, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="fact"):
    """What a party knows, how far that has come, how sure it is, and on what ground. Nobody else vouches for it."""

    statement: Said
    evidence: EvidenceStatus
    confidence: Sure
    basis: Said
    attribution: Attributes | UnsetType = UNSET


class FactWithdrawn(_Says, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="fact-withdrawn"):
    fact: Sha256
    reason: Said


class Task(_Says, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="task"):
    """What somebody asks of a party. It binds nobody."""

    whose: PartyKey
    what: Said
    due: Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T00:00:00\.000Z$")]


class TaskDone(_Says, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="task-done"):
    task: Sha256
    result: Said


class TaskDeclined(_Says, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="task-declined"):
    task: Sha256
    reason: Said


class Proposal(_Says, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="proposal"):
    """Of a disposition: for each party what it would do on its own platform, and the facts that it rests on."""

    title: Annotated[str, Meta(min_length=1, max_length=120)]
    parts: Annotated[list[Part], Meta(min_length=1, max_length=MAX_JOINT_PARTIES)]
    facts: References | UnsetType = UNSET
    reason: Said


class Vote(_Says, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="vote"):
    """A party's opinion on a proposal. A later one of the same party takes its place until it is decided."""

    proposal: Sha256
    choice: Choice
    reason: Said


class Decision(_Says, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="decision"):
    """That a proposal is adopted or rejected, by the case's rule and what its author had seen."""

    proposal: Sha256
    outcome: JointOutcome
    reason: Said


class Leave(_Says, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="leave"):
    reason: Said


class Close(_Says, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="close"):
    """The convener's last word: whoever has seen it says no more."""

    reason: Said


Says = (
    Invitation
    | Acceptance
    | Decline
    | Fact
    | FactWithdrawn
    | Task
    | TaskDone
    | TaskDeclined
    | Proposal
    | Vote
    | Decision
    | Leave
    | Close
)


class Seen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The last message of another party that an author had when it wrote: what it knew, and which branch of a fork."""

    party: PartyKey
    number: Annotated[int, Meta(ge=1, le=MAX_JOINT_MESSAGES)]
    message: Sha256


class JointMessage(msgspec.Struct, frozen=True, kw_only=True):
    """One message. `signer` is the party whose key signed it, `party` whom it says it is from. `at` in microseconds."""

    id: str
    """SHA-256 of all that it says: two messages are never one, one never becomes another."""
    case: str
    signer: str
    party: str
    parties: tuple[str, ...]
    number: int
    previous: str
    """The author's message before; empty for its first."""
    seen: tuple[Seen, ...]
    says: Says
    at: int = 0


class JointCase(msgspec.Struct, frozen=True, kw_only=True):
    """What was agreed to by joining. It never changes: other terms are another case."""

    id: str
    convener: str
    parties: tuple[str, ...]
    rule: JointRule
    category: str
    purpose: str
    until: str
    """A day, as a STIX timestamp."""
