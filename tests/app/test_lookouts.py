"""Lookouts are fed every event once and in order, start anew when they fail, and fail alone."""

from collections.abc import Iterator, Sequence
from functools import partial

import pyarrow as pa
import pytest

from tests.app.test_watch import dated, take
from tests.console import a_warning
from tests.fixtures import Made
from tocsin.app import lookouts
from tocsin.app.lookouts import Lookouts
from tocsin.kernel import Warning, WarningKind


class Counting:
    """Rings for the number of events it was fed."""

    name = "counting"

    def __init__(
        self, made: Made, *, horizon_days: int = 30, breaks_at: Iterator[bool] | None = None
    ) -> None:
        self.horizon_days = horizon_days
        self.seqs: list[int] = []
        self._made = made
        self._breaks_at = breaks_at or iter(())

    def take(self, events: pa.RecordBatch) -> None:
        if next(self._breaks_at, False):
            raise RuntimeError("a fault of its own")
        self.seqs += events.column("seq").to_numpy().tolist()

    def look(self, now_us: int) -> Sequence[Warning]:
        return (a_warning(0, now=self._made.now, kind=WarningKind.RULE, events=len(self.seqs)),)


def of(made: Made, *all_of_them: Counting) -> Lookouts:
    makers = [partial(_itself, one) for one in all_of_them]
    return Lookouts(made.node.store, made.node.telemetry, made.clock, makers)


def _itself(one: Counting) -> Counting:
    return one


def test_every_event_once_and_in_order_with_a_short_past(made: Made) -> None:
    take(made, dated(made))
    whole, short = Counting(made), Counting(made, horizon_days=1)
    looking = of(made, whole, short)
    (new,) = looking.tick()
    assert new.kind is WarningKind.RULE
    assert whole.seqs == list(range(1, made.node.store.events.count() + 1))
    assert 0 < len(short.seqs) < len(whole.seqs)
    assert looking.tick() == ()
    more = dated(made).splitlines()[0].replace('"id": "', '"id": "new-')
    take(made, more)
    assert looking.tick() == ()  # the same warning, brought up to date
    assert whole.seqs == list(range(1, made.node.store.events.count() + 1))


def test_one_that_fails_starts_anew_and_the_others_go_on(made: Made, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lookouts, "FIRST_REST_SECONDS", 0.0)
    take(made, dated(made))
    shaky, steady = Counting(made, breaks_at=iter([True])), Counting(made)
    looking = of(made, shaky, steady)
    looking.tick()
    assert not shaky.seqs
    looking.tick()
    assert shaky.seqs == steady.seqs == list(range(1, made.node.store.events.count() + 1))
    assert made.node.telemetry.job_failures.labels("lookout.counting")._value.get() == 1


def test_one_process_looks_at_a_time(made: Made) -> None:
    take(made, dated(made))
    here, there = Counting(made), Counting(made)
    first, second = of(made, here), of(made, there)
    first.tick()
    assert second.tick() == ()
    assert not there.seqs
    first.release()
    second.tick()
    assert here.seqs == there.seqs
