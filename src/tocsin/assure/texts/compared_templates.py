"""All chat templates of one artefact beside all of another: which belongs to which, and what each does otherwise.

A template belongs to the one at the same place, else to one of the same name: publishers move a template from
tokenizer_config.json to a file of its own, or into the header of a GGUF.
"""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from tocsin.assure.examining import finding
from tocsin.assure.texts.chat_templates import FORMAT
from tocsin.kernel.artefacts import Fact, Finding

MAX_COMPARED = 64
"""Pairs that are parsed for one comparison: each takes up to a quarter of a second, and some ten are published."""

MAX_TOLD = 200
"""Findings of one comparison."""


class ChatTemplate(msgspec.Struct, frozen=True):
    """One template of an artefact. `text` is None where it was too long to be kept."""

    path: str
    name: str
    sha256: str
    characters: int
    text: str | None = None


def templates_of(facts: Iterable[Fact]) -> tuple[ChatTemplate, ...]:
    """Those that an inspection's facts tell of. What is no fact of ours is passed over."""
    found = []
    for fact in facts:
        said = fact.values
        if fact.kind == FORMAT and isinstance(sha256 := said.get("sha256"), str):
            text, characters = said.get("text"), said.get("characters")
            found.append(
                ChatTemplate(
                    fact.path,
                    str(said.get("name", "")),
                    sha256,
                    characters if isinstance(characters, int) else 0,
                    text if isinstance(text, str) else None,
                )
            )
    return tuple(found)


def compared(parent: Sequence[ChatTemplate], child: Sequence[ChatTemplate]) -> tuple[Finding, ...]:
    """Findings on the child's templates; none where all of them do what the parent's do."""
    if not parent and not child:
        return ()
    return tuple(_told(parent, child))[:MAX_TOLD]


def _told(parent: Sequence[ChatTemplate], child: Sequence[ChatTemplate]) -> Iterator[Finding]:
    known: dict[tuple[str, str], list[Finding]] = {}
    places = {one.path: one for one in parent}
    names: dict[str, list[ChatTemplate]] = {}
    for one in parent:
        names.setdefault(one.name, []).append(one)
    for one in child:
        named = names.get(one.name, [])
        other = places.get(one.path) or next((each for each in named if each.sha256 == one.sha256), None)
        other = other or next(iter(named), None)
        if other is None:
            yield finding("template.added", one.path, name=one.name)
        elif other.sha256 != one.sha256:
            pair = (other.sha256, one.sha256)
            if pair not in known and len(known) >= MAX_COMPARED:
                yield finding("template.too-large", one.path, why=f"more than {MAX_COMPARED} were compared")
                return
            if pair not in known:
                known[pair] = _difference(other, one)
            for told in known[pair]:
                place = msgspec.structs.replace(told.place, path=one.path)
                yield msgspec.structs.replace(told, place=place)
    left = {one.name for one in child}
    for name in sorted(set(names) - left):
        yield finding("template.gone", names[name][0].path, name=name)


def _difference(parent: ChatTemplate, child: ChatTemplate) -> list[Finding]:
    if parent.text is None or child.text is None:
        longest = max(parent.characters, child.characters)
        return [finding("template.too-large", child.path, why=f"{longest} characters")]
    # with jinja2: not before two templates differ
    from tocsin.assure.texts.template_difference import template_difference

    return template_difference(parent.text, child.text, child.path)


def places_that_differ(told: Iterable[Finding]) -> int:
    """In how many places templates do otherwise, by what `compared` told."""
    return sum(int(one.values.get("count", 1)) for one in told if one.rule in _COUNTED)


_COUNTED = frozenset({"template.differs", "template.added", "template.gone"})
