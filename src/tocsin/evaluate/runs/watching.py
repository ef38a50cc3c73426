"""What happens in a run while it happens, told to whoever watches, by Inspect's hooks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from inspect_ai.hooks import Hooks, ModelCacheUsageData, ModelUsageData, SampleEnd, hooks


class Watcher(Protocol):
    """Told of each sample and call, in the thread that runs them: answer quickly."""

    def began(self, what: str, samples: int, reused: int) -> None:
        """A task on a model begins: `samples` in all, of which `reused` lie there already."""
        ...

    def sampled(self) -> None:
        """A sample ended, however it went."""
        ...

    def asked(self, model: str, tokens_in: int, tokens_out: int) -> None:
        """A model answered."""
        ...

    def remembered(self) -> None:
        """An answer came out of the cache."""
        ...


class Count:
    """A watcher that counts, and passes on to another."""

    def __init__(self, further: Watcher | None = None) -> None:
        self._further = further
        self.sampled_now = self.cached = 0

    def began(self, what: str, samples: int, reused: int) -> None:
        """A task begins: nothing is counted yet."""
        self.sampled_now = self.cached = 0
        if self._further is not None:
            self._further.began(what, samples, reused)

    def sampled(self) -> None:
        """One more."""
        self.sampled_now += 1
        if self._further is not None:
            self._further.sampled()

    def asked(self, model: str, tokens_in: int, tokens_out: int) -> None:
        """Passed on."""
        if self._further is not None:
            self._further.asked(model, tokens_in, tokens_out)

    def remembered(self) -> None:
        """One more."""
        self.cached += 1
        if self._further is not None:
            self._further.remembered()


_watching: list[Watcher] = []


@contextmanager
def watched_by(watcher: Watcher) -> Iterator[None]:
    """Tells it of what is run inside."""
    _watching.append(watcher)
    try:
        yield
    finally:
        _watching.remove(watcher)


@hooks(name="tocsin_watching", description="Progress of a run.")
class _Telling(Hooks):
    def enabled(self) -> bool:
        return bool(_watching)

    async def on_sample_end(self, data: SampleEnd) -> None:
        for watcher in _watching:
            watcher.sampled()

    async def on_model_usage(self, data: ModelUsageData) -> None:
        for watcher in _watching:
            watcher.asked(data.model_name, data.usage.input_tokens, data.usage.output_tokens)

    async def on_model_cache_usage(self, data: ModelCacheUsageData) -> None:
        for watcher in _watching:
            watcher.remembered()
