"""Texts like a given fingerprint: found by the bits in memory, verified by their sketches, remembered between looks.

Whose fingerprint it is may be a stranger's, so what one may cost is bounded: how many texts are compared with it, and
how many sketches a look reads from the store.
"""

from collections.abc import Mapping, Sequence
from math import sqrt
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.correlate.bands import PLANES, agreement, planes
from tocsin.correlate.sketches import Sketches
from tocsin.wire.sketch import SLOTS, U64, Sketch, signature_array, similarities

FEW = 1 << 16
"""Texts up to which a signature that is looked for may be two standard errors below what is expected."""

LIKE_TEXTS = 4_096
"""Texts that wait to be compared with one fingerprint, those whose bits agree most. Others are passed over: of a
template that a node holds in more wordings than that, a few thousand say as much."""

LIKE_FETCHES = 512
"""Sketches read from the store for one question, whatever the number of fingerprints: each reads half a megabyte, and
all of them a quarter of a gigabyte. They take turns; what was not reached waits for the next look."""

I32 = npt.NDArray[np.int32]
NONE = np.empty(0, np.int32)


class _Sought(NamedTuple):
    """Of one fingerprint: up to which text it was looked for, what was found, and what is still to be compared."""

    upto: int = 0
    found: I32 = NONE
    left: I32 = NONE


class Likeness:
    """Of what is asked again only the texts that are new since are looked at."""

    def __init__(self, sketches: Sketches) -> None:
        self._sketches = sketches
        self._sought: dict[tuple[bytes, float], _Sought] = {}
        """By what is looked for, and how similar it must be: whose turn to read from the store comes first, first."""

    def of(self, signatures: Sequence[bytes], least: float, planes_of: U64) -> list[I32]:
        """For each signature the texts whose own is at least so similar, ascending, as far as they were compared.

        Found by the bits in memory, then verified: the likeliest first, as many as LIKE_TEXTS and LIKE_FETCHES allow.
        Among more than FEW texts one that is barely similar enough may be missed: a larger corpus would have to be
        read whole for each question.
        """
        asked = dict.fromkeys((signature, least) for signature in signatures)
        for gone in [key for key in self._sought if key[1] == least and key not in asked]:
            del self._sought[gone]
        for key in asked:
            self._sought.setdefault(key, _Sought())
        turns = {key: self._left(key, planes_of) for key in self._sought if key in asked}
        self._compare({key: texts for key, texts in turns.items() if len(texts)})
        return [self._sought[signature, least].found for signature in signatures]

    def renumber(self, place: I32) -> None:
        """`place` gives the new number of a text by the old one, -1 for those that are gone."""
        number = int(np.count_nonzero(place >= 0))
        self._sought = {
            key: _Sought(number, *(place[texts][place[texts] >= 0] for texts in (one.found, one.left)))
            for key, one in self._sought.items()
            if one.upto == len(place)
        }

    def _left(self, key: tuple[bytes, float], planes_of: U64) -> I32:
        """What is to be compared with a fingerprint, the likeliest first."""
        sought = self._sought[key]
        if sought.upto < len(planes_of):
            probe = planes(signature_array(key[0])[None, :].astype(np.uint32))
            texts = np.concatenate((sought.left, _agreeing(planes_of, probe, key[1], sought.upto)))
            likeliest = np.argsort(-agreement(planes_of[texts], probe).astype(np.int16), kind="stable")
            sought = _Sought(len(planes_of), sought.found, texts[likeliest[:LIKE_TEXTS]])
            self._sought[key] = sought
        return sought.left

    def _compare(self, turns: dict[tuple[bytes, float], I32]) -> None:
        """Compare what is at hand, and what may be read from the store; who read something goes to the end."""
        room = LIKE_FETCHES
        allowed, read = {}, set()
        for key, texts in turns.items():
            takes = self._sketches.held(texts)
            fetched = np.flatnonzero(~takes)[:room]
            takes[fetched] = True
            room -= len(fetched)
            allowed[key] = takes
            if len(fetched):
                read.add(key)
        wanted = [texts[allowed[key]] for key, texts in turns.items()]
        sketches = self._sketches.of(np.unique(np.concatenate(wanted)).tolist()) if wanted else {}
        for (key, texts), compared in zip(turns.items(), wanted, strict=True):
            sought = self._sought.pop(key) if key in read else self._sought[key]
            alike = _alike([text for text in compared.tolist() if text in sketches], sketches, *key)
            found = np.sort(np.concatenate((sought.found, alike)))
            self._sought[key] = _Sought(sought.upto, found, texts[~allowed[key]])


def _alike(texts: list[int], sketches: Mapping[int, Sketch], signature: bytes, least: float) -> I32:
    """Which of the texts are so similar."""
    if not texts:
        return NONE
    stacked = np.stack([sketches[text].signature for text in texts])
    return np.array(texts, np.int32)[similarities(stacked, signature) >= least]


def _agreeing(planes_of: U64, probe: U64, least: float, after: int) -> I32:
    """Texts from a number on that may be so similar, by their bits."""
    want = least * SLOTS
    rest = SLOTS - want
    chance = 1 / (1 << PLANES)
    spare = 2 * sqrt(rest * chance * (1 - chance)) if len(planes_of) <= FEW else 0.0
    close = agreement(planes_of[after:], probe) >= int(want + rest * chance - spare)
    return (np.flatnonzero(close) + after).astype(np.int32)
