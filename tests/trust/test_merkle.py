"""RFC 6962's trees: published roots, the recursive definition, and paths that lead nowhere else."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.trust import merkle

VECTORS = json.loads(
    (Path(__file__).resolve().parents[1] / "vectors" / "plans" / "merkle.json").read_text("utf-8")
)


def defined(lines: list[bytes]) -> bytes:
    """Section 2.1, word for word."""
    if len(lines) < 2:
        return sha256(b"\x00" + lines[0]).digest() if lines else sha256(b"").digest()
    half = 1
    while half * 2 < len(lines):
        half *= 2
    return sha256(b"\x01" + defined(lines[:half]) + defined(lines[half:])).digest()


@pytest.mark.parametrize("size", range(1, 9))
def test_the_published_roots(size: int) -> None:
    leaves = [bytes.fromhex(leaf) for leaf in VECTORS["leaves"][:size]]
    assert merkle.root(leaves).hex() == VECTORS["roots"][size - 1]


@given(st.lists(st.binary(max_size=4), max_size=70))
def test_the_root_is_as_defined(lines: list[bytes]) -> None:
    assert merkle.root(lines) == defined(lines)


@given(st.lists(st.binary(max_size=4), min_size=1, max_size=70, unique=True), st.data())
def test_a_path_leads_from_its_line_and_from_no_other(lines: list[bytes], data: st.DataObject) -> None:
    index = data.draw(st.integers(0, len(lines) - 1))
    other = data.draw(st.integers(0, len(lines) - 1))
    root, beside = merkle.root(lines), merkle.path(lines, index)
    assert merkle.holds(root, lines[index], index, len(lines), beside)
    assert merkle.holds(root, lines[other], index, len(lines), beside) is (index == other)
    assert not merkle.holds(root, lines[index], len(lines), len(lines), beside)
    assert not merkle.holds(root, lines[index], index, len(lines), (*beside, root))
    for place in range(len(beside)):
        assert not merkle.holds(
            root, lines[index], index, len(lines), (*beside[:place], root, *beside[place + 1 :])
        )


def test_no_line_has_no_path() -> None:
    for lines, index in (([], 0), ([b""], 1), ([b""], -1)):
        with pytest.raises(IndexError):
            merkle.path(lines, index)
    assert not merkle.holds(merkle.root([b""]), b"", 0, 1, (bytes(32),) * (merkle.MAX_PATH + 1))


def test_a_node_is_no_leaf() -> None:
    left, right = merkle.leaf_hash(b"a"), merkle.leaf_hash(b"b")
    assert merkle.root([left + right]) != merkle.root([b"a", b"b"])
