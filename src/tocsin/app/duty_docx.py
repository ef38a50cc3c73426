"""A report under a duty as DOCX, for offices that take forms to be edited. Needs the extra `report`.

The same bytes for the same sheet: the file carries the sheet's own date, and its archive none at all.
"""

import io
import zipfile
from typing import TYPE_CHECKING, Any

from tocsin.app.duty_sheets import WORDS, Sheet
from tocsin.kernel import Unavailable, at_micros

if TYPE_CHECKING:
    from docx.document import Document

NO_DATE = (1980, 1, 1, 0, 0, 0)
"""The earliest that a ZIP archive can say."""

LANGUAGES = {"en": ("en-GB", ""), "zh": ("zh-CN", "Noto Serif CJK SC")}
"""Tag of the language, and the font that its script needs."""

ABSENT = "▢ "


def sheet_docx(sheet: Sheet) -> bytes:
    """The document. Raises Unavailable where python-docx is not installed."""
    try:
        import docx
    except ImportError:
        raise Unavailable("a DOCX needs python-docx: pip install 'tocsin[report]', or take the PDF") from None
    words = WORDS[sheet.lang]
    document = docx.Document()
    _speak(document, sheet.lang)
    _date(document, sheet)
    section = document.sections[0]
    section.header.paragraphs[0].text = " · ".join(sheet.standing)
    section.footer.paragraphs[0].text = f"{words['foot']}\n{sheet.node} · {sheet.title}"
    document.add_paragraph(sheet.eyebrow)
    document.add_heading(sheet.title, level=1)
    for name, value in sheet.about:
        document.add_paragraph(f"{name}: {value}")
    if sheet.missing:
        document.add_heading(f"{words['missing title']} ({len(sheet.missing)})", level=2)
        for label in sheet.missing:
            document.add_paragraph(label, style="List Bullet")
        document.add_paragraph(words["missing lead"])
    for part in sheet.parts:
        document.add_heading(part.title, level=2)
        table = document.add_table(rows=1, cols=2)
        table.style = "Table Grid"
        table.rows[0].cells[0].text, table.rows[0].cells[1].text = words["field"], words["answer"]
        for row in part.rows:
            cells = table.add_row().cells
            cells[0].text = row.label
            answer = cells[1].paragraphs[0]
            if row.missing:
                answer.add_run(ABSENT + words["missing"]).bold = True
            else:
                answer.add_run(row.value)
            if row.note:
                cells[1].add_paragraph(row.note)
    for note in sheet.notes:
        document.add_paragraph(note, style="List Bullet")
    document.add_paragraph(f"{words['report']}: {sheet.id}\n{words['pack']}: {sheet.digest}")
    made = io.BytesIO()
    document.save(made)
    return _undated(made.getvalue())


def _speak(document: "Document", language: str) -> None:
    """Language and font of all text, so that a screen reader and a spelling check know what they read."""
    from docx.oxml.ns import qn
    from docx.oxml.parser import OxmlElement

    tag, font = LANGUAGES[language]
    style: Any = document.styles["Normal"]
    properties = style.element.get_or_add_rPr()
    lang = OxmlElement("w:lang")
    for name in ("w:val", "w:eastAsia"):
        lang.set(qn(name), tag)
    properties.append(lang)
    if font:
        fonts = properties.get_or_add_rFonts()
        fonts.set(qn("w:eastAsia"), font)


def _date(document: "Document", sheet: Sheet) -> None:
    told, at = document.core_properties, at_micros(sheet.at).replace(tzinfo=None, microsecond=0)
    told.title, told.author, told.language = sheet.title[:255], sheet.node[:255], LANGUAGES[sheet.lang][0]
    told.created = told.modified = at
    told.last_modified_by = sheet.node[:255]
    told.comments, told.identifier, told.revision = "", sheet.id, 1


def _undated(content: bytes) -> bytes:
    """The archive written again without the moment at which it was packed."""
    again = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as given,
        zipfile.ZipFile(again, "w", zipfile.ZIP_DEFLATED) as kept,
    ):
        for one in given.infolist():
            entry = zipfile.ZipInfo(one.filename, NO_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            kept.writestr(entry, given.read(one.filename))
    return again.getvalue()
