"""Tags of incidents: closed small lists by which they are told apart and counted. Docs: docs/incidents.md."""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

import msgspec

from tocsin.kernel import BadInput

FILE = "incident_tags.yaml"


class Dimension(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One way of telling incidents apart. `most` values at once; 0 for as many as fit."""

    id: str
    label: dict[str, str]
    values: dict[str, dict[str, str]]
    most: int = 0


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    dimensions: tuple[Dimension, ...]


@cache
def dimensions() -> dict[str, Dimension]:
    """Every dimension by its id, in the file's order."""
    content = resources.files("tocsin.taxonomy").joinpath(FILE).read_bytes()
    return {one.id: one for one in msgspec.yaml.decode(content, type=_File).dimensions}


def checked(tags: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """The same, each value once in the list's order, empty dimensions left out. Raises BadInput."""
    lists = dimensions()
    unknown = sorted(set(tags) - set(lists))
    if unknown:
        raise BadInput(f"{unknown[0][:64]!r} is none of: {', '.join(lists)}")
    for name, wanted in tags.items():
        strange = sorted(set(wanted) - set(lists[name].values))
        if strange:
            raise BadInput(f"{strange[0][:64]!r} is no {name}: {', '.join(lists[name].values)}")
        if lists[name].most and len(set(wanted)) > lists[name].most:
            raise BadInput(f"an incident has at most {lists[name].most} of {name}")
    return {
        name: tuple(value for value in one.values if value in tags[name])
        for name, one in lists.items()
        if tags.get(name)
    }
