"""Sums with noise: what looks spend, what is drawn once, and that neither is forgotten. OpenDP draws."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from tests.app.test_summing import HOLDERS, Hall, Side
from tocsin.app.node import Node
from tocsin.app.noise import laplace_of_scale
from tocsin.app.sum_noise import DRAWN, Drawn, drawn_once
from tocsin.kernel import BadInput, Conflict, micros
from tocsin.kernel.counts import SUMS, SUMS_PURSE
from tocsin.kernel.sums import MOST_NOISE
from tocsin.trust.matching.terms import epoch_of
from tocsin.trust.summing import least_scale, look_cost

SCALE = 7
"""One look is the whole of a week's budget."""

DATABASE = "tocsin.db"
HOUR = timedelta(hours=1)


@pytest.fixture
def hall(tmp_path: Path, prepared: tuple[Path, str], now: datetime) -> Iterator[Hall]:
    hall = Hall(tmp_path, prepared[0], now)
    yield hall
    for side in hall.sides.values():
        side.node.close()


def copy_of(side: Side, folder: Path) -> Path:
    """The database as it is now."""
    side.node.close()
    kept = Path(shutil.copy(side.node.data / DATABASE, folder / f"{side.name}.db"))
    side.open(Node(side.node.data, clock=side.hall.clock))
    return kept


def put_back(side: Side, kept: Path) -> None:
    side.node.close()
    for stray in side.node.data.glob(f"{DATABASE}-*"):
        stray.unlink()
    shutil.copy(kept, side.node.data / DATABASE)
    side.open(Node(side.node.data, clock=side.hall.clock))


def sums_of(side: Side) -> tuple[tuple[int, ...], list[int]]:
    """The noise that an aggregator keeps for its one look, and the sums that it says, noise and all."""
    epoch = side.summing._now
    assert epoch is not None
    (look,) = epoch.adding._looks.values()
    roster, given = (
        look._roster,
        [one for one in side.node.store.sums.heard(epoch.epoch) if one.kind == DRAWN],
    )
    label = f"noise of look {look.look} of {roster.digest.hex()}"
    plain = side.keys.opened(epoch.epoch).open(given[0].body, label)
    return msgspec.msgpack.decode(plain, type=Drawn).noise, look._values.tolist()


def submissions(hall: Hall) -> list[str]:
    return [one for one, _, kind in hall.sent if kind == "submission"]


def paid(side: Side) -> list[int]:
    return [one.cost for one in side.node.counting.ledger.paid() if one.list == SUMS]


def try_again(hall: Hall, side: Side) -> None:
    """Ask for a look, and give it time: nothing leaves."""
    hall.sent.clear()
    side.summing.look(side.node.access.operator())
    for _ in range(2):
        side.summing.tick()
    assert submissions(hall) == []
    assert paid(side) == [SUMS_PURSE.week]
    assert not any(one.kind == "submission" and not one.sent for one in side.node.store.sums.mail(limit=500))


def test_the_look_that_would_overspend_is_refused_after_a_restart_and_a_restore(
    hall: Hall, tmp_path: Path
) -> None:
    """And what an aggregator draws is drawn once: it comes to the same sums after it starts anew."""
    for side in hall.sides.values():
        side.agree(noise=SCALE)
    hall.go_on(hall.made)
    lab, press = hall.sides["lab"], hall.sides["press-council"]
    before = copy_of(lab, tmp_path)
    hall.look()
    hall.lost.add(("university", "press-council", "sums"))
    hall.go_on(lambda: ("press-council", "university", "sums") in hall.sent)
    epoch = epoch_of(hall.now)
    drawn, said = sums_of(press)
    assert any(drawn), "there is noise"
    press.begin()
    press.summing.tick()
    assert sums_of(press) == (drawn, said)
    hall.sides["university"].begin()  # it says its sums again, which were lost
    hall.lost.clear()
    hall.go_on(hall.answered)
    for name in HOLDERS:
        side = hall.sides[name]
        assert paid(side) == [look_cost(SCALE)] == [SUMS_PURSE.week]
        assert "spend" in side.node.store.audit.read(act="sum.submit")[0].detail
    assert paid(press) == [], "whoever adds up has no accounts in the sum"

    lab.begin()
    put_back(lab, before)  # of this very look it knows nothing: its log in the key store does
    assert not lab.node.store.counts.spends()
    try_again(hall, lab)
    status = lab.summing.status(lab.node.access.operator())
    assert (status.looks_done, len(status.unpaid), status.week_left) == ((), 1, 0)
    assert status.life_left == SUMS_PURSE.life - SUMS_PURSE.week

    look = status.look
    while lab.summing.status(lab.node.access.operator()).look == look:
        hall.now += HOUR
    assert epoch_of(hall.now) == epoch
    platform = hall.sides["platform"]
    try_again(hall, platform)
    assert platform.node.store.audit.read(act="sum.unpaid")
    platform.node.close()
    platform.open(Node(platform.node.data, clock=hall.clock))
    while platform.summing.status(platform.node.access.operator()).look == look + 1:
        hall.now += HOUR
    try_again(hall, platform)
    status = platform.summing.status(platform.node.access.operator())
    assert (len(status.looks_done), len(status.unpaid)) == (1, 2)


def test_noise_is_drawn_once_for_one_set_of_submissions(hall: Hall, tmp_path: Path) -> None:
    press = hall.sides["press-council"]
    epoch, roster = epoch_of(hall.now), "ab" * 32
    desk = press.desk()
    desk.keys.made(epoch)
    before = copy_of(press, tmp_path)

    def draw(of: bytes, number: int = 40) -> list[int]:
        return list(drawn_once(press.desk(), epoch, roster, 3, of, number, SCALE))

    first = draw(b"these")
    assert draw(b"these") == first
    with pytest.raises(Conflict, match="other submissions"):
        draw(b"those")
    put_back(press, before)
    assert press.node.store.sums.heard(epoch) == ()
    with pytest.raises(Conflict, match="other submissions"):
        draw(b"those")
    assert draw(b"these") == first, "the key store knows what an older database forgot"
    press.keys._drawn(epoch, f"3.{roster}").unlink()  # and the database what an older key store forgot
    assert draw(b"these") == first
    (row,) = press.node.store.sums.heard(epoch)
    assert row.kind == DRAWN
    press.keys.destroy(epoch)
    assert press.keys.drawn(epoch, f"3.{roster}") is None


def test_noise_that_no_budget_holds_is_not_agreed_to(hall: Hall) -> None:
    lab = hall.sides["lab"]
    with pytest.raises(BadInput, match=r"scale of 1 one look is an epsilon of 56 .* no privacy"):
        lab.agree(noise=1)
    for wrong in (-1, MOST_NOISE + 1):
        with pytest.raises(BadInput, match="scale of 0"):
            lab.agree(noise=wrong)
    least = least_scale(SUMS_PURSE.week)
    with pytest.raises(BadInput, match=f"Take {least} or more"):
        lab.agree(noise=least - 1)
    lab.agree(noise=least)
    agreed = lab.node.store.sums.agreed()
    assert agreed is not None
    assert agreed.noise == least
    assert micros(hall.now) < agreed.until


def test_draws_are_of_the_scale_that_is_asked_for() -> None:
    assert laplace_of_scale(0, SCALE) == ()
    drawn = laplace_of_scale(4_000, SCALE)
    mean = sum(map(abs, drawn)) / len(drawn)
    assert SCALE * 0.85 < mean < SCALE * 1.15, "|X| has the mean s, and a standard error of s / 63"
