"""Families as they are saved and taken back: which are whole still, and which have lost a member since."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]
I32 = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]


class Tied(NamedTuple):
    """Texts that have a family: its number, their cluster's typical text (-1: gone), and its size, negative where its
    clusters are out of date."""

    texts: I32
    family: I32
    medoid: I32
    size: I32


class Parted(NamedTuple):
    """Texts of the families that are taken as they are, one family after the other and each ascending: how many each
    has, and whether its clusters are out of date. And of each broken one what is left."""

    texts: I32
    number_of: I64
    late: Bools
    broken: list[I32]


def parted(tied: Tied, *, retied: int, largest: int) -> Parted:
    """Who has lost a member is broken, up to `largest` texts each and `retied` in all; others are taken as they are.

    A restart brings half a million families, so only those that lost one are looked at one by one.
    """
    order = np.lexsort((tied.texts, tied.family))
    texts, family, size = tied.texts[order], tied.family[order], tied.size[order]
    starts = np.flatnonzero(np.diff(family, prepend=-1))
    number_of, said = np.diff(starts, append=len(texts)), size[starts]
    taken = number_of == np.abs(said)
    broken, room = [], retied
    for at in np.flatnonzero(~taken).tolist():
        left = texts[starts[at] : starts[at] + number_of[at]]
        taken[at] = len(left) > min(room, largest)
        if not taken[at]:
            broken.append(left)
            room -= len(left)
    return Parted(texts[np.repeat(taken, number_of)], number_of[taken], said[taken] < 0, broken)
