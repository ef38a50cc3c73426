"""7z: its members are looked at; what is encrypted, broken or too large is told; without the extra nothing is clean."""

import struct
import sys
import zlib
from io import BytesIO

import py7zr
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.assure.looks import formats, look, told
from tocsin.assure.containers.sevenzip import METHODS
from tocsin.kernel.artefacts import ArtefactVerdict


def packed(*members: tuple[str, bytes], password: str | None = None) -> bytes:
    file = BytesIO()
    with py7zr.SevenZipFile(file, "w", password=password) as archive:
        for name, data in members:
            archive.writestr(data, name)
    return file.getvalue()


PLAIN = packed(("notes.txt", b"soup"), ("d/README.md", b"bread"))


def test_its_members_are_looked_at() -> None:
    seen = look(PLAIN, "model.bin")
    assert seen.verdict is ArtefactVerdict.CLEAN
    assert formats(seen) == {
        "model.bin": "7z",
        "model.bin!/notes.txt": "text",
        "model.bin!/d/README.md": "text",
    }


def test_what_is_wrong_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    assert told(look(packed(("a.txt", b"soup"), password="word"))) == {"member-encrypted"}
    assert "broken" in told(look(PLAIN[:-4]))
    assert told(look(packed(("a.txt", b"soup"), ("A.txt", b"soup")))) == {"member-case-clash"}
    monkeypatch.setattr("tocsin.assure.containers.sevenzip.MAX_BYTES", 5)
    assert told(look(PLAIN)) == {"too-large"}
    monkeypatch.setitem(sys.modules, "py7zr", None)
    missing = look(PLAIN)
    assert (missing.verdict, told(missing)) == (ArtefactVerdict.NOT_EXAMINED, {"not-installed"})


def test_decoders_that_crash_on_strangers_bytes_are_not_asked() -> None:
    def of(method: dict[str, int]) -> bytes:
        file = BytesIO()
        with py7zr.SevenZipFile(file, "w", filters=[method]) as archive:
            archive.writestr(b"soup " * 99, "notes.txt")
        return file.getvalue()

    for method in ({"id": py7zr.FILTER_PPMD, "order": 6, "mem": 20}, {"id": py7zr.FILTER_BROTLI, "level": 5}):
        seen = look(of(method))
        assert (told(seen), len(seen.parts)) == ({"member-compression"}, 1)
    for method in (
        {"id": py7zr.FILTER_ZSTD, "level": 3},
        {"id": py7zr.FILTER_DEFLATE},
        {"id": py7zr.FILTER_COPY},
    ):
        assert look(of(method)).verdict is ArtefactVerdict.CLEAN


def test_a_packed_header_is_asked_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """A header packed by PPMd, as none writes it: the method's id is changed, and the checksums made right."""
    method, ppmd = b"\x21\x21\x01", b"\x23\x03\x04\x01\x05"
    at, size = struct.unpack_from("<QQ", PLAIN, 12)
    header = PLAIN[32 + at : 32 + at + size]
    assert header.startswith(b"\x17")
    assert method in header
    spoilt = (
        header.replace(method, ppmd)[: header.index(method) + 5]
        + bytes(5)
        + header[header.index(method) + 4 :]
    )
    begin = struct.pack("<QQL", at, len(spoilt), zlib.crc32(spoilt))
    whole = PLAIN[:8] + struct.pack("<L", zlib.crc32(begin)) + begin + PLAIN[32 : 32 + at] + spoilt
    assert told(look(whole)) == {"member-compression"}
    monkeypatch.setattr("tocsin.assure.containers.sevenzip.METHODS", METHODS | {ppmd[1:4]})
    assert told(look(whole)) == {"broken"}  # so the decoder itself would have been asked


@settings(max_examples=40)
@given(st.data())
def test_no_change_of_a_byte_breaks_the_reader(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(PLAIN) - 1))
    spoilt = PLAIN[:at] + bytes([data.draw(st.integers(0, 255))]) + PLAIN[at + 1 :]
    assert "examiner-failed" not in told(look(spoilt[: data.draw(st.integers(at, len(PLAIN)))]))
