"""Access: who asks, for which capability of which model, what is answered, and what the answer obliges to.

No name, nationality, country, language or script is here: what counts is what was shown, the use, and conduct.
"""

from collections.abc import Mapping
from enum import StrEnum

import msgspec


class VerificationLevel(StrEnum):
    """What was shown of somebody, from nothing to most. Each is the result of evidence, never the evidence."""

    NONE = "none"
    EMAIL = "e-mail"
    ORGANISATION = "organisation"
    LEGAL_IDENTITY = "legal-identity"
    VETTED = "vetted"
    """For a purpose, by people. It rests on an identity: who gives it ends it no later than what it rests on."""


LEVELS = (
    VerificationLevel.NONE,
    VerificationLevel.EMAIL,
    VerificationLevel.ORGANISATION,
    VerificationLevel.LEGAL_IDENTITY,
    VerificationLevel.VETTED,
)
"""In order; a rule asks for at least one of them."""

MAX_HELD = 64
"""Results and purposes of one subject: more is a register, not a person."""


class SubjectStanding(StrEnum):
    """By conduct alone, decided by people in a case, with reasons and an appeal."""

    GOOD = "good"
    SUSPENDED = "suspended"
    """For the time of a look into it."""
    REVOKED = "revoked"


class Held(msgspec.Struct, frozen=True):
    """One result of a verification. `until` in microseconds is the first moment at which it no longer counts;
    `evidence` is a digest ("sha256:..."); `purpose` is of VETTED alone, which is nothing without one.
    """

    level: VerificationLevel
    until: int
    evidence: str = ""
    purpose: str = ""

    def counts(self, now: int) -> bool:
        """Whether it still counts at this moment."""
        return now < self.until and (self.level is VerificationLevel.VETTED) == bool(self.purpose)


class Subject(msgspec.Struct, frozen=True):
    """Somebody who asks, by a pseudonym that only the verifier can open. `revision` grows with each change."""

    id: str
    held: tuple[Held, ...] = ()
    standing: SubjectStanding = SubjectStanding.GOOD
    revision: int = 0

    def level(self, now: int) -> VerificationLevel:
        """The highest that counts at this moment."""
        return max((one.level for one in self.held if one.counts(now)), key=LEVELS.index, default=LEVELS[0])

    def purposes(self, now: int) -> frozenset[str]:
        """What they are vetted for at this moment."""
        return frozenset(one.purpose for one in self.held if one.purpose and one.counts(now))

    def changes(self, now: int) -> int | None:
        """The next moment at which something that counts ends by itself; None when nothing does."""
        return min((one.until for one in self.held if one.counts(now)), default=None)


class AccessAct(StrEnum):
    """What is to be done with a capability."""

    USE = "use"
    """Ask, and read what comes out."""
    OPERATE = "operate"
    """Let it act in the world: tools, orders, machines."""
    FINE_TUNE = "fine-tune"
    """Train it further without being given the weights."""
    DOWNLOAD = "download"
    """Be given the weights."""


class Capability(msgspec.Struct, frozen=True):
    """Something that a model can do, as its operator named it. `artefact` is the sha256 (hex) of the model's files.

    `least` is the level that the operator asks beside the release decision's; `labelled` and `human` oblige.
    """

    artefact: str
    name: str
    least: VerificationLevel = VerificationLevel.NONE
    labelled: bool = False
    """What comes out is labelled as made by AI."""
    human: bool = False
    """A person is in the loop, with a record that shows it."""


class Grant(msgspec.Struct, frozen=True):
    """A named subject may use a capability for a purpose, until a moment. A restricted model goes to nobody else.

    `capability` "*" is every one of the artefact. `vouches` with `evidence` (a digest) is the level that whoever gave
    it checked outside this node. Times in microseconds; `by` a user id.
    """

    id: str
    subject: str
    artefact: str
    capability: str
    purpose: str
    at: int
    until: int
    by: str
    reason: str
    vouches: VerificationLevel = VerificationLevel.NONE
    evidence: str = ""
    revoked: int | None = None
    revoked_by: str = ""
    why_revoked: str = ""


class ObligationKind(StrEnum):
    LABEL = "label-output"
    LOG = "log"
    STEP_UP = "step-up-verification"
    """Of an answer that refuses: with this level the rules would grant it."""
    HUMAN = "human-in-the-loop"
    RATE = "limit-rate"


class Obligation(msgspec.Struct, frozen=True):
    """What whoever enforces the answer must do. `rule` says whence it comes; `values` what it needs ("level"...)."""

    kind: ObligationKind
    rule: str
    values: Mapping[str, str | int] = {}


class AccessQuestion(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All that the policies see: who somebody is by birth is not in it. Sets are sorted tuples.

    `level` and `least` are ranks in LEVELS. `overlay` holds what overlays that are on asked for, by attribute; it is
    empty as long as none is.
    """

    artefact: str
    capability: str
    act: AccessAct
    purpose: str
    level: int = 0
    purposes: tuple[str, ...] = ()
    standing: SubjectStanding = SubjectStanding.GOOD
    granted: bool = False
    """A grant of this capability for this purpose to this subject is in force."""
    terms: bool = False
    """The terms of use were accepted."""
    least: int = 0
    labelled: bool = False
    human: bool = False
    """A person must be in the loop."""
    control: str = "none"
    """What the record of that is worth: "none", "shown", or why it is refused."""
    overlay: tuple[tuple[str, str], ...] = ()


class AccessRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a gateway asks. `model` is a digest or the name of a followed model; `attributes` is what overlays that are
    on asked for, and empty as long as none is. `control` is the signed record of a person in the loop, `shown` and
    `input` digests of what that person saw and of what is to be done.
    """

    subject: str
    act: AccessAct
    model: str
    capability: str = "general"
    purpose: str = ""
    terms: bool = False
    control: bytes = b""
    shown: str = ""
    input: str = ""
    attributes: tuple[tuple[str, str], ...] = ()


class AccessReason(msgspec.Struct, frozen=True):
    """A rule that bore on the answer, and its sentence. `overlay` names the overlay that it belongs to."""

    rule: str
    says: str
    overlay: str = ""


class AccessChange(msgspec.Struct, frozen=True):
    """One thing that would change the answer, by the id of its sentence, and what fills that."""

    id: str
    values: Mapping[str, str | int] = {}


class AccessAnswer(msgspec.Struct, frozen=True):
    """Yes or no, by which rules, what would change it, and what it obliges to.

    `change` lists alternatives, each a set of things that together would do; empty where nothing would. `overlays` are
    all that were on when it was asked. `policies` is the digest of what decided, `release` the id of the release
    decision ("" where there is none, which grants nothing).
    """

    granted: bool
    reasons: tuple[AccessReason, ...]
    change: tuple[tuple[AccessChange, ...], ...] = ()
    obligations: tuple[Obligation, ...] = ()
    overlays: tuple[str, ...] = ()
    policies: str = ""
    release: str = ""


class ControlLook(msgspec.Struct, frozen=True):
    """An act that waits for a person, and what the node itself measured of that person's look. Times in microseconds.

    `binding` is the digest of exactly this act, `shown` of what is put before the person. `by` is a user id. Whoever
    approved, or anybody who may approve, can stop it: `stopped` is when.
    """

    id: str
    binding: str
    subject: str
    shown: str
    least_seconds: int
    asked: int
    by: str = ""
    opened: int | None = None
    approved: int | None = None
    stopped: int | None = None
    stopped_by: str = ""


class DecisionCount(msgspec.Struct, frozen=True):
    """An answer that was given, and how often: of refusals and of what obliges. Nobody is in it.

    `digest` is keyed, over who asked for what: the node alone can find somebody's again. Times in microseconds.
    """

    day: str
    digest: str
    artefact: str
    capability: str
    act: str
    granted: bool
    rules: tuple[str, ...]
    obligations: tuple[str, ...]
    first: int
    last: int
    count: int


class AnswerTally(msgspec.Struct, frozen=True):
    """Answers of one outcome by the same rules, added up over whoever got them. `last` in microseconds."""

    artefact: str
    act: str
    granted: bool
    rules: tuple[str, ...]
    obligations: tuple[str, ...]
    count: int
    last: int


class AccessMarks(msgspec.Struct, frozen=True):
    """What every answer rests on, in short: as long as these are the same, so are the answers.

    `revision` grows with each grant, revocation, look, capability, and change of a subject; `releases` are the release
    decisions in force, by artefact and id.
    """

    revision: int
    releases: tuple[tuple[str, str], ...]
