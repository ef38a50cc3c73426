"""Every pack that holds at a node: the packaged ones, and its own of DATA/duties, which may ask for more.

Enters: taxonomy/duties/*.yaml, a folder's *.yaml. Leaves: packs by id. Refuses: an own pack in the place of a packaged
one that asks for less, unless a named person answers for it in the file; that is then shown wherever it is.
"""

from functools import cache
from importlib import resources
from pathlib import Path

import msgspec

from tocsin.cases.duties.files import read_pack
from tocsin.cases.duties.floor import weaker_than
from tocsin.cases.duties.models import Duty, Pack
from tocsin.cases.duties.reading import MAX_FILE_BYTES
from tocsin.kernel import BadInput, NotFound
from tocsin.taxonomy.yaml_files import FileKind

FACTS = "facts.yaml"
MAX_OWN = 100
"""Own packs in one folder: each is asked of every incident."""

FILES = FileKind("", "docs/duties.md", MAX_FILE_BYTES, MAX_OWN)


@cache
def packaged() -> tuple[Pack, ...]:
    """The packs that come with Tocsin, by id."""
    folder = resources.files("tocsin.taxonomy").joinpath("duties")
    return _distinct(tuple(read_pack(data, name) for name, data in FILES.files(folder) if name != FACTS))


def packs_of(folder: Path | None) -> tuple[Pack, ...]:
    """All packs, by id. Raises BadInput naming a bad file, TooLarge."""
    found = {one.id: one for one in packaged()}
    taken: dict[str, str] = {}
    for name, data in FILES.files(folder):
        pack = read_own(data, name)
        if pack.id in taken:
            raise BadInput(f"{name} and {taken[pack.id]} are both the pack {pack.id}; rename one")
        taken[pack.id] = name
        found[pack.id] = pack
    return _distinct(tuple(found[one] for one in sorted(found)))


def read_own(data: bytes, name: str) -> Pack:
    """An own pack, held to the floor. Raises BadInput naming file and key, and what to do; TooLarge."""
    pack = read_pack(data, name)
    base = next((one for one in packaged() if one.id == pack.id), None)
    if base is None:
        if pack.replaces is not None:
            raise BadInput(
                f"{name}: `replaces` is for the place of a packaged pack, and there is none called {pack.id}"
            )
        return msgspec.structs.replace(pack, own=True)
    weaker = weaker_than(pack, base)
    if weaker and pack.replaces is None:
        raise BadInput(
            f"{name}: it asks for less than the packaged {pack.id}: {'; '.join(weaker[:6])}. Ask for as much, or add"
            " `replaces` with `by` (a person's name), `day` (a date) and `reason`: it is then shown as overridden"
        )
    return msgspec.structs.replace(pack, own=True, overrides=True, weaker=weaker)


def duties_of(packs: tuple[Pack, ...]) -> dict[str, Duty]:
    """Every duty of some packs, by its id."""
    return {duty.id: duty for pack in packs for duty in pack.duties}


def duty_of(packs: tuple[Pack, ...], duty_id: str) -> Duty:
    """One duty. Raises NotFound naming what there is."""
    found = duties_of(packs)
    if duty_id not in found:
        raise NotFound(f"there is no duty {duty_id[:64]!r}; there are {', '.join(found)}")
    return found[duty_id]


def pack_of(packs: tuple[Pack, ...], pack_id: str) -> Pack:
    """One pack. Raises NotFound naming what there is."""
    found = next((one for one in packs if one.id == pack_id), None)
    if found is None:
        raise NotFound(f"there is no pack {pack_id[:64]!r}; there are {', '.join(one.id for one in packs)}")
    return found


def _distinct(packs: tuple[Pack, ...]) -> tuple[Pack, ...]:
    seen: dict[str, str] = {}
    for pack in packs:
        for duty in pack.duties:
            if duty.id in seen:
                raise BadInput(
                    f"the packs {seen[duty.id]} and {pack.id} both have the duty {duty.id}; rename one"
                )
            seen[duty.id] = pack.id
    return packs
