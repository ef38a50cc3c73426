"""Texts that agree with what many have in common: found by the bits in memory, remembered between looks."""

from collections.abc import Sequence
from math import ceil, log

import numpy as np
import numpy.typing as npt

from tocsin.correlate.bands import agreement
from tocsin.correlate.likeness import FEW
from tocsin.wire.sketch import U64

LIKE_COMMON = 24
"""Slots of SLOTS in which a text agrees with what many have in common: copies of 30 to 50 % other words have 29 ± 4 in
Latin letters, strangers of one language 11 ± 3.5. Each time that there are four times as many texts as FEW, one more:
among ten million a few strangers would agree by chance."""

READ = 1 << 14
"""Texts compared at once: what lies in between stays in the processor's cache."""

MAX_READ = 1 << 25
"""Texts that are newly compared in one look, a tenth of a second. What is left over has its turn at the next."""

I32 = npt.NDArray[np.int32]


def agreeing(planes_of: U64, common: U64) -> I32:
    """Texts that agree with some bits, ascending."""
    return _strictly(_near(planes_of, common, 0), planes_of, common)


def _near(planes_of: U64, common: U64, after: int) -> I32:
    found = [
        np.flatnonzero(agreement(planes_of[at : at + READ], common) >= LIKE_COMMON) + at
        for at in range(after, len(planes_of), READ)
    ]
    return np.concatenate(found).astype(np.int32) if found else np.empty(0, np.int32)


def _strictly(texts: I32, planes_of: U64, common: U64) -> I32:
    """Of texts that are near those that still are where there are so many texts."""
    more = max(ceil(log(max(len(planes_of), 1) / FEW, 4)), 0)
    return texts[agreement(planes_of[texts], common) >= LIKE_COMMON + more]


class InCommon:
    """Of what is asked again only the texts that are new since are looked at."""

    def __init__(self) -> None:
        self._near: dict[bytes, tuple[int, I32]] = {}
        """By the bits that are asked for: up to which text, and what was found."""

    def agreeing(self, commons: Sequence[U64], planes_of: U64) -> list[I32 | None]:
        """For each bits (`bands.planes` of one text) the texts that agree with them; None where it was too much."""
        held, self._near = self._near, {}
        number, room = len(planes_of), MAX_READ
        found: list[I32 | None] = []
        for common in commons:
            name = common.tobytes()
            upto, texts = held.get(name, (0, np.empty(0, np.int32)))
            if number - upto > room:
                found.append(None)
                continue
            room -= number - upto
            texts = np.concatenate((texts, _near(planes_of, common, upto)))
            self._near[name] = (number, texts)
            found.append(_strictly(texts, planes_of, common))
        return found

    def renumber(self, place: I32) -> None:
        """`place` gives the new number of a text by the old one, -1 for those that are gone."""
        number = int(np.count_nonzero(place >= 0))
        self._near = {
            asked: (number, place[found][place[found] >= 0])
            for asked, (upto, found) in self._near.items()
            if upto == len(place)
        }
