"""CPU time by stage, measured where the stages run: functions are replaced by timed ones while a watch is on."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any


class Stopwatch:
    """CPU seconds by stage. A stage within another counts for itself alone."""

    def __init__(self) -> None:
        self.spent: dict[str, float] = {}
        self._within: list[float] = []

    @contextmanager
    def over(self, *places: tuple[object, str, str]) -> Iterator[None]:
        """Times (owner, name of a function, stage) until the block ends; for functions that take whole batches."""
        before = [(owner, name, getattr(owner, name)) for owner, name, _ in places]
        for (owner, name, stage), (_, _, function) in zip(places, before, strict=True):
            setattr(owner, name, self._timed(stage, function))
        try:
            yield
        finally:
            for owner, name, function in before:
                setattr(owner, name, function)

    def _timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def timed(*args: Any, **named: Any) -> Any:
            self._within.append(0.0)
            started = time.process_time()
            try:
                return function(*args, **named)
            finally:
                spent = time.process_time() - started
                self.spent[stage] = self.spent.get(stage, 0.0) + spent - self._within.pop()
                if self._within:
                    self._within[-1] += spent

        return timed
