"""Near-duplicates among 100,000 texts of some 300 characters: fingerprint, candidate pairs, pairs verified exactly.

Every side does the same work on the same texts: character 5-grams, 64 slots, 16 bands of 4 rows, pairs kept at
Jaccard >= LEAST by their exact shingle sets. The peers have no shingler of their own and are given Python's; each is
used in the fastest way its manual shows (rensa a batch at once, datasketch a batch at once with `zlib.crc32`, which
halves the cost of its own SHA-1), and its pairs are verified with Python sets, made for candidates only. Truth is the
planted copies whose exact similarity is at least LEAST. `work` gives each side's recall and precision.

Fingerprints alone are the first of the three steps. The last row gives rensa what it lacks: all shingles of a batch as
one numpy array, so that what is left is one signature against the other.
"""

import random
from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from benchmarks.rows import Row, cpu_seconds
from tocsin.correlate.neighbours import Texts, near_pairs
from tocsin.wire.sketch import Columns, sketch_columns

TEXTS = 100_000
LEAST = 0.5
BANDS, ROWS = 16, 4
SLOTS = BANDS * ROWS
RUNS = 3
"""Runs of each side, one after the other; the best counts. The machine may be shared, and a first run also pays for
fresh memory, which costs some virtual machines more than the work."""
BATCH = 100
"""Texts a peer is given at once: fewer wait for Python, more leave the processor's cache."""
FLOORS = {"rensa": 10.0, "datasketch": 25.0}
SEED = 20_250_601
LATIN = "abcdefghijklmnopqrstuvwxyz"
CYRILLIC = str.maketrans(LATIN, "абвгдежзийклмнопрстуфхцчшщ")
Pair = tuple[int, int]


class Side(NamedTuple):
    """One way of doing the work: texts to fingerprints, then fingerprints to pairs."""

    signatures: Callable[[list[str]], Any]
    pairs: Callable[[list[str], Any], set[Pair]]


class Result(NamedTuple):
    """Texts per CPU-second, fingerprints alone and whole, and the pairs found."""

    signing: float
    whole: float
    found: set[Pair]


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


def in_han(text: str) -> str:
    """A Han character for every two letters, no spaces: about what a translation would have."""
    letters = text.replace(" ", "")
    pairs = zip(letters[::2], letters[1::2], strict=False)
    return "".join(chr(0x4E00 + 26 * LATIN.index(one) + LATIN.index(other)) for one, other in pairs)


def shingles(text: str) -> set[str]:
    return {text[at : at + 5] for at in range(len(text) - 4)}


def jaccard(one: set[str], other: set[str]) -> float:
    shared = len(one & other)
    return shared / (len(one) + len(other) - shared)


def _pairs(texts: list[str], columns: Columns) -> set[Pair]:
    held = Texts.of(columns.signatures, columns.hashes, columns.starts)
    pairs, _ = near_pairs(held, least=LEAST, number=BANDS, rows=ROWS)
    return {(one, other) for one, other in pairs.tolist()}


def _batches(texts: list[str]) -> Iterator[list[str]]:
    return (texts[first : first + BATCH] for first in range(0, len(texts), BATCH))


def _rensa_signatures(texts: list[str]) -> list[Any]:
    from rensa import RMinHash  # installed for `make bench` only

    found: list[Any] = []
    for batch in _batches(texts):
        grams = [[text[at : at + 5] for at in range(len(text) - 4)] for text in batch]
        found += RMinHash.from_token_sets(grams, num_perm=SLOTS, seed=42)
    return found


def _rensa_pairs(texts: list[str], signatures: list[Any]) -> set[Pair]:
    from rensa import RMinHashLSH

    index = RMinHashLSH(threshold=LEAST, num_perm=SLOTS, num_bands=BANDS)
    found: set[Pair] = set()
    for at, signature in enumerate(signatures):
        found |= _verified(texts, at, index.query(signature))
        index.insert(at, signature)
    return found


def _datasketch_signatures(texts: list[str]) -> list[Any]:
    from zlib import crc32

    from datasketch import MinHash

    found: list[Any] = []
    for batch in _batches(texts):
        raw = [text.encode() for text in batch]
        grams = [[text[at : at + 5] for at in range(len(text) - 4)] for text in raw]
        found += MinHash.bulk(grams, num_perm=SLOTS, hashfunc=crc32)
    return found


def _datasketch_pairs(texts: list[str], signatures: list[Any]) -> set[Pair]:
    from datasketch import MinHashLSH

    index = MinHashLSH(num_perm=SLOTS, params=(BANDS, ROWS))
    found: set[Pair] = set()
    for at, signature in enumerate(signatures):
        found |= _verified(texts, at, index.query(signature))
        index.insert(at, signature, check_duplication=False)
    return found


def _verified(texts: list[str], at: int, others: list[int]) -> set[Pair]:
    """Which of the candidates truly resemble text `at`."""
    if not others:
        return set()
    own = shingles(texts[at])
    return {(other, at) for other in others if jaccard(own, shingles(texts[other])) >= LEAST}


def rensa_from_numbers(texts: list[str]) -> None:
    """rensa's signatures of shingles that numpy cut out as 64-bit numbers. Texts of ASCII."""
    from rensa import RMinHash

    for batch in _batches(texts):
        lengths = np.fromiter(map(len, batch), np.int64, len(batch))
        row = "".join(batch).encode() + bytes(8)
        numbers = np.ndarray((len(row) - 8,), "<u8", row, strides=(1,)) & np.uint64((1 << 40) - 1)
        within = np.ones(len(numbers), np.bool_)
        within[(np.cumsum(lengths)[:, None] - np.arange(1, 5)).reshape(-1)] = False
        starts = np.concatenate(([0], np.cumsum(lengths - 4))).astype(np.uint64)
        RMinHash.digest_matrix_from_flat_token_hashes(numbers[within], starts, SLOTS, 42)


SIDES = {
    "ours": Side(sketch_columns, _pairs),
    "rensa": Side(_rensa_signatures, _rensa_pairs),
    "datasketch": Side(_datasketch_signatures, _datasketch_pairs),
}


def quality(found: set[Pair], truth: set[Pair]) -> str:
    right = len(found & truth)
    return f"recall {right / max(len(truth), 1):.3f}, precision {right / max(len(found), 1):.3f}"


def once(texts: list[str], side: Side) -> Result:
    """One run of the whole work."""
    started = cpu_seconds()
    signatures = side.signatures(texts)
    signed = cpu_seconds()
    found = side.pairs(texts, signatures)
    return Result(len(texts) / (signed - started), len(texts) / (cpu_seconds() - started), found)


def measured(texts: list[str], side: Side) -> Result:
    """The best of RUNS."""
    runs = [once(texts, side) for _ in range(RUNS)]
    return Result(max(run.signing for run in runs), max(run.whole for run in runs), runs[0].found)


def from_numbers(texts: list[str]) -> float:
    """The best speed of `rensa_from_numbers`, in as many runs."""
    best = 0.0
    for _ in range(RUNS):
        started = cpu_seconds()
        rensa_from_numbers(texts)
        best = max(best, len(texts) / (cpu_seconds() - started))
    return best


def other_scripts(texts: list[str]) -> list[Row]:
    """Fingerprints alone, of the same texts in other letters."""
    rows = []
    for name, written in (
        ("Cyrillic", [text.translate(CYRILLIC) for text in texts]),
        ("Han", [in_han(text) for text in texts]),
    ):
        once(written[:1000], SIDES["ours"])
        ours, peer = (measured(written, SIDES[side]).signing for side in ("ours", "rensa"))
        rows.append(
            Row(
                name=f"... fingerprints alone, texts in {name}, against rensa",
                ours=ours,
                peer=peer,
                ratio=ours / peer,
                unit="texts/CPU-s",
                floor=None,
                work=f"{sum(map(len, written)) // len(written)} characters a text",
            )
        )
    return rows


def run(sizes: Iterable[int] = (10_000, TEXTS)) -> list[Row]:
    """Five rows a size, and two in other scripts below the largest; the floors hold at the largest."""
    rows: list[Row] = []
    for size in sizes:
        texts, truth = corpus(size)
        once(texts[:1000], SIDES["ours"])  # imports and tables are not the work
        best = {name: measured(texts, side) for name, side in SIDES.items()}
        numbers = from_numbers(texts)
        ours = best.pop("ours")
        for name, peer in best.items():
            rows.append(
                Row(
                    name=f"near-duplicates, {size:,} texts, against {name}",
                    ours=ours.whole,
                    peer=peer.whole,
                    ratio=ours.whole / peer.whole,
                    unit="texts/CPU-s",
                    floor=FLOORS[name] if size >= TEXTS else None,
                    work=f"ours {quality(ours.found, truth)}; {name} {quality(peer.found, truth)}",
                )
            )
        for name, speed, work in (
            *((name, peer.signing, "from the text, shingles included") for name, peer in best.items()),
            ("rensa given shingles", numbers, "shingles cut by numpy; ours also gives the sorted hashes"),
        ):
            rows.append(
                Row(
                    name=f"... fingerprints alone, against {name}",
                    ours=ours.signing,
                    peer=speed,
                    ratio=ours.signing / speed,
                    unit="texts/CPU-s",
                    floor=None,
                    work=work,
                )
            )
        if size < TEXTS:
            rows += other_scripts(texts)
    return rows
