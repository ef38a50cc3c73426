"""Memory that was used for a moment, given back to the system."""

import ctypes

LARGE_BLOCK = 2 << 20
"""Bytes from which a block is a mapping of its own, which goes back when it is freed: a page of the largest kind."""

_MMAP_THRESHOLD = -3
"""`M_MMAP_THRESHOLD` of glibc's mallopt(3). Left alone it rises to 32 MB with what was freed."""


def large_blocks_apart() -> None:
    """Ask glibc to keep large blocks out of its heap, from now on; elsewhere nothing is done.

    Columns of a look lie in the heap otherwise, between what stays, and leave holes. Ask after a load: it would take
    a third longer, for every fresh page is zeroed.
    """
    choose = getattr(ctypes.CDLL(None), "mallopt", None)
    if choose is not None:
        choose(_MMAP_THRESHOLD, LARGE_BLOCK)


def give_back() -> None:
    """Ask glibc for it: a look over millions leaves hundreds of megabytes of holes. Elsewhere nothing is done."""
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
