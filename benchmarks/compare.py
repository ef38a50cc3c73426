"""`tocsin model compare` beside merely reading both files: bytes a second, and the memory of a fresh process.

`make bench ARGS=compare`; `python -m benchmarks.compare 2048` for other sizes (megabytes of each). Two
BF16 models in the shape of a Llama are made on the spot, the second tuned densely and ablated, so that every tensor
differs. Both are read once before, so that the disk is not measured. The reading is by as many threads, or by one, in
blocks of the same size; rounds alternate, and the best of each counts (the machine is shared).
"""

import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from benchmarks.rows import Row, cpu_seconds

MEGABYTES = 1024
WIDTH, INNER, VOCABULARY = 4096, 11_008, 16_000
ROUNDS = 5
FLOOR = 0.8
"""Held in CPU time: the machine is shared, and wall time of two threads says more of its other guests."""

MEMORY_MB = 150
BLOCK = 1 << 20


def shapes(megabytes: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """An embedding, then layers until it is as large as wanted."""
    left = megabytes * (1 << 20)
    layer = 0
    parts = {"self_attn.o_proj": (WIDTH, WIDTH), "self_attn.q_proj": (WIDTH, WIDTH)}
    parts |= {"mlp.up_proj": (INNER, WIDTH), "mlp.down_proj": (WIDTH, INNER)}
    yield "model.embed_tokens.weight", (VOCABULARY, WIDTH)
    left -= 2 * VOCABULARY * WIDTH
    while True:
        for part, shape in parts.items():
            left -= 2 * shape[0] * shape[1]
            if left < 0:
                return
            yield f"model.layers.{layer}.{part}.weight", shape
        layer += 1


def write(folder: Path, megabytes: int) -> tuple[Path, Path]:
    """The base and its derivative."""
    rng = np.random.default_rng(3)
    refusal = rng.standard_normal(WIDTH).astype(np.float32)
    refusal /= np.linalg.norm(refusal)
    listed = list(shapes(megabytes))
    header, at = {}, 0
    for name, (rows, columns) in listed:
        header[name] = {
            "dtype": "BF16",
            "shape": [rows, columns],
            "data_offsets": [at, at + 2 * rows * columns],
        }
        at += 2 * rows * columns
    text = json.dumps(header).encode()
    base, derived = folder / "base.safetensors", folder / "derived.safetensors"
    with base.open("wb") as first, derived.open("wb") as second:
        for file in (first, second):
            file.write(struct.pack("<Q", len(text)) + text)
        for _, (rows, columns) in listed:
            weights = rng.standard_normal((rows, columns), np.float32) * np.float32(0.02)
            moved = weights + rng.standard_normal((rows, columns), np.float32) * np.float32(2e-5)
            if rows == WIDTH:
                moved -= np.outer(refusal, refusal @ weights)
            for file, values in ((first, weights), (second, moved)):
                file.write((values.view(np.uint32) >> 16).astype("<u2").data)
    return base, derived


def read(paths: tuple[Path, Path], threads: int) -> float:
    """Seconds to read both, alternating between them as a comparison does."""

    def half(number: int) -> int:
        done = 0
        files = [os.open(path, os.O_RDONLY) for path in paths]
        size = os.fstat(files[0]).st_size
        for offset in range(size * number // threads, size * (number + 1) // threads, BLOCK):
            for file in files:
                done += len(os.pread(file, min(BLOCK, size - offset), offset))
        for file in files:
            os.close(file)
        return done

    start = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(half, range(threads)))
    return time.perf_counter() - start


def compared(base: Path, derived: Path) -> float:
    """Seconds of the comparison itself."""
    from tocsin.assure.lineage import Change, Spread, compare

    start = time.perf_counter()
    found = compare(base, derived)
    seconds = time.perf_counter() - start
    if derived.stem == "copy":
        assert found.change is Change.SAME
    else:
        assert found.signature is not None
        assert found.signature.spread is Spread.SHARED
    return seconds


def measure(megabytes: int) -> list[Row]:
    with tempfile.TemporaryDirectory() as folder:
        paths = write(Path(folder), megabytes)
        copy = Path(folder) / "copy.safetensors"
        shutil.copyfile(paths[0], copy)
        size = sum(path.stat().st_size for path in paths)
        # a fresh process, as the command is: with one thread for BLAS, and nothing of ours in memory
        ran = subprocess.run(
            [sys.executable, "-m", "benchmarks.compare", "--rounds", *map(str, (*paths, copy))],
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
    took = json.loads(ran.stdout)
    gb, best = size / 1e9, took["ours"]
    work = f"{gb:.2g} GB of BF16 in two files, warm cache, best of {ROUNDS}"

    cpu = f"{work}; CPU seconds of all threads"

    def row(against: str, seconds: float) -> Row:
        name = f"compare, beside reading by {against}"
        return Row(name, gb / best, gb / seconds, seconds / best, "GB/s", None, work)

    memory = "peak of a fresh process, against the bound"
    return [
        row("one thread", took["single"]),
        row("two threads", took["double"]),
        Row(
            "two equal files, beside reading by two threads",
            gb / took["equal"],
            gb / took["double"],
            took["double"] / took["equal"],
            "GB/s",
            None,
            f"{work}; every byte is read and compared",
        ),
        Row(
            "two equal files, beside reading, in CPU time",
            gb / took["equal_cpu"],
            gb / took["read_cpu"],
            took["read_cpu"] / took["equal_cpu"],
            "GB/CPU-s",
            FLOOR,
            f"{cpu}; every byte is read and compared",
        ),
        Row(
            "compare, beside reading, in CPU time",
            gb / took["cpu"],
            gb / took["read_cpu"],
            took["read_cpu"] / took["cpu"],
            "GB/CPU-s",
            FLOOR,
            cpu,
        ),
        Row("memory of a comparison", took["peak"], MEMORY_MB, MEMORY_MB / took["peak"], "MB", 1.0, memory),
    ]


def rounds(paths: tuple[Path, Path], copy: Path) -> dict[str, float]:
    """The best of ROUNDS of each, one after the other."""
    read(paths, 1)
    compared(paths[0], copy)
    single, double, ours, cpu, read_cpu, equal, equal_cpu = [], [], [], [], [], [], []
    for _ in range(ROUNDS):
        began = cpu_seconds()
        single.append(read(paths, 1))
        read_cpu.append(cpu_seconds() - began)
        double.append(read(paths, 2))
        began = cpu_seconds()
        ours.append(compared(*paths))
        cpu.append(cpu_seconds() - began)
        began = cpu_seconds()
        equal.append(compared(paths[0], copy))
        equal_cpu.append(cpu_seconds() - began)
    return {
        "equal": min(equal),
        "equal_cpu": min(equal_cpu),
        "single": min(single),
        "double": min(double),
        "ours": min(ours),
        "cpu": min(cpu),
        "read_cpu": min(read_cpu),
        "peak": peak_kilobytes() / 1024,
    }


def peak_kilobytes() -> int:
    """Of this process since it became itself: what getrusage tells counts the process that started it, too."""
    status = Path("/proc/self/status").read_text("ascii")
    return int(status.split("VmHWM:")[1].split()[0])


def run() -> list[Row]:
    return measure(MEGABYTES)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--rounds"]:
        print(json.dumps(rounds((Path(sys.argv[2]), Path(sys.argv[3])), Path(sys.argv[4]))))
    else:
        for row in measure(int(sys.argv[1]) if sys.argv[1:] else MEGABYTES):
            print(row.line())
