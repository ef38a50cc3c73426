"""How a run gets on, on standard error: a bar with tokens, cost and time on a terminal, a line a task elsewhere."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from tocsin.evaluate.runs.prices import Prices


class Bar:
    """A watcher of `run_plan`."""

    def __init__(self, progress: "Progress", prices: "Prices | None") -> None:
        self._progress = progress
        self._prices = prices
        self._task: TaskID | None = None
        self._tokens_in = self._tokens_out = self._cached = 0
        self._cost = 0.0

    def began(self, what: str, samples: int, reused: int) -> None:
        """A bar for this task."""
        if self._progress.console.is_terminal:
            self._task = self._progress.add_task(what, total=samples, completed=reused, spent="")
        else:
            self._progress.console.print(
                f"{what}: {samples} samples, {reused} of them there already", markup=False
            )

    def sampled(self) -> None:
        """One further."""
        if self._task is not None:
            self._progress.advance(self._task)

    def asked(self, model: str, tokens_in: int, tokens_out: int) -> None:
        """Tokens, and money where there are prices."""
        self._tokens_in += tokens_in
        self._tokens_out += tokens_out
        if self._prices is not None:
            self._cost += self._prices.of(model, tokens_in, tokens_out) or 0.0
        self._tell()

    def remembered(self) -> None:
        """One from the cache."""
        self._cached += 1
        self._tell()

    def _tell(self) -> None:
        if self._task is None:
            return
        said = f"{self._tokens_in:,} + {self._tokens_out:,} tokens"
        if self._prices is not None:
            said += f", {self._cost:.2f} {self._prices.currency}"
        if self._cached:
            said += f", {self._cached} cached"
        self._progress.update(self._task, spent=said)


@contextmanager
def watching(prices: "Prices | None", *, quiet: bool) -> Iterator[Bar | None]:
    """None where nothing is to be shown."""
    if quiet:
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[spent]}", markup=False),
    )
    with Progress(
        *columns, console=Console(stderr=True), redirect_stdout=False, redirect_stderr=False
    ) as progress:
        yield Bar(progress, prices)
