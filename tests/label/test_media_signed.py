"""Sound, film and PDF in one pass: notice, field, manifest; judged by c2pa's own reader, broken by a changed byte."""

import json
from collections.abc import Callable
from pathlib import Path

import c2pa
import pikepdf
import pytest

from tests.label.making import NOW, signer
from tests.label.media import EVERY, LABEL, ask, ffmpeg, film, paper, sound, word
from tocsin.kernel import Conflict
from tocsin.kernel.labels import Scheme, Standing
from tocsin.label.formats import Format, media_type
from tocsin.label.verifying import verify
from tocsin.label.writing import write

MARKS = {Format.WAV: b"data", Format.MP3: b"Lavf", Format.MP4: b"mdat", Format.PDF: b"%PDF-1."}
"""Behind which a byte is changed."""
MAKERS: dict[Format, Callable[[Path], Path]] = {
    Format.WAV: sound,
    Format.MP3: sound,
    Format.MP4: film,
    Format.PDF: paper,
}


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> dict[Format, Path]:
    """Each format with every label it has a place for."""
    folder = tmp_path_factory.mktemp("signed")
    made = {}
    for format_, make in MAKERS.items():
        plain = make(folder / f"plain.{format_}")
        made[format_] = folder / f"signed.{format_}"
        write(plain, made[format_], ask(EVERY), signer().key, NOW)
    return made


@pytest.mark.parametrize("format_", MAKERS)
def test_every_label_is_valid_and_c2pas_own_reader_says_so(
    format_: Format, signed: dict[Format, Path]
) -> None:
    report = verify(signed[format_], signer().anchors, NOW)
    assert report.of(Scheme.GB45438).standing is Standing.VALID
    assert report.of(Scheme.GB45438).said == LABEL
    assert report.of(Scheme.C2PA).standing is Standing.VALID
    trust = {"trust": {"user_anchors": signer().anchors.pem}, "verify": {"verify_trust": True}}
    with (
        signed[format_].open("rb") as file,
        c2pa.Reader(media_type(format_), file, context=c2pa.Context.from_dict(trust)) as reader,
    ):
        assert reader.get_validation_state() == "Trusted"
        assert "trainedAlgorithmicMedia" in json.dumps(json.loads(reader.json()))


@pytest.mark.parametrize("format_", MAKERS)
def test_one_changed_byte_breaks_the_manifest(
    format_: Format, signed: dict[Format, Path], tmp_path: Path
) -> None:
    content = bytearray(signed[format_].read_bytes())
    place = content.index(MARKS[format_]) + len(MARKS[format_]) + (0 if format_ is Format.PDF else 40)
    content[place] ^= 1
    changed = tmp_path / f"changed.{format_}"
    changed.write_bytes(content)
    assert verify(changed, signer().anchors, NOW).of(Scheme.C2PA).standing is Standing.BROKEN


@pytest.mark.parametrize("format_", [Format.WAV, Format.MP3, Format.MP4])
def test_a_copy_that_lost_its_manifest_is_told_as_stripped(
    format_: Format, signed: dict[Format, Path], tmp_path: Path
) -> None:
    copy = tmp_path / f"copy.{format_}"
    ffmpeg("-i", str(signed[format_]), "-c", "copy", "-movflags", "use_metadata_tags", str(copy))
    report = verify(copy, signer().anchors, NOW)
    assert report.of(Scheme.C2PA).standing is Standing.STRIPPED
    assert report.of(Scheme.GB45438).standing is Standing.VALID_UNTRUSTED


def test_metadata_written_behind_a_signature_is_refused(signed: dict[Format, Path], tmp_path: Path) -> None:
    for format_, file in signed.items():
        with pytest.raises(Conflict, match="manifest"):
            write(file, tmp_path / f"again.{format_}", ask(), None, NOW)


def test_a_pdf_that_was_saved_anew_has_a_broken_manifest_and_its_field(
    signed: dict[Format, Path], tmp_path: Path
) -> None:
    with pikepdf.open(signed[Format.PDF]) as document:
        document.save(tmp_path / "saved.pdf")
    report = verify(tmp_path / "saved.pdf", signer().anchors, NOW)
    assert report.of(Scheme.C2PA).standing is Standing.BROKEN
    assert report.of(Scheme.GB45438).said == LABEL


def test_a_docx_has_the_field_and_no_manifest(tmp_path: Path) -> None:
    done = write(word(tmp_path / "a.docx"), tmp_path / "out.docx", ask(EVERY), signer().key, NOW)
    assert done.left_out == (Scheme.C2PA, Scheme.IPTC)
    report = verify(tmp_path / "out.docx", signer().anchors, NOW)
    assert report.of(Scheme.GB45438).standing is Standing.VALID_UNTRUSTED
    assert report.of(Scheme.C2PA).standing is Standing.NONE_FOUND
    assert report.notice is True


def test_many_files_are_judged_apart_in_their_order_and_a_bad_one_hides_no_other(
    signed: dict[Format, Path], tmp_path: Path
) -> None:
    from tocsin.label.apart import Apart
    from tocsin.label.looking import judged

    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"%PDF-1.7" + bytes(50))
    files = [*signed.values(), bad, *signed.values()]
    with Apart(keepers=1) as apart:
        told = list(judged(apart, files, signer().anchors.pem, NOW, together=4))
    assert [one.file for one in told] == files
    assert [one.code for one in told] == ["", "", "", "", "bad-input", "", "", "", ""]
    for one in told:
        if one.report is not None:
            assert one.report == verify(one.file, signer().anchors, NOW)
            assert one.report.of(Scheme.C2PA).standing is Standing.VALID


@pytest.mark.parametrize("format_", MAKERS)
def test_what_is_written_apart_is_what_is_written_here(format_: Format, tmp_path: Path) -> None:
    from tocsin.label.apart import Apart

    plain, out = MAKERS[format_](tmp_path / f"plain.{format_}"), tmp_path / f"out.{format_}"
    with Apart(keepers=1) as apart:
        done = write(plain, out, ask(EVERY), signer().key, NOW, apart=apart)
    assert Scheme.C2PA in done.schemes
    report = verify(out, signer().anchors, NOW)
    assert report.of(Scheme.GB45438).standing is report.of(Scheme.C2PA).standing is Standing.VALID
    assert sorted(one.name for one in tmp_path.iterdir()) == [out.name, plain.name]
