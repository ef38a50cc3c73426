"""The keeper: a process that has the parsers loaded and meets no foreign byte. For each file it forks one that does.

A request is a line of JSON on standard input, an answer a line on standard output. The child goes into the cage, runs
one function, writes its answer into a pipe and ends. Loading the parsers anew for every file would take seconds.
"""

import gc
import importlib
import os
import select
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal, get_type_hints

import msgspec

import tocsin.kernel as _kernel
from tocsin.kernel import TocsinError
from tocsin.label.apart.cage import Bounds, Cage, enter, without_network

MAX_ANSWER_BYTES = 4 << 20
_PIPE_BYTES = 65_536


class Request(msgspec.Struct, frozen=True):
    """`work` is "module:function", `given` its arguments, `reads` and `writes` what it may touch."""

    work: str
    given: list[msgspec.Raw]
    reads: list[str]
    writes: list[str]
    bounds: Bounds


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    """`returned`: `value` is what it returned. `raised`: `error` is the class of kernel.errors, `message` its words.

    `cage` is what held when the work began. A parser that was taken over can lie about it: ask with `nothing`.
    """

    state: Literal["returned", "raised", "memory", "died", "late", "long"]
    value: msgspec.Raw = msgspec.Raw(b"null")
    error: str = ""
    message: str = ""
    signal: int = 0
    cage: Cage | None = None


def nothing() -> None:
    """The work that meets no file: only its cage is asked for."""


def as_wire(value: object) -> object:
    """For msgspec's encoder: a path is its text."""
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(f"{type(value).__name__} does not cross into the cage")


def from_wire(kind: type[Any], value: object) -> Any:
    """For msgspec's decoder: the other way."""
    if issubclass(kind, Path):
        return Path(str(value))
    raise NotImplementedError(f"{kind.__name__} does not cross into the cage")


def main() -> None:
    """Serve until standard input ends. Arguments are folders to import from beside the program's own."""
    sys.path.extend(sys.argv[1:])
    network_gone = without_network()
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    for line in requests:
        request = msgspec.json.decode(line, type=Request)
        work = _loaded(request.work)
        answer = _kept(work, request, network_gone)
        answers.write(msgspec.json.encode(answer) + b"\n")
        answers.flush()


def _loaded(name: str) -> Callable[..., object]:
    """The function, and what its module wants loaded before the fork (`PRELOAD`)."""
    module_name, _, function = name.partition(":")
    known = module_name in sys.modules
    module = importlib.import_module(module_name)
    if not known:
        for wanted in getattr(module, "PRELOAD", ()):
            with suppress(ImportError):  # the function itself says what to install
                importlib.import_module(wanted)
        gc.freeze()  # what is loaded stays shared between parent and child
    work: Callable[..., object] = getattr(module, function)
    return work


def _kept(work: Callable[..., object], request: Request, network_gone: bool) -> Answer:
    out, into = os.pipe()
    child = os.fork()
    if child == 0:
        _in_the_cage(work, request, network_gone, into)
    os.close(into)
    taken, state = _taken(out, time.monotonic() + request.bounds.wall_seconds)
    os.close(out)
    with suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # the child, or what it left running
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)  # one that was late before it had a group
    _, status = os.waitpid(child, 0)
    if state is not None:
        return Answer(state)
    try:
        return msgspec.json.decode(taken, type=Answer)
    except msgspec.MsgspecError:
        ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
        return Answer("late" if ended == signal.SIGXCPU else "died", signal=ended)


def _taken(out: int, until: float) -> tuple[bytes, Literal["late", "long"] | None]:
    taken = bytearray()
    while True:
        ready, _, _ = select.select([out], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            return b"", "late"
        part = os.read(out, _PIPE_BYTES)
        if not part:
            return bytes(taken), None
        taken += part
        if len(taken) > MAX_ANSWER_BYTES:
            return b"", "long"


def _in_the_cage(work: Callable[..., object], request: Request, network_gone: bool, into: int) -> None:
    """Never returns: whatever happens in here ends this process."""
    try:
        void = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(void, stream)
        cage = enter(
            request.bounds,
            reads=map(Path, request.reads),
            writes=map(Path, request.writes),
            network_gone=network_gone,
        )
        answer = msgspec.structs.replace(_answered(work, request.given), cage=cage)
        left = memoryview(msgspec.json.encode(answer))
        while left:
            left = left[os.write(into, left) :]
    finally:
        os._exit(0)


def _answered(work: Callable[..., object], given: list[msgspec.Raw]) -> Answer:
    hints = list(get_type_hints(work).items())
    kinds = [kind for name, kind in hints if name != "return"]
    try:
        values = [
            msgspec.json.decode(one, type=kind, dec_hook=from_wire)
            for one, kind in zip(given, kinds, strict=True)
        ]
        value = work(*values)
        return Answer("returned", value=msgspec.Raw(msgspec.json.encode(value, enc_hook=as_wire)))
    except TocsinError as error:
        known = type(error).__name__ if hasattr(_kernel, type(error).__name__) else "BadInput"
        return Answer("raised", error=known, message=error.message)
    except MemoryError:
        return Answer("memory")
    except Exception as error:  # noqa: BLE001 - a parser raises of every kind; all mean the same
        return Answer("raised", error="", message=type(error).__name__)


if __name__ == "__main__":
    main()
