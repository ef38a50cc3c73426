"""The group ristretto255 (RFC 9496) as libsodium has it, with what its binding leaves to the caller.

Enters: bytes of peers. Leaves: canonical encodings of elements that are not the identity, canonical scalars.
Refuses: every other encoding. libsodium counts the identity as a valid point, the version in the binding reads an
encoding whose top bit is set as if it were not, and some of the binding's functions drop its return code. So elements
of peers go through `multiply` or `checked_point` before anything is added.

Points and scalars are 32 bytes. No arithmetic is done here: all of it is libsodium's, in constant time. The binding
calls it through ctypes, which gives up the interpreter's lock: `in_parts` keeps several cores busy.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import rbcl

from tocsin.kernel import BadInput
from tocsin.trust.seal import Entropy

POINT_BYTES = SCALAR_BYTES = 32
WIDE_BYTES = 64
"""Uniform bytes that are mapped to a point or reduced to a scalar: twice as long, so that no bias is left."""

ORDER = 2**252 + 27742317777372353535851937790883648493
"""Of the group (RFC 9496, section 4)."""

TOP_BIT = 0x80
"""Of an encoding's last byte. RFC 9496 refuses it; the libsodium in the binding drops it, which gives each element a
second spelling: two points that differ in it would pass for different ones."""

IDENTITY = bytes(POINT_BYTES)
ZERO = bytes(SCALAR_BYTES)

PART = 256
"""Items that a thread takes at once: some 10 ms of work, so that handing it over costs nothing."""

_NOT_A_POINT = (
    "a point is not the canonical encoding of a ristretto255 element, or is the identity; the peer's program is"
    " broken or hostile: end the session"
)

T = TypeVar("T")
R = TypeVar("R")

# The binding writes libsodium to a temporary file, loads it and leaves it there, 3 MB at each start of a process.
Path(rbcl.rbcl._sodium._name).unlink(missing_ok=True)


def checked_point(point: bytes) -> bytes:
    """The same bytes, if they encode an element that is not the identity, canonically. Raises BadInput."""
    if len(point) != POINT_BYTES or point == IDENTITY or point[-1] & TOP_BIT:
        raise BadInput(_NOT_A_POINT)
    if not rbcl.crypto_core_ristretto255_is_valid_point(point):
        raise BadInput(_NOT_A_POINT)
    return point


def checked_scalar(scalar: bytes) -> bytes:
    """The same bytes, if they encode a scalar canonically (below ORDER). Raises BadInput."""
    if len(scalar) != SCALAR_BYTES or int.from_bytes(scalar, "little") >= ORDER:
        raise BadInput(
            "a scalar is not below the order of the group; the peer's program is broken or hostile"
        )
    return scalar


def multiply(scalar: bytes, point: bytes) -> bytes:
    """`scalar` times `point`, which it checks. Raises BadInput as `checked_point` does, and for a scalar of zero.

    `scalar` is one of ours or `checked_scalar`.
    """
    if len(point) != POINT_BYTES or point[-1] & TOP_BIT:
        raise BadInput(_NOT_A_POINT)
    try:
        product: bytes = rbcl.crypto_scalarmult_ristretto255(scalar, point)
    except (RuntimeError, ValueError):
        raise BadInput(_NOT_A_POINT) from None
    return product


def multiply_base(scalar: bytes) -> bytes:
    """`scalar` times the generator. Raises BadInput for zero."""
    try:
        product: bytes = rbcl.crypto_scalarmult_ristretto255_base(scalar)
    except (RuntimeError, ValueError):
        raise BadInput("a scalar is zero; draw another") from None
    return product


def add(one: bytes, other: bytes) -> bytes:
    """Sum of two points that were checked before; it may be the identity."""
    total: bytes = rbcl.crypto_core_ristretto255_add(one, other)
    return total


def from_uniform(wide: bytes) -> bytes:
    """The point of WIDE_BYTES uniform bytes (RFC 9496, section 4.3.4). Raises BadInput for the identity."""
    point: bytes = rbcl.crypto_core_ristretto255_from_hash(wide)
    if point == IDENTITY:
        raise BadInput("an input maps to the identity, which nobody has ever seen; leave it out")
    return point


def reduced(wide: bytes) -> bytes:
    """WIDE_BYTES uniform bytes, little-endian, modulo ORDER."""
    scalar: bytes = rbcl.crypto_core_ristretto255_scalar_reduce(wide)
    return scalar


def draw_scalar(entropy: Entropy) -> bytes:
    """A uniform scalar that is not zero."""
    while (scalar := reduced(entropy(WIDE_BYTES))) == ZERO:
        pass
    return scalar


def draw_point(entropy: Entropy) -> bytes:
    """A uniform point: what a blinded input is too."""
    return from_uniform(entropy(WIDE_BYTES))


def scalar_product(one: bytes, other: bytes) -> bytes:
    """Of two scalars."""
    product: bytes = rbcl.crypto_core_ristretto255_scalar_mul(one, other)
    return product


def scalar_sum(one: bytes, other: bytes) -> bytes:
    """Of two scalars."""
    total: bytes = rbcl.crypto_core_ristretto255_scalar_add(one, other)
    return total


def scalar_difference(one: bytes, other: bytes) -> bytes:
    """Of two scalars."""
    difference: bytes = rbcl.crypto_core_ristretto255_scalar_sub(one, other)
    return difference


def inverses(scalars: Sequence[bytes]) -> list[bytes]:
    """Of scalars that are not zero: one inversion and three products each (Montgomery), an eighth of the time."""
    if not scalars:
        return []
    before = [scalars[0]]
    for scalar in scalars[1:]:
        before.append(scalar_product(before[-1], scalar))
    rest: bytes = rbcl.crypto_core_ristretto255_scalar_invert(before[-1])
    found = [rest] * len(scalars)
    for at in range(len(scalars) - 1, 0, -1):
        found[at] = scalar_product(rest, before[at - 1])
        rest = scalar_product(rest, scalars[at])
    found[0] = rest
    return found


def in_parts(work: Callable[[Sequence[T]], list[R]], items: Sequence[T], workers: int) -> list[R]:
    """`work` of all items in their order, PART at a time, by so many threads."""
    if workers <= 1 or len(items) <= PART:
        return work(items)
    with ThreadPoolExecutor(workers) as pool:
        return [one for part in pool.map(work, _parts(items)) for one in part]


def _parts(items: Sequence[T]) -> Iterator[Sequence[T]]:
    for at in range(0, len(items), PART):
        yield items[at : at + PART]
