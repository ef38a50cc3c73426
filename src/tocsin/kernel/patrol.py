"""Patrol: what somebody submits for admission to a platform, and what looks at it found.

Nothing here says who submitted it: no name, country or language of a person is a field. Times in microseconds.
"""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

MAX_MODELS, MAX_SAMPLES = 32, 200
"""Of one submission: what a person can look through."""

_RelativePath = Annotated[str, Meta(min_length=1, max_length=400)]


class SubmissionKind(StrEnum):
    APP = "app"
    LISTING = "listing"
    TUTORIAL = "tutorial"


class DeclaredModel(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A model that is said to be in it. `digest` is its artefact's sha256; `weights`: the weights go out with it."""

    name: Annotated[str, Meta(min_length=1, max_length=128)]
    digest: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    weights: bool = False


class Declaration(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a submission says of itself. Paths are within its folder. `reference` is the platform's own number of it.

    `generates`: it makes content by AI; `samples` are such contents, labelled as they will be.
    """

    version: int
    kind: SubmissionKind
    title: Annotated[str, Meta(min_length=1, max_length=200)]
    reference: Annotated[str, Meta(max_length=128)] = ""
    generates: bool = False
    models: Annotated[tuple[DeclaredModel, ...], Meta(max_length=MAX_MODELS)] = ()
    samples: Annotated[tuple[_RelativePath, ...], Meta(max_length=MAX_SAMPLES)] = ()
    sbom: Annotated[str, Meta(max_length=400)] = ""


class PatrolRule(StrEnum):
    """The closed list of what a look can find."""

    LABEL_BROKEN = "label-broken"
    LABEL_STRIPPED = "label-stripped"
    LABEL_MISSING = "label-missing"
    LABEL_UNREAD = "label-unread"
    NO_SAMPLES = "no-samples"
    FILE_ODD = "file-odd"
    """Bytes after its end, references to elsewhere, another format than its name says."""
    MODEL_UNDECLARED = "model-undeclared"
    MODEL_OTHER_NAME = "model-other-name"
    MODEL_UNKNOWN = "model-unknown"
    MODEL_NO_RELEASE = "model-no-release"
    MODEL_WITHHELD = "model-withheld"
    MODEL_WEIGHTS = "model-weights"
    MODEL_RESTRICTED = "model-restricted"
    SBOM_MISSING = "sbom-missing"
    SBOM_UNREAD = "sbom-unread"
    SBOM_UNNAMED = "sbom-unnamed"
    COMPONENT_AFFECTED = "component-affected"
    COMPONENT_MALICIOUS = "component-malicious"
    COMPONENT_UNSETTLED = "component-unsettled"
    FILE_KNOWN_BAD = "file-known-bad"
    CONTRADICTION = "contradiction"


class PatrolFinding(msgspec.Struct, frozen=True):
    """One thing that was found. `about` is a path of the submission, a component or a model as it was named.

    `fault`: somebody should look at it in a case. Otherwise it could not be settled with what is here.
    """

    rule: PatrolRule
    about: str
    fault: bool
    values: dict[str, str | int] = {}


class PatrolVerdict(StrEnum):
    NOTHING_FOUND = "nothing-found"
    """By these rules: no word on whether it is good."""
    UNSETTLED = "unsettled"
    FOUND = "found"


class PatrolCheck(msgspec.Struct, frozen=True, kw_only=True):
    """One look. `number` counts from 1; `files` are paths and sha256; `case` is where a person decides."""

    submission: str
    number: int
    at: int
    by: str
    declaration: Declaration
    verdict: PatrolVerdict
    findings: tuple[PatrolFinding, ...]
    left_out: int = 0
    """Findings beyond the bound."""
    files: dict[str, str] = {}
    case: str = ""
    drawn: bool = False
    """Whether the draw asked for it."""


class Submission(msgspec.Struct, frozen=True):
    """A submission and the newest look at it."""

    id: str
    at: int
    latest: PatrolCheck


class PatrolDraw(msgspec.Struct, frozen=True):
    """A submission that the draw of a week (ISO 8601, "2026-W47") names. `checked` 0 while nobody looked."""

    submission: str
    week: str
    at: int
    checked: int = 0
