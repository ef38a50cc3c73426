"""Protocol buffers by hand, as far as ONNX and SavedModel need: numbers, and texts or messages by length."""

from typing import TypeAlias

Value: TypeAlias = int | str | bytes


def message(*fields: tuple[int, Value]) -> bytes:
    """Fields in the order given; a repeated one stands several times."""
    out = bytearray()
    for number, value in fields:
        if isinstance(value, int):
            out += _varint(number << 3) + _varint(value & (1 << 64) - 1)
        else:
            encoded = value.encode() if isinstance(value, str) else value
            out += _varint(number << 3 | 2) + _varint(len(encoded)) + encoded
    return bytes(out)


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)
