"""Processes that are to be killed, forked from one that imported what they need: a kill is a kill, imports cost once.

`python -m tests.forks MODULE IMPORT...` reads the arguments of MODULE's `main` from its standard input, a JSON list
a line, and answers each line with how that process ended and what it said.
"""

import importlib
import json
import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Self

ROOT = Path(__file__).resolve().parents[1]
LIFE_SECONDS = 60
"""A process that neither ends nor dies by then is ended by SIGALRM, which no test expects."""


class Forks:
    """Runs `main` of a module as often as a test likes, each time in a process of its own."""

    def __init__(self, module: str, *imports: str) -> None:
        self._module = module
        self._parent = subprocess.Popen(
            [sys.executable, "-m", "tests.forks", module, *imports],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """As subprocess.run; what the process says as an error stands among the test's own output."""
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        self._parent.stdin.write(json.dumps(arguments) + "\n")
        self._parent.stdin.flush()
        status, said = json.loads(self._parent.stdout.readline())
        return subprocess.CompletedProcess([self._module, *arguments], status, said)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._parent.communicate(timeout=LIFE_SECONDS)


def forked(main: Callable[..., object], arguments: list[str]) -> tuple[int, str]:
    """The exit status of a fork that calls `main` (negative: the signal it died of), and its standard output."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.dup2(writing, sys.stdout.fileno())
        os.close(reading)
        os.close(writing)
        signal.alarm(LIFE_SECONDS)
        status = 1
        try:
            main(*arguments)
            sys.stdout.flush()
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        said = stream.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said.decode()


if __name__ == "__main__":
    worker, *others = [importlib.import_module(name) for name in sys.argv[1:]]
    for line in sys.stdin:
        print(json.dumps(forked(worker.main, json.loads(line))), flush=True)
