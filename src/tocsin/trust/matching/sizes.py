"""Sizes in steps, so that a set's size says little; and how a set is cut and shuffled."""

from collections.abc import Sequence
from typing import TypeVar

from tocsin.kernel import BadInput
from tocsin.trust.seal import Entropy

STEPS = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80)
"""Times a power of ten: ten sizes in each, and at most a third of what is sent is padding."""

LEAST_POINTS, MAX_POINTS = 100, 1_000_000
"""The least step hides any set below a hundred. The most: an hour of one core's work for both sides together."""

CHUNK = 4096
"""Points in one message: 128 kB, a quarter of a second's work, and well under what one proof may cover."""

TAG_BYTES = 16
"""Of an output's digest. A million against a million meet by chance once in 2^88 sessions."""

PAD_BYTES = 32
"""Of a random input that pads a set: nobody has it."""

COUNT_STEP = 10
"""To which a count is rounded, downwards: what is told says nothing of fewer."""

T = TypeVar("T")


def padded(size: int) -> int:
    """The least step that holds so many. Raises BadInput above MAX_POINTS."""
    scale = 10
    while scale * STEPS[0] <= MAX_POINTS:
        for step in STEPS:
            if size <= scale * step <= MAX_POINTS:
                return scale * step
        scale *= 10
    raise BadInput(f"a set has at most {MAX_POINTS} inputs; match a part of it")


def require_step(size: int) -> None:
    """That a peer's size is a step. Raises BadInput: any other size would say what the set is."""
    if not LEAST_POINTS <= size <= MAX_POINTS or padded(size) != size:
        raise BadInput(f"{size} is not a size of a padded set; the peer's program is broken or hostile")


def chunks(size: int) -> int:
    """How many messages carry so many."""
    return -(-size // CHUNK)


def chunk_size(size: int, index: int) -> int:
    """How many of so many the message of this number carries. Raises BadInput where there is no such message."""
    if not 0 <= index < chunks(size):
        raise BadInput(f"there is no part {index} of a set of {size}")
    return min(CHUNK, size - index * CHUNK)


def chunk(items: Sequence[T], index: int) -> Sequence[T]:
    """What the message of this number carries of a set."""
    return items[index * CHUNK : (index + 1) * CHUNK]


def overwrite(items: list[T], index: int, by: T) -> None:
    """Put something else in the place of each that the message of this number carried, so that its memory goes."""
    for at in range(index * CHUNK, min(len(items), (index + 1) * CHUNK)):
        items[at] = by


def shuffled(items: Sequence[T], entropy: Entropy) -> list[T]:
    """In an order that tells nothing: by a random key of 128 bits each."""
    keys = entropy(16 * len(items))
    order = sorted(range(len(items)), key=lambda at: keys[16 * at : 16 * at + 16])
    return [items[at] for at in order]


def rounded(count: int) -> int:
    """A count as it is told."""
    return count // COUNT_STEP * COUNT_STEP


def split(joined: bytes, size: int) -> list[bytes]:
    """Pieces of so many bytes."""
    return [joined[at : at + size] for at in range(0, len(joined), size)]
