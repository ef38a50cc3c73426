"""AVID reports, one JSON object a line or a list of them: what was reported of models, by their names.

A name is what its author typed. Two models are called alike, and one is called in many ways: so a match is a claim by
name, and neither proves that these are the same weights nor opens a verdict. Source: avidml `avid-db`, report 0.1-0.3.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from tocsin.assure.intelligence.names import folded, is_plain_id, model_keys
from tocsin.assure.intelligence.osv import MAX_TITLE_CHARS, Unread
from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.models import Intelligence, IntelligenceKind

MAX_FILE_BYTES = 256 << 20
"""The whole database has some 4 MiB."""

MAX_REPORT_BYTES = 1 << 20
MAX_ARTEFACTS = 1_000


class _Artefact(msgspec.Struct, frozen=True):
    type: str = ""
    name: str = ""


class _Affects(msgspec.Struct, frozen=True):
    developer: tuple[str, ...] | None = None
    deployer: tuple[str, ...] | None = None
    artifacts: tuple[_Artefact, ...] | None = None


class _Metadata(msgspec.Struct, frozen=True):
    report_id: str


class _Text(msgspec.Struct, frozen=True):
    value: str = ""


class _Problem(msgspec.Struct, frozen=True):
    description: _Text | None = None


class _Labels(msgspec.Struct, frozen=True):
    risk_domain: tuple[str, ...] | None = None
    sep_view: tuple[str, ...] | None = None
    lifecycle_view: tuple[str, ...] | None = None


class _Impact(msgspec.Struct, frozen=True):
    avid: _Labels | None = None


class _Report(msgspec.Struct, frozen=True):
    metadata: _Metadata
    affects: _Affects | None = None
    problemtype: _Problem | None = None
    impact: _Impact | None = None
    reported_date: str | None = None


class AvidReport(msgspec.Struct, frozen=True):
    """What is kept of a report, to be shown: its text stays where it was published, under its id."""

    artefacts: tuple[str, ...] = ()
    developers: tuple[str, ...] = ()
    deployers: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    lifecycle: tuple[str, ...] = ()
    reported: str = ""


_REPORT = msgspec.json.Decoder(_Report)
_ENCODE = msgspec.json.Encoder().encode


def read_avid(file: Path, *, at: int) -> Iterator[Intelligence | Unread]:
    """Reports one by one. Raises TooLarge, and BadInput for a list that is not JSON."""
    if file.stat().st_size > MAX_FILE_BYTES:
        raise TooLarge(f"a file of reports has at most {MAX_FILE_BYTES >> 20} MiB: split it by lines")
    data = file.read_bytes()
    if data.lstrip()[:1] == b"[":
        try:
            rows = [bytes(one) for one in msgspec.json.decode(data, type=list[msgspec.Raw])]
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as fault:
            raise BadInput(f"{file.name} is not a JSON list: give one report a line instead") from fault
    else:
        rows = data.splitlines()
    for number, row in enumerate(rows, 1):
        if row.strip():
            yield read_report(row, f"line {number}", at=at, source=file.name)


def read_report(data: bytes, name: str, *, at: int, source: str = "") -> Intelligence | Unread:
    """One report, or why it was not taken."""
    if len(data) > MAX_REPORT_BYTES:
        return Unread(name, f"a report has at most {MAX_REPORT_BYTES >> 20} MiB")
    try:
        report = _REPORT.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return Unread(name, "it is not an AVID report in JSON")
    if not is_plain_id(report.metadata.report_id):
        return Unread(name, "its report_id is not a short plain one")
    affects = report.affects or _Affects()
    artefacts = _plain(one.name for one in (affects.artifacts or ())[:MAX_ARTEFACTS])
    labels = (report.impact.avid if report.impact else None) or _Labels()
    kept = AvidReport(
        artefacts=artefacts,
        developers=_plain(affects.developer or ()),
        deployers=_plain(affects.deployer or ()),
        domains=_plain(labels.risk_domain or ()),
        effects=_plain(labels.sep_view or ()),
        lifecycle=_plain(labels.lifecycle_view or ()),
        reported=_cut(report.reported_date or ""),
    )
    described = report.problemtype.description if report.problemtype else None
    return Intelligence(
        kind=IntelligenceKind.AVID,
        id=report.metadata.report_id,
        digest=hashlib.sha256(data).hexdigest(),
        at=at,
        title=_cut(described.value if described else ""),
        keys=tuple(sorted(_keys(artefacts, kept.developers))),
        body=_ENCODE(kept),
        source=source,
    )


def _keys(artefacts: tuple[str, ...], developers: tuple[str, ...]) -> set[str]:
    """A report may put the developer before the name: "Mistral Mistral Large"."""
    keys = {key for name in artefacts for key in model_keys(name)}
    for developer in map(folded, developers):
        for name in map(folded, artefacts):
            if developer and name.startswith(f"{developer}-"):
                keys.update(model_keys(name.removeprefix(f"{developer}-")))
    return keys


def _plain(words: Iterator[str] | tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_cut(word) for word in list(words)[:MAX_ARTEFACTS] if word.strip())


def _cut(text: str) -> str:
    return "".join(filter(str.isprintable, text))[:MAX_TITLE_CHARS]
