"""What a node remembers of artefacts: inspections it keeps, models it follows, intelligence, and word to people.

None of it holds personal data beside the names of this node's own users (who deployed, who answered).
"""

from enum import StrEnum

import msgspec

from tocsin.kernel.artefacts import ArtefactVerdict, Finding, Inspection


class OpenCause(StrEnum):
    """Why a verdict that was given stands no more."""

    RULES = "rules"
    """A rule that bears on a format of it, or an examiner that read it, is another one now."""
    INTELLIGENCE = "intelligence"
    """Word came in later that concerns a file or a component of it."""


class Reopening(msgspec.Struct, frozen=True):
    """A verdict is open again. `what` names the rules ("+gguf.template", "~gguf.header 1>2", "-...") or the
    intelligence ("osv:PYSEC-2026-1") that did it; `formats` those whose rules changed. `at` in microseconds.
    """

    at: int
    cause: OpenCause
    what: tuple[str, ...]
    formats: tuple[str, ...] = ()
    waiting: str = ""
    """Why it could not be inspected anew by itself; empty while it may be."""


class InspectionLine(msgspec.Struct, frozen=True):
    """One kept inspection in short, as a list shows it. Only the `latest` of an artefact can be open again."""

    id: str
    """sha256, hex, of the inspection and of where its files lay: keeping the same twice keeps it once."""
    artefact: str
    name: str
    source: str
    """The path where its files lay on this machine, or ""."""
    size: int
    at: int
    scanner: str
    verdict: ArtefactVerdict
    rules: dict[str, str]
    findings: int
    parts: int
    latest: bool = True
    reopened: Reopening | None = None
    seq: int = 0

    @property
    def stands(self) -> bool:
        """Whether the verdict may be relied on: it is the latest, and nothing opened it again."""
        return self.latest and self.reopened is None


class KeptInspection(msgspec.Struct, frozen=True):
    line: InspectionLine
    inspection: Inspection


class BearingRules(msgspec.Struct, frozen=True):
    """What lies behind a rules digest: (rule, version) and (examiner, version) that bore on a format."""

    rules: tuple[tuple[str, int], ...]
    examiners: tuple[tuple[str, int], ...]


class ModelState(StrEnum):
    ACTIVE = "active"
    WITHDRAWN = "withdrawn"
    """Its files are gone from where they were followed, or a person said so."""


class FollowedModel(msgspec.Struct, frozen=True):
    """A model that somebody here deployed and wants to hear of. Times in microseconds.

    `source` is the path that is walked, "" where only a digest is followed. `artefact` is the digest seen last.
    `deployed_by` names whom to tell: "channel:NAME" or "user:ID". `parent` is the artefact or the name it comes
    from, as a person said or its own files claim.
    """

    name: str
    source: str
    artefact: str
    by: str
    made: int
    changed: int
    publisher: str = ""
    deployed_by: tuple[str, ...] = ()
    review: int | None = None
    parent: str = ""
    state: ModelState = ModelState.ACTIVE


class IntelligenceKind(StrEnum):
    OSV = "osv"
    AVID = "avid"
    FILE_HASH = "file-hash"


class Intelligence(msgspec.Struct, frozen=True):
    """Something that became known about a component, a model or a file.

    `id` is its author's ("PYSEC-2026-1", "AVID-2022-R0001", an indicator's id). `digest` is the sha256 of what was
    read, so that the same again is passed over. `keys` say what it concerns: "package:pypi/torch",
    "model:gpt-neo-125m", or the sha256 of a file in hex. `body` is its kind's own form as JSON
    (`assure.intelligence`).
    """

    kind: IntelligenceKind
    id: str
    digest: str
    at: int
    title: str
    keys: tuple[str, ...]
    body: bytes = b"{}"
    source: str = ""
    """Who it comes from: a file's name, "peer:NAME", "user:ID"."""
    withdrawn: bool = False
    seq: int = 0


class NoticeCause(StrEnum):
    NEW_VERSION = "new-version"
    TEMPLATE = "template-changed"
    LICENCE = "licence-changed"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"
    DERIVATIVE = "new-derivative"
    REOPENED = "verdict-reopened"
    VERDICT = "verdict-changed"
    REVIEW_DUE = "review-due"
    RELEASE_ENDED = "release-ended"
    """The decision under which it went out counts no more."""
    NAMED = "named-in-report"
    """A claim by name: a report names a model that is called like this one."""


class MeasuredDescent(msgspec.Struct, frozen=True):
    """What a comparison of weights said of `derived` beside `base`, both by their digests: a signature in weights,
    never a verdict of intent.

    `change`, `confidence` and `signature` ("" where none was seen) in the words of docs/compare.md; `related` the share
    of entries that descend, `removed` what is gone along the signature's directions; `unread` tensors were left out.
    """

    derived: str
    base: str
    base_name: str
    at: int
    scanner: str
    change: str
    confidence: str
    related: float
    signature: str = ""
    removed: float = 0.0
    unread: int = 0
    seed: int = 0
    by: str = ""


class ModelHistory(msgspec.Struct, frozen=True):
    """What is remembered under one name, newest first."""

    model: FollowedModel | None
    inspections: tuple[InspectionLine, ...]
    notices: tuple["ArtefactNotice", ...]


class ArtefactNotice(msgspec.Struct, frozen=True):
    """Word to whom an artefact concerns. `to` is "channel:NAME", "user:ID", or "" for all who may read models.

    `id` is the same for the same occasion, so that it is said once. `values` are of the sentence for `cause`.
    """

    id: str
    to: str
    cause: NoticeCause
    at: int
    artefact: str
    model: str = ""
    values: dict[str, str | int | float] = {}
    told: tuple[Finding, ...] = ()
    """What changed, each with words out of the files: shown here and sent nowhere."""
    read: int | None = None
    read_by: str = ""
    answer: str = ""
    seq: int = 0
