"""Digests of files that are known as bad: an operator's own list, and peers' STIX indicators.

Only a pattern that a file's sha256 alone fulfils is taken: of "this digest AND that name" the digest is half a claim.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from tocsin.assure.intelligence.names import file_key
from tocsin.assure.intelligence.osv import MAX_TITLE_CHARS, Unread
from tocsin.kernel import TooLarge
from tocsin.kernel.models import Intelligence, IntelligenceKind
from tocsin.wire.stix.patterns import (
    Combined,
    Comparison,
    Expression,
    Joined,
    Observation,
    Pattern,
    PatternError,
    parse_pattern,
)

MAX_LIST_BYTES = 64 << 20
"""Some 900,000 digests."""

OWN = "own-list"
"""The source of an operator's own list: its word is this node's."""


def read_hash_list(file: Path, *, at: int) -> Iterator[Intelligence | Unread]:
    """Lines "SHA256  why", as `sha256sum` prints them; # begins a comment. Raises TooLarge."""
    if file.stat().st_size > MAX_LIST_BYTES:
        raise TooLarge(f"a list has at most {MAX_LIST_BYTES >> 20} MiB: split it")
    for number, line in enumerate(file.read_bytes().splitlines(), 1):
        text = line.decode("utf-8", "replace").partition("#")[0].strip()
        if not text:
            continue
        first, _, why = text.partition(" ")
        key = file_key(first)
        if not key:
            yield Unread(f"line {number}", "it does not begin with a sha256 of 64 hexadecimal digits")
            continue
        title = why.strip(" *")
        yield item(key, (key,), digest=hashlib.sha256(line).hexdigest(), at=at, title=title, source=OWN)


def item(
    item_id: str,
    keys: tuple[str, ...],
    *,
    digest: str,
    at: int,
    title: str,
    source: str,
    withdrawn: bool = False,
) -> Intelligence:
    """One item; of its title what can be shown."""
    return Intelligence(
        kind=IntelligenceKind.FILE_HASH,
        id=item_id,
        digest=digest,
        at=at,
        title="".join(filter(str.isprintable, title))[:MAX_TITLE_CHARS],
        keys=keys,
        source=source,
        withdrawn=withdrawn,
    )


def hashes_in(pattern: str) -> tuple[str, ...]:
    """The sha256 digests of files each of which fulfils the whole pattern; () when there is none, or it is broken."""
    try:
        tree = parse_pattern(pattern)
    except PatternError:
        return ()
    return tuple(dict.fromkeys(_of_pattern(tree)))


def _of_pattern(pattern: Pattern) -> Iterator[str]:
    if isinstance(pattern, Observation):
        yield from _of_test(pattern.test)
    elif isinstance(pattern, Joined) and pattern.operator == "OR":
        for part in pattern.parts:
            yield from _of_pattern(part)


def _of_test(test: Expression) -> Iterator[str]:
    if isinstance(test, Combined) and test.operator == "OR":
        for part in test.parts:
            yield from _of_test(part)
    elif isinstance(test, Comparison) and not test.negated and test.operator in ("=", "IN"):
        steps = tuple(
            step.upper().replace("-", "") if isinstance(step, str) else "" for step in test.path.steps
        )
        if test.path.object_type == "file" and steps == ("HASHES", "SHA256"):
            yield from (key for constant in test.operands if (key := file_key(constant.value)))
