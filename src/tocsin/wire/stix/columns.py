"""The rules over many objects of one type at once: a quick, certain yes, or "look at each".

A regular expression per id and timestamp would cost more than decoding. Columns are joined and compared with
what they must look like in three passes of C: one id or timestamp a line, every digit mapped to one letter.
It says nothing that `rules.follows_rules` would not say of each object; tests hold them together.
"""

import collections
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from operator import le
from typing import Any

from msgspec import UNSET

from tocsin.wire.stix.fields import NOT_IN_RELATIONSHIPS
from tocsin.wire.stix.ids import is_type
from tocsin.wire.stix.patterns import MAX_PATTERN_CHARS, why_not_pattern
from tocsin.wire.stix.rules import MILLISECONDS, STIX_PATTERN

_UUID = 36
_UUID_LINE = b"hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh\n"
# The letter that stands for a class may not pass as a member of it.
_HEXADECIMAL = bytes.maketrans(b"0123456789abcdefh", b"h" * 16 + b"!")
_DECIMAL = bytes.maketrans(b"0123456789d", b"d" * 10 + b"!")
_COVERED = frozenset({"indicator", "relationship", "attack-pattern", "course-of-action", "identity"})


def all_follow(kind: str, items: Sequence[Any]) -> bool:
    """Whether all of these typed objects of type `kind` follow the rules. False may mean no more than unsure."""
    if (
        kind not in _COVERED
        or {item.spec_version.__class__ for item in items} != {str}
        or not _ids_of(kind, [item.id for item in items])
        or not _versions(items)
        or not _shared(items)
    ):
        return False
    if kind == "indicator":
        return (
            all(item.valid_until is UNSET for item in items)
            and _timestamps([item.valid_from for item in items])
            and _patterns(items)
        )
    if kind == "relationship":
        return (
            all(item.start_time is UNSET and item.stop_time is UNSET for item in items)
            and _references([item.source_ref for item in items])
            and _references([item.target_ref for item in items])
        )
    return True


def _patterns(items: Sequence[Any]) -> bool:
    """Each text once: what feeds send again and again is not even looked up."""
    texts = {item.pattern for item in items}
    if {item.pattern_type for item in items} == {STIX_PATTERN}:
        return all(why_not_pattern(text) is None for text in texts)  # an empty one is no pattern either
    return all(0 < len(text) <= MAX_PATTERN_CHARS for text in texts) and all(
        why_not_pattern(item.pattern) is None for item in items if item.pattern_type == STIX_PATTERN
    )


def _ids_of(kind: str, ids: Sequence[str]) -> bool:
    lines = "\n".join(ids).encode() + b"\n"
    prefix = f"{kind}--".encode()
    line = prefix.translate(_HEXADECIMAL) + _UUID_LINE
    # `--` stands once in a line of this shape, so that as many prefixes as lines means one in each.
    return (
        lines.translate(_HEXADECIMAL) == line * len(ids)
        and lines.count(prefix) == len(ids)
        and _variants(lines, len(prefix))
    )


def _references(refs: Sequence[str]) -> bool:
    common = refs[0][: -_UUID - 2]
    if not is_type(common) or common in NOT_IN_RELATIONSHIPS:
        return False
    if _ids_of(common, refs):
        return True
    for prefix in {ref[:-_UUID] for ref in refs}:
        kind = prefix[:-2]
        if prefix[-2:] != "--" or not is_type(kind) or kind in NOT_IN_RELATIONSHIPS:
            return False
    lines = "\n".join([ref[-_UUID:] for ref in refs]).encode() + b"\n"
    return lines.translate(_HEXADECIMAL) == _UUID_LINE * len(refs) and _variants(lines, 0)


def _variants(lines: bytes, start: int) -> bool:
    """Whether the version and variant digits of the UUIDs that begin at `start` of each line are defined ones."""
    step = start + len(_UUID_LINE)
    return not lines[start + 14 :: step].translate(None, b"12345678") and not lines[
        start + 19 :: step
    ].translate(None, b"89ab")


def _versions(items: Sequence[Any]) -> bool:
    created = [item.created for item in items]
    modified = [item.modified for item in items]
    # Of one length, text order is the order of time.
    return (
        len(created[0]) == len(modified[0])
        and len(created[0]) >= MILLISECONDS
        and _timestamps(created)
        and _timestamps(modified)
        and all(map(le, created, modified))
    )


@lru_cache(maxsize=16)
def _timestamp_line(length: int) -> bytes:
    return b"dddd-dd-ddTdd:dd:dd." + b"d" * (length - 21) + b"Z\n"


def _timestamps(texts: Sequence[str]) -> bool:
    length = len(texts[0])
    if not MILLISECONDS <= length <= MILLISECONDS + 6:
        return False
    lines = "\n".join(texts).encode() + b"\n"
    if lines.translate(_DECIMAL) != _timestamp_line(length) * len(texts) or b"T24:" in lines:
        return False  # newer Pythons take 24:00 for midnight; the standard does not
    try:
        # The shape holds; this says that the month, day and hour exist.
        collections.deque(map(_parse, texts), maxlen=0)
    except ValueError:
        return False
    return True


_parse = datetime.fromisoformat


def _shared(items: Sequence[Any]) -> bool:
    authors = {item.created_by_ref for item in items}
    authors.discard(UNSET)
    markings: set[str] = set()
    for refs in [item.object_marking_refs for item in items]:
        if refs is not UNSET:
            markings.update(refs)
    return (
        all(item.granular_markings is UNSET for item in items)
        and (not authors or _ids_of("identity", list(authors)))
        and (not markings or _ids_of("marking-definition", list(markings)))
    )
