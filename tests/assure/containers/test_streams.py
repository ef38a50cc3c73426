"""Compressed streams: unpacked and looked at, whatever the name; an end that is missing or comes too early is told."""

import bz2
import gzip
import lzma
import zlib
from collections.abc import Callable

import lz4.frame
import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from tests.assure.containers.test_tars import member, tarred
from tests.assure.containers.test_zips import zipped
from tests.assure.looks import formats, look, told
from tocsin.assure import Held
from tocsin.assure.containers import streams
from tocsin.kernel.artefacts import ArtefactVerdict

CLEAN, DOUBT = ArtefactVerdict.CLEAN, ArtefactVerdict.INCONCLUSIVE


def alone(data: bytes) -> bytes:
    return lzma.compress(data, lzma.FORMAT_ALONE)


PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zlib": zlib.compress,
    "zstd": zstandard.ZstdCompressor().compress,
    "lz4": lz4.frame.compress,
}


@pytest.mark.parametrize("kind", PACKINGS)
def test_each_is_unpacked_whatever_it_is_called(kind: str) -> None:
    pack = PACKINGS[kind]
    seen = look(pack(b"soup " * 9000), "notes.txt")
    assert (seen.verdict, formats(seen)) == (CLEAN, {"notes.txt": kind, "notes.txt!/notes.txt": "text"})
    assert seen.parts[1].size == 45_000
    assert told(look(pack(b"soup") + b"junk", "notes.txt")) == {"trailing-data"}
    assert look(pack(b"soup") + bytes(9000), "notes.txt").verdict is CLEAN
    cut = look(pack(b"soup " * 9000)[:-3], "notes.txt")
    assert (cut.verdict, "broken" in told(cut)) == (DOUBT, True)
    if kind != "zlib":
        two = look(pack(b"soup") + pack(b"bread"), "notes.txt")
        assert (two.verdict, two.parts[1].size) == (CLEAN, 9)
        assert look(pack(b"soup") + bytes(8) + pack(b"bread"), "notes.txt").parts[1].size == 9


def test_old_lzma_and_a_skipped_frame_are_known() -> None:
    assert formats(look(alone(b"soup" * 99), "a.txt.lzma")) == {
        "a.txt.lzma": "xz",
        "a.txt.lzma!/a.txt": "text",
    }
    skipped = b"\x50\x2a\x4d\x18\x04\0\0\0note" + zstandard.compress(b"soup")
    assert formats(look(skipped, "a.txt")) == {"a.txt": "zstd", "a.txt!/a.txt": "text"}


def test_archives_in_archives() -> None:
    inner = tarred(member("model.zip", zipped(("notes.txt.xz", lzma.compress(b"soup")))))
    assert formats(look(gzip.compress(inner), "model.tgz")) == {
        "model.tgz": "gzip",
        "model.tgz!/model.tar": "tar",
        "model.tgz!/model.tar!/model.zip": "zip",
        "model.tgz!/model.tar!/model.zip!/notes.txt.xz": "xz",
        "model.tgz!/model.tar!/model.zip!/notes.txt.xz!/notes.txt": "text",
    }


@pytest.mark.parametrize("kind", PACKINGS)
def test_a_bomb_ends_within_its_bound(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.assure.bounds.RATIO_FREE_BYTES", 1 << 20)
    bomb = PACKINGS[kind](bytes(24 << 20))
    seen = look(bomb, "zeros.txt")
    assert told(seen) >= {"ratio"}
    assert seen.parts[1].size <= max(200 * len(bomb), 1 << 20)


def test_texts_that_begin_like_zlib_are_texts() -> None:
    for text in (b"x^2 is a parabola", b"hello", b"8 spoons of soup", b"]\0\0"):
        assert streams.Streams().recognises(Held("notes", text)) == ""


@given(st.data())
def test_no_change_of_a_byte_breaks_the_reader(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(sorted(PACKINGS)))
    whole = bytearray(PACKINGS[kind](b"soup and bread " * 30))
    for _ in range(2):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    for each in (bytes(whole), bytes(whole[:cut]), bytes(whole[cut:])):
        assert "examiner-failed" not in told(look(each))
