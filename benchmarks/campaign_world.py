"""A cheap world of events at any size: sketches without texts, made again from their number, so that nothing is stored.

A sketch has some 250 shingles: a third from a small common vocabulary (as " the " and "tion " are), the rest from a
large one. A tenth of the events are edited copies of a template that others use too; a fifth are too short for a
fingerprint. Accounts have ten events each; one event in ten has an observable, one in three hundred a note of a rule.
"""

from collections.abc import Collection, Mapping
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tocsin.store.schemas import EVENT_SCHEMA, OBSERVABLE_TYPE, SIGNAL_TYPE
from tocsin.wire.sketch import FORMAT, MAX_SHINGLES, SLOTS

BLOCK = 10_000
SHINGLES = 250
COMMON, COMMON_WORDS = 80, 4_000
TEMPLATES = 0.1
TEMPLATE_USES = 20
SHORT = 0.2
EDITED = 0.12
SPAN_US = 29 * 86_400_000_000
CAMPAIGN = 12
U32 = npt.NDArray[np.uint32]

_VOCABULARY = np.random.default_rng(1).integers(0, 1 << 32, COMMON_WORDS, np.uint32)


class World:
    """`events` of them, the first at `start` (microseconds); keeps `correlate.Past` by making things again."""

    def __init__(self, events: int, start: int) -> None:
        self.events, self.start = events, start
        self.made = lru_cache(maxsize=1)(self._made)
        self.templates = lru_cache(maxsize=None)(self._copies)

    def blocks(self) -> range:
        return range(self.events // BLOCK)

    def batch(self, block: int) -> pa.RecordBatch:
        """The events of a block in EVENT_SCHEMA."""
        rng = np.random.default_rng((2, block))
        seqs = np.arange(block * BLOCK + 1, (block + 1) * BLOCK + 1)
        actors = rng.integers(0, max(self.events // 10, 10), BLOCK)
        times = self.start + seqs * (SPAN_US // self.events)
        days = times // 86_400_000_000
        tagged, noted = rng.random(BLOCK) < 0.1, rng.random(BLOCK) < 0.003
        return batch_of(
            seqs,
            times,
            [f"ps_{actor:032x}" for actor in actors.tolist()],
            days,
            [self.start - int(1 + actor % 700) * 86_400_000_000 for actor in actors.tolist()],
            [
                [("address-prefix", f"p{actor % 50_000}")] if tag else []
                for actor, tag in zip(actors.tolist(), tagged.tolist(), strict=True)
            ],
            [[("rules", "note")] if note else [] for note in noted.tolist()],
        )

    def blobs(self, block: int) -> dict[int, bytes]:
        """Seq → sketch of a block."""
        first = block * BLOCK + 1
        return {first + at: blob for at, blob in enumerate(self.made(block)) if blob is not None}

    def ids(self, seqs: Collection[int]) -> Mapping[int, str]:
        return {seq: f"event-{seq}" for seq in seqs}

    def seqs(self, ids: Collection[str]) -> Mapping[str, int]:
        return {event_id: int(event_id.removeprefix("event-")) for event_id in ids}

    def sketches(self, seqs: Collection[int]) -> Mapping[int, bytes]:
        found = {}
        for seq in seqs:
            if seq > self.events:
                found[seq] = campaign_blob(seq - self.events)
                continue
            block, row = divmod(seq - 1, BLOCK)
            template = self.templates(block)[row]
            blob = self._copy(seq, template) if template >= 0 else self.made(block)[row]
            if blob is not None:
                found[seq] = blob
        return found

    def _copies(self, block: int) -> npt.NDArray[np.int32]:
        """By row the template that it repeats, or -1."""
        rng = np.random.default_rng((6, block))
        number = max(int(self.events * TEMPLATES / TEMPLATE_USES), 1)
        copied = rng.random(BLOCK) < TEMPLATES
        return np.where(copied, rng.integers(0, number, BLOCK), -1).astype(np.int32)

    def _copy(self, seq: int, template: int) -> bytes:
        base = _texts(np.random.default_rng((4, template)), 1)[0]
        return blobs_of(_edited(np.random.default_rng((7, seq)), base)[None, :])[0]

    def _made(self, block: int) -> list[bytes | None]:
        rng = np.random.default_rng((3, block))
        made: list[bytes | None] = list(blobs_of(_texts(rng, BLOCK)))
        short = rng.random(BLOCK) < SHORT
        templates = self.templates(block)
        for row in range(BLOCK):
            if templates[row] >= 0:
                made[row] = self._copy(block * BLOCK + row + 1, int(templates[row]))
            elif short[row]:
                made[row] = None
        return made


def campaign_blob(number: int) -> bytes:
    """One of the copies of the text that the campaign repeats."""
    base = _texts(np.random.default_rng(99), 1)[0]
    return blobs_of(_edited(np.random.default_rng((5, number)), base)[None, :])[0]


def campaign(world: World) -> pa.RecordBatch:
    """New accounts that share a wallet and one text, at the end of the world."""
    seqs = np.arange(world.events + 1, world.events + 1 + CAMPAIGN)
    now = world.start + SPAN_US
    return batch_of(
        seqs,
        np.full(CAMPAIGN, now) + np.arange(CAMPAIGN) * 60_000_000,
        [f"ps_{(1 << 100) + at:032x}" for at in range(CAMPAIGN)],
        np.full(CAMPAIGN, now // 86_400_000_000),
        [now - 86_400_000_000] * CAMPAIGN,
        [[("wallet", "w")]] * CAMPAIGN,
        [[]] * CAMPAIGN,
    )


def batch_of(
    seqs: npt.NDArray[np.int64],
    times: npt.NDArray[np.int64],
    actors: list[str],
    days: npt.NDArray[np.int64],
    created: list[int],
    tags: list[list[tuple[str, str]]],
    notes: list[list[tuple[str, str]]],
) -> pa.RecordBatch:
    number = len(seqs)
    columns = {
        "seq": pa.array(seqs),
        "id": pa.array([f"event-{seq}" for seq in seqs.tolist()]),
        "time": pa.array(times),
        "received": pa.array(times),
        "source": pa.array(["forum"] * number),
        "kind": pa.array(["content.post"] * number),
        "actor": pa.array(actors),
        "seal_day": pa.array(days.astype("datetime64[D]").astype(str).tolist()),
        "actor_created": pa.array(created, pa.int64()),
        "observables": pa.array(
            [[{"type": kind, "value": value} for kind, value in row] for row in tags],
            pa.list_(OBSERVABLE_TYPE),
        ),
        "signals": pa.array(
            [
                [
                    {
                        "detector": name,
                        "version": "1",
                        "category": "fraud.scam",
                        "strength": 0.2,
                        "evidence": rule,
                    }
                    for name, rule in row
                ]
                for row in notes
            ],
            pa.list_(SIGNAL_TYPE),
        ),
    }
    return pa.RecordBatch.from_arrays(
        [columns.get(field.name, pa.nulls(number, field.type)) for field in EVENT_SCHEMA], schema=EVENT_SCHEMA
    )


def _texts(rng: np.random.Generator, number: int) -> U32:
    """(number, SHINGLES) hashes of texts, not in order."""
    common = _VOCABULARY[(COMMON_WORDS * rng.random((number, COMMON)) ** 2).astype(np.int64)]
    rare = rng.integers(0, 1 << 32, (number, SHINGLES - COMMON), np.uint32)
    return np.concatenate((common, rare), axis=1)


def _edited(rng: np.random.Generator, base: U32) -> U32:
    other = rng.integers(0, 1 << 32, len(base), np.uint32)
    return np.where(rng.random(len(base)) < EDITED, other, base)


def blobs_of(hashes: U32) -> list[bytes]:
    """Sketches in format 1 of (n, SHINGLES) hashes."""
    from tocsin.wire.shingles import Shingles
    from tocsin.wire.sketch import densify, least_in_slots  # what `sketch_batch` does once it has the hashes

    rows = np.sort(hashes, axis=1)
    new = np.ones(rows.shape, np.bool_)
    np.not_equal(rows[:, 1:], rows[:, :-1], out=new[:, 1:])
    counts = new.sum(axis=1)
    own = rows[new]
    signatures = np.empty((len(rows), SLOTS), np.uint32)
    least_in_slots(Shingles(own, counts), signatures)
    densify(signatures, counts == 0)
    assert counts.max() <= MAX_SHINGLES
    assert signatures.shape[1] == SLOTS
    heads = (counts.astype(np.uint32) << np.uint32(8)) | np.uint32(FORMAT)
    ends = np.cumsum(counts).tolist()
    starts = [0, *ends[:-1]]
    return [
        heads[row].tobytes() + signatures[row].tobytes() + own[first:last].tobytes()
        for row, (first, last) in enumerate(zip(starts, ends, strict=True))
    ]
