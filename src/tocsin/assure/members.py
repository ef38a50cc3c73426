"""The names of an archive's members: what leads out, what hides, what clashes."""

import re
from collections.abc import Iterator, Sequence

from tocsin.assure.examining import finding, finding_at
from tocsin.assure.names import shown
from tocsin.kernel.artefacts import Finding, Place

MAX_NAME_DOUBTS = 1_000
MAX_NAME_CHARS = 1_024
"""Linux takes 255 bytes a name and 4,096 a path; the longest tensor paths have some 200."""

_OUT = re.compile(r"(?:^|[/\\])\.\.(?:[/\\]|$)|^[/\\]|^[A-Za-z]:[/\\]|^[A-Za-z]:$")


def member_path(path: str, name: str) -> str:
    """A member's place: `file!/member`, as it may be printed. A name that is too long is told as strange besides."""
    return f"{path}!/{shown(name[:MAX_NAME_CHARS])}"


def name_doubts(path: str, names: Sequence[str]) -> Iterator[Finding]:
    """What is wrong with the names of one archive. A member and a folder of one name clash as well."""
    seen: set[str] = set()
    folded: dict[str, str] = {}
    folders: set[str] = set()
    count = 0
    for name in names:
        for rule, values in _doubts(name, seen, folded):
            count += 1
            if count > MAX_NAME_DOUBTS:
                return
            yield finding_at(rule, Place(member_path(path, name)), values)
        seen.add(name.removesuffix("/"))
        folded.setdefault(name.removesuffix("/").casefold(), name)
        parts = name.split("/")[:-1][:64]
        folders.update("/".join(parts[: number + 1]) for number in range(len(parts)))
    for name in folders.intersection(each for each in names if not each.endswith("/")):
        yield finding("walker.member-twice", member_path(path, name))


def _doubts(name: str, seen: set[str], folded: dict[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    plain = name.removesuffix("/")
    if _OUT.search(name):
        yield "walker.member-path", {}
    if not plain or shown(name) != name or "\\" in name or len(name) > MAX_NAME_CHARS:
        yield "walker.member-name", {}
    if plain in seen:
        yield "walker.member-twice", {}
    elif (other := folded.get(plain.casefold())) is not None:
        yield "walker.member-case-clash", {"other": other}
