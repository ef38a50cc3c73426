"""PDF: a notice on its first page, the field AIGC in its information dictionary, and both properties in its XMP.

Nothing in a document is run: scripts and forms go through as they are, and are noted. Refuses: encrypted and signed
documents (writing would end the protection or the signature), broken ones, and ones over the bounds.
"""

import json
from importlib import resources
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from tocsin.kernel import BadInput, Conflict, TooLarge, Unavailable
from tocsin.kernel.labels import Scheme
from tocsin.label.carrying import NOTICES, Ask, Carried, Field, Tongue
from tocsin.label.fields import carried_in, packet_with
from tocsin.label.formats import Format
from tocsin.label.notices import said
from tocsin.wire import aigc, xmp

if TYPE_CHECKING:
    import pikepdf

PRELOAD = ("pikepdf", "pypdf")
"""Loaded once, before files are met (`label.apart.keeper`)."""

MAX_FILE_BYTES = 512 << 20
"""A book of scans. Mending a damaged one reads all of it."""
_TAIL_BYTES = 4096
_HEIGHT_SHARE = 0.05
_LEAST_POINTS = 9.0
_MOST_POINTS = 28.0
_KEY = "/AIGC"
_FONT = "Tocsin Notice"
"""Brought along (`notice.otf`): the letters of the notices and no other. No font need be installed."""
_SOURCE = """#set page(width: auto, height: auto, margin: 0pt, fill: none)
#set text(size: %(points).2fpt, font: %(font)s, fill: black, top-edge: "ascender", bottom-edge: "descender")
#box(fill: white, inset: 3pt, stroke: 0.5pt + black)[#%(notice)s]
"""
_CUT = "it is damaged, cut short, or no PDF"


class Paper:
    """A carrier. It holds no state."""

    @property
    def format(self) -> Format:
        return Format.PDF

    @property
    def schemes(self) -> frozenset[Scheme]:
        return frozenset(Scheme)

    def read(self, source: Path) -> Carried:
        """An encrypted document is told as such; of a damaged one, what can be read."""
        pikepdf = _library()
        _checked_size(source)
        notes: list[str] = []
        try:
            document = pikepdf.open(source, attempt_recovery=False)
        except pikepdf.PasswordError:
            return Carried(notes=("encrypted",))
        except (pikepdf.PdfError, ValueError, RecursionError):
            notes.append("damaged")
            document = _mended(source)
        with document:
            notes.extend(_odd(document, source))
            try:
                packet = _packet(document)
                field = _in_information(document)
            except (pikepdf.PdfError, ValueError, TypeError, AttributeError, KeyError, RecursionError):
                packet, field = None, None
                notes.append("damaged")
        told = carried_in([packet] if packet else [])
        mine = [Field(Scheme.GB45438, "docinfo", field)] if field else []
        return Carried(
            tuple(dict.fromkeys((*mine, *told.fields))),
            notice=_notice(source),
            traces=told.traces,
            notes=tuple(dict.fromkeys((*notes, *told.notes))),
        )

    def write(self, source: Path, target: Path, ask: Ask) -> None:
        """Raises as `carrying.Carrier`; Conflict for a signed document; Unavailable without Typst for the notice."""
        pikepdf = _library()
        _checked_size(source)
        try:
            with pikepdf.open(source, attempt_recovery=False) as document:
                self._written(document, ask)
                document.save(target, preserve_pdfa=True)
        except pikepdf.PasswordError:
            raise BadInput(f"{source.name} is locked with a password: label it before it is locked") from None
        except (pikepdf.PdfError, ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            raise BadInput(f"{source.name} cannot be read: {_CUT}") from error

    def _written(self, document: "pikepdf.Pdf", ask: Ask) -> None:
        if document.is_encrypted:
            raise BadInput("the PDF is encrypted: label it before it is, for writing would end that")
        if _signed(document):
            raise Conflict(
                "the PDF is signed, and a label would break the signature: label it before it is signed"
            )
        if not len(document.pages):
            raise BadInput("the PDF has no page")
        if ask.implicit:
            self._fields(document, ask)
        if ask.explicit:
            _put_notice(document, ask.tongue)

    def _fields(self, document: "pikepdf.Pdf", ask: Ask) -> None:
        import pikepdf

        packet = _packet(document)
        if Scheme.GB45438 in ask.schemes:
            there = _in_information(document)
            theirs = [one.text for one in carried_in([packet] if packet else []).fields if one.where == "xmp"]
            packets = [text for text in theirs if text.lstrip().startswith("{")]
            if there is not None and packets and not _same(there, packets[0]):
                raise Conflict("the file carries two labels of GB 45438 that differ, and only one may stand")
            if there is None and packets:
                there = packets[0]
            field = aigc.joined(there, aigc.Aigc(ask.label, ask.guard))
            document.docinfo[_KEY] = pikepdf.String(field)
        if ask.schemes & {Scheme.GB45438, Scheme.IPTC}:
            stream = document.make_stream(packet_with(packet, ask))
            stream.Type = pikepdf.Name.Metadata
            stream.Subtype = pikepdf.Name.XML
            document.Root.Metadata = stream


def _library() -> ModuleType:
    try:
        import pikepdf
    except ImportError:
        raise Unavailable("PDF is labelled by pikepdf: pip install 'tocsin[label]'") from None
    return pikepdf


def _checked_size(source: Path) -> None:
    if source.stat().st_size > MAX_FILE_BYTES:
        raise TooLarge(f"{source.name} is larger than {MAX_FILE_BYTES >> 20} MiB: label it in parts")


def _mended(source: Path) -> "pikepdf.Pdf":
    import pikepdf

    try:
        return pikepdf.open(source, attempt_recovery=True)
    except (pikepdf.PdfError, ValueError, RecursionError) as error:
        raise BadInput(f"{source.name} cannot be read: {_CUT}") from error


def _packet(document: "pikepdf.Pdf") -> bytes | None:
    metadata = document.Root.get("/Metadata")
    if metadata is None:
        return None
    content = bytes(metadata.read_bytes())
    if len(content) > xmp.MAX_PACKET_BYTES:
        raise TooLarge(f"XMP of over {xmp.MAX_PACKET_BYTES} bytes is not read")
    found = xmp.scanned(content)
    return found[0] if found else None


def _in_information(document: "pikepdf.Pdf") -> str | None:
    information = document.trailer.get("/Info")
    value = None if information is None else information.get(_KEY)
    return None if value is None else str(value)


def _same(one: str, other: str) -> bool:
    try:
        return bool(json.loads(one) == json.loads(other))
    except ValueError:
        return one == other


def _signed(document: "pikepdf.Pdf") -> bool:
    import pikepdf

    if "/Perms" in document.Root:
        return True
    form = document.Root.get("/AcroForm")
    if not isinstance(form, pikepdf.Dictionary):
        return False
    flags = form.get("/SigFlags", 0)
    return bool(int(flags) & 1)


def _odd(document: "pikepdf.Pdf", source: Path) -> list[str]:
    root = document.Root
    names = root.get("/Names")
    found = {
        "encrypted": document.is_encrypted,
        "scripts": (names is not None and "/JavaScript" in names) or "/OpenAction" in root or "/AA" in root,
        "signed": _signed(document),
        "trailing-bytes": _trailing(source),
    }
    return [note for note, there in found.items() if there]


def _trailing(source: Path) -> bool:
    """Something behind the end: another file, joined to this one."""
    size = source.stat().st_size
    with source.open("rb") as stream:
        stream.seek(max(0, size - _TAIL_BYTES))
        tail = stream.read()
    _, mark, rest = tail.rpartition(b"%%EOF")
    return not mark or bool(rest.strip(b"\r\n\t \0"))


def _notice(source: Path) -> bool | None:
    """None where the first page has no text to read: a scan."""
    from pypdf import PdfReader

    try:
        text = PdfReader(source).pages[0].extract_text()
    except Exception:  # noqa: BLE001 - it raises of every kind; the page cannot be read
        return None
    return said(text) if text.strip() else None


def _put_notice(document: "pikepdf.Pdf", tongue: Tongue) -> None:
    import pikepdf

    page = document.pages[0]
    left, bottom, right, top = (float(edge) for edge in page.cropbox)
    side = min(abs(right - left), abs(top - bottom))
    points = min(_MOST_POINTS, max(_LEAST_POINTS, side * _HEIGHT_SHARE))
    with pikepdf.open(_typeset(NOTICES[tongue], points)) as strip:
        drawn = strip.pages[0]
        wide, high = (float(edge) for edge in drawn.mediabox[2:])
        shrunk = min(1.0, abs(right - left) / wide)
        place = pikepdf.Rectangle(
            min(left, right),
            max(top, bottom) - high * shrunk,
            min(left, right) + wide * shrunk,
            max(top, bottom),
        )
        page.add_overlay(drawn, place)


def _typeset(notice: str, points: float) -> BytesIO:
    """A strip with the notice as text, its letters embedded: it can be searched, copied and read aloud."""
    try:
        import typst
    except ImportError:
        raise Unavailable("a notice on a PDF is set by Typst: pip install 'tocsin[label]'") from None
    source = _SOURCE % {
        "points": points,
        "font": json.dumps(_FONT),
        "notice": json.dumps(notice, ensure_ascii=False),
    }
    fonts = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(resources.files("tocsin.label"))],
    )
    made = typst.compile(
        source.encode(),
        format="pdf",
        timestamp=0,
        font_paths=fonts,
    )  # our own source: it has no errors to map
    if not isinstance(made, bytes):
        raise Unavailable("Typst gave no document")
    return BytesIO(made)
