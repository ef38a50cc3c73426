"""Do a call's arguments have the kinds that the allowlist gives? Looks one level into them: what lies deeper was judged
when it was made."""

import re

from tocsin.assure.pickles.allowed import Argument
from tocsin.assure.pickles.values import Blob, Dtype, Global, Made, Opaque, Stored, Tensor, Tuple, Value

_PLAIN: dict[type, str] = {
    bool: "bool",
    int: "int",
    float: "float",
    str: "str",
    bytes: "bytes",
    type(None): "none",
}

BYTE_KINDS = ("bytes", "latin1", "raw-latin1")
"""Blobs that are bytes, as they lie or as text."""

ATTRIBUTE = "zone-maker"
"""What `getattr` gives on the allowlist, for one class and one attribute; it may not be handed on."""

_RATIO = re.compile(r"-?[0-9]+(/[0-9]+)?", re.ASCII)

LATIN1 = ("latin1", "latin-1")
"""As pickle, and as Python 2's numpy, write the codec."""


def fits(wanted: tuple[Argument, ...], given: tuple[Value, ...]) -> bool:
    """Every argument is of a kind that is wanted in its place, and none is left over."""
    place = 0
    for value in given:
        if place == len(wanted):
            return False
        argument = wanted[place]
        if not any(_is(kind, value) for kind in argument.kinds):
            return False
        place += not argument.rest
    return all(argument.optional for argument in wanted[place:])


def is_bytes(value: Value) -> bool:
    """Bytes, a bytearray, or text that became bytes: all stand for themselves."""
    if isinstance(value, Blob):
        return value.kind in BYTE_KINDS
    return isinstance(value, bytes) or (isinstance(value, Opaque) and value.kind == "bytes")


def small_numbers(value: Value) -> tuple[int, ...] | None:
    """A tuple of plain numbers, as shapes and strides are; None for anything else."""
    if not isinstance(value, Tuple):
        return None
    numbers = tuple(item for item in value.items if type(item) is int)
    return numbers if len(numbers) == len(value.items) else None


def _is(kind: str, value: Value) -> bool:
    if kind == "any" or kind == _plain_kind(value):
        return True
    if kind.startswith("="):
        return isinstance(value, str) and value == kind[1:]
    if isinstance(value, Made):
        return kind == "made" or _is_made(kind, value)
    if isinstance(value, Global):
        return _is_name(kind, value)
    match kind:
        case "bytes":
            return is_bytes(value)
        case "ints":
            return small_numbers(value) is not None
        case "zero":
            return small_numbers(value) in ((0,), ())
        case "latin1":
            return value in LATIN1 if isinstance(value, str) else False
        case "ratio":
            return isinstance(value, str) and _RATIO.fullmatch(value) is not None
        case "storage":
            return isinstance(value, Stored)
    return False


def _plain_kind(value: Value) -> str:
    if isinstance(value, Opaque):
        return value.kind
    if isinstance(value, Tuple):
        return "tuple"
    if isinstance(value, Blob):
        return "bytes" if value.kind in BYTE_KINDS else "str"
    return _PLAIN.get(type(value), "")


def _is_made(kind: str, value: Made) -> bool:
    match kind:
        case "tensor":
            return isinstance(value.detail, Tensor)
        case "dtype":
            return isinstance(value.detail, Dtype)
        case "plain-dtype":
            return _is_plain(value.detail)
        case "storage" | "generator":
            return value.entry is not None and value.entry.gives == ("inside" if kind == "storage" else kind)
        case "array":
            return value.entry is not None and value.entry.gives == "array-class"
        case "dict" | "list" | "set":
            return value.entry is not None and value.entry.grows == kind
    return False


def _is_plain(detail: object) -> bool:
    return isinstance(detail, Dtype) and detail.itemsize >= 0 and not (detail.objects or detail.doubtful)


def _is_name(kind: str, value: Global) -> bool:
    entry = value.entry
    if entry is None:
        return False
    match kind:
        case "ref":
            return entry.gives != ATTRIBUTE
        case "zone":
            return (value.module, value.name) == ("zoneinfo", "ZoneInfo")
        case "class":
            return entry.new or (value.module, value.name) == ("builtins", "object")
        case "base":
            return value.module == "builtins"
        case "array-class" | "masked-class" | "generator" | "storage":
            return entry.gives == kind
    return False
