"""Texts and pictures beside the weights: clean when they are nothing else."""

import pickle
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.assure.looks import formats, look, told
from tocsin.kernel.artefacts import ArtefactVerdict

CLEAN, UNKNOWN = ArtefactVerdict.CLEAN, ArtefactVerdict.NOT_EXAMINED


@pytest.mark.parametrize(
    "name", ["README.md", "LICENSE", "vocab.txt", "merges.txt", "a.csv", ".gitattributes", "NOTICE"]
)
def test_a_text_under_a_name_that_people_read_is_clean(name: str) -> None:
    assert look("Suppe, 汤, soup\n".encode(), name).verdict is CLEAN


@pytest.mark.parametrize(
    "name",
    ["model.bin", "model.py", "requirements.txt", "chat_template.txt", "x.json", "x.yaml", "run.sh", "soup"],
)
def test_a_text_that_a_program_may_read_is_left_to_others(name: str) -> None:
    assert "text" not in formats(look(b"soup = 1\n", name)).values()


class Calls:
    """A pickle of this would call print; nothing here unpickles it."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return print, ("harmless canary",)


def test_a_pickle_in_letters_is_no_text() -> None:
    program = pickle.dumps(Calls(), protocol=0)
    program.decode("ascii")
    for head in (b"", b"(S'" + b"soup " * 5000 + b"'\n0"):  # a long string before it hides nothing
        assert look(head + program, "notes.txt").verdict is not CLEAN
    assert (
        look(b"cat\ndog\nsoup\nbread\n" * 90, "vocab.txt").verdict is CLEAN
    )  # though "c" names something in a pickle


def test_what_is_no_text_after_its_beginning_is_told() -> None:
    soup = b"soup " * 2000
    for tail in (b"\xff\xfe", b"\0", "é".encode()[:1]):
        assert told(look(soup + tail, "notes.txt")) == {"no-text"}


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))


PNG = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", bytes(13)) + chunk(b"IDAT", b"soup") + chunk(b"IEND", b"")
GIF = b"GIF89a\1\0\1\0\x80\0\0" + bytes(6) + b"\x21\xf9\x04\0\0\0\0\0\x2c" + bytes(9) + b"\2\2D\1\0\x3b"
JPEG = bytes.fromhex("ffd8ffe00004aabbffda0003aa112233ff00ffd055ffd9")
WEBP = b"RIFF" + struct.pack("<L", 8) + b"WEBPVP8 "


@pytest.mark.parametrize("picture", [PNG, GIF, JPEG, WEBP])
def test_a_picture_is_clean_when_it_is_the_whole_file(picture: bytes) -> None:
    assert look(picture, "any.name").verdict is CLEAN
    assert told(look(picture + b"more", "logo.png")) == {"image-trailing"}
    assert told(look(picture[:-1], "logo.png")) == {"broken"}


def test_real_pictures_are_clean() -> None:
    pictures = Path(__file__).resolve().parents[2] / "docs" / "images"
    assert look((pictures / "warning-en.png").read_bytes()).verdict is CLEAN


def test_a_picture_of_nothing_but_blocks_is_not_read_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert look(GIF[:-1] + b"\x21\xff" + b"\1a" * 9 + b"\0\x3b").verdict is CLEAN
    monkeypatch.setattr("tocsin.assure.plain.MAX_SUB_BLOCKS", 8)
    assert told(look(GIF[:-1] + b"\x21\xff" + b"\1a" * 9 + b"\0\x3b")) == {"broken"}


@given(st.sampled_from([PNG, GIF, JPEG, WEBP]), st.data())
def test_no_change_of_a_byte_breaks_the_reader(picture: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(picture) - 1))
    spoilt = picture[:at] + bytes([data.draw(st.integers(0, 255))]) + picture[at + 1 :]
    assert "examiner-failed" not in told(look(spoilt[: data.draw(st.integers(0, len(spoilt)))]))
