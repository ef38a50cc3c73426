"""Canonical bytes (RFC 8785) of STIX objects: equal objects, equal bytes, equal hashes.

msgspec writes the same bytes for everything but floats and names beyond ASCII, some forty times faster;
what it would write differently goes through the reference implementation.
"""

from collections.abc import Iterable
from typing import Any

import msgspec
import rfc8785
from msgspec import UNSET

from tocsin.kernel import BadInput
from tocsin.wire.json_bounds import MAX_SAFE_INTEGER
from tocsin.wire.stix.objects import LOOSE, Extended, ExternalReference, StixObject

_SORTED = msgspec.json.Encoder(order="sorted")
_AS_IS = msgspec.json.Encoder()


def serialise(item: StixObject | Extended) -> bytes:
    """JSON of an object, quickly, in no promised order."""
    return _AS_IS.encode(item.data if isinstance(item, Extended) else item)


def serialise_many(items: Iterable[StixObject | Extended]) -> bytes:
    """A JSON array of objects, quickly, in no promised order of properties."""
    return _AS_IS.encode([item.data if isinstance(item, Extended) else item for item in items])


def canonical(item: Any) -> bytes:
    """RFC 8785 bytes of a STIX object, a struct or plain JSON values.

    Raises BadInput for an integer beyond 2^53, NaN, infinity, or half of a surrogate pair.
    """
    if isinstance(item, Extended):
        item = item.data
    if isinstance(item, StixObject):
        plain = _is_plain(loose_parts(item))
        value: Any = item if plain else msgspec.to_builtins(item)
    else:
        value = msgspec.to_builtins(item)
        plain = _is_plain(value)
    try:
        return _SORTED.encode(value) if plain else rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, UnicodeEncodeError, RecursionError) as error:
        raise BadInput(f"has no canonical form: {_why(error)}") from None


def decode_canonical(data: bytes) -> Any:
    """The value of bytes that are in canonical form, a property twice included in what is not.

    Raises BadInput when they are not JSON, or not in that form.
    """
    try:
        if data.isascii() and not has_long_number(data):
            value = _WHOLE_NUMBERS.decode(data)
            if _SORTED.encode(value) == data:
                return value
    except (msgspec.MsgspecError, ValueError, RecursionError):
        pass  # a fraction, or no JSON: the slow way says which
    try:
        value = msgspec.json.decode(data)
        same = canonical(value) == data
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise BadInput("is not JSON") from None
    if not same:
        raise BadInput("is not in canonical form")
    return value


def _no_fraction(_: str) -> Any:
    raise ValueError("the two encoders write fractions differently")


# ASCII bytes with no fraction and no number of 16 digits are what both encoders write alike (`_is_plain`).
_WHOLE_NUMBERS = msgspec.json.Decoder(float_hook=_no_fraction)
_DIGITS = bytes.maketrans(b"0123456789d", b"d" * 10 + b"!")


def has_long_number(data: bytes) -> bool:
    """Whether JSON may hold an integer beyond 2^53: none of fewer than 16 digits is. A text can look like one."""
    return b"dddddddddddddddd" in data.translate(_DIGITS)


def loose_parts(item: StixObject) -> tuple[Any, ...]:
    """The parts of a typed object whose names and numbers the standard does not close."""
    references = getattr(item, "external_references", UNSET)
    hashes = [
        reference.hashes
        for reference in (() if references is UNSET else references)
        if isinstance(reference, ExternalReference)
    ]
    return (item.extensions, hashes, *[getattr(item, name) for name in LOOSE.get(item.type, ())])


def _is_plain(value: Any) -> bool:
    """Whether both encoders write the same bytes: no floats, ASCII names, integers that a double holds."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if type(item) is str:  # most of any object, so asked first
            continue
        if isinstance(item, dict):
            if not all(isinstance(key, str) and key.isascii() for key in item):
                return False
            waiting.extend(item.values())
        elif isinstance(item, list | tuple):
            waiting.extend(item)
        elif isinstance(item, float) or (isinstance(item, int) and abs(item) > MAX_SAFE_INTEGER):
            return False
    return True


def _why(error: Exception) -> str:
    if isinstance(error, rfc8785.IntegerDomainError):
        return "an integer beyond 2^53 would change in passing; send it as text"
    if isinstance(error, rfc8785.FloatDomainError):
        return "NaN and infinity are not JSON"
    if isinstance(error, RecursionError):
        return "it nests too deep"
    return "a string holds half of a surrogate pair"
