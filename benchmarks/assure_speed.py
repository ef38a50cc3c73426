"""How fast an artefact is looked at: large safetensors and torch zips, many small files, the start; and in what memory.

    python -m benchmarks.assure_speed [--gigabytes 1.2]

Files are made on the spot from a seeded generator, as the libraries write them, without the libraries. Each scanner is
a process of its own, the best of ROUNDS taken in turns; the page cache is warm. Beside ours: hashing alone (sha256 and
blake3 in one pass, in one thread), which is the bound, and modelaudit as its users run it.
"""

import argparse
import json
import os
import struct
import sys
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from benchmarks.assure_corpus.pickling import Call, Global, Mapped, Node, Raw, code, stream
from benchmarks.assure_corpus.weight_shapes import safetensors, tensor
from benchmarks.assure_peers import PEERS, command
from benchmarks.rows import Row

GIGABYTES = 1.2
SMALL_FILES = 10_000
TENSORS = 32
ROUNDS = 3
MODELAUDIT_TIMES = 5.0
HASHING_SHARE = 1 / 1.5
MOST_MEMORY_MB = 150.0
START_MS = 300.0
_CHUNK = 8 << 20
_MB = 1e6


class Run(NamedTuple):
    """One process: by the clock, by CPU, and its largest resident memory in MB."""

    seconds: float
    cpu: float
    memory: float


def _noise(seed: int, size: int) -> bytes:
    return np.random.default_rng(seed).bytes(size)


def large_safetensors(file: Path, size: int) -> None:
    """`TENSORS` tensors of float32, `size` bytes in all."""
    each = size // TENSORS // 4 * 4
    header = {f"model.layers.{n}.weight": tensor(n * each, (n + 1) * each) for n in range(TENSORS)}
    with file.open("wb", buffering=0) as out:
        out.write(safetensors({"__metadata__": {"format": "pt"}, **header}))
        for number in range(TENSORS):
            _fill(out.fileno(), number, each)


def _fill(descriptor: int, seed: int, size: int) -> None:
    block = _noise(seed, min(_CHUNK, size))
    while size > 0:
        size -= os.write(descriptor, block[:size])


def large_torch(file: Path, size: int) -> None:
    """A state dictionary as torch.save writes it: data.pkl, then a stored, aligned member a storage."""
    each = size // TENSORS // 4 * 4
    state = stream(Mapped(tuple((f"layers.{n}.weight", _rebuilt(n, each // 4)) for n in range(TENSORS))), 2)
    members: list[tuple[str, bytes | int]] = [("archive/data.pkl", state), ("archive/byteorder", b"little")]
    members += [(f"archive/data/{n}", n) for n in range(TENSORS)]
    members.append(("archive/version", b"3\n"))
    directory = bytearray()
    with file.open("wb", buffering=0) as out:
        for name, content in members:
            length = each if isinstance(content, int) else len(content)
            crc = _crc(content, each) if isinstance(content, int) else zlib.crc32(content)
            offset, encoded = out.tell(), name.encode()
            pad = -(offset + 34 + len(encoded)) % 64
            sizes = struct.pack("<HHHIII", 0, 0, 0x5C21, crc, length, length)
            local = (
                b"PK\x03\x04" + struct.pack("<HH", 20, 0) + sizes + struct.pack("<HH", len(encoded), pad + 4)
            )
            out.write(local + encoded + b"FB" + struct.pack("<H", pad) + b"Z" * pad)
            if isinstance(content, int):
                _fill(out.fileno(), content, each)
            else:
                out.write(content)
            where = struct.pack("<HHHHHII", len(encoded), 0, 0, 0, 0, 0, offset)
            directory += b"PK\x01\x02" + struct.pack("<HHH", 20, 20, 0) + sizes + where + encoded
        start, count = out.tell(), len(members)
        out.write(
            directory + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), start, 0)
        )


def _crc(seed: int, size: int) -> int:
    block, crc = _noise(seed, min(_CHUNK, size)), 0
    while size > 0:
        crc, size = zlib.crc32(block[:size], crc), size - len(block)
    return crc


def _rebuilt(number: int, count: int) -> Node:
    storage: Node = ("storage", Global("torch", "FloatStorage"), str(number), "cpu", count)
    ordered = Call(Global("collections", "OrderedDict"))
    held = Raw(code(storage, 2) + b"Q")
    return Call(Global("torch._utils", "_rebuild_tensor_v2"), (held, 0, (count,), (1,), False, ordered))


def small_files(folder: Path, count: int) -> None:
    """Configurations, small safetensors and templates, a hundred to a folder."""
    weights = safetensors({"w": tensor(0, 64)}, b"\x00" * 64)
    contents = {
        "config.json": json.dumps({"model_type": "llama", "hidden_size": 8}).encode(),
        "model.safetensors": weights,
        "vocab.txt": b"a\nb\nc\n",
        "README.md": b"# Tiny\n",
    }
    names = list(contents)
    for number in range(count):
        current = folder / f"{number // 100:04}" / f"{number // len(names):05}"
        name = names[number % len(names)]
        current.mkdir(parents=True, exist_ok=True)
        (current / name).write_bytes(contents[name])


def timed(arguments: list[str | Path], *, allowed: tuple[int, ...] = (0,)) -> Run:
    """One process from its start to its end. Raises RuntimeError for another exit code."""
    began = time.perf_counter()
    child = os.posix_spawn(
        arguments[0],
        [str(part) for part in arguments],
        os.environ | {"PROMPTFOO_DISABLE_TELEMETRY": "1"},
        file_actions=[(os.POSIX_SPAWN_OPEN, stream, os.devnull, os.O_WRONLY, 0) for stream in (1, 2)],
    )
    _, status, used = os.wait4(child, 0)
    seconds = time.perf_counter() - began
    if os.waitstatus_to_exitcode(status) not in allowed:
        raise RuntimeError(f"{arguments} ended with {os.waitstatus_to_exitcode(status)}")
    return Run(seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / _MB)


_HASHING = """
import hashlib, sys
from blake3 import blake3
a, b = hashlib.sha256(), blake3()
with open(sys.argv[1], "rb", buffering=0) as file:
    block = memoryview(bytearray(1 << 20))
    while size := file.readinto(block):
        a.update(block[:size])
        if len(sys.argv) > 2:
            b.update(block[:size])
"""


def _ours(path: Path) -> Run:
    return timed([sys.executable, "-m", "tocsin", "model", "inspect", path, "--json"])


def _hashing(path: Path, *more: str) -> Run:
    return timed([sys.executable, "-c", _HASHING, path, *more])


def _large(name: str, file: Path) -> list[Row]:
    size = file.stat().st_size / _MB
    _hashing(file)  # warms the cache
    peer = next(peer for peer in PEERS if peer.name == "modelaudit")
    asked: list[Callable[[], Run]] = [
        lambda: _ours(file),
        lambda: _hashing(file),
        lambda: _hashing(file, "both"),
        lambda: timed([command(peer), *peer.arguments, file], allowed=(0, 1, 2)),
    ]
    rounds = [[ask() for ask in asked] for _ in range(ROUNDS)]
    ours, sha256, both, theirs = (min(runs) for runs in zip(*rounds, strict=True))
    what = f"{size:,.0f} MB; CPU-s: ours {ours.cpu:.2f}, hashing {both.cpu:.2f}, modelaudit {theirs.cpu:.2f}"
    return [
        Row(
            f"{name} against modelaudit",
            size / ours.seconds,
            size / theirs.seconds,
            theirs.seconds / ours.seconds,
            "MB/s",
            MODELAUDIT_TIMES,
            what,
        ),
        Row(
            "... against sha256 and blake3 in one thread",
            size / ours.seconds,
            size / both.seconds,
            both.seconds / ours.seconds,
            "MB/s",
            HASHING_SHARE,
            what,
        ),
        Row(
            "... against sha256 alone",
            size / ours.seconds,
            size / sha256.seconds,
            sha256.seconds / ours.seconds,
            "MB/s",
            None,
            what,
        ),
        Row(
            "... memory at most",
            ours.memory,
            MOST_MEMORY_MB,
            MOST_MEMORY_MB / ours.memory,
            "MB",
            1.0,
            f"resident; modelaudit {theirs.memory:,.0f} MB",
        ),
    ]


def run(gigabytes: float = GIGABYTES) -> list[Row]:
    """For `make bench`."""
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for name, make, file in (
            ("safetensors", large_safetensors, folder / "model.safetensors"),
            ("torch zip", large_torch, folder / "pytorch_model.bin"),
        ):
            make(file, int(gigabytes * 1e9))
            rows += _large(name, file)
            file.unlink()
        small_files(folder / "many", SMALL_FILES)
        many = _ours(folder / "many")
        rate = SMALL_FILES / many.seconds
        rows.append(
            Row(
                f"{SMALL_FILES:,} small files",
                rate,
                1_000,
                rate / 1_000,
                "files/s",
                1.0,
                f"by the clock, start included; {many.cpu:.2f} CPU-s, {many.memory:,.0f} MB",
            )
        )
        one = folder / "one.safetensors"
        one.write_bytes(safetensors({"w": tensor(0, 64)}, b"\x00" * 64))
        start = min(_ours(one).seconds for _ in range(5)) * 1e3
        rows.append(
            Row("start to verdict on a small file", start, START_MS, START_MS / start, "ms", 1.0, "best of 5")
        )
    return rows


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--gigabytes", type=float, default=GIGABYTES)
    asked = parser.parse_args()
    print("| work | ours | peer | ratio | floor | |\n|---|---|---|---|---|---|")
    missed = 0
    for row in run(asked.gigabytes):
        print(row.line(), flush=True)
        missed += row.missed
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
