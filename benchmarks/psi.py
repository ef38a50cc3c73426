"""Private matching of n against n, half of them common: CPU seconds of both parties together.

Beside openmined-psi in an environment of its own, and beside the bound that is measured in the same run: four
multiplications and two hashes to the group a pair, and three multiplications more where one key is proved.
`python -m benchmarks.psi 10000 100000` for other sizes.
"""

import json
import os
import secrets
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from benchmarks.rows import Row, cpu_seconds
from tocsin.kernel.clock import micros
from tocsin.trust import ristretto
from tocsin.trust.matching import (
    Client,
    Inputs,
    MatchKind,
    Proposal,
    Question,
    Reveal,
    Server,
    Terms,
    identifiers,
)

SIZES = (10_000, 100_000)
PROBES = 1_000
"""Operations of each sort in a sample of the bound; three samples, before, between and after, their mean."""

FASTER, OVER_BOUND, ONLINE = 1.3, 1 / 1.15, 2.0
"""What is promised at 100,000: against the peer, against the bound, and of the online part against the whole."""

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Spent(NamedTuple):
    """CPU seconds of a session: in all, and after the blinding and the tags, which need nothing of the other's set."""

    cpu: float
    online: float
    bytes: int
    found: int


class Unit(NamedTuple):
    """CPU seconds of one multiplication and one hash to the group."""

    multiply: float
    map: float


class _Unbounded:
    def begin(self, proposal: Proposal, most: int) -> None:
        """A benchmark has no budget."""


def unit() -> Unit:
    """Of now: the machine is shared, and its cores change their speed."""
    scalar, point = ristretto.draw_scalar(secrets.token_bytes), ristretto.draw_point(secrets.token_bytes)
    wide = secrets.token_bytes(64)
    started = cpu_seconds()
    for _ in range(PROBES):
        ristretto.multiply(scalar, point)
    between = cpu_seconds()
    for _ in range(PROBES):
        ristretto.from_uniform(wide)
    return Unit((between - started) / PROBES, (cpu_seconds() - between) / PROBES)


def session(size: int, question: Question, workers: int = 1) -> Spent:
    """One session of sets of so many, in this process."""

    def inputs(first: int) -> Inputs:
        return identifiers(MatchKind.HANDLE, [f"refund-{number}" for number in range(first, first + size)])

    terms = Terms(
        peer="client",
        kinds=frozenset(MatchKind),
        questions=frozenset(Question),
        reveals=frozenset(Reveal),
        weekly=1_000_000,
        until=micros(NOW) + 1,
    )
    ours, theirs = inputs(0), inputs(size // 2)
    started = cpu_seconds()
    client = Client(
        *("client", "server", ours),
        question=question,
        reveal=Reveal.CLIENT,
        purpose="benchmark",
        spending=_Unbounded(),
        most=1_000_000,
        clock=lambda: NOW,
        entropy=secrets.token_bytes,
        workers=workers,
    )
    server = Server(
        *("server", "client", theirs),
        terms=terms,
        spending=_Unbounded(),
        seed=secrets.token_bytes(32),
        clock=lambda: NOW,
        entropy=secrets.token_bytes,
        workers=workers,
    )
    sent, ahead = 0, started
    for number, message in enumerate(client.speak()):
        answer = server.answer(message)
        sent += len(message) + len(answer)
        client.hear(answer)
        if not number:
            server.prepare()
            ahead = cpu_seconds()
    ended = cpu_seconds()
    return Spent(ended - started, ended - ahead, sent, client.found.number)


def peer(size: int, question: Question) -> Spent:
    """The same by openmined-psi, installed on first use. Raises OSError or CalledProcessError."""
    place = Path(".cache/bench-psi")
    python = place / "bin" / "python"
    if not (place / ".whole").exists():
        print("setting up openmined-psi ...", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        pip: list[str | Path] = [python, "-m", "pip", "--disable-pip-version-check", "-q", "install"]
        subprocess.run([*pip, "--require-hashes", "--no-deps", "-r", "lock/bench-psi.txt"], check=True)
        (place / ".whole").touch()
    program = Path(__file__).with_name("psi_peer.py")
    told = subprocess.run(
        [python, "-I", program, str(size), question.value], check=True, capture_output=True, text=True
    )
    said = json.loads(told.stdout)
    return Spent(said["cpu"], said["cpu"], said["bytes"], said["found"])


def _rows(size: int) -> list[Row]:
    units = [unit()]
    plain = session(size, Question.HOW_MANY)
    units.append(unit())
    proved = session(size, Question.WHICH)
    units.append(unit())
    threads = session(size, Question.HOW_MANY, workers=2)
    sizes, members = peer(size, Question.HOW_MANY), peer(size, Question.WHICH)
    multiply = sum(one.multiply for one in units) / len(units)
    mapped = sum(one.map for one in units) / len(units)
    bound, proved_bound = (size * (number * multiply + 2 * mapped) for number in (4, 7))
    assert plain.found == threads.found == sizes.found // 10 * 10 == size // 2
    assert proved.found == members.found == size // 2
    promised = size >= 100_000
    load = f"load {os.getloadavg()[0]:.0f} on {os.cpu_count()} cores"
    each = f"{multiply * 1e6:.1f} us a multiplication, {mapped * 1e6:.1f} us a hash"

    def row(name: str, ours: float, other: float, floor: float | None, work: str) -> Row:
        return Row(name, ours, other, other / ours, "CPU-s", floor if promised else None, work)

    ours = f"{plain.bytes / 1e6:.2f} MB, the peer {sizes.bytes / 1e6:.2f} MB; {load}"
    return [
        row(f"how many, {size:,} by {size:,}, against openmined-psi", plain.cpu, sizes.cpu, FASTER, ours),
        row("... against the bound", plain.cpu, bound, OVER_BOUND, f"4 multiplications, 2 hashes: {each}"),
        row("... in two threads", threads.cpu, sizes.cpu, None, "against openmined-psi, in one"),
        row(
            "... online part",
            plain.online,
            plain.cpu,
            ONLINE,
            "against the whole: tags and blinding made ahead",
        ),
        row(
            f"which, proved, {size:,} by {size:,}, against openmined-psi",
            *(proved.cpu, members.cpu, None),
            f"which proves nothing; {proved.bytes / 1e6:.2f} MB, the peer {members.bytes / 1e6:.2f} MB; {load}",
        ),
        row(
            "... against its bound",
            proved.cpu,
            proved_bound,
            OVER_BOUND,
            f"7 multiplications, 2 hashes: {each}",
        ),
    ]


def run() -> list[Row]:
    """Every size, the least first."""
    return [row for size in SIZES for row in _rows(size)]


if __name__ == "__main__":
    for each in tuple(map(int, sys.argv[1:])) or SIZES:
        for one in _rows(each):
            print(one.line(), flush=True)
