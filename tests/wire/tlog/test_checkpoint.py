"""Checkpoints, cosignatures, tiles, bundles and proof files: published forms, and what is none."""

import hashlib
import json
from base64 import b64encode
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernel import BadInput
from tocsin.wire.tlog import (
    Checkpoint,
    Cosignature,
    Proof,
    Tile,
    bundle_bytes,
    checkpoint_of,
    cosigned,
    parse_bundle,
    parse_note,
    parse_proof,
    parse_tile_path,
    proof_bytes,
    read_checkpoint,
    read_cosignature,
    tile_path,
)
from tocsin.wire.tlog.proof import hash_lines, parse_hash_lines

PUBLISHED = json.loads(
    (Path(__file__).parents[2] / "vectors" / "tlog" / "published.json").read_text("utf-8")
)["cosignature"]
ROOT = hashlib.sha256(b"").digest()
NOTE = PUBLISHED["note"].encode()


def test_the_published_checkpoint_and_its_cosignature() -> None:
    note = parse_note(NOTE)
    found = checkpoint_of(note)
    assert (found.origin, found.size, len(found.root)) == (PUBLISHED["origin"], PUBLISHED["size"], 32)
    assert found.text == note.text
    cosignature = read_cosignature(note.signatures[1].signature)
    assert cosignature.time == PUBLISHED["time"]
    assert cosignature.to_bytes() == note.signatures[1].signature
    assert cosigned(cosignature.time, note.text) == PUBLISHED["message"].encode()


@given(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1),
    st.integers(0, 2**63 - 1),
    st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1), max_size=3),
)
def test_what_is_written_is_read_again(origin: str, size: int, lines: list[str]) -> None:
    checkpoint = Checkpoint(origin, size, ROOT, tuple(lines))
    assert read_checkpoint(checkpoint.text) == checkpoint


@pytest.mark.parametrize(
    "text",
    [
        "a\n1\n",
        f"a\n1\n{b64encode(ROOT).decode()}",
        f"\n1\n{b64encode(ROOT).decode()}\n",
        f"a\n01\n{b64encode(ROOT).decode()}\n",
        f"a\n-1\n{b64encode(ROOT).decode()}\n",
        f"a\n\u0661\n{b64encode(ROOT).decode()}\n",
        f"a\n{2**63}\n{b64encode(ROOT).decode()}\n",
        f"a\n1\n{b64encode(ROOT[1:]).decode()}\n",
        f"a\n1\n{b64encode(ROOT).decode()}\n\nb\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadInput):
        read_checkpoint(text)


@pytest.mark.parametrize("data", [b"", bytes(71), bytes(73), b"\x80" + bytes(71)])
def test_what_is_no_cosignature_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        read_cosignature(data)


def test_a_cosignature_carries_its_time() -> None:
    assert read_cosignature(Cosignature(2**63 - 1, b"s" * 64).to_bytes()).time == 2**63 - 1


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 1234067), "0/x001/x234/067"),  # the standard's own example
        (Tile(0, 273, 112), "0/273.p/112"),
        (Tile(2, 0, 1), "2/000.p/1"),
        (Tile(None, 999), "entries/999"),
        (Tile(None, 1000, 255), "entries/x001/000.p/255"),
    ],
)
def test_the_names_of_tiles(tile: Tile, path: str) -> None:
    assert tile_path(tile) == path
    assert parse_tile_path(path) == tile


@given(st.none() | st.integers(0, 7), st.integers(0, 2**55 - 1), st.integers(1, 256))
def test_a_tile_has_one_name(level: int | None, index: int, width: int) -> None:
    tile = Tile(level, index, width)
    assert parse_tile_path(tile_path(tile)) == tile


@pytest.mark.parametrize(
    "path",
    [
        "",
        "0",
        "0/0",
        "0/0000",
        "8/000",
        "00/000",
        "-1/000",
        "0/001/000",
        "0/x000/000",
        "0/x01/000",
        "0/000.p/0",
        "0/000.p/256",
        "0/000.p/01",
        "0/000.p",
        "x/000",
        "entries/000/",
        "0/x036/x028/x797/x018/x963/968",
        "../0/000",
        "0/\u0660\u0660\u0660",
    ],
)
def test_what_names_no_tile_is_refused(path: str) -> None:
    with pytest.raises(BadInput):
        parse_tile_path(path)


@given(st.lists(st.binary(max_size=40), max_size=256))
def test_a_bundle_is_its_entries(entries: list[bytes]) -> None:
    assert parse_bundle(bundle_bytes(entries)) == tuple(entries)


def test_bundles_have_bounds() -> None:
    for entries in ([b""] * 257, [bytes(65_536)]):
        with pytest.raises(BadInput):
            bundle_bytes(entries)
    for data in (b"\x00", b"\x00\x02a", b"\x00\x00" * 257):
        with pytest.raises(BadInput):
            parse_bundle(data)


def test_a_proof_file_as_the_standard_writes_it() -> None:
    hashes = tuple(hashlib.sha256(word).digest() for word in (b"hash1", b"hash2"))
    lines = [b64encode(one).decode() for one in hashes]
    plain = f"c2sp.org/tlog-proof@v1\nindex 5\n{lines[0]}\n{lines[1]}\n\n".encode() + NOTE
    assert proof_bytes(Proof(5, hashes, NOTE)) == plain
    extra = b"extra information"
    more = plain.replace(b"\nindex", b"\nextra " + b64encode(extra) + b"\nindex", 1)
    assert proof_bytes(Proof(5, hashes, NOTE, extra)) == more
    assert parse_proof(plain) == Proof(5, hashes, NOTE)
    assert parse_proof(more) == Proof(5, hashes, NOTE, extra)
    assert parse_proof(proof_bytes(Proof(0, (), NOTE))) == Proof(0, (), NOTE)


@given(st.lists(st.binary(min_size=32, max_size=32), max_size=126))
def test_hashes_travel_one_a_line(hashes: list[bytes]) -> None:
    assert parse_hash_lines(hash_lines(hashes)) == tuple(hashes)


@pytest.mark.parametrize(
    "data", [b"\n", b"AAAA\n", b64encode(ROOT), b"\xff\n", (b64encode(ROOT) + b"\n") * 127]
)
def test_what_is_no_list_of_hashes_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        parse_hash_lines(data)


@pytest.mark.parametrize(
    "change",
    [
        (b"@v1", b"@v2"),
        (b"index 5", b"index 05"),
        (b"index 5", b"index five"),
        (b"index 5\n", b""),
        (b"index 5\n", b"index 5\nAAAA\n"),
        (b"index 5\n", b"extra \nindex 5\n"),
        (b"index 5\n", b"index 5\n" + b64encode(ROOT) + b"\n" * 1 + (b64encode(ROOT) + b"\n") * 63),
        (b"\n\n", b"\n"),
        (b"example.com/behind-the-sofa\n20852163", b"example.com/behind-the-sofa\n2085216x"),
        (b"c2sp", b"\xff"),
    ],
)
def test_what_is_no_proof_is_refused(change: tuple[bytes, bytes]) -> None:
    plain = proof_bytes(Proof(5, (), NOTE))
    with pytest.raises(BadInput):
        parse_proof(plain.replace(*change, 1))
    with pytest.raises(BadInput, match="over"):
        parse_proof(plain + b" " * (400 << 10))
