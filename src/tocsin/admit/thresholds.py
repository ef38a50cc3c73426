"""Thresholds of training compute by regime, and peaks of chips: data, each with its source and how far it is known.

Enters: admit/compute.yaml and an operator's DATA/compute/*.yaml. Leaves: regimes and chips, by id. Refuses: an id that
is given twice, so that nobody's own file takes the place of a packaged threshold unseen.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from tocsin.kernel import BadInput, NotFound, TooLarge
from tocsin.taxonomy.law import Confirmed, Id, Jurisdiction, LawStatus, Source
from tocsin.taxonomy.vocabulary import Said
from tocsin.taxonomy.yaml_files import FileKind, Versioned, refuse_twice

FILE = "compute.yaml"
FOLDER = "compute"
MAX_PACKED = 200
"""Regimes, and chips: all are shown side by side."""

FILES = FileKind("thresholds", "docs/compute.md")
Operations = Annotated[float, Meta(gt=0.0, le=1e40)]


class Reached(StrEnum):
    ABOVE = "above"
    """More than the threshold."""
    FROM = "from"
    """The threshold itself is enough."""


class FineTuning(StrEnum):
    """Whether later training of the same model counts."""

    COUNTED = "counted"
    NOT_COUNTED = "not-counted"
    UNKNOWN = "unknown"


class Regime(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One threshold of one jurisdiction, in operations of training."""

    id: Id
    jurisdiction: Jurisdiction
    title: Said
    source: Source
    article: str
    status: LawStatus
    confirmed: Confirmed
    checked: date
    operations: Operations
    reached: Reached
    fine_tuning: FineTuning
    fine_tuning_confirmed: Confirmed
    applies_from: date | None = None
    note: Said | None = None


class Chip(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`peak` by precision, in dense operations a second: without what a data sheet doubles for sparsity."""

    id: Id
    maker: str
    source: Source
    confirmed: Confirmed
    checked: date
    peak: dict[str, Annotated[float, Meta(ge=1e9, le=1e18)]]


class Packs(msgspec.Struct, frozen=True):
    regimes: tuple[Regime, ...]
    chips: tuple[Chip, ...]

    def peak(self, chip: str, precision: str) -> float:
        """Raises NotFound, saying which there are."""
        by_id: Mapping[str, Chip] = {one.id: one for one in self.chips}
        if chip not in by_id:
            raise NotFound(f"there is no chip {chip[:64]!r}: it is one of {', '.join(by_id)}; or give --peak")
        peaks = by_id[chip].peak
        if precision not in peaks:
            raise NotFound(
                f"{chip} has no peak for {precision[:16]!r} here: {', '.join(peaks)}; or give --peak"
            )
        return peaks[precision]


class _File(Versioned, frozen=True, forbid_unknown_fields=True):
    regimes: tuple[Regime, ...] = ()
    chips: tuple[Chip, ...] = ()


def read_pack(data: bytes, name: str) -> Packs:
    """One file. Raises BadInput naming it and what is wrong, TooLarge."""
    file = FILES.read(data, name, _File)
    for one in file.regimes:
        if one.status is LawStatus.ADOPTED and one.applies_from is None:
            raise BadInput(f"thresholds {name}: {one.id} is adopted; say from when, `applies_from`")
    return _distinct(Packs(file.regimes, file.chips))


@cache
def packaged() -> Packs:
    """What comes with Tocsin."""
    return read_pack(resources.files("tocsin.admit").joinpath(FILE).read_bytes(), FILE)


def load_packs(folder: Path | None) -> Packs:
    """The packaged ones and those of a folder. Raises BadInput naming a bad file or an id given twice, TooLarge."""
    found = packaged()
    for name, data in FILES.files(folder):
        own = read_pack(data, name)
        found = Packs((*found.regimes, *own.regimes), (*found.chips, *own.chips))
    return _distinct(found)


def _distinct(packs: Packs) -> Packs:
    for listed in (packs.regimes, packs.chips):
        ids = [one.id for one in listed]
        if len(ids) > MAX_PACKED:
            raise TooLarge(f"there are {len(ids)} thresholds or chips; at most {MAX_PACKED} are read")
        refuse_twice(ids, "thresholds or chips")
    return packs
