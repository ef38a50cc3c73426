"""Batches through one function in several processes: the same answers in the same order, and nobody is left behind."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.app.test_replay import RECIPE
from tests.app.test_replay import history as history
from tests.app.test_replay_campaigns import KEY, flooded, town, write
from tocsin.app.replay import SIGNALS, replay
from tocsin.app.replay_campaigns import replay as replay_campaigns
from tocsin.app.replay_jobs import AHEAD, each
from tocsin.app.replay_looks import CAMPAIGN_FILES
from tocsin.kernel import BadInput, Unavailable

JOBS = 3
NUMBERS = pa.schema([("n", pa.int64())])
LAST = 40


def slowly(batch: pa.RecordBatch) -> tuple[pa.RecordBatch, ...]:
    """Takes longer for some than for others, and answers with two batches, one of them empty."""
    time.sleep(random.Random(batch.column("n")[0].as_py()).random() / 50)
    return batch, batch.slice(0, 0)


def refusing(batch: pa.RecordBatch) -> tuple[pa.RecordBatch, ...]:
    if batch.column("n")[0].as_py() == LAST:
        raise BadInput("what was sent is nothing; send something")
    return (batch,)


def ending(batch: pa.RecordBatch) -> tuple[pa.RecordBatch, ...]:
    """As when the system takes a process for its memory."""
    os.kill(os.getpid(), signal.SIGKILL)
    return (batch,)


def telling(batch: pa.RecordBatch) -> tuple[pa.RecordBatch, ...]:
    """Says which process this is, and does not come back by itself."""
    sys.stdout.write(f"{os.getpid()}\n")
    sys.stdout.flush()
    time.sleep(600)
    return (batch,)


def numbers() -> list[pa.RecordBatch]:
    """Slices of one long column, so that a batch could take more with it than its own rows."""
    whole = pa.record_batch([pa.array(range(10 * LAST + 10), pa.int64())], schema=NUMBERS)
    return [whole.slice(at, 1 + at % 10) for at in range(LAST + 1)]


def test_the_order_is_that_of_the_batches_whoever_is_quicker() -> None:
    alone, together = ([*each(slowly, numbers(), jobs)] for jobs in (1, JOBS))
    assert [(rows, [one.to_pylist() for one in said]) for rows, said in together] == [
        (rows, [one.to_pylist() for one in said]) for rows, said in alone
    ]
    assert [rows for rows, _ in together] == [1 + at % 10 for at in range(LAST + 1)]


def test_no_more_is_read_than_is_worked_on_soon() -> None:
    taken = []

    def batches() -> Iterator[pa.RecordBatch]:
        for batch in numbers():
            taken.append(batch)
            yield batch

    with closing(each(slowly, batches(), JOBS)) as answers:
        next(answers)
        assert len(taken) <= JOBS * (1 + AHEAD) + 1 < len(numbers())


def test_what_goes_wrong_is_said_by_the_one_who_asked() -> None:
    with pytest.raises(BadInput, match="send something"):
        list(each(refusing, numbers(), JOBS))
    with pytest.raises(Unavailable, match="more memory, or fewer --jobs"):
        list(each(ending, numbers(), JOBS))


def test_signals_and_campaigns_are_the_same(history: Path, tmp_path: Path) -> None:
    alone, together = (replay([history], RECIPE, tmp_path / str(jobs), jobs=jobs) for jobs in (1, JOBS))
    assert alone == together
    first, second = (pq.read_table(tmp_path / str(jobs) / SIGNALS) for jobs in (1, JOBS))
    assert first.equals(second), "in the same order too"
    write(flooded(town(), 400), tmp_path / "history.parquet")
    found = [
        replay_campaigns([tmp_path / "history.parquet"], RECIPE, tmp_path / f"c{jobs}", key=KEY, jobs=jobs)
        for jobs in (1, JOBS)
    ]
    assert found[0] == found[1]
    assert found[0].campaigns == 2
    for name in ("campaigns", "members"):
        first, second = (
            pq.read_table(tmp_path / f"c{jobs}" / CAMPAIGN_FILES / f"{name}.parquet") for jobs in (1, JOBS)
        )
        assert first.equals(second)


@pytest.mark.timeout(60)
def test_nobody_outlives_the_one_who_asked() -> None:
    asking = (
        "from tests.app.test_replay_jobs import JOBS, each, numbers, telling\n"
        "if __name__ == '__main__':\n    list(each(telling, numbers(), JOBS))\n"
    )
    with subprocess.Popen([sys.executable, "-c", asking], stdout=subprocess.PIPE, text=True) as asker:
        assert asker.stdout is not None
        assert all(int(asker.stdout.readline()) != asker.pid for _ in range(JOBS))
        asker.kill()
        # ends when the last that could write there has ended; each of them would sleep for ten minutes
        assert asker.stdout.read() == ""
