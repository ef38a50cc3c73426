"""Texts like a given fingerprint: found by the bits in memory, verified by their sketches, remembered between looks."""

from collections.abc import Sequence
from math import sqrt

import numpy as np
import numpy.typing as npt

from tocsin.correlate.bands import PLANES, agreement, planes
from tocsin.correlate.sketches import Sketches
from tocsin.wire.sketch import SLOTS, U64, signature_array, similarities

FEW = 1 << 16
"""Texts up to which a signature that is looked for may be two standard errors below what is expected."""

I32 = npt.NDArray[np.int32]


class Likeness:
    """Of what is asked again only the texts that are new since are looked at."""

    def __init__(self, sketches: Sketches) -> None:
        self._sketches = sketches
        self._found: dict[tuple[bytes, float], tuple[int, I32]] = {}
        """For what is looked for, and how similar it must be: up to which text, and what was found."""

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


def _agreeing(planes_of: U64, signature: bytes, least: float, after: int) -> I32:
    want = least * SLOTS
    rest = SLOTS - want
    chance = 1 / (1 << PLANES)
    spare = 2 * sqrt(rest * chance * (1 - chance)) if len(planes_of) <= FEW else 0.0
    probe = planes(signature_array(signature)[None, :].astype(np.uint32))
    close = agreement(planes_of[after:], probe) >= int(want + rest * chance - spare)
    return (np.flatnonzero(close) + after).astype(np.int32)
