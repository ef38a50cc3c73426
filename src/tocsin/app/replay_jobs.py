"""One function over many batches, in this process or in as many as are asked for; the answers come in order."""

import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process
from threading import Thread

import pyarrow as pa

from tocsin.kernel import Unavailable

AHEAD = 2
"""Batches given to each process beyond the one it works on: none waits for the next, and few lie in memory."""

Said = tuple[pa.RecordBatch, ...]
Step = Callable[[pa.RecordBatch], Said]
"""A pure function. For other processes it is pickled: a function of a module, or a `partial` of one over data."""


def each(
    step: Step, batches: Iterable[pa.RecordBatch], jobs: int = 1
) -> Generator[tuple[int, Said], None, None]:
    """Rows of each batch and what `step` says of it, in the order of the batches, whatever `jobs` is.

    Raises what `step` raises, and Unavailable when a process is ended from outside.
    """
    if jobs == 1:
        for batch in batches:
            yield batch.num_rows, step(batch)
        return
    # spawned, not forked: threads of Arrow and DuckDB do not survive a fork
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), initializer=_begin, initargs=(step,))
    waiting: deque[tuple[int, Future[list[bytes]]]] = deque()
    try:
        for batch in batches:
            waiting.append((batch.num_rows, pool.submit(_take, _packed(batch))))
            if len(waiting) > jobs * (1 + AHEAD):
                yield _answer(waiting)
        while waiting:
            yield _answer(waiting)
    except BrokenProcessPool:
        raise Unavailable(
            "a process of the replay was ended from outside; give it more memory, or fewer --jobs"
        ) from None
    finally:
        pool.shutdown(cancel_futures=True)


def _answer(waiting: deque[tuple[int, Future[list[bytes]]]]) -> tuple[int, Said]:
    rows, answer = waiting.popleft()
    return rows, tuple(map(_unpacked, answer.result()))


_steps: list[Step] = []
"""Of a process that was started here: the one function it is for."""


def _begin(step: Step) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the one who asked hears it, and ends the others
    Thread(target=_end_with_parent, daemon=True).start()
    _steps.append(step)


def _end_with_parent() -> None:
    """Nothing else ends the processes of one that was killed."""
    parent = parent_process()
    assert parent is not None, "only a process that was started here begins"
    parent.join()
    os._exit(1)


def _take(packed: bytes) -> list[bytes]:
    return [_packed(said) for said in _steps[0](_unpacked(packed))]


def _packed(batch: pa.RecordBatch) -> bytes:
    """As a stream of Arrow: of a slice its own rows alone, where pickle would take the whole."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, batch.schema) as writer:
        writer.write_batch(batch)
    return sink.getvalue().to_pybytes()


def _unpacked(packed: bytes) -> pa.RecordBatch:
    with pa.ipc.open_stream(packed) as reader:
        return reader.read_next_batch()
