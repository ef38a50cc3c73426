"""Pickles by hand: a tree of calls becomes opcodes, so that a stream can say what no pickler would write."""

import struct
from typing import NamedTuple, TypeAlias


class Global(NamedTuple):
    """A name to import. From protocol 4 on it may have dots, and walks attributes."""

    module: str
    name: str


class Call(NamedTuple):
    """REDUCE."""

    function: "Node"
    arguments: "tuple[Node, ...]" = ()


class New(NamedTuple):
    """NEWOBJ."""

    kind: "Node"
    arguments: "tuple[Node, ...]" = ()


class Built(NamedTuple):
    """BUILD: `target` takes `state`."""

    target: "Node"
    state: "Node"


class Listed(NamedTuple):
    """A list whose items need opcodes of their own."""

    items: "tuple[Node, ...]"


class Mapped(NamedTuple):
    """A dict, in pairs."""

    pairs: "tuple[tuple[Node, Node], ...]"


class Raw(NamedTuple):
    """Opcodes as they stand."""

    code: bytes


Node: TypeAlias = (
    Global
    | Call
    | New
    | Built
    | Listed
    | Mapped
    | Raw
    | str
    | bytes
    | int
    | float
    | bool
    | tuple["Node", ...]
    | None
)


def stream(node: Node, protocol: int = 4, *, stop: bytes = b".") -> bytes:
    """A whole pickle of `node`, without frames."""
    start = b"\x80" + bytes([protocol]) if protocol >= 2 else b""
    return start + code(node, protocol) + stop


def code(node: Node, protocol: int = 4) -> bytes:
    """The opcodes that leave `node` on the stack."""
    match node:
        case Raw():
            return node.code
        case Global():
            return _global(node, protocol)
        case Call():
            return code(node.function, protocol) + _tuple(node.arguments, protocol) + b"R"
        case New():
            return code(node.kind, protocol) + _tuple(node.arguments, protocol) + b"\x81"
        case Built():
            return code(node.target, protocol) + code(node.state, protocol) + b"b"
        case Listed():
            return b"(" + b"".join(code(item, protocol) for item in node.items) + b"l"
        case Mapped():
            return b"(" + b"".join(code(part, protocol) for pair in node.pairs for part in pair) + b"d"
        case tuple():
            return _tuple(node, protocol)
        case _:
            return _constant(node, protocol)


def _global(node: Global, protocol: int) -> bytes:
    if protocol < 4:
        return b"c" + node.module.encode() + b"\n" + node.name.encode() + b"\n"
    return text(node.module) + text(node.name) + b"\x93"


def _tuple(items: "tuple[Node, ...]", protocol: int) -> bytes:
    if not items and protocol >= 1:
        return b")"
    inside = b"".join(code(item, protocol) for item in items)
    if protocol >= 2 and len(items) <= 3:
        return inside + {1: b"\x85", 2: b"\x86", 3: b"\x87"}[len(items)]
    return b"(" + inside + b"t"


def _constant(value: str | bytes | int | float | bool | None, protocol: int) -> bytes:
    match value:
        case None:
            return b"N"
        case bool():
            if protocol >= 2:
                return b"\x88" if value else b"\x89"
            return b"I01\n" if value else b"I00\n"
        case int():
            return b"J" + struct.pack("<i", value) if protocol else f"I{value}\n".encode()
        case float():
            return b"G" + struct.pack(">d", value) if protocol else f"F{value!r}\n".encode()
        case str():
            return text(value, protocol)
        case _:
            if protocol < 3:
                return code(Call(Global("_codecs", "encode"), (value.decode("latin-1"), "latin1")), protocol)
            return b"B" + struct.pack("<I", len(value)) + value


def text(value: str, protocol: int = 4) -> bytes:
    """A string as the protocol writes it."""
    if protocol == 0:
        return b"V" + value.encode("raw_unicode_escape") + b"\n"
    encoded = value.encode()
    if protocol >= 4 and len(encoded) < 256:
        return b"\x8c" + bytes([len(encoded)]) + encoded
    return b"X" + struct.pack("<I", len(encoded)) + encoded
