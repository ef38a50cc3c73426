"""PDF and DOCX: what is written is read by libraries that are not ours; what is protected or hostile is refused."""

import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx
import msgspec
import pikepdf
import pytest
from pypdf import PdfReader, PdfWriter

from tests.label.media import EVERY, LABEL, ask, bomb, paper, told_by_exiftool, word
from tocsin.kernel import BadInput, Conflict, TooLarge
from tocsin.kernel.labels import ContentLabel, Scheme
from tocsin.label.carriers import carrier_of
from tocsin.label.formats import Format
from tocsin.wire import aigc

Change = Callable[[bytes], bytes]
FIELD = aigc.written(aigc.Aigc(LABEL))
PDF, DOCX = carrier_of(Format.PDF), carrier_of(Format.DOCX)


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    return paper(tmp_path / "a.pdf")


def test_a_pdf_is_read_back_by_pikepdf_and_pypdf(pdf: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.pdf"
    PDF.write(pdf, out, ask(EVERY))
    with pikepdf.open(out) as document:
        assert str(document.docinfo["/AIGC"]) == FIELD
        with document.open_metadata() as metadata:
            assert metadata["{http://www.tc260.org.cn/ns/AIGC/1.0/}AIGC"] == FIELD
            assert str(metadata["{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}DigitalSourceType"]).endswith(
                "trainedAlgorithmicMedia"
            )
    text = PdfReader(out).pages[0].extract_text()
    assert "AI-generated" in text
    assert "A lottery refund." in text
    carried = PDF.read(out)
    assert {one.text for one in carried.fields if one.scheme is Scheme.GB45438} == {FIELD}
    assert (carried.notice, carried.notes) == (True, ())
    assert PDF.read(pdf).notice is False


def test_a_pdf_is_read_back_by_exiftool(pdf: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.pdf"
    PDF.write(pdf, out, ask(EVERY, explicit=False))
    told = told_by_exiftool(out)
    assert told["PDF:AIGC"] == FIELD
    assert told["XMP-iptcExt:DigitalSourceType"].endswith("trainedAlgorithmicMedia")


def test_the_notice_of_a_narrow_page_lies_on_it(tmp_path: Path) -> None:
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(60, 90))
        document.save(tmp_path / "narrow.pdf")
    PDF.write(tmp_path / "narrow.pdf", tmp_path / "out.pdf", ask())
    assert PDF.read(tmp_path / "out.pdf").notice is True


def test_scripts_of_a_pdf_are_told_and_stay(tmp_path: Path) -> None:
    file = paper(tmp_path / "a.pdf", script="app.alert('lottery')")
    assert "scripts" in PDF.read(file).notes
    PDF.write(file, tmp_path / "out.pdf", ask())
    assert "scripts" in PDF.read(tmp_path / "out.pdf").notes


def test_a_locked_pdf_is_told_as_such_and_not_written(pdf: Path, tmp_path: Path) -> None:
    for name, user in (("locked", "word"), ("owned", "")):
        file = tmp_path / f"{name}.pdf"
        with pikepdf.open(pdf) as document:
            document.save(file, encryption=pikepdf.Encryption(owner="other", user=user))
        assert "encrypted" in PDF.read(file).notes
        with pytest.raises(BadInput, match="before it is"):
            PDF.write(file, tmp_path / "out.pdf", ask())


def test_a_signed_pdf_is_not_written(pdf: Path, tmp_path: Path) -> None:
    with pikepdf.open(pdf) as document:
        document.Root.AcroForm = pikepdf.Dictionary(SigFlags=3, Fields=pikepdf.Array())
        document.save(tmp_path / "signed.pdf")
    with pytest.raises(Conflict, match="signature"):
        PDF.write(tmp_path / "signed.pdf", tmp_path / "out.pdf", ask())
    assert "signed" in PDF.read(tmp_path / "signed.pdf").notes
    assert not (tmp_path / "out.pdf").exists()


def test_a_pdf_cut_short_is_read_as_far_as_it_goes_and_not_written(pdf: Path, tmp_path: Path) -> None:
    whole, cut, nothing = tmp_path / "whole.pdf", tmp_path / "cut.pdf", tmp_path / "nothing.pdf"
    PDF.write(pdf, whole, ask(explicit=False))
    cut.write_bytes(whole.read_bytes()[:-60])
    nothing.write_bytes(b"%PDF-1.7\n" + bytes(100))
    assert "damaged" in PDF.read(cut).notes
    for file in (cut, nothing):
        with pytest.raises(BadInput, match="cut short"):
            PDF.write(file, tmp_path / "out.pdf", ask())
    with pytest.raises(BadInput, match="cut short"):
        PDF.read(nothing)


def test_another_file_behind_a_pdf_is_told(pdf: Path, tmp_path: Path) -> None:
    file = tmp_path / "two.pdf"
    file.write_bytes(pdf.read_bytes() + word(tmp_path / "a.docx").read_bytes())
    assert "trailing-bytes" in PDF.read(file).notes


def test_a_sparse_pdf_or_docx_of_4_gb_is_refused_unread(tmp_path: Path) -> None:
    for carrier, start in ((PDF, b"%PDF-1.7\n"), (DOCX, b"PK\x03\x04")):
        file = tmp_path / "sparse"
        with file.open("wb") as out:
            out.write(start)
            out.truncate(4 << 30)
        with pytest.raises(TooLarge):
            carrier.read(file)
        with pytest.raises(TooLarge):
            carrier.write(file, tmp_path / "out", ask())


def test_two_fields_that_differ_are_both_told_and_none_is_written(pdf: Path, tmp_path: Path) -> None:
    once, twice = tmp_path / "once.pdf", tmp_path / "twice.pdf"
    PDF.write(pdf, once, ask(explicit=False))
    other = aigc.written(aigc.Aigc(ContentLabel("another", "2")))
    with pikepdf.open(once) as document:
        document.docinfo["/AIGC"] = pikepdf.String(other)
        document.save(twice)
    assert {one.text for one in PDF.read(twice).fields} == {FIELD, other}
    with pytest.raises(Conflict, match="only one"):
        PDF.write(twice, tmp_path / "out.pdf", ask())


def test_xmp_that_a_pdf_has_is_kept_and_strange_xmp_hides_nothing(pdf: Path, tmp_path: Path) -> None:
    titled, out = tmp_path / "titled.pdf", tmp_path / "out.pdf"
    with pikepdf.open(pdf) as document:
        with document.open_metadata() as metadata:
            metadata["dc:title"] = "Refunds"
        document.save(titled)
    PDF.write(titled, out, ask(explicit=False))
    with pikepdf.open(out) as document, document.open_metadata() as metadata:
        assert metadata["dc:title"] == "Refunds"
    content = out.read_bytes()
    assert b"<rdf:RDF" in content
    out.write_bytes(content.replace(b"<rdf:RDF", b"<!ENTITY"))
    assert [one.where for one in PDF.read(out).fields] == ["docinfo"]
    assert "unreadable-xmp" in PDF.read(out).notes


def test_a_docx_is_read_back_from_its_own_parts(tmp_path: Path) -> None:
    out = tmp_path / "out.docx"
    DOCX.write(word(tmp_path / "a.docx"), out, ask())
    with zipfile.ZipFile(out) as package:
        part = package.read("docProps/custom.xml").decode()
        types = package.read("[Content_Types].xml").decode()
    assert 'name="AIGC"' in part
    assert "custom-properties+xml" in types
    assert [one.text for one in docx.Document(str(out)).paragraphs] == ["AI-generated", "A lottery refund."]
    carried = DOCX.read(out)
    assert [(one.where, one.text) for one in carried.fields] == [("custom-property", FIELD)]
    assert carried.notice is True


def test_a_docx_is_read_back_by_exiftool(tmp_path: Path) -> None:
    out = tmp_path / "out.docx"
    DOCX.write(word(tmp_path / "a.docx"), out, ask())
    assert FIELD in told_by_exiftool(out).values()


def test_a_docx_that_is_written_again_has_one_field_one_notice_and_its_own_properties(tmp_path: Path) -> None:
    once, mixed, twice = tmp_path / "once.docx", tmp_path / "mixed.docx", tmp_path / "twice.docx"
    DOCX.write(word(tmp_path / "a.docx"), once, ask())
    _rewritten(once, mixed, "docProps/custom.xml", lambda part: part.replace(b"</Properties>", _PROPERTY))
    DOCX.write(mixed, twice, ask())
    assert [one.text for one in DOCX.read(twice).fields] == [FIELD]
    with zipfile.ZipFile(twice) as package:
        part = package.read("docProps/custom.xml").decode()
    assert 'name="Matter"' in part
    assert len(set(re.findall(r'pid="(\d+)"', part))) == 2
    assert [one.text for one in docx.Document(str(twice)).paragraphs].count("AI-generated") == 1


_PROPERTY = (
    b'<property fmtid="{D5CDD505-2E9C-101B-9397-08002B2CF9AE}" pid="7" name="Matter"><vt:lpwstr>refund</vt:lpwstr>'
    b"</property></Properties>"
)


def test_a_zip_bomb_is_not_opened(tmp_path: Path) -> None:
    file = tmp_path / "bomb.docx"
    file.write_bytes(bomb())
    with pytest.raises(TooLarge, match="it is not opened"):
        DOCX.read(file)


def test_entities_in_a_docx_are_not_resolved(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("lottery")
    once, hostile = tmp_path / "once.docx", tmp_path / "hostile.docx"
    DOCX.write(word(tmp_path / "a.docx"), once, ask())
    declared = f'<!DOCTYPE Properties [<!ENTITY s SYSTEM "file://{secret}">]><Properties '.encode()
    _rewritten(
        once,
        hostile,
        "docProps/custom.xml",
        lambda part: re.sub(rb"<vt:lpwstr>.*</vt:lpwstr>", b"<vt:lpwstr>&s;</vt:lpwstr>", part).replace(
            b"<Properties ", declared
        ),
    )
    assert all("lottery" not in one.text for one in DOCX.read(hostile).fields)


@pytest.mark.parametrize("work", ["cut", "twice", "another", "commented", "later"])
def test_a_docx_that_is_none_is_refused(work: str, tmp_path: Path) -> None:
    file = word(tmp_path / "a.docx")
    if work == "cut":
        file.write_bytes(file.read_bytes()[:2000])
    elif work == "later":  # a zip of a version that there is not
        content = bytearray(file.read_bytes())
        content[content.index(b"PK\x01\x02") + 6] = 121
        file.write_bytes(content)
    elif work == "twice":
        with zipfile.ZipFile(file, "a") as package, pytest.warns(UserWarning, match="Duplicate name"):
            package.writestr("word/document.xml", b"<other/>")
    elif work == "another":
        with zipfile.ZipFile(file, "w") as package:
            package.writestr("notes.txt", b"lottery refund")
    else:
        with zipfile.ZipFile(file, "a") as package:
            package.comment = b"%PDF-1.7"
        assert "trailing-bytes" in DOCX.read(file).notes
        return
    with pytest.raises(BadInput):
        DOCX.read(file)
    with pytest.raises(BadInput):
        DOCX.write(file, tmp_path / "out.docx", ask())


def test_a_signed_docx_is_not_written_and_a_remote_template_is_told(tmp_path: Path) -> None:
    file = word(tmp_path / "a.docx")
    with zipfile.ZipFile(file, "a") as package:
        package.writestr("_xmlsignatures/sig1.xml", b"<Signature/>")
    with pytest.raises(Conflict, match="signature"):
        DOCX.write(file, tmp_path / "out.docx", ask())
    document = docx.Document()
    document.part.relate_to(
        "https://example.org/t.dotm",
        "http://schemas.openxmlformats.org/officeDocument/2006/relationships/attachedTemplate",
        is_external=True,
    )
    document.save(str(tmp_path / "remote.docx"))
    assert DOCX.read(tmp_path / "remote.docx").notes == ("remote-reference",)


def test_schemes_that_a_format_has_no_room_for_are_not_promised() -> None:
    assert DOCX.schemes == {Scheme.GB45438}
    assert Scheme.IPTC not in carrier_of(Format.MP4).schemes
    assert PDF.schemes == EVERY


def test_a_pdf_of_another_writer_is_labelled(tmp_path: Path) -> None:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.write(tmp_path / "other.pdf")
    PDF.write(tmp_path / "other.pdf", tmp_path / "out.pdf", msgspec.structs.replace(ask(), tongue="en"))
    assert PDF.read(tmp_path / "out.pdf").notice is True


def _rewritten(source: Path, target: Path, name: str, change: Change) -> None:
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for one in old.namelist():
            content = old.read(one)
            new.writestr(one, change(content) if one == name else content)
