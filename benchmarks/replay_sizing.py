"""What a billion events cost: CPU seconds of a replay as history grows, and the law they follow.

    python -m benchmarks.replay_sizing [--events 100000 1000000] [--engine local spark] [--jobs 2] [--folder DIR]
    python -m benchmarks.replay_sizing --pairs [--events 30000 100000 300000]

The history is `replay_world`'s: texts of some 200 characters, the packaged packs, no rules. Prints the table of
docs/replay.md. Each case is a process of its own, and its CPU seconds are those of it and all that it started: under
Spark also the Java machine and its workers. As many campaigns as were planted must be found, and the same by
both engines, or it stops. More than MADE events without campaigns are those of a history of MADE, over and over:
nothing remembers an event there.
"""

import argparse
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from benchmarks import replay_world
from benchmarks.rows import figure
from tocsin.app.replay import Counted, Recipe
from tocsin.app.replay_looks import CAMPAIGN_FILES
from tocsin.app.replay_traces import number_of
from tocsin.correlate.bands import BANDS
from tocsin.correlate.history import (
    I64,
    LEARN_FROM,
    BandRows,
    Bools,
    Meetings,
    Met,
    band_rows,
    common_of,
    families,
    verified,
)
from tocsin.taxonomy.packs import shipped_packs
from tocsin.wire.fold import fold
from tocsin.wire.sketch import sketch_batch

EVERY = 0.25
MADE = 10_000_000
CHUNK = 10_000
BILLION = 1_000_000_000
HOUR = 3_600
KEY = bytes(range(32))


def case(engine: str, campaigns: bool, files: list[Path], out: Path, jobs: int) -> Counted:
    """One replay, in this process and what it starts."""
    recipe = Recipe(packs=shipped_packs())
    if engine == "local":
        if campaigns:
            from tocsin.app.replay_campaigns import replay as with_campaigns

            return with_campaigns(files, recipe, out, key=KEY, jobs=jobs)
        from tocsin.app.replay import replay

        return replay(files, recipe, out, jobs=jobs)
    if campaigns:
        from tocsin.app.replay_campaigns_spark import replay as with_campaigns_there

        return with_campaigns_there(files, recipe, out, key=KEY)
    from tocsin.app.replay_spark import replay as under_spark

    return under_spark(files, recipe, out)


def _told(out: Path) -> str:
    """What was found, in few letters: equal for equal campaigns and members."""
    rows = [
        pq.read_table(out / CAMPAIGN_FILES / f"{name}.parquet").to_pylist()
        for name in ("campaigns", "members")
    ]
    return hashlib.sha256(repr(rows).encode()).hexdigest()


class Started:
    """CPU seconds of all that a process starts, and that starts in turn, looked at every EVERY seconds while it runs.

    The Java machine's workers are waited for by nobody, so no process is told what they used.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._used: dict[int, int] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def seconds(self) -> float:
        """So far; nothing is looked at any more."""
        self._over.set()
        self._thread.join()
        return sum(self._used.values()) / os.sysconf("SC_CLK_TCK")

    def _watch(self) -> None:
        while not self._over.wait(EVERY):
            told = {}
            for file in Path("/proc").glob("[0-9]*/stat"):
                with suppress(OSError):  # it has ended since
                    fields = file.read_text().rpartition(") ")[2].split()
                    told[int(file.parent.name)] = (int(fields[1]), int(fields[11]) + int(fields[12]))
            family = {self._pid}
            while more := {pid for pid, (parent, _) in told.items() if parent in family} - family:
                family |= more
            self._used |= {pid: told[pid][1] for pid in family - {self._pid}}


def measured(
    engine: str, campaigns: bool, events: int, files: list[Path], planted: int, told: set[str], jobs: int
) -> str:
    """A line of the table. `told` takes what was found."""
    with tempfile.TemporaryDirectory(dir=files[0].parent) as folder:
        what = "campaigns" if campaigns else "signals"
        asked = ["--case", engine, what, str(files[0]), f"{folder}/out", str(len(files)), str(jobs)]
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "benchmarks.replay_sizing", *asked], stdout=subprocess.PIPE
        )
        assert process.stdout is not None
        started = Started(process.pid)
        answer = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        used = usage.ru_utime + usage.ru_stime  # and of what it started and waited for
        under_it = started.seconds()
        if engine == "spark":
            used += under_it
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - began
        if process.returncode:
            raise SystemExit(process.returncode)
    counted = json.loads(answer)
    assert counted["events"] == events
    assert not campaigns or counted["campaigns"] == planted, f"{counted['campaigns']} of {planted}"
    told.add(counted["told"])
    assert len(told - {""}) <= 1, "the engines differ"
    memory = f"{usage.ru_maxrss / 1e3:,.0f}"
    cells = (
        engine if jobs == 1 else f"{engine}, {jobs} processes",
        "with" if campaigns else "without",
        f"{events:,}",
        f"{used:,.1f}",
        f"{wall:,.1f}",
        figure(events / used),
        memory,
    )
    return f"| {' | '.join(cells)} | {used / events * BILLION / HOUR:,.0f} |"


def pairs(events: int) -> str:
    """How many pairs of texts are looked at, and how: the part that could grow faster than the history."""
    blobs: dict[int, bytes] = {}
    for first in range(0, events, replay_world.ROWS):
        texts = [fold(row["text"]) for row in replay_world.rows(first, events)]
        for at in range(0, len(texts), CHUNK):
            blobs |= {number_of(one): one for one in sketch_batch(texts[at : at + CHUNK]) if one is not None}
    numbers = np.array(sorted(blobs), np.int64)
    least = numbers[:LEARN_FROM]
    common = common_of(least, [blobs[one] for one in least.tolist()])
    codes, bits = [], []
    for at in range(0, len(numbers), CHUNK):
        some = numbers[at : at + CHUNK]
        rows = band_rows(some, [blobs[one] for one in some.tolist()], common)
        codes.append(rows.code.reshape(-1, BANDS))
        bits.append(rows.bits[::BANDS])
    code, planes = np.concatenate(codes), np.concatenate(bits)
    meetings, met, asked = Meetings(), [], []
    began = time.process_time()
    for band in range(BANDS):
        order = np.argsort(code[:, band], kind="stable")
        met.append(meetings.take(BandRows(code[order, band], numbers[order], planes[order])))

    def verify(some: I64) -> Bools:
        asked.append(len(some))
        tied = np.zeros(len(some), np.bool_)
        for at in range(0, len(some), CHUNK):
            part = some[at : at + CHUNK]
            texts = np.unique(part)
            tied[at : at + CHUNK] = verified(part, texts, [blobs[one] for one in texts.tolist()])
        return tied

    near = Met.of(met)
    met_by = time.process_time()
    tied = families(near, verify)
    looked, verifying = ((met_by - began) * 1e6, (time.process_time() - met_by) * 1e6)
    each = (meetings.tried, looked, len(near.pairs), asked[0], verifying, len(tied.texts))
    return f"| {len(numbers):,} | {' | '.join(figure(count / len(numbers)) for count in each)} |"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--events", type=int, nargs="+", default=[100_000, 1_000_000])
    parser.add_argument("--engine", choices=("local", "spark"), nargs="+", default=["local"])
    parser.add_argument("--only", choices=("campaigns", "signals"))
    parser.add_argument("--folder", type=Path, help="Where to work: 2 KB an event are needed.")
    parser.add_argument("--pairs", action="store_true", help="Count pairs of texts instead.")
    parser.add_argument("--jobs", type=int, default=1, help="Processes that screen, of the local engine.")
    parser.add_argument("--case", nargs=6, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.case:
        engine, what, file, out, times, jobs = asked.case
        counted = case(engine, what == "campaigns", [Path(file)] * int(times), Path(out), int(jobs))
        told = _told(Path(out)) if what == "campaigns" else ""
        print(json.dumps({"events": counted.events, "campaigns": counted.campaigns, "told": told}))
        return 0
    if asked.pairs:
        print(
            "| texts | quick looks a text | µs | near pairs a text | looked at by hashes a text | µs | share tied |"
        )
        print("|---|---|---|---|---|---|---|")
        for events in asked.events:
            print(pairs(events), flush=True)
        return 0
    print(
        "| engine | campaigns | events | CPU-s | s | events a CPU-second | peak MB | CPU-hours for a billion |"
    )
    print("|---|---|---|---|---|---|---|---|")
    planted: dict[Path, int] = {}
    with tempfile.TemporaryDirectory(dir=asked.folder) as folder:
        for events in asked.events:
            made = min(events, MADE) if asked.only == "signals" else events
            assert events % made == 0, f"beyond {MADE:,} events, name so many times as many"
            file = Path(folder) / f"{made}.parquet"
            if file not in planted:
                planted[file] = replay_world.write(file, made)
            files = [file] * (events // made)
            tales: set[str] = set()
            for engine in asked.engine:
                for campaigns in (False, True):
                    if asked.only is None or campaigns == (asked.only == "campaigns"):
                        row = measured(engine, campaigns, events, files, planted[file], tales, asked.jobs)
                        print(row, flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
