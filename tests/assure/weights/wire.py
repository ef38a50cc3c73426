"""Protobuf by hand, so that a model can break every rule."""


def varint(value: int) -> bytes:
    """A whole number in groups of seven bits."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def field(number: int, value: int | str | bytes) -> bytes:
    """One field: a number, or a text, or a message's bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def packed(number: int, values: list[int]) -> bytes:
    """A list of numbers, packed."""
    return field(number, b"".join(varint(value) for value in values))
