"""Near-duplicates among 100,000 texts of some 300 characters: fingerprint, candidate pairs, pairs verified exactly.

Both sides do the same work on the same texts: character 5-grams, 64 slots, 16 bands of 4 rows, pairs kept at
Jaccard >= LEAST by their exact shingle sets. The peer is rensa with Python shingles (it has no shingler of its
own) and its LSH; its pairs are verified with Python sets, as its users do. Truth is the planted copies whose exact
similarity is at least LEAST. `work` gives each side's recall and precision.
"""

import random
from collections.abc import Iterable
from itertools import combinations

from benchmarks.rows import Row, cpu_seconds
from tocsin.correlate.neighbours import Texts, near_pairs
from tocsin.wire.sketch import sketch_columns

TEXTS = 100_000
LEAST = 0.5
BANDS, ROWS = 16, 4
FLOOR = 4.0
SEED = 20_250_601
Pair = tuple[int, int]


def corpus(number: int, seed: int = SEED) -> tuple[list[str], set[Pair]]:
    """Texts, and the planted pairs whose exact similarity reaches LEAST."""
    rng = random.Random(seed)
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    words = ["".join(rng.choices(letters, range(26, 0, -1), k=rng.randint(2, 9))) for _ in range(20_000)]
    families: list[list[str]] = []
    made = 0
    while made < number:
        first = rng.choices(words, k=46)
        family = [" ".join(first)]
        if rng.random() < 0.1:
            for _ in range(rng.randint(1, 3)):
                share = rng.choice((0.03, 0.06, 0.1))
                family.append(" ".join(rng.choice(words) if rng.random() < share else word for word in first))
        families.append(family)
        made += len(family)
    placed = [(text, owner) for owner, family in enumerate(families) for text in family][:number]
    rng.shuffle(placed)
    by_family: dict[int, list[int]] = {}
    for at, (_, owner) in enumerate(placed):
        by_family.setdefault(owner, []).append(at)
    texts = [text for text, _ in placed]
    planted = (pair for places in by_family.values() for pair in combinations(places, 2))
    return texts, {
        pair for pair in planted if jaccard(shingles(texts[pair[0]]), shingles(texts[pair[1]])) >= LEAST
    }


def shingles(text: str) -> set[str]:
    return {text[at : at + 5] for at in range(len(text) - 4)}


def jaccard(one: set[str], other: set[str]) -> float:
    return len(one & other) / len(one | other)


def ours(texts: list[str]) -> set[Pair]:
    columns = sketch_columns(texts)
    pairs, _ = near_pairs(
        Texts.of(columns.signatures, columns.hashes, columns.starts), least=LEAST, number=BANDS, rows=ROWS
    )
    return {(int(one), int(other)) for one, other in pairs}


def theirs(texts: list[str]) -> set[Pair]:
    from rensa import RMinHash, RMinHashLSH  # installed for `make bench` only

    index = RMinHashLSH(threshold=LEAST, num_perm=BANDS * ROWS, num_bands=BANDS)
    found: set[Pair] = set()
    for at, text in enumerate(texts):
        sketch = RMinHash(num_perm=BANDS * ROWS, seed=42)
        own = shingles(text)
        sketch.update(list(own))
        for other in index.query(sketch):
            if jaccard(own, shingles(texts[other])) >= LEAST:
                found.add((other, at))
        index.insert(at, sketch)
    return found


def quality(found: set[Pair], truth: set[Pair]) -> str:
    right = len(found & truth)
    return f"recall {right / max(len(truth), 1):.3f}, precision {right / max(len(found), 1):.3f}"


def timed(texts: list[str], side: str) -> tuple[float, set[Pair]]:
    """Texts per CPU-second, and the pairs found."""
    started = cpu_seconds()
    found = ours(texts) if side == "ours" else theirs(texts)
    return len(texts) / (cpu_seconds() - started), found


def run(sizes: Iterable[int] = (10_000, TEXTS)) -> list[Row]:
    """One row a size; the floor holds at the largest."""
    rows = []
    for size in sizes:
        texts, truth = corpus(size)
        ours([*texts[:1000]])  # imports and tables are not the work
        speed, found = timed(texts, "ours")
        peer_speed, peer_found = timed(texts, "theirs")
        rows.append(
            Row(
                name=f"near-duplicates, {size:,} texts, against rensa",
                ours=speed,
                peer=peer_speed,
                ratio=speed / peer_speed,
                unit="texts/CPU-s",
                floor=FLOOR if size >= TEXTS else None,
                work=f"ours {quality(found, truth)}; rensa {quality(peer_found, truth)}",
            )
        )
    return rows
