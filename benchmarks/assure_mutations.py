"""Every byte of the corpus flipped, and every length cut: nothing may crash, hang, or be called clean and still fire.

    python -m benchmarks.assure_mutations [--most 400] [--only ID ...] [--workers 2]

Each file has at most `--most` positions flipped and as many lengths cut, spread evenly (0: all). Who is called clean
goes to the real loader in its cage. Exit 1 when anything crashed, was slow, or was clean and fired.
"""

import argparse
import random
import resource
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from types import FrameType
from typing import NamedTuple

from benchmarks.assure_corpus import Benign, Shape, benign, malicious, write
from benchmarks.assure_corpus.referee import Loaders, loaders
from tocsin.assure import inspect
from tocsin.kernel.artefacts import ArtefactVerdict

SECONDS = 2.0
"""CPU time for one small file. By the clock a shared machine would fail it now and then."""

MEMORY_BYTES = 1 << 30
"""Address space of the process that scans, the interpreter included."""

MOST = 400
CRASH_RULE = "walker.examiner-failed"


class Slow(BaseException):
    """Past `SECONDS`: not an Exception, so that no examiner takes it for its own."""


class Outcome(NamedTuple):
    """One shape: how many mutations were scanned, how many of them are clean, and what went wrong."""

    id: str
    scanned: int
    clean: int
    slowest: float
    wrong: tuple[str, ...]


def mutations(content: bytes, most: int, seed: str) -> Iterator[tuple[str, bytes]]:
    """Each with its name: one flip at a position, by a mask drawn once; or a cut."""
    rng = random.Random(seed)  # a mask, the same in every run
    for position in _spread(len(content), most):
        flipped = bytearray(content)
        flipped[position] ^= rng.randrange(1, 256)
        yield f"flip {position}", bytes(flipped)
    for length in _spread(len(content), most):
        yield f"cut {length}", content[:length]


def _spread(size: int, most: int) -> Sequence[int]:
    if not most or size <= most:
        return range(size)
    return sorted({position * size // most for position in range(most)})


def run_one(one: Shape | Benign, most: int, ask: Loaders, seconds: float = SECONDS) -> Outcome:
    """Every mutation of every file of one shape, scanned here."""
    scanned = clean = 0
    slowest, wrong = 0.0, []
    with tempfile.TemporaryDirectory() as folder:
        place = write(one, Path(folder))
        missed = _scan(place, seconds) == ArtefactVerdict.CLEAN  # as it is: the matrix tells that
        for name, content in one.files.items():
            for what, mutated in mutations(content, most, one.id + name):
                (place / name).write_bytes(mutated)
                scanned += 1
                began = time.process_time()
                verdict = _scan(place, seconds)
                slowest = max(slowest, time.process_time() - began)
                if verdict not in {one.value for one in ArtefactVerdict}:
                    wrong.append(f"{name} {what}: {verdict}")
                if verdict == ArtefactVerdict.CLEAN:
                    clean += 1
                    if not missed and isinstance(one, Shape) and _fires(one, name, place, ask):
                        wrong.append(f"{name} {what}: clean, and the canary fires")
            (place / name).write_bytes(content)
    return Outcome(one.id, scanned, clean, slowest, tuple(wrong))


def _fires(one: Shape, mutated: str, place: Path, ask: Loaders) -> bool:
    """Code that a configuration named is not imported any more when the configuration is broken: not asked then."""
    if not one.loader or (one.loader == "python" and mutated != one.opened):
        return False
    return ask(one.loader, place / one.opened, one.needs) == "fired"


def _scan(place: Path, seconds: float) -> str:
    """The verdict, or what went wrong in its place."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        seen = inspect(place, clock=lambda: datetime.now(UTC))
    except Slow:
        return f"took over {seconds:g} s"
    except Exception as error:  # noqa: BLE001  # whatever it raises is what is looked for
        return f"raised {type(error).__name__}: {error}"
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
    failed = next((found for found in seen.findings if found.rule == CRASH_RULE), None)
    return f"an examiner failed: {failed.values}" if failed else seen.verdict.value


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Slow


@contextmanager
def bound_of(*, memory: int | None = MEMORY_BYTES) -> Iterator[None]:
    """Within it, a look that is slow is stopped; from it on, this process has `memory` bytes of address space."""
    if memory is not None:
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    before = signal.signal(signal.SIGPROF, _stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGPROF, before)


def _batch(batch: Sequence[Shape | Benign], most: int) -> list[Outcome]:
    with loaders() as ask, bound_of():
        return [run_one(one, most, ask) for one in batch]


def run_all(everything: Sequence[Shape | Benign], most: int, workers: int) -> Iterator[Outcome]:
    """By batches, in processes of their own. One that dies is told as an outcome."""
    batches = [everything[start : start + 8] for start in range(0, len(everything), 8)]
    for round_of in (batches[start : start + workers] for start in range(0, len(batches), workers)):
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            waiting = [(batch, pool.submit(_batch, batch, most)) for batch in round_of]
            for batch, future in waiting:
                try:
                    yield from future.result()
                except BrokenProcessPool:
                    names = ", ".join(one.id for one in batch)
                    yield Outcome(names, 0, 0, 0.0, ("the scanning process died",))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--most", type=int, default=MOST)
    parser.add_argument("--only", nargs="*", default=[])
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    everything = [one for one in _everything() if not asked.only or one.id in asked.only]
    scanned = clean = bad = 0
    slowest = 0.0
    for outcome in run_all(everything, asked.most, asked.workers):
        scanned, clean = scanned + outcome.scanned, clean + outcome.clean
        slowest = max(slowest, outcome.slowest)
        bad += len(outcome.wrong)
        for wrong in outcome.wrong[:5]:
            print(f"{outcome.id}: {wrong}", flush=True)
        if len(outcome.wrong) > 5:
            print(f"{outcome.id}: and {len(outcome.wrong) - 5} more", flush=True)
        print(f"{scanned:,} mutations", end="\r", file=sys.stderr, flush=True)
    print(
        f"{scanned:,} mutations of {len(everything)} shapes; {clean:,} clean; slowest {slowest:.2f} CPU-s; {bad} wrong"
    )
    return 1 if bad else 0


def _everything() -> Iterable[Shape | Benign]:
    return (*malicious(), *benign())


if __name__ == "__main__":
    sys.exit(main())
