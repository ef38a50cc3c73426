"""A count is paid for before it is drawn, said once, and remembered: whatever crashes or is put back."""

import shutil
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.app.test_red_lines import LAB, received, trust, voice
from tests.fixtures import Made
from tests.store.test_contributions import CONDUCT
from tocsin.app.backup import read_backup, write_backup
from tocsin.app.counting import Counting
from tocsin.app.node import Node
from tocsin.app.noise import Noise
from tocsin.kernel import (
    BadInput,
    Conflict,
    Event,
    Kind,
    NotAllowed,
    Origin,
    PeerStatus,
    Role,
    Signal,
    Unavailable,
    micros,
)
from tocsin.kernel.counts import (
    COST,
    LIFE_BUDGET,
    SETTLED,
    SUMS_PURSE,
    WEEK_BUDGET,
    CountList,
    start_of_week,
)
from tocsin.share.describe_counts import describe_count
from tocsin.store.interface import JournalRow
from tocsin.taxonomy.counted import cells
from tocsin.trust.day_keys import What

WEEK = "2026-W46"
"""The newest that can be drawn on Friday, 20 November 2026."""


class Crash(Exception):
    """The process ended here."""


def plus_one(values: Sequence[int], bound: int, cost: int) -> tuple[int, ...]:
    """Noise that a test can foresee."""
    return tuple(one + 1 for one in values)


def crashing(values: Sequence[int], bound: int, cost: int) -> tuple[int, ...]:
    raise Crash


def counting(node: Node, made: Made, noise: Noise | None = plus_one) -> Counting:
    return Counting(node.store, node.keys, node.settings, node.access, made.clock, noise)


def happen(made: Made, actors: int) -> None:
    """So many accounts sent a harmless thing on the Tuesday of the week."""
    moment = micros(start_of_week(WEEK) + timedelta(days=1))
    signal = Signal("phrases", "1", CONDUCT[0], 1.0, "p/en/1")
    made.node.store.events.append(
        [
            JournalRow(
                Event(
                    id=f"e{n}",
                    time=moment + n,
                    received=moment + n,
                    source="forum",
                    kind=Kind.POST,
                    actor=f"a{n}",
                    seal_day="2026-11-10",
                    lang="en",
                ),
                (signal,),
                b"",
                None,
            )
            for n in range(actors)
        ]
    )


def paid(node: Node) -> list[str]:
    """What the key store's log says was paid."""
    return [line.name for line in node.keys.day_keys.log() if line.what is What.COUNT]


def test_a_draw_is_paid_kept_and_said_again(copied: Made) -> None:
    happen(copied, 12)
    node, by = copied.node, copied.node.access.operator()
    counts = counting(node, copied)
    first = counts.draw(by, WEEK, CountList.TRENDS)
    named = dict(zip(cells(CountList.TRENDS), first.values, strict=True))
    assert named[f"{CONDUCT[0]}/2"] == 13
    assert set(named.values()) == {1, 13}
    assert paid(node) == [first.spend] == [one.name for one in node.store.counts.spends()]
    happen(copied, 20)
    assert counting(node, copied, None).draw(by, WEEK, CountList.TRENDS) == first, "no fresh noise"
    budget = counts.budget(by)
    assert (budget.week_left, budget.life_left) == (WEEK_BUDGET - COST, LIFE_BUDGET - COST)
    (one,) = counts.shown(by, WEEK)
    assert (one.given_by, one.record) == ("", first.record)
    record = node.store.records.get(first.record)
    assert record is not None
    assert record.root is not None, "signed, and ready for the gate"
    assert [row.detail["list"] for row in node.store.audit.read(act="count.draw")] == ["trends"]
    assert node.keys.destroyed == 0, "a payment destroys nothing"


def test_real_noise_is_drawn_by_opendp(copied: Made) -> None:
    drawn = copied.node.counting.draw(copied.node.access.operator(), WEEK, CountList.TRENDS)
    assert len(set(drawn.values)) > 5, "140 empty cells are not told as empty"


def test_what_crashes_after_it_was_paid_stays_paid(copied: Made) -> None:
    node, by = copied.node, copied.node.access.operator()
    for draws in range(1, WEEK_BUDGET // COST + 1):
        with pytest.raises(Crash):
            counting(node, copied, crashing).draw(by, WEEK, CountList.CATEGORIES)
        assert len(paid(node)) == draws
    with pytest.raises(Conflict, match="nothing was drawn"):
        counting(node, copied).draw(by, WEEK, CountList.CATEGORIES)
    node.close()
    again = Node(node.data, clock=copied.clock)
    with pytest.raises(Conflict, match="0 of epsilon left"):
        counting(again, copied).draw(by, WEEK, CountList.LANGUAGES)
    assert again.store.counts.every() == ()
    again.close()


def test_an_older_database_does_not_forget_a_payment(copied: Made, tmp_path: Path) -> None:
    node, by = copied.node, copied.node.access.operator()
    node.close()
    old = shutil.copytree(node.data, tmp_path / "old")
    node = Node(node.data, clock=copied.clock)
    for which in CountList:
        counting(node, copied).draw(by, WEEK, which)
    node.close()
    for name in ("tocsin.db-wal", "tocsin.db-shm"):
        (node.data / name).unlink(missing_ok=True)
    shutil.copy(old / "tocsin.db", node.data / "tocsin.db")
    node = Node(node.data, clock=copied.clock)
    assert node.store.counts.spends() == ()
    counts = counting(node, copied)
    assert counts.ledger.left(WEEK) == WEEK_BUDGET - 3 * COST
    counts.draw(by, WEEK, CountList.TRENDS)  # the reserve
    with pytest.raises(Conflict):
        counts.draw(by, WEEK, CountList.CATEGORIES)
    node.close()


def test_an_older_key_store_does_not_forget_a_payment(copied: Made, tmp_path: Path) -> None:
    node, by = copied.node, copied.node.access.operator()
    counting(node, copied).draw(by, WEEK, CountList.TRENDS)
    old = shutil.copytree(node.keys.day_keys.folder, tmp_path / "old")
    counting(node, copied).draw(by, WEEK, CountList.LANGUAGES)
    node.close()
    shutil.rmtree(node.data / "keystore")
    shutil.copytree(old, node.data / "keystore")
    node = Node(node.data, clock=copied.clock)
    assert len(paid(node)) == 2, "the database told the key store"
    assert counting(node, copied).ledger.left(WEEK) == WEEK_BUDGET - 2 * COST
    node.close()


def test_a_restore_without_the_key_store_draws_nothing_until_a_person_settled(
    copied: Made, tmp_path: Path
) -> None:
    node, by = copied.node, copied.node.access.operator()
    counting(node, copied).draw(by, WEEK, CountList.TRENDS)
    write_backup(node, tmp_path / "node.tar")
    counting(node, copied).draw(by, WEEK, CountList.LANGUAGES)  # the backup does not know it
    with pytest.raises(Conflict, match="nothing is in doubt"):
        counting(node, copied).settle(by, copied.now - timedelta(days=1))
    read_backup(tmp_path / "node.tar", tmp_path / "new", clock=copied.clock)
    new = Node(tmp_path / "new", clock=copied.clock)
    counts = counting(new, copied)
    with pytest.raises(Unavailable, match="--settle"):
        counts.draw(by, WEEK, CountList.LANGUAGES)
    assert counts.draw(by, WEEK, CountList.TRENDS) is not None, "what was said is known, and costs nothing"
    with pytest.raises(BadInput, match="past"):
        counts.settle(by, copied.now + timedelta(days=1))
    spend = counts.settle(by, copied.now - timedelta(days=1))
    assert (spend.list, spend.cost) == (SETTLED, 9 * WEEK_BUDGET)
    sums_left = counts.ledger.left(purse=SUMS_PURSE)
    assert sums_left == SUMS_PURSE.life - 2 * SUMS_PURSE.week, (
        "looks may have been paid this week and the last"
    )
    assert counts.ledger.left(WEEK) == 0
    with pytest.raises(Conflict):
        counts.draw(by, WEEK, CountList.LANGUAGES)
    copied.now += timedelta(days=14)
    assert counts.newest_week() == "2026-W48"
    counts.draw(by, "2026-W48", CountList.LANGUAGES)
    assert counts.ledger.left() == LIFE_BUDGET - 9 * WEEK_BUDGET - 2 * COST
    new.close()


def test_without_its_key_store_nothing_is_drawn(copied: Made) -> None:
    node, by = copied.node, copied.node.access.operator()
    node.keys.day_keys.folder.rename(node.data / "away")
    with pytest.raises(Unavailable, match="key store"):
        counting(node, copied).draw(by, WEEK, CountList.TRENDS)
    (node.data / "away").rename(node.keys.day_keys.folder)
    assert paid(node) == []


def test_a_week_is_drawn_when_it_is_over_and_not_long_over(copied: Made) -> None:
    by, counts = copied.node.access.operator(), counting(copied.node, copied)
    assert counts.newest_week() == WEEK
    for week, why in (("2026-W47", "late"), ("2026-W30", "too long over"), ("2026-W60", "ISO 8601")):
        with pytest.raises(BadInput, match=why):
            counts.draw(by, week, CountList.TRENDS)
    assert paid(copied.node) == []
    copied.now = start_of_week(WEEK) + timedelta(days=8)
    assert counts.newest_week() == "2026-W45"


def test_peers_stand_beside_us_and_what_nobody_signed_does_not(copied: Made) -> None:
    node, by = copied.node, copied.node.access.operator()
    counts = counting(node, copied)
    ours = counts.draw(by, WEEK, CountList.LANGUAGES)
    trust(copied, status=PeerStatus.TRUSTED)
    theirs = describe_count(msgspec.structs.replace(ours, values=ours.values[::-1]), voice(copied))[-1]
    received(copied, theirs, LAB)
    unsigned = describe_count(msgspec.structs.replace(ours, week="2026-W45"), voice(copied))[-1]
    node.store.records.put([msgspec.structs.replace(unsigned, origin=Origin.PEER, peer="lab")])
    assert [one.author for one in counts.shown(by)] == ["node", "lab"]
    assert counts.weeks(by) == (WEEK,)


def test_who_may_not_release_may_not_draw(copied: Made) -> None:
    node = copied.node
    node.access.add_user(node.access.operator(), "ana", (Role.ANALYST,))
    ana = node.access.operator("ana")
    counts = counting(node, copied)
    with pytest.raises(NotAllowed):
        counts.draw(ana, WEEK, CountList.TRENDS)
    with pytest.raises(NotAllowed):
        counts.settle(ana, copied.now)
    assert paid(node) == []
