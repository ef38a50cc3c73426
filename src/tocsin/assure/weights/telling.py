"""How an examiner tells: no more findings than a person reads, and texts from the file cut to what shows."""

from collections.abc import Iterable, Iterator
from typing import Any

from tocsin.assure.examining import Told, finding
from tocsin.kernel.artefacts import Finding, Severity

MAX_FINDINGS = 50
"""Of one piece: whoever reads fifty has seen what is wrong with it, and a hostile file could bring a million."""

MAX_FACT_CHARS = 2_000
"""Of one claim in a file's metadata: a name, a licence, an address; a whole model card is not one claim."""

MAX_FACT_VALUES = 200
"""Keys of one file's metadata that an inventory lists."""


def bounded(told: Iterable[Told], path: str) -> Iterator[Told]:
    """All that was told, but of findings the first MAX_FINDINGS and one that says there are more. Ends there."""
    count = 0
    for item in told:
        if isinstance(item, Finding) and item.severity is not Severity.NOTE:
            count += 1
            if count > MAX_FINDINGS:
                yield finding("weights.more-findings", path, shown=MAX_FINDINGS)
                return
        yield item


def claims(values: dict[str, Any]) -> dict[str, Any]:
    """Metadata as an inventory lists it: the first keys, each text cut."""
    return {
        key[:MAX_FACT_CHARS]: value[:MAX_FACT_CHARS] if isinstance(value, str) else value
        for key, value in list(values.items())[:MAX_FACT_VALUES]
    }
