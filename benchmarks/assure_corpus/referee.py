"""The referee: each malicious shape goes to its real loader, and counts only if the canary appears."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from benchmarks.assure_corpus.shape import Shape, write

INTERPRETER = "TOCSIN_BENCH_LOADERS"
"""A Python that has torch, joblib and the others, where this one has not."""


class Loaders:
    """The loaders' process: asked by line, answers by line."""

    def __init__(self, asked: IO[str], answered: IO[str]) -> None:
        self._asked, self._answered = asked, answered

    def __call__(self, loader: str, path: Path, needs: str = "") -> str:
        """`fired`, `quiet` or `missing`. Raises RuntimeError when the process ended."""
        self._asked.write(f"{loader}\t{needs}\t{path}\n")
        self._asked.flush()
        answer = self._answered.readline().strip()
        if not answer:
            raise RuntimeError("the loaders' process ended")
        return answer


@contextmanager
def loaders(python: str | None = None) -> Iterator[Loaders]:
    """Starts them under `python`, else under the one that the environment names, else under ours."""
    chosen = python or os.environ.get(INTERPRETER) or sys.executable
    script = Path(__file__).with_name("loaders.py")
    process = subprocess.Popen(
        [chosen, "-I", script],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Loaders(process.stdin, process.stdout)
    finally:
        process.stdin.close()
        process.wait(30)
        process.stdout.close()


def judge(shapes: Iterable[Shape], python: str | None = None) -> dict[str, str]:
    """What the loader said, by the shape's id: `fired`, `quiet`, `missing`, or `none` for a shape without a loader."""
    verdicts = {}
    with tempfile.TemporaryDirectory() as folder, loaders(python) as ask:
        for shape in shapes:
            if not shape.loader:
                verdicts[shape.id] = "none"
                continue
            verdicts[shape.id] = ask(shape.loader, write(shape, Path(folder)) / shape.opened, shape.needs)
    return verdicts
