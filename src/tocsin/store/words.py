"""What a record is found by: words of its texts, and its fields and references as words of their own. Pure.

Enters: a record, or what somebody types. Leaves: tokens, the same for both backends, so that a search finds the same
on each. Scripts without spaces (Chinese, Japanese, Korean, Thai and their neighbours) become pairs of letters.
"""

import re
import unicodedata
from collections.abc import Iterator
from typing import Any

import msgspec

from tocsin.kernel import Record
from tocsin.wire.stix.content import content_key

MAX_TEXT_CHARS = 4_000
"""Of one record's texts: a description longer than this is found by its beginning."""

MAX_TOKENS = 1_000
"""Of one record, references included: a report over 10,000 objects is found by the first of them."""

MAX_TOKEN_CHARS = 64
MAX_QUERY_WORDS = 12
LEAST_PREFIX = 3
"""A word of at least so many letters finds those that begin with it; a shorter one only itself."""

MAX_DEPTH = 8
"""Nesting that is read: STIX itself has four levels, an extension of a stranger may have more."""

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\U00020000-\U0003134f"
)
_RUN = re.compile(f"[{_UNSPACED}]+|[^\\W{_UNSPACED}]+")
_IS_UNSPACED = re.compile(f"[{_UNSPACED}]").match
_OTHER = re.compile(r"[^\w.+=-]")
_REFERENCE = re.compile(r"[a-z][a-z0-9-]{0,249}--[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch
_NOISE = frozenset({"spec_version", "extension_type", "created", "modified", "signature", "pattern_type"})
"""Properties whose values nobody looks for."""


def tokens_of(record: Record) -> list[str]:
    """What one version of a record is found by: fields first, then references, then words; each once, bounded."""
    found = dict.fromkeys(
        field(name, value)
        for name, value in (
            ("type", record.type),
            ("origin", record.origin.value),
            ("author", record.author),
            ("tlp", record.tlp.value),
            ("category", record.category),
            ("peer", record.peer or ""),
        )
        if value
    )
    value = msgspec.json.decode(record.stix)
    key = content_key(value) if isinstance(value, dict) else None
    if key is not None:
        found[field("key", key)] = None
    texts: list[str] = []
    left = MAX_TEXT_CHARS
    for said in _strings(value, MAX_DEPTH):
        if _REFERENCE(said):
            if said != record.id:
                found[field("ref", said)] = None
        elif left > 0:
            texts.append(said[:left])
            left -= len(said)
        if len(found) >= MAX_TOKENS:
            break
    for word in words(" ".join(texts)):
        found[word] = None
        if len(found) >= MAX_TOKENS:
            break
    return list(found)


def field(name: str, value: str) -> str:
    """A field's value as a token; letters that an index would split at become `_`."""
    return f"{name}={_OTHER.sub('_', value.casefold())}"


def words(text: str) -> Iterator[str]:
    """The words of a text: folded, and pairs of letters where a script has no spaces; the last letter alone too."""
    for run in _RUN.findall(unicodedata.normalize("NFKC", text).casefold()):
        if not _IS_UNSPACED(run):
            yield run[:MAX_TOKEN_CHARS]
            continue
        for at in range(len(run)):
            yield run[at : at + 2]


def asked(text: str) -> list[tuple[str, bool]]:
    """What somebody typed, as (token, whether what begins with it will do too). All of them are to be found."""
    wanted: dict[str, bool] = {}
    for run in _RUN.findall(unicodedata.normalize("NFKC", text).casefold())[:MAX_QUERY_WORDS]:
        if not _IS_UNSPACED(run):
            wanted[run[:MAX_TOKEN_CHARS]] = len(run) >= LEAST_PREFIX
        elif len(run) == 1:
            wanted[run] = True
        else:
            wanted.update((run[at : at + 2], False) for at in range(len(run) - 1))
    return list(wanted.items())[: 4 * MAX_QUERY_WORDS]


def _strings(value: Any, depth: int) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif depth and isinstance(value, list):
        for inner in value:
            yield from _strings(inner, depth - 1)
    elif depth and isinstance(value, dict):
        for name, inner in value.items():
            if name not in _NOISE:
                yield from _strings(inner, depth - 1)
