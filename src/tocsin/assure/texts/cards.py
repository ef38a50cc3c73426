"""What cards and packages claim of themselves, and the texts of programs that no loader runs.

Other texts under names that people read are `assure.plain`'s.
"""

import codecs
import re
from collections.abc import Iterator
from typing import Any

from tocsin.assure.examining import Piece, Told, finding
from tocsin.assure.texts.code_files import FETCH_AND_RUN
from tocsin.assure.texts.reading import text_of
from tocsin.kernel.artefacts import Fact, Finding

MAX_TEXT_BYTES = 1_073_741_824
"""Read in blocks and only looked at for being text: a word list or a table may be long."""

MAX_CARD_BYTES = 1_048_576
_BLOCK = 1_048_576
_SUFFIXES = (
    ".jsonl",
    ".ndjson",
    ".toml",
    ".cfg",
    ".ini",
    ".typed",
    ".vocab",
    ".editorconfig",
    ".dockerignore",
)
_NAMES = frozenset({"readme.md", "metadata", "pkg-info", "record", "wheel", "installer", "requested"})
_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)\r?\n---[ \t]*(?:\r?\n|\Z)", re.DOTALL)
_HEADING = re.compile(r"(?m)^#{1,4}\s+(.+?)\s*$")
_SECTIONS = {
    "intended_use": re.compile(r"(?i)\b(?:intended|direct|primary)\s+use|^uses?$|^usage and limitations$"),
    "out_of_scope": re.compile(r"(?i)\bout[- ]of[- ]scope\b"),
    "limitations": re.compile(r"(?i)\blimitations?\b"),
    "bias": re.compile(r"(?i)\b(?:bias|ethical)\b"),
}
MAX_CLAIM_CHARS = 600
MAX_LISTED = 50


class Cards:
    """By the name; a binary file under such a name is told as what it is not."""

    name = "cards"
    version = 1

    def recognises(self, piece: Piece) -> str:
        last = piece.path.rpartition("/")[2].casefold()
        known = last in _NAMES or (last.endswith(_SUFFIXES) and last != "pyproject.toml")
        return "text" if known and b"\x00" not in piece.read(0, 4_096) else ""

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        last = piece.path.rpartition("/")[2].casefold()
        if last != "readme.md":  # which `assure.plain` reads through
            yield from _all_text(piece)
        if last == "readme.md":
            yield from _told_by_card(piece)
        elif last in {"metadata", "pkg-info"}:
            yield from _told_by_package(piece)


def _all_text(piece: Piece) -> Iterator[Finding]:
    if piece.size > MAX_TEXT_BYTES:
        yield finding("text.too-large", piece.path, size=piece.size, bound=MAX_TEXT_BYTES)
        return
    decoder = codecs.getincrementaldecoder("utf-8")()
    for offset in range(0, piece.size, _BLOCK):
        block = piece.read(offset, _BLOCK)
        nul = block.find(b"\x00")
        if nul >= 0:
            yield finding("text.not-text", piece.path, offset=offset + nul)
            return
        try:
            decoder.decode(block, final=offset + _BLOCK >= piece.size)
        except UnicodeDecodeError as error:
            yield finding("text.not-utf-8", piece.path, offset=offset + error.start)
            return


def _told_by_card(piece: Piece) -> Iterator[Told]:
    text, wrong = text_of(piece, MAX_CARD_BYTES)
    if wrong is not None:
        return  # told already, or longer than a card
    front = _FRONT.match(text)
    if front is not None:
        from tocsin.assure.texts.yaml_files import read_yaml

        documents, findings = read_yaml(front[1], piece.path)
        yield from findings
        for document in documents:
            if isinstance(document, dict):
                yield from _card_facts(document, piece.path)
    asked = FETCH_AND_RUN.search(text)
    if asked is not None:
        line = text.count("\n", 0, asked.start()) + 1
        yield finding("card.fetches-and-runs", piece.path, field=f"line {line}", said=asked[0][:80])
    claims = dict(_claims(text[front.end() :] if front else text))
    if claims:
        yield Fact("metadata", piece.path, {"claims": claims})


def _card_facts(card: dict[Any, Any], path: str) -> Iterator[Fact]:
    licence = card.get("license")
    for one in _listed(licence):
        values = {"id": one}
        for key in ("license_name", "license_link"):
            if isinstance(card.get(key), str):
                values[key.removeprefix("license_")] = card[key][:300]
        yield Fact("licence", path, values)
    relation = card.get("base_model_relation")
    for one in _listed(card.get("base_model")):
        values = {"name": one, "said_by": "card"}
        if isinstance(relation, str):
            values["relation"] = relation[:40]
        yield Fact("base-model", path, values)
    for one in _listed(card.get("datasets")):
        yield Fact("dataset", path, {"name": one})
    told: dict[str, Any] = {
        key: _listed(card.get(key)) for key in ("language", "tags") if _listed(card.get(key))
    }
    for key in ("pipeline_tag", "library_name", "model_name"):
        if isinstance(card.get(key), str):
            told[key] = card[key][:200]
    if told:
        yield Fact("metadata", path, told)


def _claims(text: str) -> Iterator[tuple[str, str]]:
    headings = list(_HEADING.finditer(text))
    seen: set[str] = set()
    for at, heading in enumerate(headings):
        end = headings[at + 1].start() if at + 1 < len(headings) else len(text)
        said = " ".join(text[heading.end() : end].split())[:MAX_CLAIM_CHARS]
        for name, pattern in _SECTIONS.items():
            if said and name not in seen and pattern.search(heading[1]):
                seen.add(name)
                yield name, said


def _told_by_package(piece: Piece) -> Iterator[Told]:
    from packaging.metadata import parse_email  # with `email`: not before a package is met

    from tocsin.assure.texts.requirements import told_by_requirement

    text, wrong = text_of(piece, MAX_CARD_BYTES)
    if wrong is not None:
        return
    metadata, _ = parse_email(text)
    name, version = metadata.get("name"), metadata.get("version")
    if not name or not version:
        return
    yield Fact("metadata", piece.path, {"package": name[:200], "version": version[:100]})
    licence = metadata.get("license_expression") or metadata.get("license")
    if licence:
        yield Fact("licence", piece.path, {"id": licence.splitlines()[0][:200]})
    for line in metadata.get("requires_dist", [])[:1_000]:
        for told in told_by_requirement(line, "Requires-Dist", piece.path):
            if isinstance(told, Fact):
                yield told


def _listed(held: Any) -> list[str]:
    if isinstance(held, str):
        return [held[:200]]
    if isinstance(held, list):
        return [one[:200] for one in held if isinstance(one, str)][:MAX_LISTED]
    return []
