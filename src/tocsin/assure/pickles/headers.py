"""numpy's own file header: a dictionary with three keys, written as Python. Read by a grammar, evaluated never."""

import re
from math import prod

import msgspec

from tocsin.assure.examining import Piece
from tocsin.assure.pickles.numpy_types import numpy_type
from tocsin.assure.pickles.recognising import NUMPY_MAGIC

MAX_HEADER = 64 * 1024
"""numpy itself reads 10,000 bytes unless told to trust."""

_MAX_DEPTH = 16
_MAX_TOKENS = 20_000
_TOKEN = re.compile(
    r"\s*(?:([\[\](){},:])|'([^'\\\n]*)'|\"([^\"\\\n]*)\"|(-?[0-9]{1,18})L?|(True|False|None))", re.ASCII
)
_CLOSES = {"(": ")", "[": "]", "{": "}"}

Node = str | int | bool | None | tuple["Node", ...]
"""Lists, tuples and dictionaries are all tuples; a dictionary's keys and values stand in turn."""


class BadHeader(Exception):
    """It is not as numpy writes it; `reason` is a word."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Header(msgspec.Struct, frozen=True):
    """`start`: where the elements begin. `itemsize` in bytes; `objects`: a pickle follows in place of elements."""

    start: int
    descr: str
    shape: tuple[int, ...]
    itemsize: int
    objects: bool

    @property
    def size(self) -> int:
        """Bytes of elements."""
        return prod(self.shape) * self.itemsize


def read_header(piece: Piece) -> Header:
    """Of versions 1 to 3. Raises BadHeader."""
    start = piece.read(0, 12)
    if len(start) < 10 or start[:6] != NUMPY_MAGIC or (start[6], start[7]) not in ((1, 0), (2, 0), (3, 0)):
        raise BadHeader("version")
    wide = start[6] > 1
    length = int.from_bytes(start[8 : 12 if wide else 10], "little")
    begin = 12 if wide else 10
    if length > MAX_HEADER:
        raise BadHeader("length")
    raw = piece.read(begin, length)
    if len(raw) < length:
        raise BadHeader("length")
    try:
        text = raw.decode("utf-8" if start[6] == 3 else "latin-1")
    except UnicodeDecodeError:
        raise BadHeader("text") from None
    return _header(_parsed(text), begin + length)


def _header(read: Node, start: int) -> Header:
    if not isinstance(read, tuple) or len(read) != 6:
        raise BadHeader("keys")
    named = dict(zip(read[::2], read[1::2], strict=True))
    if set(named) != {"descr", "fortran_order", "shape"} or not isinstance(named["fortran_order"], bool):
        raise BadHeader("keys")
    shape = named["shape"]
    if not isinstance(shape, tuple) or not all(type(side) is int and side >= 0 for side in shape):
        raise BadHeader("shape")
    itemsize, objects = _element(named["descr"])
    sides = tuple(side for side in shape if isinstance(side, int))
    descr = named["descr"] if isinstance(named["descr"], str) else "structured"
    return Header(start, descr, sides, itemsize, objects)


def _element(descr: Node) -> tuple[int, bool]:
    """Bytes of one element, and whether objects are in it. Fields are ("name", type) or ("name", type, shape)."""
    waiting: list[tuple[Node, int]] = [(descr, 1)]
    size, objects = 0, False
    while waiting:
        found, times = waiting.pop()
        if isinstance(found, str):
            kind = numpy_type(found)
            if kind.itemsize < 0:
                raise BadHeader("descr")
            size += kind.itemsize * times
            objects = objects or kind.objects
        elif isinstance(found, tuple) and found:
            waiting.extend(_field(field, times) for field in found)
        else:
            raise BadHeader("descr")
    return size, objects


def _field(field: Node, times: int) -> tuple[Node, int]:
    if not isinstance(field, tuple) or len(field) not in (2, 3):
        raise BadHeader("descr")
    if len(field) == 2:
        return field[1], times
    shape = field[2] if isinstance(field[2], tuple) else (field[2],)
    sides = [side for side in shape if type(side) is int and side >= 0]
    if len(sides) != len(shape):
        raise BadHeader("descr")
    return field[1], times * prod(sides)


def _parsed(text: str) -> Node:
    """With a stack of our own: the nesting is the file's."""
    open_: list[tuple[str, list[Node]]] = [("", [])]
    at = tokens = 0
    text = text.rstrip()
    while at < len(text):
        found = _TOKEN.match(text, at)
        tokens += 1
        if found is None or tokens > _MAX_TOKENS or len(open_) > _MAX_DEPTH:
            raise BadHeader("syntax")
        at = found.end()
        mark = found[1]
        if mark is None:
            open_[-1][1].append(_constant(found))
        elif mark in _CLOSES:
            open_.append((_CLOSES[mark], []))
        elif mark in ")]}":
            closes, items = open_.pop()
            if closes != mark or not open_:
                raise BadHeader("syntax")
            open_[-1][1].append(tuple(items))
    if len(open_) != 1 or len(open_[0][1]) != 1:
        raise BadHeader("syntax")
    return open_[0][1][0]


def _constant(found: re.Match[str]) -> Node:
    if found[4] is not None:
        return int(found[4])
    if found[5] is not None:
        return {"True": True, "False": False, "None": None}[found[5]]
    return found[2] if found[2] is not None else found[3]
