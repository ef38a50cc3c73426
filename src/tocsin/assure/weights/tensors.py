"""A tensor's place in a file, and what is wrong with where a file's tensors lie."""

from collections.abc import Iterable, Iterator

import msgspec


class TensorEntry(msgspec.Struct, frozen=True):
    """One tensor as a header gives it. `shape` is row-major, as torch prints it; `offset` counts from the start of
    the file; `length` in bytes. `dtype` is the format's own name ("BF16", "Q4_K").
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    offset: int
    length: int


class Misplaced(msgspec.Struct, frozen=True):
    """`how`: "bounds", "overlap", "gap" (bytes before the tensor that are nobody's) or "end" (after the last one)."""

    how: str
    name: str
    offset: int
    length: int


def misplaced(entries: Iterable[TensorEntry], start: int, end: int) -> Iterator[Misplaced]:
    """What is wrong with tensors that should fill `start` to `end` without holes, in the order of the bytes."""
    reached, last = start, ""
    for entry in sorted(entries, key=lambda entry: (entry.offset, entry.length)):
        if entry.offset < start or entry.offset + entry.length > end:
            yield Misplaced("bounds", entry.name, entry.offset, entry.length)
            continue
        if entry.length == 0:  # an empty tensor is nowhere
            continue
        if entry.offset < reached:
            yield Misplaced("overlap", entry.name, entry.offset, reached - entry.offset)
        elif entry.offset > reached:
            yield Misplaced("gap", entry.name, reached, entry.offset - reached)
        reached, last = max(reached, entry.offset + entry.length), entry.name
    if reached < end:
        yield Misplaced("end", last, reached, end - reached)
