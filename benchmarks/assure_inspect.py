"""Looking at a model against hashing it alone: hashing is the least that anybody pays. Memory, and many small files.

Each figure is of a process of its own, best of three, taken in turns. CPU-seconds, for the machine may be shared: two
threads count double, so by the clock and on two free cores a look is nearer to hashing than the ratio says.
"""

import json
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

from benchmarks.rows import Row

GIB = 1 << 30
BLOCK = 16 << 20
SMALL_FILES = 10_000
ROUNDS = 3

_HASH = """
import hashlib, os, sys, time
started, clock = time.process_time(), time.perf_counter()
buffer = memoryview(bytearray(4 << 20))
for path in sys.argv[1:]:
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        while got := file.readinto(buffer):
            digest.update(buffer[:got])
    digest.hexdigest()
print('{"seconds": %f, "clock": %f}' % (time.process_time() - started, time.perf_counter() - clock))
"""

_LOOK = """
import json, resource, sys, time
from pathlib import Path
from tocsin.assure import inspect
from tocsin.kernel.clock import system_clock
started, clock = time.process_time(), time.perf_counter()
seen = inspect(Path(sys.argv[1]), clock=system_clock)
seconds, clock = time.process_time() - started, time.perf_counter() - clock
memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(json.dumps({"seconds": seconds, "clock": clock, "memory": memory, "parts": len(seen.parts)}))
"""

_START = """
import sys
sys.argv = ["tocsin", "model", "inspect", sys.argv[1], "--json"]
from tocsin.cli import main
main()
"""


def _run(script: str, path: Path) -> dict[str, float]:
    done = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    told: dict[str, float] = json.loads(done.stdout)
    return told


def safetensors(path: Path, size: int) -> None:
    """A file of one tensor of bytes."""
    header = json.dumps({"t": {"dtype": "U8", "shape": [size], "data_offsets": [0, size]}}).encode()
    header += b" " * (-len(header) % 8)
    block = os.urandom(BLOCK)
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        for _ in range(size // BLOCK):
            file.write(block)


def torch_zip(path: Path, size: int) -> None:
    """The layout of torch.save: storages beside a small pickle."""
    block = os.urandom(BLOCK)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("m/data.pkl", b"\x80\x02}q\x00.")
        archive.writestr("m/version", b"3\n")
        for number in range(size // (8 * BLOCK)):
            with archive.open(zipfile.ZipInfo(f"m/data/{number}"), "w", force_zip64=False) as member:
                for _ in range(8):
                    member.write(block)


def small_files(folder: Path) -> None:
    """What lies beside weights: short texts in folders."""
    for number in range(SMALL_FILES):
        below = folder / f"{number // 500}"
        below.mkdir(exist_ok=True, parents=True)
        (below / f"note-{number}.txt").write_text(f"soup of the day {number}\n" * 20)


class Against(NamedTuple):
    """CPU-seconds of hashing and of looking, the ratio by the clock, memory in MB."""

    hashing: float
    looking: float
    by_the_clock: float
    memory: float


def _against_hashing(path: Path) -> Against:
    hashed, looked = [], []
    for _ in range(ROUNDS):
        hashed.append(_run(_HASH, path))
        looked.append(_run(_LOOK, path))
    return Against(
        min(each["seconds"] for each in hashed),
        min(each["seconds"] for each in looked),
        min(each["clock"] for each in hashed) / min(each["clock"] for each in looked),
        max(each["memory"] for each in looked),
    )


def _start(path: Path) -> float:
    """Processor seconds from the command to its answer on one small file."""
    spent = []
    for _ in range(ROUNDS):
        before = os.times()
        subprocess.run([sys.executable, "-c", _START, str(path)], capture_output=True, check=False)
        after = os.times()
        spent.append(
            after.children_user + after.children_system - before.children_user - before.children_system
        )
    return min(spent)


def run() -> list[Row]:
    """The rows: throughput beside sha256 alone, memory in MB against its bound, small files a second, the start."""
    rows = []
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        for name, write in (("safetensors", safetensors), ("torch zip", torch_zip)):
            path = folder / name.replace(" ", ".")
            write(path, GIB)
            told = _against_hashing(path)
            rows += [
                Row(
                    f"inspect {name}, against sha256 alone",
                    GIB / told.looking / 1e6,
                    GIB / told.hashing / 1e6,
                    told.hashing / told.looking,
                    "MB/CPU-s",
                    0.66,
                    f"1 GiB, both digests; by the clock {told.by_the_clock:.2f}x",
                ),
                Row("... memory", told.memory, 150, 150 / told.memory, "MB", 1.0, "the peer is the bound"),
            ]
            path.unlink()
        small = folder / "small"
        small_files(small)
        seconds = min(_run(_LOOK, small)["seconds"] for _ in range(ROUNDS))
        rate = SMALL_FILES / seconds
        rows.append(
            Row(
                "inspect small files",
                rate,
                1_000,
                rate / 1_000,
                "/s",
                1.0,
                f"{SMALL_FILES:,}; the peer is the bound",
            )
        )
        start = _start(small / "0" / "note-0.txt") * 1_000
        rows.append(
            Row(
                "start of inspect",
                start,
                300,
                300 / start,
                "ms CPU",
                1.0,
                "one small file; the peer is the bound",
            )
        )
    return rows
