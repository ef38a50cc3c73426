"""Carriers of plain text and Markdown: a notice in the first line, GB 45438's field in the last or in the front matter.

Plain text has no metadata, so its field is a line that a person sees. A guard covers the text as it would be without
the field, whatever the ends of its lines: mail and editors change those.
"""

import re
from pathlib import Path

import msgspec
import yaml

from tocsin.kernel import BadInput, Conflict, TooLarge
from tocsin.kernel.labels import Scheme
from tocsin.label.carrying import IPTC_GENERATED, NOTICES, Ask, Carried, Field
from tocsin.label.formats import Format
from tocsin.label.notices import said_at_an_edge
from tocsin.wire import aigc
from tocsin.wire.aigc import Aigc

MAX_TEXT_BYTES = 16 << 20
"""Ten thousand pages."""
MAX_FRONT_CHARS = 65_536
"""Front matter: titles, tags, a summary; the field itself has at most 16,384 characters."""
MAX_BRACKETS = 256
"""Lists in one another cost the parser a second a thousand."""
_LINE = re.compile(r"^[^\w{]{0,8}AIGC[\"'\s]*[:=]\s*(\{.*\})\W{0,8}$", re.IGNORECASE)
_LINES_LOOKED_AT = 20
"""From the start and from the end, for a field in a line."""
_FRONT = re.compile(
    r"\A(\ufeff?---[ \t]*\r?\n)(.*?)(^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z))", re.DOTALL | re.MULTILINE
)
_SOURCE_KEY = "DigitalSourceType"


def text_of(source: Path) -> str:
    """A text as it is, its ends of lines included. Raises BadInput, TooLarge."""
    with source.open("rb") as file:
        content = file.read(MAX_TEXT_BYTES + 1)
    if len(content) > MAX_TEXT_BYTES:
        raise TooLarge(f"a text has at most {MAX_TEXT_BYTES >> 20} MiB here")
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise BadInput("the text is not UTF-8: save it as UTF-8 first") from None


def body_of(text: str) -> bytes:
    """What a guard covers, of a text without its field."""
    return text.replace("\r\n", "\n").removeprefix("\ufeff").strip().encode()


def line_end(text: str) -> str:
    """How this text ends its lines."""
    at = text.find("\n")
    return "\r\n" if at > 0 and text[at - 1] == "\r" else "\n"


def field_for(there: str | None, ask: Ask, text: str) -> str:
    """The field to write into `text`, which has none now. Another producer's keeps its guard."""
    guard = ask.seal(body_of(text)) if ask.seal is not None else ask.guard
    return aigc.joined(there, Aigc(ask.label, guard))


def only(fields: list[str]) -> str | None:
    """The field that stands there already. Raises Conflict for two that differ."""
    if len(set(fields)) > 1:
        raise Conflict("the file carries two labels of GB 45438 that differ, and only one may stand")
    return fields[0] if fields else None


class TextCarrier(msgspec.Struct, frozen=True):
    """Plain text. As `label.carrying.Carrier`."""

    format: Format = Format.TEXT
    schemes: frozenset[Scheme] = frozenset({Scheme.GB45438})

    def write(self, source: Path, target: Path, ask: Ask) -> None:
        """As `label.carrying.Carrier.write`."""
        text = text_of(source)
        end = line_end(text)
        rest, fields = _without_lines(text)
        if ask.explicit and not said_at_an_edge(rest):
            mark = "\ufeff" if rest.startswith("\ufeff") else ""
            rest = f"{mark}{NOTICES[ask.tongue]}{end}{end}{rest.removeprefix(mark)}"
        if ask.implicit:
            field = field_for(only(fields), ask, rest)
            rest = f"{rest.rstrip()}{end}{end}AIGC: {field}{end}"
        elif fields:
            rest = f"{rest.rstrip()}{end}{end}AIGC: {fields[0]}{end}"
        target.write_bytes(rest.encode())

    def read(self, source: Path) -> Carried:
        """As `label.carrying.Carrier.read`."""
        rest, fields = _without_lines(text_of(source))
        found = tuple(Field(Scheme.GB45438, "line", one) for one in dict.fromkeys(fields))
        return Carried(found, said_at_an_edge(rest), body=body_of(rest))


class MarkdownCarrier(msgspec.Struct, frozen=True):
    """Markdown, with YAML in front. As `label.carrying.Carrier`."""

    format: Format = Format.MARKDOWN
    schemes: frozenset[Scheme] = frozenset({Scheme.GB45438, Scheme.IPTC})

    def write(self, source: Path, target: Path, ask: Ask) -> None:
        """As `label.carrying.Carrier.write`."""
        text = text_of(source)
        end = line_end(text)
        front = _FRONT.match(text)
        before, held, after = front.groups() if front else (f"---{end}", "", f"---{end}")
        rest = text[front.end() :] if front else f"{end}{text.removeprefix(chr(0xFEFF))}"
        fields, sources = _front_fields(held), _front_values(held, _SOURCE_KEY)
        if ask.explicit and not said_at_an_edge(rest):
            rest = f"{end}> {NOTICES[ask.tongue]}{end}{end}{rest.lstrip()}"
        if ask.implicit:
            if Scheme.IPTC in ask.schemes:
                if any(one != IPTC_GENERATED for one in sources):
                    raise Conflict(
                        "the front matter says already how it was made: the label would contradict it"
                    )
                if not sources:
                    held += f"{_SOURCE_KEY}: {IPTC_GENERATED}{end}"
            if Scheme.GB45438 in ask.schemes:
                held = _without_key(held, "AIGC")
                field = field_for(only(fields), ask, before + held + after + rest)
                quoted = field.replace("'", "''")
                held = f"AIGC: '{quoted}'{end}{held}"
        front_now = before + held + after if front or held else ""
        target.write_bytes((front_now + rest).encode())

    def read(self, source: Path) -> Carried:
        """As `label.carrying.Carrier.read`: the front matter's keys, and a line as in plain text."""
        text = text_of(source)
        front = _FRONT.match(text)
        if front is None or front.end(2) - front.start(2) > MAX_FRONT_CHARS:
            rest, lines = _without_lines(text)
            found = tuple(Field(Scheme.GB45438, "line", one) for one in dict.fromkeys(lines))
            return Carried(found, said_at_an_edge(text), body=body_of(rest))
        before, held, after = front.groups()
        rest = text[front.end() :]
        try:
            fields = [Field(Scheme.GB45438, "front-matter", one) for one in _front_fields(held)]
            fields += [Field(Scheme.IPTC, "front-matter", one) for one in _front_values(held, _SOURCE_KEY)]
            bare = _without_key(held, "AIGC")
        except BadInput:
            return Carried((), said_at_an_edge(rest), notes=("unreadable-front-matter",))
        _, lines = _without_lines(rest)
        fields += [Field(Scheme.GB45438, "line", one) for one in lines]
        return Carried(
            tuple(dict.fromkeys(fields)), said_at_an_edge(rest), body=body_of(before + bare + after + rest)
        )


def _without_lines(text: str) -> tuple[str, list[str]]:
    """The text without lines that hold a field, and the fields."""
    lines = text.splitlines(keepends=True)
    near = {*range(_LINES_LOOKED_AT), *range(len(lines) - _LINES_LOOKED_AT, len(lines))}
    kept, fields = [], []
    for number, line in enumerate(lines):
        found = _LINE.match(line.strip()) if number in near and len(line) <= 2 * aigc.MAX_CHARS else None
        if found is None:
            kept.append(line)
        else:
            fields.append(found[1])
    return "".join(kept), fields


def _front_fields(held: str) -> list[str]:
    """GB 45438's fields of front matter: a string of JSON, or keys below AIGC, as text."""
    found = []
    for _, value in _nodes(held, "AIGC"):
        if isinstance(value, yaml.MappingNode):
            pairs = _pairs(value)
            for name, one in value.value:
                if str(name.value) == "AIGC" and isinstance(one, yaml.MappingNode):
                    pairs = _pairs(one)
            found.append(msgspec.json.encode(pairs).decode())
        elif isinstance(value, yaml.ScalarNode):
            found.append(value.value)
        else:
            found.append("")  # a list is no label: it is told as one that is not of its form
    return found


def _pairs(mapping: yaml.MappingNode) -> dict[str, str]:
    return {
        str(key.value): str(one.value)
        for key, one in mapping.value
        if isinstance(key, yaml.ScalarNode) and isinstance(one, yaml.ScalarNode)
    }


def _front_values(held: str, key: str) -> list[str]:
    return [value.value for _, value in _nodes(held, key) if isinstance(value, yaml.ScalarNode)]


def _nodes(held: str, key: str) -> list[tuple[yaml.Node, yaml.Node]]:
    """The pairs under one key, at the top. Nothing is built of the values: aliases stay what they are."""
    if len(held) > MAX_FRONT_CHARS:
        raise TooLarge(f"front matter has at most {MAX_FRONT_CHARS} characters here")
    if held.count("[") + held.count("{") > MAX_BRACKETS:
        raise BadInput("the front matter holds more lists than anybody writes: mend it first")
    try:
        root = yaml.compose(held, Loader=yaml.SafeLoader)
    except (yaml.YAMLError, RecursionError, ValueError):
        raise BadInput("the front matter is not YAML: mend it first") from None
    if root is None:
        return []
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        raise BadInput("the front matter is not a block of keys: write it one key a line")
    return [pair for pair in root.value if str(pair[0].value).lower() == key.lower()]


def _without_key(held: str, key: str) -> str:
    """The front matter without a key, every other line as it was."""
    for name, value in reversed(_nodes(held, key)):
        end = max(name.end_mark.index, value.end_mark.index)
        if held[end - 1] != "\n":
            cut = held.find("\n", end)
            end = len(held) if cut < 0 else cut + 1
        held = held[: name.start_mark.index] + held[end:]
    return held
