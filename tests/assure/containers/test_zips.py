"""Zips as libraries write them are clean; every trick by which two readers see two archives is told."""

import struct
import zipfile
import zlib
from io import BytesIO, RawIOBase
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.assure.looks import formats, look, told
from tocsin.assure import Held, Nested
from tocsin.assure.containers.zips import Zips
from tocsin.kernel.artefacts import ArtefactVerdict

CLEAN, FOUND, DOUBT = ArtefactVerdict.CLEAN, ArtefactVerdict.FOUND, ArtefactVerdict.INCONCLUSIVE


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_STORED, comment: bytes = b"") -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in members or (("README.md", b"soup " * 40), ("d/notes.txt", b"bread")):
            member = zipfile.ZipInfo(
                name
            )  # of 1980: these bytes name tests, which every worker must name alike
            member.external_attr = 0o40775 << 16 | 0x10 if name.endswith("/") else 0o600 << 16
            archive.writestr(member, data, compress_type=method)
        archive.comment = comment
    return file.getvalue()


class Pipe(RawIOBase):
    """Where a writer cannot go back, so that sizes come after the data."""

    def __init__(self) -> None:
        self.data = b""

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.data += bytes(data)
        return len(data)


def test_what_libraries_write_is_clean() -> None:
    assert look(zipped()).verdict is CLEAN
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        assert look(zipped(method=method)).verdict is CLEAN
    assert look(zipped(comment=b"hello")).verdict is CLEAN
    assert look(zipped(("README.md", b""), ("folder/", b""))).verdict is CLEAN
    assert look(b"PK\x05\x06" + bytes(18)).verdict is CLEAN
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        pipe = Pipe()
        with zipfile.ZipFile(pipe, "w", method) as archive:
            archive.writestr("README.md", b"soup")
            archive.writestr("notes.txt", b"bread")
        assert look(pipe.data).verdict is CLEAN
    long = BytesIO()
    with zipfile.ZipFile(long, "w") as archive, archive.open("README.md", "w", force_zip64=True) as member:
        member.write(b"soup")
    assert look(long.getvalue()).verdict is CLEAN


def test_a_zip64_directory_is_read() -> None:
    plain = zipped(("README.md", b"soup"))
    at = plain.rindex(b"PK\x05\x06")
    size, offset = struct.unpack_from("<2L", plain, at + 12)
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 1, 1, size, offset)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, at, 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    whole = plain[:at] + record + locator + end
    assert zipfile.ZipFile(BytesIO(whole)).namelist() == ["README.md"]
    assert look(whole).verdict is CLEAN
    assert "zip-views" in told(
        look(plain[:at] + record + locator + plain[at:][:10] + b"\x05" + plain[at + 11 :])
    )
    elsewhere = struct.pack("<4sLQL", b"PK\x06\x07", 0, 3, 1)
    assert "zip-views" in told(look(plain[:at] + record + elsewhere + end))
    assert "zip-views" in told(look(plain[:at] + bytes(56) + locator + end))


def test_a_torch_zips_storages_are_data_and_nothing_else_is() -> None:
    layout = (("m/data.pkl", b"\x80\x02."), ("m/version", b"3\n"), ("m/data/0", b"\x80\x02cos\nsystem\n"))
    seen = look(zipped(*layout, ("m/data/x", b"\x80\x02."), ("n/data/0", b"\x80\x02.")))
    assert formats(seen)["file!/m/data/0"] == "tensor-data"
    assert "tensor-data" not in {formats(seen)["file!/m/data/x"], formats(seen)["file!/n/data/0"]}
    assert "tensor-data" not in formats(look(zipped(*layout[::2]))).values()  # no version, no checkpoint
    assert formats(seen)["file"] == "torch-zip"
    packed = look(zipped(*layout, method=zipfile.ZIP_DEFLATED))
    storage = next(part for part in packed.parts if part.path == "file!/m/data/0")
    assert (storage.format, storage.size, storage.verdict) == ("tensor-data", len(layout[2][1]), CLEAN)
    arrays = BytesIO()
    np.savez_compressed(arrays, a=np.zeros(3))
    assert formats(look(arrays.getvalue()))["file"] == "npz"


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("../soup.txt", "member-path"),
        ("/etc/soup.txt", "member-path"),
        ("a/../../soup.txt", "member-path"),
        ("C:\\soup.txt", "member-path"),
        ("a\\soup.txt", "member-name"),
        ("so\x1b[2Jup.txt", "member-name"),
        ("soup\u202etxt.txt", "member-name"),
    ],
)
def test_names_that_lead_out_or_hide(name: str, rule: str) -> None:
    seen = look(zipped((name, b"soup")))
    assert rule in told(seen)
    assert seen.verdict is not CLEAN
    assert all(part.path.isprintable() for part in seen.parts)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_names_that_clash() -> None:
    assert told(look(zipped(("a.txt", b"1"), ("a.txt", b"2")))) == {"member-twice"}
    assert told(look(zipped(("a.txt", b"1"), ("A.TXT", b"2")))) == {"member-case-clash"}
    assert told(look(zipped(("a.txt", b"1"), ("a.txt/b.txt", b"2")))) == {"member-twice"}
    two = zipped(("é.txt", b"1"), ("ü.txt", b"2")).replace("ü".encode(), "é".encode())
    flags = two.rindex(b"PK\x01\x02") + 8
    other = changed(changed(two, flags, b"\0\0"), two.rindex(b"PK\x03\x04") + 6, b"\0\0")
    assert len(set(zipfile.ZipFile(BytesIO(other)).namelist())) == 2  # one reader sees two names, another one
    assert told(look(other)) == {"member-twice"}


def changed(data: bytes, at: int, value: bytes) -> bytes:
    return data[:at] + value + data[at + len(value) :]


PLAIN = zipped(("one.txt", b"soup"), ("two.txt", b"bread"))
CENTRAL = PLAIN.index(b"PK\x01\x02")
SECOND = PLAIN.index(b"PK\x03\x04", 4)
END = PLAIN.index(b"PK\x05\x06")


def moved(data: bytes, by: int) -> bytes:
    """The directory's offset, made right after `by` bytes came before it."""
    at = data.rindex(b"PK\x05\x06") + 16
    return changed(data, at, struct.pack("<L", struct.unpack_from("<L", data, at)[0] + by))


@pytest.mark.parametrize(
    ("data", "rule", "verdict"),
    [
        (b"hello" + PLAIN, "zip-prefix", FOUND),
        (PLAIN + b"more", "zip-trailing", FOUND),
        (PLAIN + PLAIN[END:], "zip-views", FOUND),  # a second end record that names the same directory
        (changed(PLAIN, CENTRAL + 8, b"\x01"), "member-encrypted", DOUBT),
        (changed(PLAIN, CENTRAL + 8, b"\x01"), "zip-header-mismatch", FOUND),
        (changed(changed(PLAIN, CENTRAL + 8, b"\x01"), 6, b"\x01"), "member-encrypted", DOUBT),
        (changed(PLAIN, 30, b"ONE"), "zip-header-mismatch", FOUND),
        (changed(PLAIN, 8, b"\x08"), "zip-header-mismatch", FOUND),
        (changed(PLAIN, 14, b"\0\0\0\0"), "zip-header-mismatch", FOUND),
        (changed(PLAIN, 22, b"\x05"), "zip-header-mismatch", FOUND),
        (changed(PLAIN, CENTRAL + 24, b"\x05"), "zip-size-mismatch", FOUND),
        (changed(PLAIN, CENTRAL + 20, b"\xff"), "zip-overlap", FOUND),
        (changed(PLAIN, CENTRAL + 42, b"\x07"), "zip-views", FOUND),  # where no header lies
        (changed(PLAIN, END + 10, b"\x03"), "zip-views", FOUND),
        (changed(PLAIN, END + 8, b"\x09\0\x09"), "zip-views", FOUND),
        (changed(PLAIN, END + 4, b"\x01"), "zip-views", FOUND),
        (changed(PLAIN, END + 20, b"\x05"), "zip-views", FOUND),
        (changed(PLAIN, END + 12, b"\xff\xff"), "zip-broken", DOUBT),
        (changed(PLAIN, CENTRAL, b"PK\x01\x03"), "zip-broken", DOUBT),
        (changed(changed(PLAIN, 8, b"\x63"), CENTRAL + 10, b"\x63"), "member-compression", DOUBT),
        (PLAIN[:CENTRAL] + b"strange" + moved(PLAIN, 7)[CENTRAL:], "zip-gap", DOUBT),
        (PLAIN[:CENTRAL] + PLAIN[:SECOND] + moved(PLAIN, SECOND)[CENTRAL:], "zip-hidden", FOUND),
        (changed(PLAIN, CENTRAL + 38, b"\0\0\xff\xa1"), "member-link", FOUND),
        (changed(PLAIN, CENTRAL + 38, b"\0\0\xff\x61"), "member-special", FOUND),
        (
            changed(PLAIN, CENTRAL + 38, b"\x10"),
            "zip-views",
            FOUND,
        ),  # miniz gives no bytes of it, zipfile all
        (changed(PLAIN, CENTRAL + 38, b"\0\0\xff\x41"), "zip-views", FOUND),
        (zipped(("folder/", b"soup")), "zip-views", FOUND),
        (PLAIN[:CENTRAL], "zip-broken", DOUBT),
        (PLAIN[: CENTRAL - 2], "broken", DOUBT),
    ],
)
def test_what_readers_see_differently(data: bytes, rule: str, verdict: ArtefactVerdict) -> None:
    seen = look(data)
    assert rule in told(seen)
    assert verdict in {found.verdict for found in seen.findings if found.rule == f"walker.{rule}"}
    assert seen.verdict in (FOUND, DOUBT)


def test_padding_and_a_wrong_checksum_change_nothing() -> None:
    padded = PLAIN[:CENTRAL] + bytes(40) + moved(PLAIN, 40)[CENTRAL:]
    assert zipfile.ZipFile(BytesIO(padded)).read("one.txt") == b"soup"
    assert look(padded).verdict is CLEAN
    wrong = changed(changed(PLAIN, 14, b"\1\2\3\4"), CENTRAL + 16, b"\1\2\3\4")
    assert look(wrong).verdict is CLEAN
    assert {found.rule for found in look(wrong).findings} == {"walker.zip-crc"}


def test_a_member_is_looked_at_though_its_flag_calls_it_encrypted() -> None:
    data = zipped(("m.zip", PLAIN + b"more"))
    central = data.rindex(b"PK\x01\x02")
    assert told(look(changed(changed(data, central + 8, b"\x01"), 6, b"\x01"))) == {
        "member-encrypted",
        "zip-trailing",
    }


def test_two_names_and_two_lengths_in_extra_fields() -> None:
    def with_extra(extra: bytes) -> bytes:
        file = BytesIO()
        with zipfile.ZipFile(file, "w") as archive:
            info = zipfile.ZipInfo("one.txt")
            info.extra = extra
            archive.writestr(info, b"soup")
        return file.getvalue()

    name = b"\x01" + struct.pack("<L", zlib.crc32(b"one.txt"))
    assert told(look(with_extra(struct.pack("<2H", 0x7075, 8) + name + b"two"))) == {
        "zip-views",
        "zip-header-mismatch",
    }
    assert look(with_extra(struct.pack("<2H", 0x7075, 12) + name + b"one.txt")).verdict is CLEAN
    assert look(with_extra(struct.pack("<2H", 0xCAFE, 2) + b"ab")).verdict is CLEAN


def test_a_deflated_member_of_another_size() -> None:
    data = zipped(("one.txt", b"soup " * 100), method=zipfile.ZIP_DEFLATED)
    central = data.index(b"PK\x01\x02")
    assert "zip-size-mismatch" in told(look(changed(changed(data, central + 24, b"\x05"), 22, b"\x05")))
    damaged = changed(data, 30 + 7, b"\xff\xff\xff")
    assert "broken" in told(look(damaged))


def test_a_bomb_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.assure.bounds.RATIO_FREE_BYTES", 1 << 20)
    bomb = zipped(("zeros.txt", bytes(20 << 20)), method=zipfile.ZIP_DEFLATED)
    seen = look(bomb)
    assert "ratio" in told(seen)
    assert seen.parts[-1].size <= 3 << 20
    nested = bomb
    for number in range(12):
        nested = zipped((f"{number}.zip", nested))
    assert "too-deep" in told(look(nested))


def test_a_file_that_is_something_else_first_is_two_things() -> None:
    picture = bytes.fromhex("ffd8ffd9")
    seen = look(picture + PLAIN)
    assert {"polyglot", "zip-prefix", "image-trailing"} <= told(seen)
    assert "file!/one.txt" in formats(seen)


def test_a_note_that_only_names_the_end_record_is_no_zip() -> None:
    note = b"the end record begins with PK\x05\x06 and has 22 bytes in all."
    assert Zips().recognises(Held("note", note)) == ""
    assert Zips().recognises(Held("note", note + PLAIN)) == "zip"


@given(st.data())
def test_no_change_of_a_byte_breaks_the_reader(data: st.DataObject) -> None:
    whole = data.draw(st.sampled_from([PLAIN, zipped(method=zipfile.ZIP_DEFLATED, comment=b"x")]))
    at = data.draw(st.integers(0, len(whole) - 1))
    spoilt = changed(whole, at, bytes([data.draw(st.integers(0, 255))]))
    cut = data.draw(st.integers(0, len(whole)))
    for each in (spoilt, spoilt[:cut], spoilt[cut:]):
        assert "examiner-failed" not in told(look(each))


@given(st.binary(max_size=200))
def test_what_is_read_as_clean_is_what_zipfile_reads(tail: bytes) -> None:
    """Whatever stands before, between or after: clean means that Python's reader sees what was looked at."""
    for whole in (PLAIN + tail, tail + PLAIN, PLAIN[:CENTRAL] + tail + PLAIN[CENTRAL:]):
        seen = look(whole)
        if seen.verdict is CLEAN and any(part.format == "zip" for part in seen.parts):
            names = {part.path.partition("!/")[2] for part in seen.parts} - {""}
            assert set(zipfile.ZipFile(BytesIO(whole)).namelist()) == names


class Vast:
    """A piece of any size: bytes here and there, zeros between. It counts what is read."""

    path = "vast.pt"

    def __init__(self, size: int, *stretches: tuple[int, bytes]) -> None:
        self.size = size
        self.bytes_read = 0
        self._stretches = stretches

    def read(self, offset: int, length: int) -> bytes:
        length = max(0, min(length, self.size - offset))
        self.bytes_read += length
        into = bytearray(length)
        for at, data in self._stretches:
            begin, end = max(at, offset), min(at + len(data), offset + length)
            if begin < end:
                into[begin - offset : end - offset] = data[begin - at : end - at]
        return bytes(into)


def test_a_checkpoint_of_a_hundred_gigabytes_is_read_where_it_lies() -> None:
    size = 100 << 30
    small = zipped(("m/data.pkl", b"\x80\x02}."), ("m/version", b"3\n"))
    begin, at = small.index(b"PK\x01\x02"), small.rindex(b"PK\x05\x06")
    name, long = b"m/data/0", struct.pack("<2H2Q", 1, 16, size, size)
    mark = (0xFFFFFFFF, 0xFFFFFFFF)
    local = (
        struct.pack("<4s5H3L2H", b"PK\x03\x04", 45, 0, 0, 0, 0, 0, *mark, len(name), len(long)) + name + long
    )
    entry = struct.pack(
        "<4s6H3L5H2L", b"PK\x01\x02", 45, 45, 0, 0, 0, 0, 0, *mark, 8, len(long), 0, 0, 0, 0, begin
    )
    directory = small[begin:at] + entry + name + long
    start = begin + len(local) + size
    record = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, 3, 3, len(directory), start)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, start + len(directory), 1)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 3, 3, len(directory), 0xFFFFFFFF, 0)
    tail = directory + record + locator + end
    vast = Vast(start + len(tail), (0, small[:begin] + local), (start, tail))
    assert Zips().recognises(vast) == "torch-zip"
    told = list(Zips().examine(vast, "torch-zip"))
    assert [(each.format, each.piece.size) for each in told if isinstance(each, Nested)] == [
        *(("", 4), ("", 2), ("tensor-data", size)),
    ]
    assert len(told) == 3
    assert vast.bytes_read < 1 << 20
