"""Overlays: what a jurisdiction demands besides, as data with source and status.

Enters: gate/overlays/*.yaml and an operator's DATA/overlays/*.yaml. Leaves: what bears on one artefact. Refuses: by its
shape alone an overlay can demand more or leave less; there is no word in it that opens a tier.
"""

import math
from collections.abc import Collection, Iterable, Sequence
from datetime import date
from enum import StrEnum
from functools import cache
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.release import OPENNESS, Tier
from tocsin.taxonomy.law import EVERYWHERE, Confirmed, Id, Jurisdiction, LawStatus, Source
from tocsin.taxonomy.vocabulary import Said
from tocsin.taxonomy.yaml_files import FileKind, Versioned, refuse_twice

MAX_OVERLAYS = 200
"""Own and packaged: each is asked of every decision."""

FOLDER = "overlays"
STATE_COMPUTE = "state-compute"
"""What is demanded where an overlay asks how much training went in and nobody said."""

FILES = FileKind("overlays", "docs/overlays.md", most_files=MAX_OVERLAYS)


class DemandKind(StrEnum):
    DOCUMENTATION = "documentation"
    NOTIFICATION = "notification"
    ASSESSMENT = "assessment"
    INCIDENT_CHANNEL = "incident-channel"
    LABELLING = "labelling"
    SECURITY = "security"


class Demand(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What must be done. `until` is the most open tier while nobody says it was; None holds nothing back.

    What it holds back is this project's or the operator's choice, not the words of a law.
    """

    id: Id
    kind: DemandKind
    says: Said
    until: Tier | None = None


class Applies(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """When an overlay bears on an artefact: all that is said here must hold; nothing said, always."""

    compute_at_least: Annotated[float, Meta(gt=0.0, le=1e40)] | None = None
    """Operations of training; unknown compute is asked for."""
    contexts: tuple[str, ...] = ()
    """Any of these."""
    from_tier: Tier | None = None
    """Only where the model would go out at this tier or a more open one."""


class Overlay(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One rule of one jurisdiction. `most` is the most open tier that it leaves at all, whatever was done."""

    id: Id
    jurisdiction: Jurisdiction
    title: Said
    source: Source
    article: str
    status: LawStatus
    confirmed: Confirmed
    checked: date
    applies: Applies = Applies()
    applies_from: date | None = None
    demands: tuple[Demand, ...] = ()
    most: Tier | None = None
    note: Said | None = None


class Borne(msgspec.Struct, frozen=True):
    """An overlay as it bears on one artefact: what it leaves, and which demands are open."""

    overlay: Overlay
    most: Tier
    demands: tuple[Demand, ...] = ()
    unmet: tuple[Demand, ...] = ()
    asks_compute: bool = False


class _File(Versioned, frozen=True, forbid_unknown_fields=True):
    overlays: tuple[Overlay, ...]


def read_overlays(data: bytes, name: str) -> tuple[Overlay, ...]:
    """The overlays of one file. Raises BadInput naming the file and what is wrong, TooLarge."""
    file = FILES.read(data, name, _File)
    for one in file.overlays:
        _check(one, name)
    return _distinct(file.overlays)


def _check(one: Overlay, name: str) -> None:
    if len({demand.id for demand in one.demands}) != len(one.demands):
        raise BadInput(f"overlays {name}: {one.id} gives one demand twice")
    if one.applies.compute_at_least is not None and any(demand.id == STATE_COMPUTE for demand in one.demands):
        raise BadInput(f"overlays {name}: {one.id} calls a demand {STATE_COMPUTE!r}, which every one has")
    if one.status is LawStatus.ADOPTED and one.applies_from is None:
        raise BadInput(f"overlays {name}: {one.id} is adopted; say from when, `applies_from`")


@cache
def packaged_overlays() -> tuple[Overlay, ...]:
    """Those that come with Tocsin, by id."""
    return _distinct(_of(resources.files("tocsin.gate").joinpath(FOLDER)))


def load_overlays(folder: Path | None) -> tuple[Overlay, ...]:
    """The packaged overlays and those of a folder. One's own may not take a packaged one's id: it would replace it.

    Raises BadInput naming a bad file, TooLarge.
    """
    found = [*packaged_overlays(), *_of(folder)]
    if len(found) > MAX_OVERLAYS:
        raise TooLarge(f"there are {len(found)} overlays; at most {MAX_OVERLAYS} are read")
    return _distinct(found)


def _of(folder: Path | Traversable | None) -> list[Overlay]:
    return [one for name, data in FILES.files(folder) for one in read_overlays(data, name)]


def _distinct(overlays: Sequence[Overlay]) -> tuple[Overlay, ...]:
    refuse_twice((one.id for one in overlays), "overlays")
    return tuple(sorted(overlays, key=lambda one: one.id))


def chosen(overlays: Iterable[Overlay], jurisdictions: Collection[str]) -> tuple[Overlay, ...]:
    """Those of the jurisdictions named, and those that hold everywhere. "US" names its states' too.

    Raises BadInput for a jurisdiction of which nothing is known: a slip of the pen would drop its rules unseen.
    """
    listed = tuple(overlays)
    for name in jurisdictions:
        if not any(_within(one.jurisdiction, name) for one in listed):
            known = ", ".join(sorted({one.jurisdiction for one in listed} - {EVERYWHERE}))
            raise BadInput(f"there is no overlay for {name[:20]!r}; there are some for {known}")
    return tuple(
        one
        for one in listed
        if one.jurisdiction == EVERYWHERE or any(_within(one.jurisdiction, name) for name in jurisdictions)
    )


def _within(jurisdiction: str, named: str) -> bool:
    return jurisdiction == named or jurisdiction.startswith(f"{named}-")


def bears(
    overlay: Overlay,
    *,
    today: date,
    compute: float | None,
    contexts: Collection[str],
    met: Collection[str],
) -> Borne | None:
    """What the overlay makes of an artefact; None when it does not bear on it. `met` holds "overlay/demand".

    A demand counts as met only by its own name; a proposed or ended overlay demands nothing.
    """
    if overlay.status in (LawStatus.PROPOSED, LawStatus.ENDED):
        return None
    if overlay.applies_from is not None and today < overlay.applies_from:
        return None
    if overlay.applies.contexts and not set(overlay.applies.contexts) & set(contexts):
        return None
    threshold = overlay.applies.compute_at_least
    if threshold is not None and compute is None:
        return Borne(overlay, Tier.STAGED_API, asks_compute=True)
    if threshold is not None and compute is not None and compute < threshold:
        return None
    unmet = tuple(one for one in overlay.demands if f"{overlay.id}/{one.id}" not in met)
    limits = [overlay.most, *(one.until for one in unmet)]
    if overlay.applies.from_tier is not None:
        # below it the overlay says nothing, so what it holds back is held just below
        below = OPENNESS[max(OPENNESS.index(overlay.applies.from_tier) - 1, 0)]
        limits = [one and max(one, below, key=OPENNESS.index) for one in limits]
    return Borne(overlay, least_open(limits), overlay.demands, unmet)


def least_open(tiers: Iterable[Tier | None]) -> Tier:
    """The one that leaves least; nothing said leaves all."""
    return min((one for one in tiers if one is not None), key=OPENNESS.index, default=Tier.OPEN_WEIGHTS)


def thousandths(compute: float | None) -> int:
    """The decimal logarithm of operations in thousandths, rounded up so that no threshold is missed; 0 unknown."""
    return 0 if compute is None else max(math.ceil(math.log10(compute) * 1_000), 0)
