"""What a look at a submission found: by its labels, its models, its bill of materials, and what it says of itself.

Enters: a declaration, and what the node could find out of what it names. Leaves: findings of a closed list, each with
its sentence and what would change it. Refuses: to judge who submitted it; there is no such input. Nothing follows from
a finding but that a person looks.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import PurePosixPath

import msgspec

from tocsin.admit.words import said
from tocsin.kernel import BadInput
from tocsin.kernel.labels import LabelReport, Standing
from tocsin.kernel.patrol import (
    Declaration,
    DeclaredModel,
    PatrolFinding,
    PatrolRule,
    PatrolVerdict,
    SubmissionKind,
)
from tocsin.kernel.release import OPENNESS, Tier
from tocsin.taxonomy.yaml_files import VERSION, FileKind

FILE = "submission.yaml"
MAX_DECLARATION_BYTES = 64 << 10
FILES = FileKind("", "docs/patrol.md", MAX_DECLARATION_BYTES)
MAX_FINDINGS = 200
"""Of one look: beyond it the first are as good a reason as the next, and the rest is counted."""

MAX_SHOWN_CHARS = 160
UNSETTLED = frozenset(
    {
        PatrolRule.LABEL_UNREAD,
        PatrolRule.NO_SAMPLES,
        PatrolRule.MODEL_UNKNOWN,
        PatrolRule.MODEL_NO_RELEASE,
        PatrolRule.MODEL_RESTRICTED,
        PatrolRule.SBOM_MISSING,
        PatrolRule.SBOM_UNREAD,
        PatrolRule.SBOM_UNNAMED,
        PatrolRule.COMPONENT_UNSETTLED,
    }
)
"""What is missing here or there. All else is a fault that somebody should look at."""

ODD = frozenset({"polyglot", "trailing-bytes", "remote-reference", "scripts", "broken-file", "damaged"})
"""Notes of a label's report that are a fault of the file."""

UNREAD = frozenset(
    {
        "encrypted",
        "exif-too-large",
        "unreadable-xmp",
        "unreadable-exif",
        "unreadable-text",
        "unreadable-front-matter",
    }
)
"""Notes that say that something could not be read."""


class Sampled(msgspec.Struct, frozen=True):
    """A sample and its labels' report; None where it could not be read, and `why` says so in a word of ours."""

    path: str
    report: LabelReport | None
    suffixes: tuple[str, ...] = ()
    """Endings that files of its format have."""


class KnownModel(msgspec.Struct, frozen=True):
    """What the register holds of a declared model. `named` is the artefact that its name stands for here, or ""."""

    model: DeclaredModel
    known: bool = False
    tier: Tier | None = None
    named: str = ""


class Bill(msgspec.Struct, frozen=True):
    """What a bill of materials holds. `models` are components that are models, by name and sha256.

    `affected`, `malicious` and `unsettled` map a component to what is known of it.
    """

    readable: bool = True
    models: tuple[tuple[str, str], ...] = ()
    affected: dict[str, str] = {}
    malicious: dict[str, str] = {}
    unsettled: dict[str, str] = {}
    unnamed: int = 0


class Seen(msgspec.Struct, frozen=True):
    """All that was found out. `known_bad` maps paths whose very bytes are known to the id of who said so."""

    samples: tuple[Sampled, ...] = ()
    models: tuple[KnownModel, ...] = ()
    bill: Bill | None = None
    known_bad: dict[str, str] = {}


def read_declaration(data: bytes) -> Declaration:
    """A submission's declaration. Raises BadInput naming what is wrong, TooLarge."""
    found = FILES.read(data, FILE, Declaration)
    if found.version != VERSION:
        raise BadInput(f"{FILE}: version {found.version}; version {VERSION} is read")
    for path in (*found.samples, *((found.sbom,) if found.sbom else ())):
        within(path)
    return found


def within(path: str) -> PurePosixPath:
    """A path within the submission. Raises BadInput for one that leads elsewhere."""
    read = PurePosixPath(path)
    if read.is_absolute() or ".." in read.parts or "\\" in path or "\0" in path or not read.parts:
        raise BadInput(f"{FILE}: {path[:100]!r} is no path within the submission")
    return read


def findings(declared: Declaration, seen: Seen) -> tuple[tuple[PatrolFinding, ...], int]:
    """Findings, faults first, and how many beyond the bound."""
    found = list(dict.fromkeys(_Key(one) for one in _all(declared, seen)))
    ordered = sorted((one.finding for one in found), key=lambda one: not one.fault)
    return tuple(ordered[:MAX_FINDINGS]), max(0, len(ordered) - MAX_FINDINGS)


def verdict(found: Sequence[PatrolFinding]) -> PatrolVerdict:
    """What all of them come to."""
    if any(one.fault for one in found):
        return PatrolVerdict.FOUND
    return PatrolVerdict.UNSETTLED if found else PatrolVerdict.NOTHING_FOUND


def sentence(one: PatrolFinding, language: str = "en") -> str:
    """What was found."""
    return said(f"patrol.{one.rule.value}", {**one.values, "about": one.about}, language)


def change(one: PatrolFinding, language: str = "en") -> str:
    """What would change it."""
    return said(f"patrol.change.{one.rule.value}", {**one.values, "about": one.about}, language)


class _Key:
    """A finding by its place, so that the same is told once."""

    def __init__(self, finding: PatrolFinding) -> None:
        self.finding = finding
        self._key = (finding.rule, finding.about, tuple(sorted(finding.values.items())))

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._key == other._key


def _found(rule: PatrolRule, about: str, **values: str | int) -> PatrolFinding:
    return PatrolFinding(rule, about[:MAX_SHOWN_CHARS], rule not in UNSETTLED, values)


def _all(declared: Declaration, seen: Seen) -> Iterator[PatrolFinding]:
    yield from _contradictions(declared)
    yield from _labels(declared, seen.samples)
    yield from (one for known in seen.models for one in _model(known))
    yield from _bill(declared, seen.bill)
    yield from (
        _found(PatrolRule.FILE_KNOWN_BAD, path, id=who[:MAX_SHOWN_CHARS])
        for path, who in seen.known_bad.items()
    )


def _contradictions(declared: Declaration) -> Iterator[PatrolFinding]:
    def told(what: str, about: str) -> PatrolFinding:
        return _found(PatrolRule.CONTRADICTION, about, what=what)

    if declared.samples and not declared.generates:
        yield told("samples-but-no-generation", FILE)
    if declared.generates and not declared.models:
        yield _found(PatrolRule.MODEL_UNDECLARED, FILE)
    by_name: dict[str, str] = {}
    by_digest: dict[str, str] = {}
    for one in declared.models:
        if by_name.setdefault(one.name, one.digest) != one.digest:
            yield told("one-name-two-models", one.name)
        if by_digest.setdefault(one.digest, one.name) != one.name:
            yield told("one-model-two-names", one.name)
    if declared.sbom in declared.samples and declared.sbom:
        yield told("one-file-two-parts", declared.sbom)


def _labels(declared: Declaration, samples: Sequence[Sampled]) -> Iterator[PatrolFinding]:
    if declared.generates and not samples:
        yield _found(PatrolRule.NO_SAMPLES, FILE)
    for one in samples:
        if one.report is None:
            yield _found(PatrolRule.LABEL_UNREAD, one.path)
            continue
        standings = {finding.scheme: finding.standing for finding in one.report.findings}
        for rule, standing in (
            (PatrolRule.LABEL_BROKEN, Standing.BROKEN),
            (PatrolRule.LABEL_STRIPPED, Standing.STRIPPED),
        ):
            schemes = sorted(scheme.value for scheme, is_one in standings.items() if is_one is standing)
            if schemes:
                yield _found(rule, one.path, schemes=", ".join(schemes))
        if set(standings.values()) <= {Standing.NONE_FOUND} and one.report.notice is not True:
            yield _found(PatrolRule.LABEL_MISSING, one.path)
        yield from (
            _found(PatrolRule.FILE_ODD, one.path, what=note) for note in one.report.notes if note in ODD
        )
        if UNREAD.intersection(one.report.notes):
            yield _found(PatrolRule.LABEL_UNREAD, one.path)
        ending = PurePosixPath(one.path).suffix.lower()
        if ending and one.suffixes and ending not in one.suffixes:
            yield _found(PatrolRule.FILE_ODD, one.path, what="other-format")


def _model(known: KnownModel) -> Iterator[PatrolFinding]:
    about = known.model.name
    if known.named and known.named != known.model.digest:
        yield _found(PatrolRule.MODEL_OTHER_NAME, about, digest=known.named[:16])
    if known.tier is None:
        yield _found(PatrolRule.MODEL_NO_RELEASE if known.known else PatrolRule.MODEL_UNKNOWN, about)
    elif known.tier is Tier.WITHHELD:
        yield _found(PatrolRule.MODEL_WITHHELD, about)
    else:
        if known.model.weights and OPENNESS.index(known.tier) < OPENNESS.index(Tier.LIMITED):
            yield _found(PatrolRule.MODEL_WEIGHTS, about, tier=known.tier.value)
        if known.tier is Tier.RESTRICTED:
            yield _found(PatrolRule.MODEL_RESTRICTED, about)


def _bill(declared: Declaration, bill: Bill | None) -> Iterator[PatrolFinding]:
    if bill is None:
        if declared.kind is SubmissionKind.APP:
            yield _found(PatrolRule.SBOM_MISSING, FILE)
        return
    if not bill.readable:
        yield _found(PatrolRule.SBOM_UNREAD, declared.sbom)
    names = {_folded(one.name) for one in declared.models}
    digests = {one.digest for one in declared.models}
    for name, digest in bill.models:
        if digest not in digests and _folded(name) not in names:
            yield _found(PatrolRule.MODEL_UNDECLARED, name)
        elif digest and digest not in digests:
            yield _found(PatrolRule.CONTRADICTION, name, what="sbom-other-model")
    rules: tuple[tuple[PatrolRule, Mapping[str, str]], ...] = (
        (PatrolRule.COMPONENT_MALICIOUS, bill.malicious),
        (PatrolRule.COMPONENT_AFFECTED, bill.affected),
        (PatrolRule.COMPONENT_UNSETTLED, bill.unsettled),
    )
    for rule, rows in rules:
        yield from (_found(rule, component, ids=ids) for component, ids in rows.items())
    if bill.unnamed:
        yield _found(PatrolRule.SBOM_UNNAMED, declared.sbom, count=bill.unnamed)


def _folded(name: str) -> str:
    """A model's name without its publisher, as people write it."""
    return name.rpartition("/")[2].casefold().replace("_", "-")
