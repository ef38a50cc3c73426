"""Random lives of a ledger: queries, crashes before and after the noise, restarts, copies put back."""

import shutil
import tempfile
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tocsin.app.count_ledger import CountLedger
from tocsin.app.key_settling import settle
from tocsin.app.keyring import Keyring
from tocsin.kernel import Conflict
from tocsin.kernel.counts import BOUNDS, LIFE_BUDGET, WEEK_BUDGET, CountList, NoisyCount
from tocsin.store import Store, open_store

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WEEKS = ("2026-W44", "2026-W45", "2026-W46")
COSTS = (500, 900, 2_000, 17_000)


class Crash(Exception):
    """The process ended here."""


class Life:
    """One ledger on disk; `drawn` is what left it, as an adversary who forgets nothing adds it up."""

    def __init__(self, prepared: Path, folder: Path) -> None:
        self.data = shutil.copytree(prepared, folder / "node")
        self.kept = folder / "copy"
        self.drawn: dict[str, int] = {}
        self.by_week: dict[str, int] = {}
        self.now = NOW
        self.open()

    def open(self) -> None:
        self.store: Store = open_store(self.data)
        self.keys = Keyring(self.data / "keys", key_store=self.data / "keystore", clock=lambda: self.now)
        settle(self.keys, self.store, self.now.date())
        self.ledger = CountLedger(self.store, self.keys)

    def query(self, week: str, which: CountList, cost: int, crash: str) -> None:
        """As `Counting.draw` goes; `crash` says after which step the process ends."""
        self.now += timedelta(seconds=1)
        with self.ledger.alone():
            if self.store.counts.said(week, which) is not None:
                return
            spend = self.ledger.pay(week, which, cost, self.now)
            if crash == "paid":
                raise Crash
            assert spend.name in {one.name for one in self.ledger.paid()}, "no draw without a payment"
            self.drawn[spend.name] = cost
            self.by_week[week] = self.by_week.get(week, 0) + cost
            if crash == "drawn":
                raise Crash
            self.store.counts.keep(NoisyCount(week, which, (0,), cost, BOUNDS[which], 0, spend.name))

    def restart(self) -> None:
        self.store.close()
        self.open()

    def copy(self) -> None:
        self.store.close()
        shutil.rmtree(self.kept, ignore_errors=True)
        shutil.copytree(self.data, self.kept)
        self.open()

    def put_back(self, name: str) -> None:
        """The database or the key store as it was, and never both: then nobody could know (docs/counts.md)."""
        if self.kept.exists():
            self.store.close()
            for stray in self.data.glob(f"{name}-*"):
                stray.unlink()
            if (self.data / name).is_dir():
                shutil.rmtree(self.data / name)
                shutil.copytree(self.kept / name, self.data / name)
            else:
                shutil.copy(self.kept / name, self.data / name)
            self.open()


QUERY = st.tuples(
    st.just("query"),
    st.sampled_from(WEEKS),
    st.sampled_from(list(CountList)),
    st.sampled_from(COSTS),
    st.sampled_from(["", "", "paid", "drawn"]),
)
STEPS = st.lists(
    st.one_of(
        QUERY,
        QUERY,
        QUERY,
        st.just(("restart",)),
        st.just(("copy",)),
        st.just(("put_back", "tocsin.db")),
        st.just(("put_back", "keystore")),
    ),
    max_size=14,
)


@settings(
    max_examples=20,
    deadline=None,
    phases=(
        Phase.explicit,
        Phase.reuse,
        Phase.generate,
    ),  # a life is a second: a failing one is told, not shrunk
    suppress_health_check=(HealthCheck.function_scoped_fixture, HealthCheck.too_slow),
)
@given(steps=STEPS)
def test_no_life_overspends(prepared: tuple[Path, str], steps: Sequence[tuple[Any, ...]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        life = Life(prepared[0], Path(folder))
        for name, *arguments in steps:
            step: Callable[..., None] = getattr(life, name)
            try:
                step(*arguments)
            except Crash:
                life.restart()
            except Conflict:
                pass
            assert sum(life.drawn.values()) <= LIFE_BUDGET
            assert all(cost <= WEEK_BUDGET for cost in life.by_week.values())
            known = {one.name for one in life.ledger.paid()}
            assert known >= life.drawn.keys(), "what was drawn is known to be paid, whatever was put back"
        life.store.close()


def test_the_life_ends_where_it_was_said_to(prepared: tuple[Path, str], tmp_path: Path) -> None:
    life = Life(prepared[0], tmp_path)
    weeks = [f"{year}-W{week:02d}" for year in (2026, 2027) for week in range(1, 31)]
    refused = 0
    for week in weeks:
        try:
            life.query(week, CountList.TRENDS, WEEK_BUDGET, "")
        except Conflict:
            refused += 1
    assert sum(life.drawn.values()) == LIFE_BUDGET
    assert refused == len(weeks) - LIFE_BUDGET // WEEK_BUDGET
    life.store.close()
