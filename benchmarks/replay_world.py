"""A history of any size, made in chunks from a seed: what most people write, templates that many use, and campaigns.

Texts have 30 words, some 200 characters: half of them from 200 common words, the rest from 20,000. A tenth of the
events are copies, one word in eight changed, of a template that twenty use. An account has ten events, over 29 days.
For every PER_CAMPAIGN events there is one campaign of CAMPAIGN new accounts that share an e-mail address.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from tocsin.app.replay import LINES

START = datetime(2026, 3, 1, tzinfo=UTC)
SPAN_US = 29 * 86_400_000_000
WORDS = 30
COMMON, RARE = 200, 20_000
TEMPLATES, TEMPLATE_USES = 0.1, 20
CHANGED = 1 / 8
PER_CAMPAIGN = 50_000
CAMPAIGN = 12
ROWS = 50_000
"""Rows made and written at once."""

I64 = npt.NDArray[np.int64]
_SYLLABLES = [first + last for first in "bcdfghjklmnprstvwz" for last in ("a", "e", "io", "un", "ar")]


def write(file: Path, events: int) -> int:
    """Write some `events` rows in order of time; returns how many campaigns are among them."""
    with pq.ParquetWriter(file, LINES, compression="zstd") as writer:
        for chunk in range(0, events, ROWS):
            writer.write_table(pa.Table.from_pylist(list(rows(chunk, events)), schema=LINES))
    return max(events // PER_CAMPAIGN, 1)


def rows(first: int, events: int) -> Iterator[dict[str, Any]]:
    """ROWS events from the one with this number on."""
    rng = np.random.default_rng((1, first))
    number = min(ROWS, events - first)
    texts = _texts(rng, number)
    copied = np.flatnonzero(rng.random(number) < TEMPLATES)
    templates = max(int(events * TEMPLATES / TEMPLATE_USES), 1)
    for row, template in zip(copied.tolist(), rng.integers(0, templates, len(copied)).tolist(), strict=True):
        texts[row] = _changed(rng, _texts(np.random.default_rng((2, template)), 1)[0])
    actors = rng.integers(0, max(events // 10, 10), number).tolist()
    planted = _planted(first, number, events)
    for row, (words, actor) in enumerate(zip(texts.tolist(), actors, strict=True)):
        at = first + row
        time = _moment(at * SPAN_US // events)
        yield planted.get(at) or {
            "id": f"e{at}",
            "time": time,
            "source": "feed",
            "kind": "content.post",
            "actor": f"a{actor}",
            "text": _said(words),
            "actor_created": _moment(-(1 + actor % 700) * 86_400_000_000),
        }


def _planted(first: int, number: int, events: int) -> dict[int, dict[str, Any]]:
    """Events of campaigns that fall into these rows: each account has two, within three days."""
    found = {}
    gap = max(events * 3 // 29 // (2 * CAMPAIGN), 1)
    campaigns = max(events // PER_CAMPAIGN, 1)
    for campaign in range(campaigns):
        begin = campaign * events // campaigns * 9 // 10
        if not first - 2 * CAMPAIGN * gap < begin + campaign % gap < first + number:
            continue
        for use in range(2 * CAMPAIGN):
            at = begin + use * gap + campaign % gap
            if first <= at < first + number:
                rng = np.random.default_rng((4, campaign, use))
                found[at] = {
                    "id": f"e{at}",
                    "time": _moment(at * SPAN_US // events),
                    "source": "feed",
                    "kind": "content.post",
                    "actor": f"c{campaign}-{use % CAMPAIGN}",
                    "text": _said(_changed(rng, _base(campaign)).tolist()),
                    "actor_created": _moment(begin * SPAN_US // events - 86_400_000_000),
                    "observables": [{"type": "email", "value": f"pay{campaign}@claims.example"}],
                }
    return found


@cache
def _base(campaign: int) -> I64:
    """What the accounts of a campaign say in words of their own."""
    base: I64 = _texts(np.random.default_rng((3, campaign)), 1)[0]
    return base


def _texts(rng: np.random.Generator, number: int) -> I64:
    """(number, WORDS) words by number."""
    common = rng.integers(0, COMMON, (number, WORDS))
    rare = rng.integers(COMMON, COMMON + RARE, (number, WORDS))
    return np.where(rng.random((number, WORDS)) < 0.5, common, rare)


def _changed(rng: np.random.Generator, words: I64) -> I64:
    other = rng.integers(COMMON, COMMON + RARE, len(words))
    return np.where(rng.random(len(words)) < CHANGED, other, words)


def _said(words: Sequence[int]) -> str:
    return " ".join(map(_words().__getitem__, words))


@cache
def _words() -> list[str]:
    return [_word(number) for number in range(COMMON + RARE)]


def _word(number: int) -> str:
    """A word of one to three syllables for each number; common words are short."""
    parts = [_SYLLABLES[number % 90]]
    while number >= 90:
        number //= 90
        parts.append(_SYLLABLES[(number * 7) % 90])
    return "".join(parts)


def _moment(micros: int) -> datetime:
    return datetime.fromtimestamp(START.timestamp() + micros / 1_000_000, UTC)
