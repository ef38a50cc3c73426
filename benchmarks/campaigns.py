"""Campaigns at any size: events kept, memory, restart to ready, and the time from the deciding event to the warning.

`make bench ARGS=campaigns` takes 300,000 events one batch after the other; `python -m benchmarks.campaigns
--million 10` more. A first process fills a window and saves it (the parts are sealed as on a node, but for the
store); a second, fresh one loads it, and then takes a campaign's last event. Sketches are asked of a world that makes
them again (`campaign_world`), not of Parquet. Beyond FILLED events the parts are made directly, of random numbers in
the same shape (`campaign_parts`): the taking is not measured then, all that follows is.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.campaign_parts import parts
from benchmarks.campaign_world import BLOCK, CAMPAIGN, SPAN_US, World, campaign, campaign_blob
from benchmarks.rows import Row, cpu_seconds
from tocsin.app.memory import give_back, large_blocks_apart
from tocsin.correlate import Window, find_campaigns, find_phrases
from tocsin.correlate.saving import load, save
from tocsin.kernel import Warning
from tocsin.trust.seal import KEY_BYTES, Seal

START = 1_780_000_000_000_000
NOW = START + SPAN_US + CAMPAIGN * 60_000_000
FILLED = 2_000_000
MEMORY_MB, READY_SECONDS, FOUND_SECONDS = 1_000.0, 5.0, 2.0


def resident() -> float:
    """Megabytes of this process in memory: `statm` would be cheaper, and is tens of megabytes late."""
    return _kibibytes("smaps_rollup", "Rss") * 1024 / 1e6


def peak() -> float:
    """Megabytes of this process in memory at most, so far."""
    return _kibibytes("status", "VmHWM") * 1024 / 1e6


def _kibibytes(file: str, name: str) -> int:
    lines = Path(f"/proc/self/{file}").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def tick(window: Window) -> tuple[Warning, ...]:
    """What the watch does with its window every two seconds, look included (`app.watch`)."""
    window.evict(START)
    window.shred(lambda day: False)
    found = find_campaigns(window, now_us=NOW)
    find_phrases(window, now_us=NOW)
    give_back()
    return found


def fill(events: int, folder: Path) -> dict[str, float]:
    """Take the events, look once, save. CPU-seconds of the window alone."""
    large_blocks_apart()
    world = World(events, START)
    window = Window(world, max_events=events + BLOCK)
    taken = 0.0
    for block in world.blocks():
        batch, blobs = world.batch(block), world.blobs(block)
        started = cpu_seconds()
        window.append(batch, blobs)
        taken += cpu_seconds() - started
    started = cpu_seconds()
    find_campaigns(window, now_us=NOW)
    settled = cpu_seconds() - started
    started = cpu_seconds()
    seal = Seal(b"k" * KEY_BYTES, os.urandom)
    for day, section, arrays in save(window):
        plain = msgspec.msgpack.encode([(n, a.dtype.str, a.tobytes()) for n, a in arrays.items()])
        (folder / f"{day}.{section}").write_bytes(seal.close(plain, section))
    return {"taken": taken, "settled": settled, "saved": cpu_seconds() - started}


def make(events: int, folder: Path) -> dict[str, float]:
    """Parts of a window that was never filled."""
    seal = Seal(b"k" * KEY_BYTES, os.urandom)
    for day, section, arrays in parts(World(events, START)):
        plain = msgspec.msgpack.encode([(n, a.dtype.str, a.tobytes()) for n, a in arrays.items()])
        (folder / f"{day}.{section}").write_bytes(seal.close(plain, section))
    return {}


def restart(events: int, folder: Path) -> dict[str, float]:
    """Load, look, then take a campaign whose last event decides."""
    world = World(events, START)
    seal = Seal(b"k" * KEY_BYTES, os.urandom)

    def read(day: str, section: str) -> dict[str, "np.ndarray[tuple[int], np.dtype[np.generic]]"]:
        plain = seal.open((folder / f"{day}.{section}").read_bytes(), section)
        return {
            name: np.frombuffer(content, dtype)
            for name, dtype, content in msgspec.msgpack.decode(plain, type=list[tuple[str, str, bytes]])
        }

    base = resident()
    started, used = time.perf_counter(), cpu_seconds()
    window = Window(world, max_events=events + BLOCK)
    load(window, read)
    give_back()
    ready, ready_cpu = time.perf_counter() - started, cpu_seconds() - used
    loading = peak()
    large_blocks_apart()
    tick(window)
    first_look, first_cpu = time.perf_counter() - started, cpu_seconds() - used
    used = cpu_seconds()
    tick(window)
    look_cpu = cpu_seconds() - used
    batch = campaign(world)
    blobs = {events + at: campaign_blob(at) for at in range(1, CAMPAIGN + 1)}
    window.append(batch.slice(0, CAMPAIGN - 1), blobs)
    tick(window)
    started, used = time.perf_counter(), cpu_seconds()
    window.append(batch.slice(CAMPAIGN - 1), blobs)
    found = tick(window)
    decided, decided_cpu = time.perf_counter() - started, cpu_seconds() - used
    return {
        "base": base,
        "ready": ready,
        "ready_cpu": ready_cpu,
        "loading": loading,
        "first_look": first_look,
        "first_cpu": first_cpu,
        "decided_cpu": decided_cpu,
        "look_cpu": look_cpu,
        "decided": decided,
        "resident": resident(),
        "peak": peak(),
        "events": len(window),
        "texts": len(window.texts),
        "families": len(np.unique(window.texts.families)) - 1,
        "found": max((warning.actors for warning in found), default=0),
        "warnings": len(found),
    }


def measure(million: float) -> dict[str, float]:
    """Both halves, each in a process of its own."""
    events = max(int(million * 1_000_000) // BLOCK, 1) * BLOCK
    told: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        for half in ("fill" if events <= FILLED else "make", "restart"):
            command = [sys.executable, "-m", "benchmarks.campaigns", "--half", half, "--folder", folder]
            command += ["--million", str(events / 1e6)]
            told |= json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        told["disk"] = sum(path.stat().st_size for path in Path(folder).iterdir()) / 1e6
    return told


def run(million: float = 0.3) -> list[Row]:
    """Rows of the table; a floor is a limit here: ratio is limit against ours."""
    told = measure(million)
    events = told["events"]
    what = f"{events:,.0f} events, {told['texts']:,.0f} texts, {told['families']:,.0f} families"
    assert told["found"] == CAMPAIGN

    def row(name: str, value: float, unit: str, limit: float | None, work: str) -> Row:
        floor = None if limit is None else 1.0
        return Row(name, value, limit, None if limit is None else limit / value, unit, floor, work)

    rows = [
        row(
            f"campaigns, memory with {events:,.0f} events kept",
            told["resident"],
            "MB",
            MEMORY_MB,
            f"{what}; {told['base']:.0f} MB with nothing loaded; at most {told['loading']:.0f} MB while it loads, "
            f"{told['peak']:.0f} MB while it looks",
        ),
        row(
            "... restart to ready",
            told["ready"],
            "s",
            READY_SECONDS,
            f"{told['disk']:,.0f} MB of sealed parts; {told['ready_cpu']:.2f} CPU-s, with the first look "
            f"{told['first_look']:.1f} s, {told['first_cpu']:.2f} CPU-s",
        ),
        row(
            "... from the deciding event to the warning",
            told["decided"],
            "s",
            FOUND_SECONDS,
            f"by the clock, {told['decided_cpu']:.2f} CPU-s; a look with nothing new {told['look_cpu']:.2f} CPU-s; "
            f"{told['warnings']:.0f} warnings",
        ),
    ]
    if "taken" in told:
        rows += [
            row("... events taken", events / told["taken"], "events/CPU-s", None, "bands, ties, index"),
            row("... first look over all families", told["settled"], "CPU-s", None, "after a rebuild"),
            row("... a save", told["saved"], "CPU-s", None, "all parts, sealed"),
        ]
    return rows


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--million", type=float, default=0.3)
    parser.add_argument("--half", choices=("fill", "make", "restart"))
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.half is None:
        for row in run(asked.million):
            print(row.line())
        return
    half = {"fill": fill, "make": make, "restart": restart}[asked.half]
    print(json.dumps(half(round(asked.million * 1_000_000), asked.folder)))


if __name__ == "__main__":
    main()
