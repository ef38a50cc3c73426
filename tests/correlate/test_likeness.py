"""What a stranger's fingerprint may cost: sketches read from the store, likeliest first, and everybody's turn comes."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pytest

from tocsin.correlate import likeness
from tocsin.correlate.bands import agreement, planes
from tocsin.correlate.likeness import Likeness
from tocsin.correlate.sketches import Sketches
from tocsin.wire.sketch import SLOTS, Sketch

LEAST = 0.25
TEXTS, FETCHES = 40, 10


class World:
    """Texts whose sketches lie in a store that counts what is read."""

    def __init__(self) -> None:
        self.signatures = np.empty((0, SLOTS), np.uint32)
        self.read: list[list[int]] = []
        self.down, self.gone = False, {3}
        self.likeness = Likeness(Sketches(self.fetch))

    def fetch(self, texts: Sequence[int]) -> Mapping[int, Sketch]:
        if self.down:
            raise OSError("disk")
        self.read.append(list(texts))
        return {
            text: Sketch(self.signatures[text], np.array([text], np.uint32), 1)
            for text in texts
            if text not in self.gone
        }

    def add(self, like: npt.NDArray[np.uint32], agreeing: Sequence[int], seed: int = 1) -> None:
        """One text for each number of slots in which it agrees."""
        rows = np.random.default_rng(seed).integers(0, 1 << 32, (len(agreeing), SLOTS), np.uint32)
        for row, slots in zip(rows, agreeing, strict=True):
            row[:slots] = like[:slots]
        self.signatures = np.concatenate((self.signatures, rows))

    def of(self, *signatures: npt.NDArray[np.uint32]) -> list[list[int]]:
        asked = [one.astype("<u4").tobytes() for one in signatures]
        return [found.tolist() for found in self.likeness.of(asked, LEAST, planes(self.signatures))]

    @property
    def number(self) -> int:
        return sum(map(len, self.read))


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(likeness, "LIKE_TEXTS", TEXTS)
    monkeypatch.setattr(likeness, "LIKE_FETCHES", FETCHES)


def wanted(seed: int) -> npt.NDArray[np.uint32]:
    return np.random.default_rng(1_000 + seed).integers(0, 1 << 32, SLOTS, np.uint32)


def test_few_texts_are_all_found_at_once_and_asked_for_once() -> None:
    world = World()
    world.add(wanted(1), [40, 0, 30, 40, 20, 0])
    assert world.of(wanted(1)) == [[0, 2, 4]], "3 cannot be opened any more"
    assert world.of(wanted(1)) == [[0, 2, 4]]
    assert world.number == 4


def test_a_fingerprint_that_everything_resembles_reads_so_many_a_look_the_likeliest_first() -> None:
    world = World()
    world.add(wanted(1), [20 + (7 * n) % 41 for n in range(200)])
    found: list[int] = []
    for look in range(1, 8):
        (found,) = world.of(wanted(1))
        assert world.number == min(look * FETCHES, TEXTS)
    read = [text for some in world.read for text in some]
    assert len(set(read)) == TEXTS, "the others are passed over"
    close = agreement(planes(world.signatures), planes(wanted(1)[None, :]))
    assert close[read].min() >= np.delete(close, read).max()
    assert close[world.read[0]].min() >= close[world.read[-1]].max()
    assert found == sorted(text for text in read if text != 3)


def test_nobody_waits_for_whoever_asks_for_most() -> None:
    world = World()
    world.add(wanted(1), [40] * 100)
    world.add(wanted(2), [40] * 5, seed=2)
    looks = [world.of(wanted(1), wanted(2)) for _ in range(3)]
    assert [len(found[1]) for found in looks] == [0, 5, 5]
    assert world.number == 3 * FETCHES


def test_what_is_at_hand_needs_no_turn() -> None:
    world = World()
    world.add(wanted(1), [40] * 100)
    for text in range(100):
        world.likeness._sketches.keep(text, Sketch(world.signatures[text], np.array([1], np.uint32), 1))
    (found,) = world.of(wanted(1))
    assert (len(found), world.number) == (TEXTS, 0)


def test_what_comes_later_is_compared_before_what_was_less_like() -> None:
    world = World()
    world.add(wanted(1), [22] * 60)
    world.of(wanted(1))
    world.add(wanted(1), [60], seed=2)
    (found,) = world.of(wanted(1))
    assert 60 in found
    assert world.number == 2 * FETCHES


def test_what_waits_is_numbered_anew_and_nothing_is_lost_by_a_fault() -> None:
    world = World()
    world.gone = set()
    world.add(wanted(1), [40] * 30)
    world.of(wanted(1))
    world.down = True
    with pytest.raises(OSError, match="disk"):
        world.of(wanted(1))
    world.down = False
    gone = np.arange(30) % 2 == 0
    place = np.where(gone, -1, np.cumsum(~gone) - 1).astype(np.int32)
    world.likeness._sketches.renumber(place)
    world.likeness.renumber(place)
    world.signatures = world.signatures[~gone]
    world.of(wanted(1))
    (found,) = world.of(wanted(1))
    assert found == list(range(15))
