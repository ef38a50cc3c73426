"""What stands on the symbolic stack: constants as themselves, and these for what is not executed.

None, bool, int, float, short str and short bytes stand for themselves.
"""

from typing import Final

import msgspec

from tocsin.assure.pickles.allowed import Entry

Value = object
"""Any of the above or below; each use looks at the type."""


class Opaque:
    """A value of which only the kind is known."""

    __slots__ = ("kind",)

    def __init__(self, kind: str) -> None:
        self.kind = kind


STR: Final = Opaque("str")
BYTES: Final = Opaque("bytes")
INT: Final = Opaque("int")
LIST: Final = Opaque("list")
SET: Final = Opaque("set")
FROZENSET: Final = Opaque("frozenset")
TUPLE: Final = Opaque("tuple")
DEEP: Final = Opaque("tuple")
"""Tuples in tuples deeper than is kept; as a key, one that shares its parts takes for ever to hash."""

UNKNOWN: Final = Opaque("unknown")
"""What an opcode gave that cannot be told; a finding was made of it already."""


class Blob(msgspec.Struct, frozen=True):
    """A long string or bytes that was skipped. `kind`: "str", "raw" (text as protocol 0 escapes it), "bytes", or
    "latin1" and "raw-latin1" (text that became bytes).
    """

    kind: str
    offset: int
    size: int


class Tuple:
    """A tuple, with how deep tuples stand in it."""

    __slots__ = ("depth", "items")

    def __init__(self, items: tuple[Value, ...], depth: int) -> None:
        self.items = items
        self.depth = depth


class Global:
    """A name that a loader would import. `entry` is None when it is not allowed."""

    __slots__ = ("called", "entry", "module", "name", "offset")

    def __init__(self, module: str, name: str, entry: Entry | None, offset: int) -> None:
        self.module = module
        self.name = name
        self.entry = entry
        self.offset = offset
        self.called = False


class Made:
    """What a call or a class gave, or a dictionary. `items` are those kept, `detail` what a rebuilder's result is.

    `special`: a key with two underscores was put in; `unread`: keys that cannot be told; `given`: it was handed on as a
    state or an argument. As attributes such keys change what an object does (`__setstate__`, `__class__`).
    """

    __slots__ = ("detail", "entry", "given", "items", "special", "unread")

    def __init__(self, entry: Entry | None, detail: "Detail | None" = None) -> None:
        self.entry = entry
        self.items: dict[str, Value] | None = None
        self.detail = detail
        self.special = False
        self.unread = False
        self.given = False


class Stored(msgspec.Struct, frozen=True):
    """A torch storage, named by a persistent id. `dtype` as numpy writes it without its order, "" where unknown."""

    dtype: str
    key: str
    location: str
    elements: int


class Tensor(msgspec.Struct, frozen=True):
    """A view of a storage; `offset` counts elements."""

    storage: Stored
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class Dtype(msgspec.Struct, frozen=True):
    """A numpy dtype: its code without byte order ("f8"), bytes an element (-1 unknown), whether it holds objects.

    `doubtful`: it says it holds none, and may.
    """

    code: str
    itemsize: int
    objects: bool
    doubtful: bool = False


Detail = Tensor | Dtype
