"""The allowlist (allowed.yaml): which names a pickle may give, and how each may be used. What is not on it is found.

A name is exactly a module and an attribute: "a.b" in either is another name, which stands here or is not allowed.
"""

import _compat_pickle
from collections.abc import Mapping
from functools import cache
from importlib import resources

import msgspec

from tocsin.taxonomy import prepared


class Argument(msgspec.Struct, frozen=True):
    """One argument of a call: the kinds that it may be; may it be left out; does it stand for all that follow."""

    kinds: frozenset[str]
    optional: bool = False
    rest: bool = False


class Entry(msgspec.Struct, frozen=True):
    """How one name may be used.

    `call`: the arguments that it may be called with, None when it may not be. `new`: it is a class that may be made
    without its constructor's say (NEWOBJ). `build`: what state it may be given: "" none, "dict" (attributes), "any"
    (its own `__setstate__`; the list says where it was not read). `grows`: what may be put in ("list", "dict", "set").
    `gives`: what the result is to the rebuilders that take it.
    """

    call: tuple[Argument, ...] | None = None
    new: bool = False
    build: str = ""
    grows: str = ""
    gives: str = ""


class _Group(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    why: str
    names: dict[str, str]
    call: str | None = None
    new: bool = False
    build: str = ""
    grows: str = ""
    gives: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    groups: tuple[_Group, ...]
    dangerous: tuple[str, ...]


class Allowed(msgspec.Struct, frozen=True):
    """The list as read. `version` is the file's, and part of the examiners' own."""

    version: int
    entries: Mapping[tuple[str, str], Entry]
    dangerous: frozenset[str]

    def entry(self, module: str, name: str) -> Entry | None:
        """How this name may be used; None: not at all."""
        return self.entries.get((module, name)) or (TORCHSCRIPT if module.startswith("__torch__.") else None)

    def is_dangerous(self, module: str, name: str) -> bool:
        """Does it belong to a family known to run code, reach the system or load other files?"""
        parts = f"{module.strip()}.{name.strip()}".split(".")
        return any(".".join(parts[:count]) in self.dangerous for count in range(1, len(parts) + 1))


TORCHSCRIPT = Entry(new=True, build="any")
"""A class of a TorchScript archive, "__torch__.": Python has no such module, torch's own reader makes a record."""


@cache
def allowed() -> Allowed:
    """The list that comes with this version. Raises ValueError when a name stands on it twice."""
    read = prepared.read(resources.files("tocsin.assure.pickles"), "allowed.yaml", _File)
    entries: dict[tuple[str, str], Entry] = {}
    for group in read.groups:
        entry = Entry(
            None if group.call is None else _arguments(group.call),
            group.new,
            group.build,
            group.grows,
            group.gives,
        )
        for module, names in group.names.items():
            for name in names.split():
                if (module, name) in entries:
                    raise ValueError(f"{module} {name} stands twice in allowed.yaml; remove one")
                entries[module, name] = entry
    return Allowed(read.version, entries, frozenset(read.dangerous))


def todays_name(module: str, name: str) -> tuple[str, str]:
    """What Python 3 makes of a name that Python 2 wrote; `pickle.Unpickler.find_class` does so below protocol 3."""
    found = _compat_pickle.NAME_MAPPING.get((module, name))
    if found is not None:
        return found
    return _compat_pickle.IMPORT_MAPPING.get(module, module), name


def _arguments(text: str) -> tuple[Argument, ...]:
    """`"class, int|none, str?, *any"`: alternatives, one that may be left out, and all that follow."""
    found = []
    for part in text.split(","):
        word = part.strip()
        if word:
            kinds = frozenset(word.removeprefix("*").removesuffix("?").split("|"))
            found.append(Argument(kinds, word.endswith("?") or word.startswith("*"), word.startswith("*")))
    return tuple(found)
