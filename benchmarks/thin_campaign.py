"""The demo's second act on seeds that nobody looked at: `python -m benchmarks.thin_campaign [--from N] [--seeds K]`.

Worlds are made as `tocsin demo` makes them, events go into each node's window without HTTP, candidates and their keys
are the node's own, and what the sum would be is added up in the open: the protocol adds the same (its tests hold it to
that), so nothing is cryptographic here. The screen's signals are left out.
"""

import argparse
import random
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import msgspec

from tocsin.correlate import find_campaigns
from tocsin.correlate.evidence import THRESHOLD
from tocsin.correlate.summed import Candidate, candidates, score
from tocsin.correlate.window import Window
from tocsin.kernel import EventLine, micros
from tocsin.kernel.sums import KINDS_SHARED, LEAST_HOLDERS, Component, CountVector, total
from tocsin.sandbox import generate
from tocsin.sandbox.thin import CROWD, THIN, thin, thin_seed
from tocsin.store.schemas import EVENT_SCHEMA
from tocsin.wire.fold import fold
from tocsin.wire.sketch import sketch_batch

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
FIRST, SEEDS = 1_000, 20


class Act(msgspec.Struct, frozen=True):
    """What came of one seed: who holds it, who rang alone, who after, and nodes at which anything harmless rang."""

    seed: int
    holders: tuple[str, ...]
    alone: tuple[str, ...]
    after: tuple[str, ...]
    false: tuple[str, ...]
    crowd: tuple[str, ...]
    """Nodes that raised the crowd which all of them have."""

    @property
    def good(self) -> bool:
        return not self.alone and len(self.after) >= LEAST_HOLDERS and not self.false


def act(seed: int, now: datetime = NOW, scale: float = 1.0) -> Act:
    """One seed, all nodes. `scale` multiplies ordinary life only."""
    scenario, more = (
        generate(random.Random(seed), now, scale=scale),
        thin(random.Random(thin_seed(seed)), now),
    )
    labels = {**scenario.labels, **more.labels}
    sides: dict[str, tuple[Candidate, ...]] = {}
    values: dict[str, dict[str, str]] = {}
    alone = []
    for name, lines in scenario.nodes.items():
        every = sorted([*lines, *more.nodes[name]], key=lambda line: (line.time, line.id))
        window = window_of(every)
        if any(
            _mostly(labels, warning.samples, THIN) for warning in find_campaigns(window, now_us=micros(now))
        ):
            alone.append(name)
        sides[name] = candidates(window, now_us=micros(now))
        values[name] = {f"{line.id}/{one.type}": one.value for line in every for one in line.observables}
    rang: dict[str, set[str]] = defaultdict(set)
    for holders in _by_band(sides).values():
        if len(holders) >= LEAST_HOLDERS and score(_sum(holders, values)) >= THRESHOLD:
            for name, one in holders.items():
                rang[THIN if _mostly(labels, one.warning.samples, THIN) else "other"].add(name)
    crowd = [
        name for name, side in sides.items() if any(_mostly(labels, o.warning.samples, CROWD) for o in side)
    ]
    return Act(seed, more.holders, *(tuple(sorted(one)) for one in (alone, rang[THIN], rang["other"], crowd)))


def window_of(lines: Sequence[EventLine]) -> Window:
    """Events in a window as a node has them, raw identifiers in place of pseudonyms."""
    import pyarrow as pa

    window = Window()
    rows = [
        {
            "seq": at,
            "id": line.id,
            "time": micros(line.time),
            "received": micros(line.time),
            "source": line.source,
            "kind": line.kind.value,
            "actor": line.actor,
            "seal_day": "2026-11-20",
            "actor_created": None if line.actor_created is None else micros(line.actor_created),
            "observables": [{"type": one.type.value, "value": one.value} for one in line.observables],
            "signals": [],
        }
        for at, line in enumerate(lines, 1)
    ]
    blobs = sketch_batch([fold(line.text) for line in lines])
    sketches = {at: blob for at, blob in enumerate(blobs, 1) if blob is not None}
    window.append(pa.RecordBatch.from_pylist(rows, schema=EVENT_SCHEMA), sketches)
    return window


def _by_band(sides: Mapping[str, Sequence[Candidate]]) -> dict[bytes, dict[str, Candidate]]:
    found: dict[bytes, dict[str, Candidate]] = defaultdict(dict)
    for name, side in sides.items():
        for one in side:
            for band in one.bands:
                found[band].setdefault(name, one)
    return found


def _sum(holders: Mapping[str, Candidate], values: Mapping[str, Mapping[str, str]]) -> CountVector:
    """As aggregators add: of each type the largest sum of one identifier that enough nodes have in common."""
    counts = list(total(one.counts for one in holders.values()).counts)
    for at in range(len(KINDS_SHARED)):
        component = Component.PAYMENT + at
        sums: dict[str, list[int]] = defaultdict(list)
        for name, one in holders.items():
            shown = one.identifiers[at]
            if shown is not None:
                sums[values[name][f"{shown.event}/{shown.type}"]].append(one.counts.counts[component])
        counts[component] = max((sum(one) for one in sums.values() if len(one) >= LEAST_HOLDERS), default=0)
    return CountVector(tuple(counts))


def _mostly(labels: Mapping[str, str], samples: Sequence[str], label: str) -> bool:
    return 2 * sum(labels.get(one) == label for one in samples) > len(samples)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="first", type=int, default=FIRST)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    asked = parser.parse_args()
    good = 0
    for seed in range(asked.first, asked.first + asked.seeds):
        found = act(seed)
        good += found.good
        print(  # a command of the benchmarks
            f"seed {seed}: held by {', '.join(found.holders)}; alone {', '.join(found.alone) or 'nobody'}; together "
            f"{', '.join(found.after) or 'nobody'}; harmless {', '.join(found.false) or 'none'}; crowd raised at "
            f"{len(found.crowd)}"
        )
    print(f"{good} of {asked.seeds} seeds")


if __name__ == "__main__":
    main()
