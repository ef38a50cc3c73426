"""Artefact: a model's files as they are; Finding: what is wrong in them; Inspection: what one look told.

Three verdicts beside *found* are kept apart, for scanners that call "skipped" clean are believed: only CLEAN passes.
"""

from enum import StrEnum
from typing import Any

import msgspec


class ArtefactVerdict(StrEnum):
    """What may be said of a part or of the whole. The whole is as bad as its worst part (`worst`)."""

    CLEAN = "clean"
    """Every byte that a loader acts on was read and understood, and nothing is wrong by the rules named."""
    NOT_EXAMINED = "not-examined"
    """No examiner knows this format, or what it takes is not installed."""
    INCONCLUSIVE = "inconclusive"
    """It was begun and could not be judged: broken, encrypted, over a bound, or two readers would see two things."""
    FOUND = "found"


_ORDER = (
    ArtefactVerdict.CLEAN,
    ArtefactVerdict.NOT_EXAMINED,
    ArtefactVerdict.INCONCLUSIVE,
    ArtefactVerdict.FOUND,
)


def worst(*verdicts: ArtefactVerdict) -> ArtefactVerdict:
    """The one that decides: found, then inconclusive, then not examined, then clean. None given: not examined."""
    return max(verdicts, key=_ORDER.index, default=ArtefactVerdict.NOT_EXAMINED)


class Severity(StrEnum):
    """How much it matters if it is so; NOTE is said and changes no verdict."""

    NOTE = "note"
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Place(msgspec.Struct, frozen=True):
    """Where. `path` is relative to what was inspected, "/" between folders and "!/" into an archive's member.

    `offset` counts bytes from the start of that file or member (decompressed); `field` names a key, a tensor or a cell.
    """

    path: str
    offset: int | None = None
    field: str | None = None


class Finding(msgspec.Struct, frozen=True):
    """One rule's word on one place. `rule` is an id of `taxonomy.artefact_rules`, whose sentence takes `values`.

    `verdict` is what this alone makes of the part: FOUND, INCONCLUSIVE, NOT_EXAMINED, or CLEAN for a mere note.
    """

    rule: str
    verdict: ArtefactVerdict
    severity: Severity
    place: Place
    values: dict[str, str | int | float] = {}


class Fact(msgspec.Struct, frozen=True):
    """What an examiner read that an inventory lists: a claim of the file, not a judgement.

    `kind`: "tensors", "metadata", "architecture", "licence", "base-model", "dataset", "chat-template", "requirement",
    "tokenizer", "quantisation", "operator-set", "signature", "tensor-data" (a file of numbers, by the model that names
    it); docs/inventory.md lists the values of each.
    """

    kind: str
    path: str
    values: dict[str, Any]


class Part(msgspec.Struct, frozen=True):
    """One file, or one member of an archive. Digests are hex, of the bytes as stored (a member's: decompressed);
    empty where only the file around it was hashed. `format` is "" when nothing recognised it. `examiners` are those
    that looked at it: "name", or "name:format" when as something else than `format`.
    """

    path: str
    size: int
    format: str
    verdict: ArtefactVerdict
    sha256: str = ""
    blake3: str = ""
    examiners: tuple[str, ...] = ()


class Inspection(msgspec.Struct, frozen=True):
    """One look at an artefact. It speaks of exactly these bytes, under exactly these rules.

    `artefact` is the digest of the whole: for a file its sha256; for a folder that of the sorted lines
    "sha256  path" (as `sha256sum` prints them). `rules` gives, for each format met, the digest of the rules and the
    examiners that bear on it: when one changes, the verdict is open again. `at` in microseconds.
    """

    artefact: str
    name: str
    size: int
    at: int
    scanner: str
    rules: dict[str, str]
    verdict: ArtefactVerdict
    findings: tuple[Finding, ...] = ()
    facts: tuple[Fact, ...] = ()
    parts: tuple[Part, ...] = ()
