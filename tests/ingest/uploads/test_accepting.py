"""What strangers send: every kind written anew without what came along in it, and everything else refused in words."""

import base64
import hashlib
import io
from email import policy
from email.parser import BytesParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin
from pypdf import PdfReader, PdfWriter
from pypdf.actions import JavaScript
from pypdf.annotations import Link
from pypdf.generic import DictionaryObject, NameObject, NumberObject, StreamObject, TextStringObject

from tocsin.ingest.uploads import MAX_FILE_BYTES, accept, pictures
from tocsin.kernel import BadInput, TooLarge

SECRET = b"Ogtbish Temple Street 7"


def image(mode: str = "RGB", size: tuple[int, int] = (8, 6)) -> Image.Image:
    made = Image.new(mode, size)
    made.paste(200, (0, 0, 3, 3)) if mode == "L" else made.paste((10, 200, 30), (0, 0, 3, 3))
    return made


def jpeg(**how: Any) -> bytes:
    exif = Image.Exif()
    exif[0x010E] = SECRET.decode()
    exif[0x0112] = 6  # turned by a quarter
    exif.get_ifd(0x8825)[1] = "N"
    written = io.BytesIO()
    image().save(
        written,
        "JPEG",
        exif=exif.tobytes(),
        comment=SECRET,
        icc_profile=b"profile of " + SECRET,
        xmp=b"<x:xmpmeta>" + SECRET + b"</x:xmpmeta>",
        **how,
    )
    return written.getvalue()


def png() -> bytes:
    words = PngImagePlugin.PngInfo()
    words.add_text("Author", SECRET.decode())
    written = io.BytesIO()
    image("RGBA").convert("RGBA").save(written, "PNG", pnginfo=words)
    return written.getvalue()


def moving(kind: str) -> bytes:
    written = io.BytesIO()
    frames = [Image.new("RGB", (8, 6), colour) for colour in ("red", "blue", "green")]
    frames[0].save(written, kind, save_all=True, append_images=frames[1:], duration=40)
    return written.getvalue()


def pdf() -> bytes:
    writer = PdfWriter()
    page = writer.add_blank_page(72, 72)
    picture = StreamObject()
    picture.set_data(jpeg())
    for name, value in (("/Type", "/XObject"), ("/Subtype", "/Image"), ("/Filter", "/DCTDecode")):
        picture[NameObject(name)] = NameObject(value)
    picture[NameObject("/ColorSpace")] = NameObject("/DeviceRGB")
    for name, number in (("/Width", 8), ("/Height", 6), ("/BitsPerComponent", 8)):
        picture[NameObject(name)] = NumberObject(number)
    page[NameObject("/Resources")] = DictionaryObject(
        {NameObject("/XObject"): DictionaryObject({NameObject("/Im0"): writer._add_object(picture)})}
    )
    page[NameObject("/LastModified")] = TextStringObject(SECRET.decode())
    writer.add_annotation(0, Link(rect=(0, 0, 9, 9), url="https://example.org/" + SECRET.decode().split()[0]))
    writer.add_attachment("note.txt", SECRET)
    writer.add_open_action(JavaScript("app.alert(1);"))
    writer.add_metadata({"/Author": SECRET.decode()})
    written = io.BytesIO()
    writer.write(written)
    return written.getvalue()


def mail() -> bytes:
    return (
        b"Received: from mx by " + SECRET + b"\r\nReturn-Path: <a@example.org>\r\n"
        b"From: Prize Office <prize@example.org>\r\nTo: " + SECRET + b" <me@example.net>\r\n"
        b"Subject: Your lottery refund\r\nDate: Fri, 20 Nov 2026 12:00:00 +0000\r\nMIME-Version: 1.0\r\n"
        b'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
        b"Send the fee first.\r\n--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n"
        b'Content-Disposition: attachment; filename="me.png"\r\n\r\n'
        + base64.encodebytes(png())
        + b"--b\r\nContent-Type: application/zip\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        b"UEsDBAAA\r\n--b--\r\n"
    )


def test_a_photograph_keeps_its_pixels_the_right_way_up_and_nothing_else() -> None:
    sent = jpeg() + b"<script>" + SECRET
    kept = accept(sent, "image/jpeg")
    assert kept.media_type == "image/jpeg"
    assert kept.stripped == ("colour-profile", "comments", "exif", "gps", "xmp")
    assert kept.original_sha256 == hashlib.sha256(sent).hexdigest()
    assert SECRET not in kept.content
    with Image.open(io.BytesIO(kept.content)) as seen:
        assert seen.size == (6, 8)
        assert set(seen.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_a_picture_without_loss_keeps_every_pixel() -> None:
    kept = accept(png() + SECRET)
    assert (kept.media_type, kept.stripped) == ("image/png", ("comments",))
    assert SECRET not in kept.content
    with Image.open(io.BytesIO(kept.content)) as seen:
        assert seen.tobytes() == image("RGBA").tobytes()
        assert not seen.info


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_what_moves_keeps_all_its_frames(kind: str) -> None:
    kept = accept(moving(kind), "video/mp4")
    assert kept.media_type == "image/png"
    with Image.open(io.BytesIO(kept.content)) as seen:
        assert getattr(seen, "n_frames", 1) == 3


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "I;16", "RGB", "RGBA"])
def test_every_kind_of_png_is_read(mode: str) -> None:
    written = io.BytesIO()
    Image.new(mode, (5, 4)).save(written, "PNG")
    assert accept(written.getvalue()).media_type == "image/png"


def test_a_pdf_keeps_its_pages_and_loses_all_that_is_not_printed() -> None:
    sent = pdf()
    assert SECRET in sent
    kept = accept(sent + b"\n%" + SECRET)
    assert kept.media_type == "application/pdf"
    assert set(kept.stripped) >= {
        "annotations",
        "attachments",
        "document-information",
        "exif",
        "gps",
        "scripts",
    }
    for word in (SECRET, b"/JavaScript", b"/EmbeddedFile", b"/Annots", b"/Info", b"/Metadata", b"alert"):
        assert word not in kept.content, word
    pages = PdfReader(io.BytesIO(kept.content)).pages
    assert len(pages) == 1
    assert [one.image.size for one in pages[0].images if one.image] == [(8, 6)]
    assert accept(kept.content).stripped == ()


def test_a_letter_keeps_its_sender_and_loses_whom_it_was_sent_to() -> None:
    kept = accept(mail(), "text/html")
    assert kept.media_type == "message/rfc822"
    assert kept.stripped == ("attachments", "comments", "mail-headers")
    assert SECRET not in kept.content
    assert b"me@example.net" not in kept.content
    read = BytesParser(policy=policy.default).parsebytes(kept.content)
    assert read["From"] == "Prize Office <prize@example.org>"
    assert [part.get_content_type() for part in read.walk()] == ["multipart/mixed", "text/plain", "image/png"]
    assert [part.get_filename() for part in read.walk()] == [None, None, "1.png"]
    assert accept(mail()).content == kept.content
    assert accept(kept.content).stripped == ()


def test_text_is_utf8_without_controls_and_html_is_text() -> None:
    assert accept(b"<html>lottery refund</html>").media_type == "text/plain"
    kept = accept("彩票退款".encode("gb18030"), "text/plain; charset=GB18030")
    assert kept.content.decode() == "彩票退款"
    assert accept("сугалаа".encode("utf-16")).content.decode() == "сугалаа"
    assert accept(b"a" * 200 + b"\x1b").stripped == ("control-characters",)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"MZ\x00\x90",
        b"PK\x03\x04\x00",
        b"\x00\x00\x00\x20ftypmp42",
        b"\xff\xd8\xff\xe0 no picture",
        b"%PDF-1.7 no document",
        "彩票".encode("gb18030"),
        b"\x1b[2J\x1b[1m\x07\x07",
        b"   \n",
        jpeg()[:300],
        b"From: a\nTo: b\nSubject: c\nDate: d\n\n",
        b"Received: a\nTo: b\nMIME-Version: 1.0\n\nhello",
    ],
)
def test_what_cannot_be_read_or_is_not_taken_is_refused_in_words(content: bytes) -> None:
    with pytest.raises(BadInput, match=r"send|write|make|print"):
        accept(content, "image/png")


def test_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooLarge):
        accept(b"a" * (MAX_FILE_BYTES + 1))
    monkeypatch.setattr(pictures, "MAX_PIXELS", 47)
    with pytest.raises(TooLarge, match="pixels"):
        accept(jpeg())
    monkeypatch.setattr(pictures, "MAX_FRAMES", 2)
    with pytest.raises(TooLarge, match="frames"):
        accept(moving("GIF"))


def test_a_locked_pdf_is_refused() -> None:
    writer = PdfWriter()
    writer.add_blank_page(72, 72)
    writer.encrypt("secret", algorithm="RC4-128")
    written = io.BytesIO()
    writer.write(written)
    with pytest.raises(BadInput, match="password"):
        accept(written.getvalue())


SEEDS = [jpeg(), png(), moving("GIF"), moving("WEBP"), pdf(), mail()]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SEEDS), st.data())
def test_a_damaged_file_is_kept_clean_or_refused(seed: bytes, data: st.DataObject) -> None:
    changed = bytearray(seed)
    for _ in range(data.draw(st.integers(1, 4))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    try:
        kept = accept(bytes(changed))
    except BadInput:
        return
    assert accept(kept.content).media_type == kept.media_type


def test_frames_of_several_sizes_become_one_picture_that_can_be_read() -> None:
    sent = bytearray(moving("GIF"))
    second = sent.index(b"\x2c", sent.index(b"\x2c") + 1)
    sent[second + 1] = 8  # its second frame begins where the first ends
    kept = accept(bytes(sent))
    with Image.open(io.BytesIO(kept.content)) as seen:
        assert seen.size == (16, 6)
        seen.load()
    assert accept(kept.content).stripped == ()
