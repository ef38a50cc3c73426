"""Screening alone: ours beside hyperscan's raw scan with MinHash, and beside LLM Guard's scanners by expressions.

`python -m benchmarks screening`. Ours is the whole screen of a text: folding, language, 5,000 phrases and the packaged
ones in five forms, agents, evasion, fingerprint. hyperscan looks for the bytes of the 5,000 phrases in a lower-cased
text, as literals, and hands over each place; whole words, disguises and what a hit means are left to its user.
"""

import json
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.near_duplicates import shingles
from benchmarks.phrases import AT, world
from benchmarks.rows import Row, cpu_seconds
from tocsin.kernel import EventLine, Kind
from tocsin.screen import Screen
from tocsin.taxonomy.packs import Pack, PackLevel, load_packs
from tocsin.wire.sketch import sketch_batch

TEXTS = 10_000
BATCH = 1_000
ROUNDS = 7
"""Taken in turns; the least of each counts, for what else the machine does only adds."""

RENSA_TEXTS = 1_000
GUARD_TEXTS = 40
"""LLM Guard is some hundred times slower: it gets a part, and the figure is per text."""

FLOOR = 0.5
"""Within twice of hyperscan and MinHash, which read a text in no other form and tell nobody its language."""

SIGNATURE = 64
GUARD = Path(".cache/bench-llm-guard")
GUARD_LOCK = Path("lock/bench-llm-guard.txt")


def run() -> list[Row]:
    """Texts a CPU-second, each way on the same texts."""
    phrases, texts = world()
    texts = texts[:TEXTS]
    packs = (
        Pack("bench", 1, "fraud.scam", PackLevel.NOTE, {"en": tuple(phrases)}),
        *load_packs(Path("none")),
    )
    screen = Screen(packs)
    lines = [
        EventLine(id=str(number), time=AT, source="forum", kind=Kind.POST, actor="a", text=text)
        for number, text in enumerate(texts)
    ]
    batches = [lines[at : at + BATCH] for at in range(0, len(lines), BATCH)]
    scan = _hyperscan(phrases)
    hits = sum(len(scan(text)) for text in texts)
    ours, raw, sketch, rensa = _in_turns(
        (len(texts), lambda: [screen(batch) for batch in batches]),
        (len(texts), lambda: [scan(text) for text in texts]),
        (len(texts), lambda: [sketch_batch(texts[at : at + BATCH]) for at in range(0, len(texts), BATCH)]),
        (RENSA_TEXTS, lambda: _rensa(texts[:RENSA_TEXTS])),
    )
    found = sum(len(one.signals) for batch in batches for one in screen(batch))
    alone = f"{ours * 1e6:.1f} against {raw * 1e6:.1f}"
    minhash = f"{rensa * 1e6:.1f} us a text of 300 characters; {hits} raw hits, ours {found} signals"
    return [
        _row(
            "screening alone, against hyperscan and rensa", ours, raw + rensa, f"{alone} + {minhash}", FLOOR
        ),
        _row(
            "... against hyperscan and our own fingerprint",
            ours,
            raw + sketch,
            f"{alone} + {sketch * 1e6:.1f} us",
            None,
        ),
        *_guard(texts, phrases, ours),
    ]


def _row(name: str, ours: float, peer: float, work: str, floor: float | None) -> Row:
    return Row(name, 1 / ours, 1 / peer, peer / ours, "texts/CPU-s", floor, work)


def _in_turns(*works: tuple[int, Callable[[], object]]) -> list[float]:
    """CPU seconds a text of each."""
    least = [float("inf")] * len(works)
    for _ in range(ROUNDS):
        for at, (number, work) in enumerate(works):
            started = cpu_seconds()
            work()
            least[at] = min(least[at], (cpu_seconds() - started) / number)
    return least


def _hyperscan(phrases: list[str]) -> Callable[[str], list[tuple[int, int]]]:
    """The raw scan of a text: (phrase, where it ends) of every hit."""
    import hyperscan

    database = hyperscan.Database()
    database.compile(
        expressions=[phrase.encode() for phrase in phrases],
        ids=list(range(len(phrases))),
        elements=len(phrases),
        flags=0,
        literal=True,
    )

    def scan(text: str) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        database.scan(
            text.lower().encode(), match_event_handler=lambda number, _, end, *__: found.append((number, end))
        )
        return found

    return scan


def _rensa(texts: list[str]) -> None:
    from rensa import RMinHash

    for text in texts:
        RMinHash(num_perm=SIGNATURE, seed=42).update(list(shingles(text)))


def _guard(texts: list[str], phrases: list[str], ours: float) -> list[Row]:
    """LLM Guard's scanners by words and expressions, in an environment of its own."""
    python = GUARD / "bin" / "python"
    if not python.exists() and not GUARD_LOCK.exists():
        print(f"LLM Guard is left out: there is no {GUARD_LOCK} to install it from", file=sys.stderr)
        return []
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", GUARD], check=True)
        pip: list[str | Path] = [python, "-m", "pip", "--disable-pip-version-check", "-q", "install"]
        subprocess.run([*pip, "--require-hashes", "--no-deps", "-r", GUARD_LOCK], check=True)
    rng = random.Random(3)
    words = [word for phrase in phrases for word in phrase.split()]
    patterns = [rf"{rng.choice(words)} (?:{rng.choice(words)}|{rng.choice(words)})" for _ in range(100)]
    asked = {"texts": texts[:GUARD_TEXTS], "substrings": phrases, "patterns": patterns}
    answer = subprocess.run(
        [python, "-I", Path(__file__).with_name("llm_guard_peer.py")],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    told = {name: seconds / GUARD_TEXTS for name, (seconds, _) in json.loads(answer.stdout).items()}
    work = ", ".join(f"{name} {each * 1e6:,.0f}" for name, each in told.items())
    return [
        _row(
            "... against LLM Guard's scanners by expressions",
            ours,
            sum(told.values()),
            f"us a text: {work}; the same 5,000 phrases as substrings, 100 expressions",
            None,
        )
    ]
