"""The carrier of HTML: a notice first in the body, and the fields as `meta` elements first in the head."""

import html
from html.parser import HTMLParser
from pathlib import Path

import msgspec

from tocsin.kernel import Conflict
from tocsin.kernel.labels import Scheme
from tocsin.label.carrying import IPTC_GENERATED, NOTICES, Ask, Carried, Field
from tocsin.label.formats import Format
from tocsin.label.notices import said_at_an_edge
from tocsin.label.texts import body_of, field_for, line_end, only, text_of

MAX_MARKUP_CHARS = 262_144
"""How much of a page is parsed: heads end long before. The parser takes seconds for a megabyte of broken tags."""

_FIELD_NAMES = ("aigc", "tc260:aigc")
_SOURCE_NAMES = ("iptc4xmpext:digitalsourcetype", "digitalsourcetype")
_BODY_TEXT_CHARS = 4_000


class _Element(msgspec.Struct, frozen=True):
    """A `meta` that holds a field: where it lies, and what it says."""

    start: int
    end: int
    name: str
    content: str


class _Page(HTMLParser):
    """Where the head and the body begin, and the `meta` elements that hold fields."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self._lines = [0]
        for at, character in enumerate(text):
            if character == "\n":
                self._lines.append(at + 1)
        self.elements: list[_Element] = []
        self.head = self.head_end = self.body = self.start = 0
        self.said = ""
        self.title = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        start, raw = self._at(), self.get_starttag_text() or ""
        end = start + len(raw)
        if tag == "html":
            self.start = self.start or end
        elif tag == "head":
            self.head = self.head or end
        elif tag == "body":
            self.body = self.body or end
        elif tag in ("title", "script", "style"):
            self.title = True
        elif tag == "meta":
            said = {name: value or "" for name, value in attrs}
            name = (said.get("name") or said.get("property") or "").lower()
            if name in (*_FIELD_NAMES, *_SOURCE_NAMES):
                self.elements.append(_Element(start, end, name, said.get("content", "")))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        self.title = False

    def handle_endtag(self, tag: str) -> None:
        if tag in ("title", "script", "style"):
            self.title = False
        if tag == "head":
            self.head_end = self.head_end or self._at() + len("</head>")

    def handle_decl(self, decl: str) -> None:
        self.start = self.start or self._at() + len(decl) + len("<!>")

    def handle_data(self, data: str) -> None:
        if not self.title and len(self.said) < _BODY_TEXT_CHARS:
            self.said += data.strip()

    def _at(self) -> int:
        line, column = self.getpos()
        return self._lines[line - 1] + column


class HtmlCarrier(msgspec.Struct, frozen=True):
    """HTML. As `label.carrying.Carrier`."""

    format: Format = Format.HTML
    schemes: frozenset[Scheme] = frozenset({Scheme.GB45438, Scheme.IPTC})

    def write(self, source: Path, target: Path, ask: Ask) -> None:
        """As `label.carrying.Carrier.write`."""
        text = text_of(source)
        end = line_end(text)
        page = _page(text)
        if ask.explicit and not said_at_an_edge(page.said):
            place = page.body or page.head_end or page.head or page.start
            notice = f'{end}<p class="ai-notice" role="note">{html.escape(NOTICES[ask.tongue])}</p>'
            text = text[:place] + notice + text[place:]
        if ask.implicit and Scheme.IPTC in ask.schemes:
            sources = _named(page, _SOURCE_NAMES)
            if any(one.content != IPTC_GENERATED for one in sources):
                raise Conflict("the page says already how it was made: the label would contradict it")
            if not sources:
                text = _with_meta(text, "Iptc4xmpExt:DigitalSourceType", IPTC_GENERATED)
        if ask.implicit and Scheme.GB45438 in ask.schemes:
            there = only([one.content for one in _named(_page(text), _FIELD_NAMES)])
            text = _without_fields(text)
            text = _with_meta(text, "AIGC", field_for(there, ask, text))
        target.write_bytes(text.encode())

    def read(self, source: Path) -> Carried:
        """As `label.carrying.Carrier.read`."""
        text = text_of(source)
        page = _page(text)
        fields = [Field(Scheme.GB45438, "meta", one.content) for one in _named(page, _FIELD_NAMES)]
        fields += [Field(Scheme.IPTC, "meta", one.content) for one in _named(page, _SOURCE_NAMES)]
        return Carried(
            tuple(dict.fromkeys(fields)), said_at_an_edge(page.said), body=body_of(_without_fields(text))
        )


def _page(text: str) -> _Page:
    return _Page(text[:MAX_MARKUP_CHARS])


def _named(page: _Page, names: tuple[str, ...]) -> list[_Element]:
    return [one for one in page.elements if one.name in names]


def _with_meta(text: str, name: str, content: str) -> str:
    """First in the head, so that no reader has to go far; before everything where there is no head."""
    page = _page(text)
    place = page.head or page.start
    return f'{text[:place]}<meta name="{name}" content="{html.escape(content)}">{text[place:]}'


def _without_fields(text: str) -> str:
    for one in reversed(_named(_page(text), _FIELD_NAMES)):
        text = text[: one.start] + text[one.end :]
    return text
