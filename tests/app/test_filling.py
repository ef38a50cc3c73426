"""A look waits while the past is filled in, and nobody can make it wait for long."""

from datetime import datetime, timedelta

import pyarrow as pa

from tocsin.app.filling import MAX_WAIT_SECONDS, OLD_SECONDS, QUIET_SECONDS, Filling
from tocsin.kernel import micros


def batch(now: datetime, *ages: float) -> pa.RecordBatch:
    """Events received now, each so many seconds old."""
    received = [micros(now)] * len(ages)
    times = [micros(now - timedelta(seconds=age)) for age in ages]
    return pa.record_batch({"received": pa.array(received, pa.int64()), "time": pa.array(times, pa.int64())})


def test_it_waits_while_most_of_what_comes_is_old(now: datetime) -> None:
    filling = Filling()
    assert not filling.waits(now)
    filling.came(batch(now, OLD_SECONDS + 1, OLD_SECONDS + 1, 0))
    assert filling.waits(now)
    assert filling.waits(now + timedelta(seconds=QUIET_SECONDS - 1)), "the next batch may be on its way"
    assert not filling.waits(now + timedelta(seconds=QUIET_SECONDS)), "nothing more came"
    filling.came(batch(now, OLD_SECONDS + 1))
    assert filling.waits(now)
    filling.came(batch(now, OLD_SECONDS + 1, OLD_SECONDS))
    assert not filling.waits(now), "half of it is of today"


def test_whoever_always_sends_the_past_holds_up_the_looks_once(now: datetime) -> None:
    filling, held = Filling(), []
    for seconds in range(0, 3 * MAX_WAIT_SECONDS, 60):
        moment = now + timedelta(seconds=seconds)
        filling.came(batch(moment, 2 * OLD_SECONDS))
        held.append(filling.waits(moment))
    assert held == [True] * (MAX_WAIT_SECONDS // 60) + [False] * (2 * MAX_WAIT_SECONDS // 60)
