"""Texts like a given fingerprint: found by the bits in memory, verified by their sketches, remembered between looks."""

from collections.abc import Sequence
from math import ceil, log, sqrt

import numpy as np
import numpy.typing as npt

from tocsin.correlate.bands import PLANES, agreement, planes
from tocsin.correlate.sketches import Sketches
from tocsin.wire.sketch import SLOTS, U64, signature_array, similarities

FEW = 1 << 16
"""Texts up to which a signature that is looked for may be two standard errors below what is expected."""

I32 = npt.NDArray[np.int32]


LIKE_COMMON = 24
"""Slots of SLOTS in which a text agrees with what many have in common: copies of 30 to 50 % other words have 29 ± 4 in
Latin letters, strangers of one language 11 ± 3.5. Each time that there are four times as many texts as FEW, one more:
among ten million a few strangers would agree by chance."""

READ = 1 << 14
"""Texts compared at once: what lies in between stays in the processor's cache."""

MAX_READ = 1 << 25
"""Texts that are newly compared in one look, a tenth of a second. What is left over has its turn at the next."""


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


class Likeness:
    """Of what is asked again only the texts that are new since are looked at."""

    def __init__(self, sketches: Sketches) -> None:
        self._sketches = sketches
        self._found: dict[tuple[bytes, float], tuple[int, I32]] = {}
        """For what is looked for, and how similar it must be: up to which text, and what was found."""
        self._near: dict[bytes, tuple[int, I32]] = {}
        """The same for what many texts have in common."""

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

    def of(self, signatures: Sequence[bytes], least: float, planes_of: U64) -> list[I32]:
        """For each signature the texts whose own is at least so similar, ascending.

        Found by the bits in memory, then verified. Among more than FEW texts one that is barely similar enough may
        be missed: a larger corpus would have to be read whole for each question.
        """
        number = len(planes_of)
        asked = dict.fromkeys((signature, least) for signature in signatures)
        for gone in [key for key in self._found if key[1] == least and key not in asked]:
            del self._found[gone]
        before = {key: self._found.get(key, (0, np.empty(0, np.int32))) for key in asked}
        fresh = {
            key: _agreeing(planes_of, key[0], least, upto)
            for key, (upto, _) in before.items()
            if upto < number
        }
        sketches = (
            self._sketches.of(np.unique(np.concatenate(list(fresh.values()))).tolist()) if fresh else {}
        )
        for key, texts in fresh.items():
            there = np.array([text for text in texts.tolist() if text in sketches], np.int32)
            if len(there):
                stacked = np.stack([sketches[text].signature for text in there.tolist()])
                there = there[similarities(stacked, key[0]) >= least]
            self._found[key] = (number, np.concatenate((before[key][1], there)))
        return [
            self._found[signature, least][1] if number else before[signature, least][1]
            for signature in signatures
        ]

    def renumber(self, place: I32) -> None:
        """`place` gives the new number of a text by the old one, -1 for those that are gone."""
        number = int(np.count_nonzero(place >= 0))
        self._found = {
            asked: (number, place[found][place[found] >= 0])
            for asked, (upto, found) in self._found.items()
            if upto == len(place)
        }
        self._near = {
            asked: (number, place[found][place[found] >= 0])
            for asked, (upto, found) in self._near.items()
            if upto == len(place)
        }


def _agreeing(planes_of: U64, signature: bytes, least: float, after: int) -> I32:
    want = least * SLOTS
    rest = SLOTS - want
    chance = 1 / (1 << PLANES)
    spare = 2 * sqrt(rest * chance * (1 - chance)) if len(planes_of) <= FEW else 0.0
    probe = planes(signature_array(signature)[None, :].astype(np.uint32))
    close = agreement(planes_of[after:], probe) >= int(want + rest * chance - spare)
    return (np.flatnonzero(close) + after).astype(np.int32)
