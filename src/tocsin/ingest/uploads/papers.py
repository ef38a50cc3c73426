"""PDF (ISO 32000-2): its pages copied into a new document, and of each page what is printed alone.

A page's contents, fonts, pictures and boxes go on. Nothing else is copied: no catalogue (names, scripts, open actions,
attachments, forms, layers, outlines), no Info, no XMP, no annotation, no action, no earlier version of the file. JPEG
pictures on the pages are written anew, for cameras write into those.
"""

import io
import logging
import re
from typing import TYPE_CHECKING

from tocsin.ingest.uploads.pictures import picture_in_paper
from tocsin.kernel import BadInput, TooLarge

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader, PdfWriter
    from pypdf.generic import DictionaryObject, StreamObject

MAX_PAGES = 200
"""A statement with its annexes; a longer one is sent in parts."""

MAX_OBJECTS = 20_000
"""Of the pages that are kept: fonts, pictures, contents. A scan of 200 pages has some thousand."""

MAX_CONTENT_BYTES = 64 << 20
"""What the drawing instructions of all pages unpack to: it is looked at once, for pictures inside them."""

_KEPT_OF_PAGE = frozenset(
    {"/Type", "/Parent", "/Contents", "/Resources", "/MediaBox", "/CropBox", "/Rotate", "/Group", "/UserUnit"}
)
_KEPT_RESOURCES = frozenset(
    {"/Font", "/XObject", "/ColorSpace", "/ExtGState", "/Pattern", "/Shading", "/ProcSet"}
)
"""All there are (7.8.3) but /Properties: lists of layers and hidden marks."""

_LEFT_OF_STREAM = frozenset(
    {"/Metadata", "/PieceInfo", "/LastModified", "/AF", "/Ref", "/OPI", "/Alternates", "/OC", "/Measure"}
    | {"/PtData", "/StructParent", "/StructParents", "/F", "/FFilter", "/FDecodeParms"}
)
"""/F and its two name a file outside that holds the stream (7.3.8.2)."""

_REFUSED_TYPES = frozenset({"/EmbeddedFile", "/Filespec", "/F", "/Action", "/Catalog", "/Annot", "/ObjStm"})
_INLINE_JPEG = re.compile(rb"\bBI\b[^>]{0,4096}?/(?:DCT|JPX)")
_PRINT_AGAIN = "print it to a new PDF and send that, or send screenshots"
_CANNOT = f"this PDF cannot be read to its end: {_PRINT_AGAIN}"

logging.getLogger("pypdf").setLevel(logging.CRITICAL)  # it tells of every flaw of a stranger's file


def paper(content: bytes) -> tuple[bytes, tuple[str, ...]]:
    """The PDF written anew, and what was left out. Raises BadInput, TooLarge."""
    from pypdf import PdfReader

    try:
        reader = PdfReader(io.BytesIO(content))
        return _written(reader)
    except BadInput:
        raise
    except Exception as error:  # the reader raises of every kind; all mean the same
        raise BadInput(_CANNOT) from error


def _written(reader: "PdfReader") -> tuple[bytes, tuple[str, ...]]:
    from pypdf import PdfWriter

    if reader.is_encrypted:
        raise BadInput(f"this PDF is locked with a password: {_PRINT_AGAIN}")
    number = len(reader.pages)
    if number > MAX_PAGES:
        raise TooLarge(f"the PDF has over {MAX_PAGES} pages: send those that matter")
    if number == 0:
        raise BadInput(_CANNOT)
    found = _of_document(reader)
    writer = PdfWriter()
    for page in reader.pages:
        found |= _shorn(page)
        writer.add_page(page)
    _clean(writer, found)
    writer.metadata = None
    written = io.BytesIO()
    writer.compress_identical_objects(remove_unreferenced=True)
    writer.write(written)
    return written.getvalue(), tuple(sorted(found))


def _of_document(reader: "PdfReader") -> set[str]:
    from pypdf.generic import DictionaryObject

    root = reader.root_object
    named = root["/Names"].get_object() if "/Names" in root else None
    names = named if isinstance(named, DictionaryObject) else DictionaryObject()
    found = {
        "document-information": bool(reader.metadata),
        "xmp": "/Metadata" in root,
        "attachments": "/EmbeddedFiles" in names or "/AF" in root,
        "scripts": "/JavaScript" in names or "/OpenAction" in root or "/AA" in root,
        "form-fields": "/AcroForm" in root,
        "layers": "/OCProperties" in root,
    }
    return {name for name, there in found.items() if there}


def _shorn(page: "PageObject") -> set[str]:
    """Take off a page, before it is copied, what is not printed."""
    found = {
        "annotations": "/Annots" in page,
        "scripts": "/AA" in page,
        "xmp": "/Metadata" in page,
        "page-data": bool({"/PieceInfo", "/LastModified", "/Thumb"} & set(page)),
    }
    for name in set(page) - _KEPT_OF_PAGE:
        del page[name]
    return {name for name, there in found.items() if there}


def _clean(writer: "PdfWriter", found: set[str]) -> None:
    """Everything that the pages reach: pictures anew, dictionaries without what is not drawn."""
    from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, PdfObject, StreamObject

    seen: set[int] = set()
    unpacked = 0
    waiting: list[PdfObject] = [page.indirect_reference for page in writer.pages if page.indirect_reference]
    while waiting:
        one = waiting.pop()
        if isinstance(one, IndirectObject):
            if one.idnum in seen:
                continue
            seen.add(one.idnum)
            if len(seen) > MAX_OBJECTS:
                raise TooLarge(f"the PDF has over {MAX_OBJECTS} parts: {_PRINT_AGAIN}")
            target = one.get_object()
            if target is None:
                continue
            one = target
        if isinstance(one, ArrayObject):
            waiting.extend(one)
        elif isinstance(one, DictionaryObject):
            _shear(one, found)
            if isinstance(one, StreamObject):
                unpacked += _looked_at(one, found)
                if unpacked > MAX_CONTENT_BYTES:
                    raise TooLarge(f"the PDF unpacks to too much: {_PRINT_AGAIN}")
            waiting.extend(one.raw_get(name) for name in one if name != "/Parent")


def _shear(one: "DictionaryObject", found: set[str]) -> None:
    from pypdf.generic import DictionaryObject, StreamObject

    if str(one.get("/Type", "")) in _REFUSED_TYPES or "/JS" in one:
        raise BadInput(f"this PDF hides files or scripts in its pages: {_PRINT_AGAIN}")
    if isinstance(one, StreamObject):
        for name in _LEFT_OF_STREAM & set(one):
            del one[name]
            found.add("xmp" if name == "/Metadata" else "page-data")
    if "/Resources" in one:
        resources = one["/Resources"].get_object()
        if isinstance(resources, DictionaryObject):
            for name in set(resources) - _KEPT_RESOURCES:
                del resources[name]


def _looked_at(stream: "StreamObject", found: set[str]) -> int:
    """Mend a picture; of what may be drawing instructions, how many bytes they unpack to."""
    from pypdf.generic import NameObject

    filters = stream.get("/Filter", [])
    names = {str(one) for one in (filters if isinstance(filters, list) else [filters])}
    if names & {"/JPXDecode", "/JPX"}:
        raise BadInput(f"this PDF holds a picture (JPEG 2000) that cannot be cleaned here: {_PRINT_AGAIN}")
    if names & {"/DCTDecode", "/DCT"}:
        kept, left_out = picture_in_paper(stream.get_data())
        found |= left_out
        stream._data = kept  # its own setter packs, and this is packed
        stream[NameObject("/Filter")] = NameObject("/DCTDecode")
        for name in {"/DecodeParms", "/Length"} & set(stream):
            del stream[name]
        return 0
    if str(stream.get("/Subtype", "")) == "/Image" or "/Length1" in stream or "/N" in stream:
        return 0  # pixels, a font's program, a colour profile
    drawn = stream.get_data()
    if _INLINE_JPEG.search(drawn):
        raise BadInput(
            f"this PDF holds a picture inside its text that cannot be cleaned here: {_PRINT_AGAIN}"
        )
    return len(drawn)
