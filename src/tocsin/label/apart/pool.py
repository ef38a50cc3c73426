"""Keepers in a pool: as many files at once as there are keepers, each in a process of its own."""

import os
import queue
import select
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar, get_type_hints

import msgspec

import tocsin.kernel as _kernel
from tocsin.kernel import BadInput, TocsinError, TooLarge, Unavailable
from tocsin.label.apart.cage import Bounds, Cage
from tocsin.label.apart.keeper import MAX_ANSWER_BYTES, Answer, Request, as_wire, from_wire, nothing
from tocsin.label.ffmpeg import PLACE

MAX_KEEPERS = 8
"""Each holds the parsers in memory, some 100 MB, mostly shared with its children."""
_GRACE_SECONDS = 60.0
"""Beyond a work's own time: the keeper loads parsers on its first request, on a slow disk."""
_ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
"""And where ffmpeg is. No more: what a node was started with may hold secrets."""

_Returned = TypeVar("_Returned")


class Apart:
    """Runs functions of `tocsin.label` in the cage. Safe between threads; keepers start when they are first needed."""

    def __init__(
        self, keepers: int | None = None, bounds: Bounds | None = None, folders: Sequence[Path] = ()
    ) -> None:
        """`folders` hold further modules with works, imported by their top name."""
        number = keepers or min(os.cpu_count() or 1, MAX_KEEPERS)
        self._bounds = bounds or Bounds()
        self._free: queue.LifoQueue[subprocess.Popen[bytes] | None] = queue.LifoQueue()
        for _ in range(number):
            self._free.put(None)
        self._number = number
        chosen = os.environ.get(PLACE, "")
        beside = [Path(chosen).parent] if chosen else []
        self._folders = tuple(str(one.resolve()) for one in (*folders, *beside))

    @property
    def keepers(self) -> int:
        """How many files are looked at at once."""
        return self._number

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def run(
        self,
        work: Callable[..., _Returned],
        *given: object,
        reads: Sequence[Path] = (),
        writes: Sequence[Path] = (),
        bounds: Bounds | None = None,
    ) -> _Returned:
        """What `work(*given)` returns. It may read the files (or folders) of `reads`, write below those of `writes`.

        Arguments and the value cross as JSON by their annotations: structs and paths. Raises what `work` raises of
        kernel.errors; BadInput when it fell over the file; TooLarge when it passed a bound; Unavailable when no
        process could be had.
        """
        held = bounds or self._bounds
        answer = self._answer(
            Request(
                f"{work.__module__}:{work.__qualname__}",
                [msgspec.Raw(msgspec.json.encode(one, enc_hook=as_wire)) for one in given],
                [str(one.resolve()) for one in reads],
                [str(one.resolve()) for one in writes],
                held,
            )
        )
        if answer.state != "returned":
            raise _as_error(answer, held)
        returns = get_type_hints(work)["return"]
        value: _Returned = msgspec.json.decode(answer.value, type=returns, dec_hook=from_wire)
        return value

    def holds(self) -> Cage:
        """What of the cage holds on this machine, of a process that went into it. Raises Unavailable."""
        answer = self._answer(
            Request(f"{nothing.__module__}:{nothing.__qualname__}", [], [], [], self._bounds)
        )
        if answer.cage is None:
            raise Unavailable("no process could go into the cage: files cannot be looked at on this machine")
        return answer.cage

    def _answer(self, request: Request) -> Answer:
        keeper = self._free.get()
        try:
            if keeper is None or keeper.poll() is not None:
                keeper = _started(self._folders)
            answer = _asked(
                keeper, msgspec.json.encode(request) + b"\n", request.bounds.wall_seconds + _GRACE_SECONDS
            )
        except BaseException:
            if keeper is not None:
                _ended(keeper)
            self._free.put(None)
            raise
        self._free.put(keeper)
        return answer

    def close(self) -> None:
        """End every keeper; a work under way ends first."""
        for _ in range(self._number):
            keeper = self._free.get()
            if keeper is not None:
                _ended(keeper)
        for _ in range(self._number):
            self._free.put(None)


def _started(folders: Sequence[str]) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(  # noqa: S603 - this interpreter, with our own module
            [sys.executable, "-I", "-m", "tocsin.label.apart.keeper", *folders],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_ENVIRONMENT | {PLACE: os.environ[PLACE]} if PLACE in os.environ else _ENVIRONMENT,
            cwd="/",
            start_new_session=True,  # an interrupt at the terminal is for the node, which ends its keepers itself
        )
    except OSError as error:
        raise Unavailable(f"no process could be started to look at files in: {error.strerror}") from error


def _asked(keeper: subprocess.Popen[bytes], line: bytes, seconds: float) -> Answer:
    if keeper.stdin is None or keeper.stdout is None:
        raise Unavailable("the process that looks at files has no pipes: try again")
    try:
        keeper.stdin.write(line)
        keeper.stdin.flush()
    except OSError as error:
        raise Unavailable("the process that looks at files is gone: try again") from error
    taken = bytearray()
    while not taken.endswith(b"\n"):
        ready, _, _ = select.select([keeper.stdout], [], [], seconds)
        part = os.read(keeper.stdout.fileno(), 65_536) if ready else b""
        if not part or len(taken) > 2 * MAX_ANSWER_BYTES:
            raise Unavailable("the process that looks at files stopped answering: try again")
        taken += part
    return msgspec.json.decode(taken, type=Answer)


def _ended(keeper: subprocess.Popen[bytes]) -> None:
    keeper.kill()  # its children die with it
    for pipe in (keeper.stdin, keeper.stdout):
        if pipe is not None:
            pipe.close()
    keeper.wait()


def _as_error(answer: Answer, bounds: Bounds) -> TocsinError:
    match answer.state:
        case "raised" if answer.error:
            kind: type[TocsinError] = getattr(_kernel, answer.error)
            return kind(answer.message)
        case "memory":
            return TooLarge(
                f"reading the file takes over {bounds.memory_bytes >> 20} MiB of memory: it was stopped"
            )
        case "late":
            return TooLarge(
                f"reading the file takes over {bounds.wall_seconds:g} s (or {bounds.cpu_seconds} s of the"
                " processor): it was stopped"
            )
        case "long":
            return TooLarge("the file gives an answer without end: it was stopped")
        case _:
            return BadInput("the file's parser fell over it: the file is damaged, or made to do that")
