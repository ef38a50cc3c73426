"""5,000 phrases over texts: Aho-Corasick on both forms, whole words only, against one `re` alternation."""

import random
import re
from datetime import UTC, datetime

from benchmarks.rows import Row, cpu_seconds
from tocsin.kernel import EventLine, Kind
from tocsin.screen import Screen
from tocsin.screen.batch import prepare
from tocsin.screen.phrases import PhraseSearch
from tocsin.taxonomy.packs import Pack, PackLevel

PHRASES = 5_000
TEXTS = 20_000
PEER_TEXTS = 300
"""The peer is some hundred times slower: it gets a part, and the figure is per character."""

FLOOR = 20.0
AT = datetime(2026, 9, 1, tzinfo=UTC)


def vocabulary(rng: random.Random) -> list[str]:
    """8,000 words that nobody writes."""
    return ["".join(rng.choices("etaoinshrdlucmfwypvbgk", k=rng.randint(3, 9))) for _ in range(8_000)]


def world(seed: int = 11) -> tuple[list[str], list[str]]:
    """Phrases, and texts of some 300 characters of which one in twenty holds one."""
    rng = random.Random(seed)
    words = vocabulary(rng)
    phrases = [" ".join(rng.choices(words, k=rng.randint(2, 4))) for _ in range(PHRASES)]
    texts = [
        " ".join([*rng.choices(words, k=45), *(rng.choice(phrases),) * (rng.random() < 0.05)])
        for _ in range(TEXTS)
    ]
    return phrases, texts


def run() -> list[Row]:
    """Megabytes a CPU-second for the search alone, and the whole screen in texts a CPU-second."""
    phrases, texts = world()
    pack = Pack("bench", 1, "fraud.scam", PackLevel.NOTE, {"en": tuple(phrases)})
    search = PhraseSearch([pack])
    lines = [
        EventLine(id=str(number), time=AT, source="forum", kind=Kind.POST, actor="a", text=text)
        for number, text in enumerate(texts)
    ]
    batch = prepare(lines)
    started = cpu_seconds()
    hits = search(batch).num_rows
    ours = sum(map(len, texts)) / 1e6 / (cpu_seconds() - started)

    pattern = re.compile(r"\b(?:" + "|".join(map(re.escape, phrases)) + r")\b")
    part = texts[:PEER_TEXTS]
    started = cpu_seconds()
    peer_hits = sum(1 for text in part for _ in pattern.finditer(text.casefold()))
    peer = sum(map(len, part)) / 1e6 / (cpu_seconds() - started)

    screen = Screen([pack])
    started = cpu_seconds()
    screen(lines)
    whole = len(texts) / (cpu_seconds() - started)
    return [
        Row(
            "5,000 phrases, against re",
            ours,
            peer,
            ours / peer,
            "MB/CPU-s",
            FLOOR,
            f"{hits} hits in {TEXTS:,} texts; re {peer_hits} in {PEER_TEXTS}",
        ),
        Row(
            "whole screen of a text",
            whole,
            None,
            None,
            "texts/CPU-s",
            None,
            "fold, 5,000 phrases, evasion, fingerprint; 300 characters",
        ),
    ]
