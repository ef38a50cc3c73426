"""What reviewers get: the study, its looks, and a row a participant, without who they are.

The rows are *pseudonymous, with k-anonymity on the strata*, not anonymous. Against: somebody who has this file and
knows the strata of people who took part, and wants to find a person's row. What stops them: codes under a key that
stays, and no combination of strata that fewer than MIN_CELL rows share; smaller ones lose their strata, or are left
out. What does not: whoever knows a person's arm or level as well; that all rows of a combination may have one level;
and whoever has the study's folder. A row left out is counted, so that nobody takes what is here for all.
"""

from collections import Counter
from collections.abc import Mapping
from hashlib import sha256
from importlib import resources
from typing import Any

import msgspec

from tocsin.evaluate.uplift.ledger import Ledger, Secrets
from tocsin.evaluate.uplift.outcomes import outcomes_of
from tocsin.kernel.errors import Conflict
from tocsin.kernel.studies import Looked, OutcomeRow, Registered
from tocsin.trust.pseudonyms import Pseudonyms

MIN_CELL = 5
"""Rows that share one combination of strata, at least; the usual smallest number of official statistics is 3 to 10."""

WITHHELD = "*"
THREAT_MODEL = (
    "Pseudonymous, with k-anonymity on the strata; not anonymous. It stands against a reader of this file who knows"
    " people's strata. It does not stand against one who also knows a person's arm or level, nor against who holds the"
    " study's folder."
)


class ExportRow(msgspec.Struct, frozen=True):
    """`code` means nothing elsewhere, in the ledger either. `level` is None where there is none."""

    code: str
    arm: str
    strata: dict[str, str]
    level: int | None


class Export(msgspec.Struct, frozen=True):
    """`code` is the sha256, hex, of each file of the analysis; `head` of the ledger's last line."""

    registered: Registered
    head: str
    looks: tuple[Looked, ...]
    rows: tuple[ExportRow, ...]
    left_out: int
    without_strata: int
    least_cell: int
    code: dict[str, str]
    threat_model: str = THREAT_MODEL


def export_of(ledger: Ledger, secrets: Secrets, least: int = MIN_CELL) -> Export:
    """Raises Conflict before the first look: reviewers must not see what the study has not looked at yet."""
    first = ledger.registered
    looks = tuple(ledger.of(Looked))
    if not looks:
        raise Conflict(
            "nothing was analysed yet: `tocsin study analyse` first, so that this is not a look of its own"
        )
    names = Pseudonyms(secrets.key)
    rows = outcomes_of(first.study, ledger.entries).rows
    coarse = coarsened(rows, least)
    made = [
        ExportRow(names.of("study-export", row.participant), row.arm, dict(strata), row.level)
        for row, strata in zip(rows, coarse, strict=True)
        if strata is not None
    ]
    return Export(
        registered=first,
        head=ledger.head,
        looks=looks,
        # by code: the order in which people came would tell who is who
        rows=tuple(sorted(made, key=lambda row: row.code)),
        left_out=sum(strata is None for strata in coarse),
        without_strata=sum(WITHHELD in row.strata.values() for row in made),
        least_cell=least,
        code=code_digests(),
    )


def coarsened(rows: tuple[OutcomeRow, ...], least: int) -> list[Mapping[str, str] | None]:
    """The strata of each row as they may be shown; None for a row that is left out.

    Combinations of fewer than `least` rows lose all their strata, and go together. While these are fewer than `least`
    themselves the next smallest combination joins them; where there is none to join, they are left out.
    """
    sizes = Counter(_cell(row) for row in rows)
    joined = {cell for cell, size in sizes.items() if size < least}
    kept = sorted((size, cell) for cell, size in sizes.items() if size >= least)
    while joined and sum(sizes[cell] for cell in joined) < least and kept:
        joined.add(kept.pop(0)[1])
    lost = 0 < sum(sizes[cell] for cell in joined) < least
    shown: list[Mapping[str, str] | None] = []
    for row in rows:
        if _cell(row) not in joined:
            shown.append(row.strata)
        else:
            shown.append(None if lost else dict.fromkeys(row.strata, WITHHELD))
    return shown


def _cell(row: OutcomeRow) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(row.strata.items()))


def code_digests() -> dict[str, str]:
    """sha256, hex, of each file by which a study is analysed."""
    found = {}
    for package in ("tocsin.evaluate.uplift", "tocsin.evaluate.statistics"):
        for entry in resources.files(package).iterdir():
            if entry.name.endswith(".py"):
                found[f"{package}.{entry.name.removesuffix('.py')}"] = sha256(entry.read_bytes()).hexdigest()
    return dict(sorted(found.items()))


def export_bytes(export: Export) -> bytes:
    """One JSON document."""
    document: Any = msgspec.to_builtins(export)
    return msgspec.json.format(msgspec.json.encode(document, order="sorted"), indent=1) + b"\n"
