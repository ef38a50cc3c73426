"""7z: its members are looked at; what is encrypted, broken or too large is told; without the extra nothing is clean."""

import sys
from io import BytesIO

import py7zr
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.assure.looks import formats, look, told
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


@settings(max_examples=40)
@given(st.data())
def test_no_change_of_a_byte_breaks_the_reader(data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(PLAIN) - 1))
    spoilt = PLAIN[:at] + bytes([data.draw(st.integers(0, 255))]) + PLAIN[at + 1 :]
    assert "examiner-failed" not in told(look(spoilt[: data.draw(st.integers(at, len(PLAIN)))]))
