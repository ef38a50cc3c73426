"""Families taken back: as a plain loop over them says, whatever was lost and in whatever order they came."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tocsin.correlate.families import Families
from tocsin.correlate.growing import Growing
from tocsin.correlate.tied import Parted, Tied, parted

RETIED, LARGEST = 12, 6
FAMILIES = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9), st.booleans()), max_size=12)
"""(texts that are left, texts that are lost, whether its clusters are out of date)."""


def saved(families: list[tuple[int, int, bool]], seed: int) -> Tied:
    rng = np.random.default_rng(seed)
    left = np.array([left for left, _, _ in families], np.int32)
    names = rng.permutation(len(families)).astype(np.int32)
    size = np.array([-(left + lost) if late else left + lost for left, lost, late in families], np.int32)
    texts = rng.permutation(int(left.sum()) * 2)[: left.sum()].astype(np.int32)
    column = np.repeat(np.arange(len(families)), left)
    order = rng.permutation(len(texts))
    return Tied(*(one[order] for one in (texts, names[column], texts, size[column])))


def one_by_one(tied: Tied) -> tuple[list[tuple[list[int], bool]], list[list[int]]]:
    taken, broken, room = [], [], RETIED
    for name in np.unique(tied.family):
        texts = sorted(tied.texts[tied.family == name].tolist())
        (size,) = set(tied.size[tied.family == name].tolist())
        if len(texts) != abs(size) and len(texts) <= min(room, LARGEST):
            broken.append(texts)
            room -= len(texts)
        else:
            taken.append((texts, size < 0))
    return taken, broken


def told(found: Parted) -> tuple[list[tuple[list[int], bool]], list[list[int]]]:
    parts = np.split(found.texts, np.cumsum(found.number_of)[:-1]) if len(found.number_of) else []
    taken = [(part.tolist(), late) for part, late in zip(parts, found.late.tolist(), strict=True)]
    return taken, [one.tolist() for one in found.broken]


@given(FAMILIES, st.integers(0, 99))
def test_it_is_what_a_loop_says(families: list[tuple[int, int, bool]], seed: int) -> None:
    tied = saved(families, seed)
    assert told(parted(tied, retied=RETIED, largest=LARGEST)) == one_by_one(tied)


@given(FAMILIES, st.integers(0, 99))
def test_whole_families_are_taken_as_they_were_saved(
    families: list[tuple[int, int, bool]], seed: int
) -> None:
    tied = saved([(left, 0, late) for left, _, late in families], seed)
    number = int(tied.texts.max(initial=0)) + 1
    planes = Growing(np.uint64, 3)
    planes.extend(np.zeros((number, 3), np.uint64))
    taken = Families(lambda _: {})
    taken.load(planes, tied, np.empty(0, np.uint32), learned=True)
    again = taken.tied()
    order = np.argsort(tied.texts)
    assert again.texts.tolist() == tied.texts[order].tolist()
    assert again.size.tolist() == tied.size[order].tolist()
    assert again.medoid.tolist() == tied.medoid[order].tolist()
    assert np.array_equal(
        again.family[:, None] == again.family, tied.family[order][:, None] == tied.family[order]
    )
