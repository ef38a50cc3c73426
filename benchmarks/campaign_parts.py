"""The parts of a saved window of any size, made of random numbers in the shape of `campaign_world`."""

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.campaign_world import SHORT, SPAN_US, TEMPLATE_USES, TEMPLATES, World
from tocsin.correlate.bands import BANDS, PLANES
from tocsin.correlate.saving import KNOWN, ROWS, SHARED, TEXTS, USES

DAY_US = 86_400_000_000
COMMON = 2_000
Part = tuple[str, str, dict[str, npt.NDArray[Any]]]


def parts(world: World) -> Iterator[Part]:
    """As `correlate.saving.save` gives them. Copies of a template share most bits and half of their bands."""
    rng = np.random.default_rng(8)
    number, accounts, tags = world.events, max(world.events // 10, 10), 50_000
    seqs = np.arange(1, number + 1)
    times = world.start + seqs * (SPAN_US // number)
    day_of = (times // DAY_US).astype(np.uint16)
    text = np.where(rng.random(number) < SHORT, -1, 0).astype(np.int32)
    text[text == 0] = np.arange(np.count_nonzero(text == 0), dtype=np.int32)
    texts = int(text.max()) + 1
    day_of_text = day_of[text >= 0]
    templates = max(int(number * TEMPLATES / TEMPLATE_USES), 1)
    template = np.where(rng.random(texts) < TEMPLATES, rng.integers(0, templates, texts), -1).astype(np.int32)
    copies = np.flatnonzero(template >= 0)
    sizes = np.bincount(template[copies], minlength=templates).astype(np.int32)
    first = np.full(templates, -1, np.int32)
    first[template[copies[::-1]]] = copies[::-1]
    words = {
        "types": ["address-prefix"],
        "rules": [["rules", "1", "fraud.scam", "note", False]],
        "learned": True,
    }
    created = world.start - (1 + np.arange(accounts) % 700) * DAY_US
    yield (
        "",
        SHARED,
        {
            "actors": rng.integers(0, 1 << 63, accounts, np.uint64),
            "created": created,
            "tags": rng.integers(0, 1 << 63, tags, np.uint64),
            "tag_type": np.zeros(tags, np.int16),
            "words": np.frombuffer(msgspec.json.encode(words), np.uint8),
            "common": np.sort(rng.integers(0, 1 << 32, COMMON, np.uint32)),
            "newest": np.array([number]),
            "days": np.unique(day_of),
            "events": np.array([number]),
            "texts": np.array([texts]),
        },
    )
    shared_keys = rng.integers(0, 1 << 32, (templates, BANDS), np.uint32)
    for day in np.unique(day_of).tolist():
        name = str(np.datetime64(day, "D"))
        rows = np.flatnonzero(day_of == day)
        tagged, noted = (
            np.flatnonzero(rng.random(len(rows)) < 0.1),
            np.flatnonzero(rng.random(len(rows)) < 0.003),
        )
        actor = rng.integers(0, accounts, len(rows)).astype(np.int32)
        yield (
            name,
            ROWS,
            {
                "seq": seqs[rows],
                "time": times[rows],
                "actor": actor,
                "tag_row": tagged.astype(np.int32),
                "tag": actor[tagged] % np.int32(tags),
                "signal_row": noted.astype(np.int32),
                "signal": np.zeros(len(noted), np.int32),
            },
        )
        yield name, USES, {"text": text[rows]}
        own = np.flatnonzero(day_of_text == day).astype(np.int32)
        yield name, KNOWN, {"digest": rng.integers(0, 1 << 32, len(own), np.uint32)}
        tied = own[(template[own] >= 0) & (sizes[template[own]] > 1)]
        yield (
            name,
            TEXTS,
            {
                "text": own,
                "planes": rng.integers(0, 1 << 63, (len(own), PLANES), np.uint64),
                "tied_texts": tied,
                "tied_family": template[tied],
                "tied_medoid": first[template[tied]],
                "tied_size": sizes[template[tied]],
            },
        )
        for band in range(BANDS):
            keys = rng.integers(0, 1 << 32, len(own), np.uint32)
            same = (template[own] >= 0) & (rng.random(len(own)) < 0.5)
            keys[same] = shared_keys[template[own[same]], band]
            yield name, f"band-{band}", {"keys": keys}
