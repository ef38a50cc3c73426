"""Tars of every kind are clean; links, escapes, two sizes and what comes after the end are told."""

import io
import tarfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.assure.looks import formats, look, told
from tocsin.kernel.artefacts import ArtefactVerdict

CLEAN, FOUND, DOUBT = ArtefactVerdict.CLEAN, ArtefactVerdict.FOUND, ArtefactVerdict.INCONCLUSIVE
KINDS = (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT)


def member(name: str, data: bytes = b"soup", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, data


def tarred(*members: tuple[tarfile.TarInfo, bytes], kind: int = tarfile.PAX_FORMAT) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=kind) as archive:
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


@pytest.mark.parametrize("kind", KINDS)
def test_what_tools_write_is_clean(kind: int) -> None:
    folder = member("d", b"", type=tarfile.DIRTYPE)
    seen = look(tarred(folder, member("d/a.txt"), member("b.txt", bytes(0)), kind=kind))
    assert seen.verdict is CLEAN
    assert formats(seen) == {"file": "tar", "file!/d/a.txt": "text", "file!/b.txt": "empty"}
    if kind != tarfile.USTAR_FORMAT:
        assert look(tarred(member("long/" * 60 + "é.txt"), kind=kind)).verdict is CLEAN


def test_an_old_tar_without_a_magic_is_known_by_its_checksum() -> None:
    old = bytearray(tarred(member("a.txt"), kind=tarfile.USTAR_FORMAT))
    old[257:265] = bytes(8)
    old[148:156] = b" " * 8
    old[148:156] = b"%06o\0 " % sum(old[:512])
    assert formats(look(bytes(old)))["file"] == "tar"


@pytest.mark.parametrize(
    ("data", "rule", "verdict"),
    [
        (tarred(member("../a.txt")), "member-path", FOUND),
        (tarred(member("/a.txt")), "member-path", FOUND),
        (tarred(member("a.txt"), member("a.txt")), "member-twice", FOUND),
        (tarred(member("a", b"", type=tarfile.SYMTYPE, linkname="/etc")), "member-link", FOUND),
        (tarred(member("a", b"", type=tarfile.LNKTYPE, linkname="b")), "member-link", FOUND),
        (tarred(member("a", b"", type=tarfile.CHRTYPE)), "member-special", FOUND),
        (tarred(member("a", b"", type=tarfile.FIFOTYPE)), "member-special", FOUND),
        (tarred(member("a.txt")) + b"more", "tar-trailing", FOUND),
        (tarred(member("a.txt")) + tarred(member("hidden.txt")), "tar-trailing", FOUND),
        (tarred(member("a.txt", b"soup" * 999))[:2000], "broken", DOUBT),
    ],
)
def test_what_is_wrong(data: bytes, rule: str, verdict: ArtefactVerdict) -> None:
    seen = look(data)
    assert rule in told(seen)
    assert verdict in {found.verdict for found in seen.findings if found.rule == f"walker.{rule}"}


def test_two_sizes_are_two_archives() -> None:
    """A pax header that gives another size than the member's own: readers go on at different places."""
    inner = tarred(member("hidden.txt"))[:1024]
    info, data = member("a.txt", inner)
    info.pax_headers = {"size": "0"}
    seen = look(tarred((info, data)))
    assert "tar-views" in told(seen)
    info.pax_headers = {"size": str(len(inner))}
    assert look(tarred((info, data))).verdict is not FOUND


def respelt(data: bytes, at: int, value: bytes) -> bytes:
    """A header changed, and its checksum made right."""
    into = bytearray(data)
    into[at : at + len(value)] = value
    into[148:156] = b" " * 8
    into[148:156] = b"%06o\0 " % sum(into[:512])
    return bytes(into)


def test_what_other_readers_refuse_or_take_for_a_folder() -> None:
    plain = tarred(member("a/b.txt", b"soup" * 99), kind=tarfile.GNU_FORMAT)
    assert look(respelt(plain, 124, b"      614 \0")).verdict is CLEAN  # spaces, as old tools pad
    assert told(look(respelt(plain, 124, b"0o000000614"))) == {"tar-views"}
    assert "tar-views" in told(look(respelt(plain, 2, b"\0")))


@pytest.mark.parametrize(
    "body", [b"11111 " * 50, b"9 path=a\nx", b"19 path=a.txt\n", b"09 a=b\n", b"9 path=ab"]
)
def test_a_pax_header_that_is_no_list_of_records(body: bytes) -> None:
    head = tarfile.TarInfo("x")
    head.type, head.size = tarfile.XHDTYPE, len(body)
    whole = head.tobuf() + body + bytes(-len(body) % 512) + tarred(member("a.txt"), kind=tarfile.USTAR_FORMAT)
    seen = look(whole)
    assert told(seen) & {"tar-views", "broken"}
    good = b"14 path=b.txt\n"
    head.size = len(good)
    whole = head.tobuf() + good + bytes(512 - len(good)) + tarred(member("a.txt"), kind=tarfile.USTAR_FORMAT)
    assert formats(look(whole)) == {"file": "tar", "file!/b.txt": "text"}


def test_a_header_that_asks_for_much_memory_or_goes_back_ends() -> None:
    info = tarfile.TarInfo("x")
    info.type = tarfile.XHDTYPE
    info.size = 1 << 40
    huge = info.tobuf() + bytes(4096)
    assert told(look(huge)) == {"broken"}
    info.size = 60_000
    assert told(look(info.tobuf() + b"1" * 60_000 + bytes(2048))) == {"broken"}  # where tarfile takes seconds
    back = bytearray(tarred(member("a.txt"), kind=tarfile.GNU_FORMAT))
    back[124:136] = b"\xff" * 10 + b"\xfe\x00"  # base 256, below nothing (CVE-2025-8194)
    back[148:156] = b" " * 8
    back[148:156] = b"%06o\0 " % sum(back[:512])
    assert look(bytes(back)).verdict is DOUBT


@given(st.data())
def test_no_change_of_a_byte_breaks_the_reader(data: st.DataObject) -> None:
    whole = data.draw(
        st.sampled_from([tarred(member("a" * 120), member("b.txt"), kind=kind) for kind in KINDS[:2]])
    )
    spoilt = bytearray(whole)
    for _ in range(3):
        spoilt[data.draw(st.integers(0, 3000))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(whole)))
    for each in (bytes(spoilt), whole[:cut], whole[cut:]):
        assert "examiner-failed" not in told(look(each))
