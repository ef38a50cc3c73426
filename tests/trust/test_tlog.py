"""The growing tree: the same root and proofs as the short one, at every size; one changed bit and nothing holds."""

import json
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.kernel import Unavailable
from tocsin.trust import merkle
from tocsin.trust.tlog import EMPTY_ROOT, Tree, extends, grow

VECTORS = Path(__file__).resolve().parents[1] / "vectors"
PUBLISHED = json.loads((VECTORS / "tlog" / "published.json").read_text("utf-8"))
EIGHT = [
    bytes.fromhex(leaf)
    for leaf in json.loads((VECTORS / "plans" / "merkle.json").read_text("utf-8"))["leaves"]
]


class Shelf:
    """Tiles in a dictionary, as a store keeps them."""

    def __init__(self) -> None:
        self.size = 0
        self.root = EMPTY_ROOT
        self.tiles: dict[tuple[int, int], bytes] = {}

    def read(self, level: int, index: int) -> bytes:
        return self.tiles.get((level, index), b"")

    def append(self, lines: list[bytes]) -> None:
        grown = grow(self.size, self.read, [merkle.leaf_hash(line) for line in lines])
        self.tiles |= grown.tiles
        self.size, self.root = grown.size, grown.root

    def tree(self, size: int | None = None) -> Tree:
        return Tree(self.size if size is None else size, self.read)


def of(count: int) -> list[bytes]:
    return [b"%d" % number for number in range(count)]


def flipped(data: bytes, bit: int) -> bytes:
    return bytes(one ^ (1 << bit % 8 if at == bit // 8 else 0) for at, one in enumerate(data))


def test_every_size_to_300_one_entry_at_a_time() -> None:
    shelf = Shelf()
    lines = of(300)
    for size, line in enumerate(lines, 1):
        shelf.append([line])
        assert shelf.root == merkle.root(lines[:size])
    for size in range(301):
        assert shelf.tree(size).root() == merkle.root(lines[:size])


def test_every_proof_of_sizes_around_a_tile() -> None:
    shelf = Shelf()
    lines = of(520)
    shelf.append(lines)
    for size in (1, 2, 3, 7, 8, 255, 256, 257, 300, 511, 512, 513, 520):
        tree, root = shelf.tree(size), merkle.root(lines[:size])
        for index in range(0, size, 1 + size // 40):
            assert tree.inclusion(index) == merkle.path(lines[:size], index)
        for old in range(0, size + 1, 1 + size // 40):
            proof = tree.consistency(old)
            assert extends(old, merkle.root(lines[:old]), size, root, proof)


def test_three_levels_of_tiles() -> None:
    """Past 65,536 entries: appended in uneven pieces, asked for at random."""
    chance = random.Random(7)
    lines = of(66_000)
    shelf = Shelf()
    while shelf.size < len(lines):
        shelf.append(lines[shelf.size : shelf.size + chance.randint(1, 9_000)])
    assert shelf.root == merkle.root(lines)
    assert {level for level, _ in shelf.tiles} == {0, 1, 2}
    tree = shelf.tree()
    for index in (0, 65_535, 65_536, *(chance.randrange(66_000) for _ in range(20))):
        assert merkle.holds(shelf.root, lines[index], index, shelf.size, tree.inclusion(index))
    for old in (1, 256, 65_536, 65_537, *(chance.randrange(1, 66_000) for _ in range(20))):
        assert extends(old, shelf.tree(old).root(), shelf.size, shelf.root, tree.consistency(old))


@settings(max_examples=40)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=5), st.data())
def test_pieces_make_no_difference_and_one_bit_does(pieces: list[int], data: st.DataObject) -> None:
    shelf = Shelf()
    lines = of(1 + sum(pieces))
    shelf.append(lines[:1])
    for piece in pieces:
        shelf.append(lines[shelf.size : shelf.size + piece])
    assert shelf.root == merkle.root(lines)
    index = data.draw(st.integers(0, shelf.size - 1))
    beside = shelf.tree().inclusion(index)
    leaf = merkle.leaf_hash(lines[index])
    assert merkle.leads(shelf.root, leaf, index, shelf.size, beside)
    bit = data.draw(st.integers(0, 255))
    assert not merkle.leads(flipped(shelf.root, bit), leaf, index, shelf.size, beside)
    assert not merkle.leads(shelf.root, flipped(leaf, bit), index, shelf.size, beside)
    old = data.draw(st.integers(1, shelf.size))
    old_root, proof = shelf.tree(old).root(), shelf.tree().consistency(old)
    assert extends(old, old_root, shelf.size, shelf.root, proof)
    assert not extends(old, flipped(old_root, bit), shelf.size, shelf.root, proof)
    assert not extends(old, old_root, shelf.size, flipped(shelf.root, bit), proof)
    for at in range(len(proof)):
        changed = (*proof[:at], flipped(proof[at], bit), *proof[at + 1 :])
        assert not extends(old, old_root, shelf.size, shelf.root, changed)
    for at in range(len(beside)):
        changed = (*beside[:at], flipped(beside[at], bit), *beside[at + 1 :])
        assert not merkle.leads(shelf.root, leaf, index, shelf.size, changed)
    assert not extends(old, old_root, shelf.size, shelf.root, (*proof, bytes(32)))
    if proof:
        assert not extends(old, old_root, shelf.size, shelf.root, proof[:-1])


def test_the_published_proofs() -> None:
    shelf = Shelf()
    shelf.append(EIGHT)
    for one in PUBLISHED["consistency"]:
        proof = shelf.tree(one["new"]).consistency(one["old"])
        assert [each.hex() for each in proof] == one["proof"]
        assert extends(
            one["old"], merkle.root(EIGHT[: one["old"]]), one["new"], merkle.root(EIGHT[: one["new"]]), proof
        )
    for one in PUBLISHED["inclusion"]:
        assert [each.hex() for each in shelf.tree(one["size"]).inclusion(one["index"])] == one["proof"]


def test_nothing_is_proved_of_what_is_not_there() -> None:
    shelf = Shelf()
    assert shelf.tree().root() == EMPTY_ROOT
    shelf.append(of(5))
    for index in (-1, 5):
        with pytest.raises(IndexError):
            shelf.tree().inclusion(index)
    for old in (-1, 6):
        with pytest.raises(IndexError):
            shelf.tree().consistency(old)
    assert not extends(6, shelf.root, 5, shelf.root, ())
    assert not extends(3, shelf.root, 5, shelf.root, ())
    assert not extends(4, shelf.root, 5, shelf.root, [bytes(32)] * 200)
    assert not extends(0, shelf.root, 5, shelf.root, ())
    assert extends(0, EMPTY_ROOT, 5, shelf.root, ())


def test_a_tile_that_is_too_short_is_told() -> None:
    shelf = Shelf()
    shelf.append(of(5))
    shelf.tiles[0, 0] = shelf.tiles[0, 0][:-1]
    with pytest.raises(Unavailable, match="damaged"):
        shelf.tree().root()
    with pytest.raises(Unavailable, match="damaged"):
        shelf.append([b"more"])
