"""What a joint case looks like to a party, as far as it has heard."""

import hashlib

import msgspec

from tocsin.kernel.joint_cases import (
    Attributes,
    Choice,
    JointCase,
    JointOutcome,
    JointStanding,
    Part,
)
from tocsin.wire.stix import canonical

MAX_SHOWN_REFUSED = 100
"""The first by id; the others are counted."""


class Member(msgspec.Struct, frozen=True):
    """One party. `messages` are those taken in; `forked_at` is the first number under which it said two things."""

    party: str
    standing: JointStanding
    messages: int
    forked_at: int | None = None


class SharedFact(msgspec.Struct, frozen=True, kw_only=True):
    """`disputed`: its author said two things under one number at or before it, and nobody knows which it stands by."""

    id: str
    party: str
    statement: str
    evidence: str
    confidence: int
    basis: str
    attribution: Attributes | None = None
    withdrawn: str | None = None
    """Why its author took it back."""
    disputed: bool = False


class SharedTask(msgspec.Struct, frozen=True, kw_only=True):
    """`done` and `declined` hold what the party said, None while it said neither."""

    id: str
    party: str
    whose: str
    what: str
    due: str
    done: str | None = None
    declined: str | None = None


class CastVote(msgspec.Struct, frozen=True, kw_only=True):
    """One vote. `counts`: in the decision, or as things stand now. `late`: the decision was made without it."""

    id: str
    party: str
    number: int
    choice: Choice
    reason: str
    counts: bool
    late: bool


class SharedDecision(msgspec.Struct, frozen=True, kw_only=True):
    """`stands`: it is the one that holds. `why_not` says why another does not. `known_to` are parties that said
    something after they had it."""

    id: str
    party: str
    outcome: JointOutcome
    reason: str
    stands: bool
    why_not: str = ""
    known_to: tuple[str, ...] = ()


class SharedProposal(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    party: str
    title: str
    reason: str
    parts: tuple[Part, ...]
    facts: tuple[str, ...]
    votes: tuple[CastVote, ...]
    decisions: tuple[SharedDecision, ...]
    """At most one stands; each for itself, at most one of a party."""
    disputed: bool = False

    @property
    def decided(self) -> SharedDecision | None:
        return next((one for one in self.decisions if one.stands), None)


class RefusedMessage(msgspec.Struct, frozen=True):
    """What was said and does not count. `by` is whose key signed it."""

    id: str
    by: str
    number: int
    kind: str
    why: str


class Missing(msgspec.Struct, frozen=True, order=True):
    """A message that others speak of and that did not come. `message` is empty where only the number is known."""

    party: str
    number: int
    message: str = ""


class Fork(msgspec.Struct, frozen=True):
    """Two or more messages of one party under one number: proof, by its own signatures, that it said both."""

    party: str
    number: int
    messages: tuple[str, ...]


class Closed(msgspec.Struct, frozen=True):
    """`undecided` are the proposals that its author knew of and that nobody had decided."""

    by: str
    reason: str
    undecided: tuple[str, ...]


class JointState(msgspec.Struct, frozen=True, kw_only=True):
    """All of it. `case` is None until the invitation came: then nothing else is read."""

    id: str
    case: JointCase | None = None
    members: tuple[Member, ...] = ()
    facts: tuple[SharedFact, ...] = ()
    tasks: tuple[SharedTask, ...] = ()
    proposals: tuple[SharedProposal, ...] = ()
    closed: Closed | None = None
    forks: tuple[Fork, ...] = ()
    heads: tuple[tuple[str, int, str], ...] = ()
    """By party: number and id of its last message that was taken in; of a fork, of the branch with the lesser id."""
    refused: tuple[RefusedMessage, ...] = ()
    refused_beyond: int = 0
    missing: tuple[Missing, ...] = ()
    waiting: int = 0
    """Messages that came and rest on missing ones."""

    @property
    def digest(self) -> str:
        """SHA-256 of what parties with the same messages agree on; what strangers sent to one of them is not in it."""
        said = {
            name: msgspec.to_builtins(getattr(self, name))
            for name in ("id", "case", "members", "facts", "tasks", "proposals", "closed", "forks", "heads")
        }
        return "sha256:" + hashlib.sha256(canonical(said)).hexdigest()
