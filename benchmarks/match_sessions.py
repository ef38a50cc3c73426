"""A session of matching between two nodes as processes over loopback: CPU seconds, peak memory and bytes of each.

`python -m benchmarks.match_sessions [which|how-many] 10000 100000` for other sizes; n against n, half of them common.
The command and the serving node stand for the two operators: all there is, from the file to the answer.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.matching_nodes import PURPOSE, Pair
from tests.nodes import free_port, serving
from tocsin.kernel import system_clock

SIZES = (10_000,)
QUESTION = "which"
_TICKS = os.sysconf("SC_CLK_TCK")


class Cost(NamedTuple):
    """CPU seconds and peak resident megabytes of one process."""

    cpu: float
    peak: float


class Session(NamedTuple):
    """What one session cost: the client from start to end, the server what it grew by."""

    client: Cost
    server: Cost
    seconds: float
    sent: int
    received: int
    found: int


def session(size: int, question: str = QUESTION) -> Session:
    """One, in folders of its own."""
    with tempfile.TemporaryDirectory() as made, _nodes(Path(made), size) as (pair, pid):
        before = _of(pid)
        start, used = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [
                *(sys.executable, "-m", "tocsin", "share", "match", "run", "lighthouse", "--kind", "handle"),
                *("--data", str(pair.harbour.node.data), "--file", str(Path(made) / "handles.txt")),
                *("--purpose", PURPOSE, "--question", question, "--json"),
            ],
            check=True,
            capture_output=True,
        )
        seconds, spent, after = (
            time.monotonic() - start,
            resource.getrusage(resource.RUSAGE_CHILDREN),
            _of(pid),
        )
        told = json.loads(done.stdout)
        return Session(
            client=Cost(
                spent.ru_utime + spent.ru_stime - used.ru_utime - used.ru_stime, spent.ru_maxrss / 1024
            ),
            server=Cost(after.cpu - before.cpu, after.peak),
            seconds=seconds,
            sent=told["sent"],
            received=told["received"],
            found=told["found"],
        )


@contextmanager
def _nodes(folder: Path, size: int) -> Iterator[tuple[Pair, int]]:
    pair = Pair(folder, system_clock(), free_port())
    for near, far in (pair.both, pair.both[::-1]):
        pair.agree(near, far.node.name, weekly=1_000_000)
    half = size // 2
    (folder / "handles.txt").write_text("".join(f"refund-{n}\n" for n in range(size)), "utf-8")
    (pair.lighthouse.node.data / "match").mkdir()
    (pair.lighthouse.node.data / "match" / "handle.txt").write_text(
        "".join(f"refund-{n}\n" for n in range(half, half + size)), "utf-8"
    )
    pair.close()
    with serving(pair.lighthouse.node.data, pair.lighthouse.token, pair.port) as node:
        yield pair, node.process.pid


def _of(pid: int) -> Cost:
    """Of a process that runs: what it used up to now."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    return Cost((int(fields[11]) + int(fields[12])) / _TICKS, peak / 1024)


def line(size: int, one: Session) -> str:
    """A row of the page."""
    assert one.found == size // 2
    load = f"load {os.getloadavg()[0]:.0f}"
    return (
        f"| {size:,} by {size:,} | {one.client.cpu:.1f} and {one.server.cpu:.1f} CPU-s"
        f" | {one.client.peak:.0f} and {one.server.peak:.0f} MB"
        f" | {one.sent / 1e6:.2f} and {one.received / 1e6:.2f} MB | {one.seconds:.0f} s, {load} |"
    )


if __name__ == "__main__":
    words = [word for word in sys.argv[1:] if not word.isdigit()] or [QUESTION]
    print(f"| {words[0]} | CPU, client and server | peak memory | sent and received | on the clock |")
    print("|---|---|---|---|---|")
    for each in tuple(int(word) for word in sys.argv[1:] if word.isdigit()) or SIZES:
        print(line(each, session(each, words[0])), flush=True)
