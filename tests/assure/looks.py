"""What the tests of assure share: a clock that stands still, one look, and what it told, shortly."""

from collections.abc import Sequence
from datetime import UTC, datetime
from io import BytesIO

from tocsin.assure import Bounds, Examiner, inspect
from tocsin.kernel.artefacts import ArtefactVerdict, Inspection

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


def clock() -> datetime:
    return NOW


def look(
    data: bytes,
    name: str = "file",
    *,
    bounds: Bounds = Bounds(),  # noqa: B008  # frozen
    examiners: Sequence[Examiner] | None = None,
) -> Inspection:
    """One look at bytes under a name."""
    return inspect(BytesIO(data), clock=clock, name=name, bounds=bounds, examiners=examiners)


def told(inspection: Inspection) -> set[str]:
    """The rules that were told, without the family's name and without notes."""
    return {
        found.rule.removeprefix("walker.")
        for found in inspection.findings
        if found.verdict is not ArtefactVerdict.CLEAN
    }


def formats(inspection: Inspection) -> dict[str, str]:
    """What each part was looked at as."""
    return {part.path: part.format for part in inspection.parts}
