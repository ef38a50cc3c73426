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
from tocsin.taxonomy.vocabulary import Said

FILE = "compute.yaml"
FOLDER = "compute"
MAX_FILE_BYTES = 64 << 10
MAX_FILES = 32
MAX_PACKED = 200
"""Regimes, and chips: all are shown side by side."""

Id = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{1,63}$")]
Operations = Annotated[float, Meta(gt=0.0, le=1e40)]


class RegimeStatus(StrEnum):
    IN_FORCE = "in-force"
    ADOPTED = "adopted"
    """It is law and applies from a later day."""
    PROPOSED = "proposed"
    ENDED = "ended"
    """Nothing follows from it; kept so that nobody believes that it still holds."""


class Known(StrEnum):
    """How far a figure is known. None of the packaged ones was read in an official gazette."""

    READ = "read"
    SECONDARY = "secondary"
    DRAFT = "draft"
    MEMORY = "memory"
    """Unconfirmed."""


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
    jurisdiction: Annotated[str, Meta(pattern=r"^(\*|[A-Z]{2}(-[A-Z0-9]{1,3})?)$")]
    title: Said
    source: Annotated[str, Meta(min_length=3, max_length=300)]
    article: str
    status: RegimeStatus
    confirmed: Known
    checked: date
    operations: Operations
    reached: Reached
    fine_tuning: FineTuning
    fine_tuning_confirmed: Known
    applies_from: date | None = None
    note: Said | None = None


class Chip(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`peak` by precision, in dense operations a second: without what a data sheet doubles for sparsity."""

    id: Id
    maker: str
    source: Annotated[str, Meta(min_length=3, max_length=300)]
    confirmed: Known
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


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    regimes: tuple[Regime, ...] = ()
    chips: tuple[Chip, ...] = ()


def read_pack(data: bytes, name: str) -> Packs:
    """One file. Raises BadInput naming it and what is wrong, TooLarge."""
    if len(data) > MAX_FILE_BYTES:
        raise TooLarge(f"the thresholds in {name} are over {MAX_FILE_BYTES >> 10} KiB")
    try:
        file = msgspec.yaml.decode(data, type=_File)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise BadInput(f"thresholds {name}: {str(error)[:300]}; docs/compute.md shows one") from None
    if file.version != 1:
        raise BadInput(f"thresholds {name}: version {file.version}; version 1 is read")
    for one in file.regimes:
        if one.status is RegimeStatus.ADOPTED and one.applies_from is None:
            raise BadInput(f"thresholds {name}: {one.id} is adopted; say from when, `applies_from`")
    return _distinct(Packs(file.regimes, file.chips))


@cache
def packaged() -> Packs:
    """What comes with Tocsin."""
    return read_pack(resources.files("tocsin.admit").joinpath(FILE).read_bytes(), FILE)


def load_packs(folder: Path | None) -> Packs:
    """The packaged ones and those of a folder. Raises BadInput naming a bad file or an id given twice, TooLarge."""
    found = packaged()
    files = sorted(folder.glob("*.yaml")) if folder is not None and folder.is_dir() else []
    if len(files) > MAX_FILES:
        raise TooLarge(f"more than {MAX_FILES} files of thresholds")
    for path in files:
        with path.open("rb") as stream:
            own = read_pack(stream.read(MAX_FILE_BYTES + 1), path.name)
        found = Packs((*found.regimes, *own.regimes), (*found.chips, *own.chips))
    return _distinct(found)


def _distinct(packs: Packs) -> Packs:
    for listed in (packs.regimes, packs.chips):
        ids = [one.id for one in listed]
        if len(ids) > MAX_PACKED:
            raise TooLarge(f"there are {len(ids)} thresholds or chips; at most {MAX_PACKED} are read")
        twice = next((name for name in ids if ids.count(name) > 1), None)
        if twice:
            raise BadInput(f"two thresholds or chips have the id {twice}: rename one")
    return packs
