"""DOCX (ISO/IEC 29500, OPC): a paragraph at its start, and a custom property AIGC.

C2PA is not written: the library signs a package only with every member uncompressed, under a member that the package
does not declare, and no word processor was tried on it. Refuses: packages beyond the bounds (zip bombs), signed ones.
"""

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tocsin.kernel import BadInput, Conflict, TooLarge, Unavailable
from tocsin.kernel.labels import Scheme
from tocsin.label.carrying import NOTICES, Ask, Carried, Field
from tocsin.label.formats import Format
from tocsin.label.notices import said
from tocsin.wire import aigc

if TYPE_CHECKING:
    from docx.document import Document
    from docx.opc.part import Part

PRELOAD = ("docx", "lxml.etree")
"""Loaded once, before files are met (`label.apart.keeper`)."""

MAX_FILE_BYTES = 256 << 20
MAX_MEMBERS = 10_000
"""A report with a picture a page has some hundred."""
MAX_UNPACKED_BYTES = 512 << 20
MAX_PART_BYTES = 64 << 20
"""One part is parsed as a tree, ten times its size in memory."""
MAX_RATIO = 200
"""Unpacked to packed, of all together: plain prose reaches 20, forms with empty tables 100."""
MAX_NOTICE_PARAGRAPHS = 50
"""How far from the start a notice is looked for, and as far from the end."""

_PROPERTIES = "http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"
_TYPES = "http://schemas.openxmlformats.org/officeDocument/2006/docPropsVTypes"
_RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/custom-properties"
_CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.custom-properties+xml"
_USER_SET = "{D5CDD505-2E9C-101B-9397-08002B2CF9AE}"
"""The set of properties that users name themselves (MS-OSHARED 2.3.3.2.3)."""
_SIGNED = "_xmlsignatures/"
_NAME = "AIGC"
_CUT = "it is damaged, cut short, or no DOCX"


class Word:
    """A carrier. It holds no state."""

    @property
    def format(self) -> Format:
        return Format.DOCX

    @property
    def schemes(self) -> frozenset[Scheme]:
        return frozenset({Scheme.GB45438})

    def read(self, source: Path) -> Carried:
        notes = _checked(source)
        document = _opened(source)
        texts = [paragraph.text for paragraph in document.paragraphs]
        near = texts[:MAX_NOTICE_PARAGRAPHS] + texts[-MAX_NOTICE_PARAGRAPHS:]
        return Carried(
            tuple(Field(Scheme.GB45438, "custom-property", text) for text in _fields(document)),
            notice=any(map(said, near)),
            notes=tuple(dict.fromkeys((*notes, *_odd(document)))),
        )

    def write(self, source: Path, target: Path, ask: Ask) -> None:
        """Raises as `carrying.Carrier`, and Unavailable without python-docx."""
        if "signed" in _checked(source):
            raise Conflict(
                "the DOCX is signed, and a label would break the signature: label it before it is signed"
            )
        document = _opened(source)
        if ask.implicit and Scheme.GB45438 in ask.schemes:
            there = _fields(document)
            if len(there) > 1:
                raise Conflict("the file carries two labels of GB 45438 that differ, and only one may stand")
            _set(document, aigc.joined(there[0] if there else None, aigc.Aigc(ask.label, ask.guard)))
        if ask.explicit:
            _put_notice(document, NOTICES[ask.tongue])
        document.save(str(target))


def text_of(source: Path) -> str:
    """Its paragraphs, a line each. Raises as `Word.read`."""
    _checked(source)
    return "\n".join(paragraph.text for paragraph in _opened(source).paragraphs)


def _checked(source: Path) -> tuple[str, ...]:
    """Bound the package by its own directory; what is odd about it. Raises BadInput, TooLarge."""
    if source.stat().st_size > MAX_FILE_BYTES:
        raise TooLarge(f"{source.name} is larger than {MAX_FILE_BYTES >> 20} MiB")
    try:
        with zipfile.ZipFile(source) as package:
            members = package.infolist()
            comment = package.comment
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, LookupError) as error:
        raise BadInput(f"{source.name} cannot be read: {_CUT}") from error
    unpacked = sum(one.file_size for one in members)
    packed = sum(one.compress_size for one in members)
    if len(members) > MAX_MEMBERS or max((one.file_size for one in members), default=0) > MAX_PART_BYTES:
        raise TooLarge(f"{source.name} has over {MAX_MEMBERS} parts, or one over {MAX_PART_BYTES >> 20} MiB")
    if unpacked > MAX_UNPACKED_BYTES or unpacked > MAX_RATIO * max(packed, 4096):
        raise TooLarge(f"{source.name} unpacks to {unpacked >> 20} MiB: it is not opened")
    names = [one.filename for one in members]
    if len(set(names)) != len(names):
        raise BadInput(f"{source.name} has a part twice, which programs read differently: save it anew")
    if any(one.flag_bits & 1 for one in members):
        raise BadInput(f"{source.name} is encrypted: label it before it is")
    found = {
        "trailing-bytes": bool(comment),
        "signed": any(name.startswith(_SIGNED) for name in names),
        "scripts": any(name.endswith(("vbaProject.bin", ".js")) for name in names),
    }
    return tuple(note for note, there in found.items() if there)


def _opened(source: Path) -> "Document":
    try:
        import docx
    except ImportError:
        raise Unavailable("DOCX is labelled by python-docx: pip install 'tocsin[label]'") from None
    try:
        return docx.Document(str(source))
    except Exception as error:  # of every kind: the package's, the zip's, the XML's; all mean the same
        raise BadInput(f"{source.name} cannot be read: {_CUT}") from error


def _part(document: "Document") -> "Part | None":
    for relation in document.part.package.rels.values():
        if relation.reltype == _RELATION and not relation.is_external:
            part: Part = relation.target_part
            return part
    return None


def _tree(part: "Part") -> Any:
    from docx.opc.oxml import parse_xml  # does not resolve entities
    from lxml.etree import LxmlError

    try:
        return parse_xml(part.blob)  # type: ignore[arg-type]  # its own parts give it bytes
    except LxmlError:
        raise BadInput("the DOCX has custom properties that are no XML: save it anew") from None


def _fields(document: "Document") -> tuple[str, ...]:
    part = _part(document)
    if part is None:
        return ()
    found = (
        "".join(one.itertext())
        for one in _tree(part).iterchildren(f"{{{_PROPERTIES}}}property")
        if one.get("name", "").casefold() == _NAME.casefold()
    )
    return tuple(dict.fromkeys(found))


def _set(document: "Document", field: str) -> None:
    """The property, in the part that is there or a new one; every other property stays."""
    from docx.opc.packuri import PackURI
    from docx.opc.part import Part
    from lxml import etree

    package = document.part.package
    part = _part(document)
    root = (
        etree.Element(f"{{{_PROPERTIES}}}Properties", nsmap={None: _PROPERTIES, "vt": _TYPES})
        if part is None
        else _tree(part)
    )
    numbers = [1]
    for one in list(root.iterchildren(f"{{{_PROPERTIES}}}property")):
        if one.get("name", "").casefold() == _NAME.casefold():
            root.remove(one)
        elif one.get("pid", "").isdecimal():
            numbers.append(int(one.get("pid")))
    added = etree.SubElement(
        root, f"{{{_PROPERTIES}}}property", fmtid=_USER_SET, pid=str(max(numbers) + 1), name=_NAME
    )
    etree.SubElement(added, f"{{{_TYPES}}}lpwstr").text = field
    blob = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    if part is None:
        part = Part(PackURI("/docProps/custom.xml"), _CONTENT_TYPE, blob, package)
        package.relate_to(part, _RELATION)
    else:
        part._blob = blob  # the library has no setter


def _put_notice(document: "Document", notice: str) -> None:
    first = document.paragraphs[0] if document.paragraphs else None
    if first is not None and first.text.strip() == notice:
        return
    paragraph = first.insert_paragraph_before() if first is not None else document.add_paragraph()
    if first is not None:
        document.element.body.insert(0, paragraph._p)  # before a table or a page of its own, too
    paragraph.add_run(notice).bold = True


def _odd(document: "Document") -> tuple[str, ...]:
    """A template or picture that lies elsewhere: a program that opens the file would fetch it. Nothing here does."""
    for part in (document.part, *document.part.package.iter_parts()):
        for relation in part.rels.values():
            if relation.is_external and not relation.reltype.endswith("/hyperlink"):
                return ("remote-reference",)
    return ()
