"""What is hard to look at comes veiled, within limits that only the person themselves sets."""

from datetime import timedelta

import pytest

from tests.cases.test_quarantine import FLAGGED, OTHER, exhibit
from tests.cases.test_veiled import a_picture, opened
from tests.console import token_for
from tests.fixtures import Made
from tests.member_queue import at_console
from tocsin.app.welfare import MAX_A_DAY, Welfare
from tocsin.cases.veiled import Veil
from tocsin.kernel import BadInput, Caller, NotAllowed, Role
from tocsin.store.care_interface import Limits

PICTURE = a_picture((80, 40))


@pytest.fixture
def ana(made: Made) -> Caller:
    for name in ("ana", "bold"):
        token_for(made, name, Role.REVIEWER)
    return at_console(made.node, "ana")


def test_a_picture_comes_veiled_unless_asked_for_and_never_from_quarantine(made: Made, ana: Caller) -> None:
    care, plain = made.node.welfare, exhibit(held=False)
    first = care.show(ana, OTHER, plain, PICTURE)
    assert opened(first.content).mode == "L"
    assert opened(care.show(ana, OTHER, plain, PICTURE, Veil(blur=False, grey=False)).content).mode == "RGB"
    assert care.today(ana).opened == 2
    for case, one in ((FLAGGED, plain), (OTHER, exhibit(held=True))):
        with pytest.raises(NotAllowed, match="not shown here, to anybody"):
            care.show(ana, case, one, PICTURE)
    with pytest.raises(BadInput, match="no picture"):
        care.show(ana, OTHER, plain, b"lottery refund")
    assert care.today(ana).opened == 2  # neither is counted


def test_lower_limits_hold_at_once_and_higher_ones_tomorrow(made: Made, ana: Caller) -> None:
    care = made.node.welfare
    low = Limits(a_day=2, minutes_between=10, remind_after=2)
    assert care.choose(ana, low) == low
    care.count(ana)
    with pytest.raises(NotAllowed, match="10 minutes between"):
        care.count(ana)
    assert care.today(ana).wait_until > 0
    made.now += timedelta(minutes=10)
    assert care.count(ana).break_due
    made.now += timedelta(minutes=10)
    high = Limits(a_day=50, minutes_between=0, remind_after=0, blur=False)
    assert care.choose(ana, high) == low
    with pytest.raises(NotAllowed, match="2 a day"):
        care.count(ana)
    made.now += timedelta(days=1)
    assert care.limits(ana) == high
    assert care.count(ana).left == 49


def test_a_colleague_says_yes_to_more_for_today_alone(made: Made, ana: Caller) -> None:
    care, bold = made.node.welfare, at_console(made.node, "bold")
    care.choose(ana, Limits(a_day=1))
    care.count(ana)
    with pytest.raises(BadInput, match="nobody does for themselves"):
        care.allow(ana, "ana")
    with pytest.raises(NotAllowed):
        care.allow(made.node.access.operator(), "ana")
    for _ in range(2):
        care.allow(bold, "ana")  # twice is once
    care.count(ana)
    with pytest.raises(NotAllowed, match="1 a day"):
        care.count(ana)
    made.now += timedelta(days=1)
    care.count(ana)
    with pytest.raises(NotAllowed, match="1 a day"):
        care.count(ana)


def test_counts_are_ones_own_and_go_after_a_week(made: Made, ana: Caller) -> None:
    care, bold = made.node.welfare, at_console(made.node, "bold")
    care.count(ana)
    assert care.today(bold).opened == 0
    assert not any("welfare" in row.act for row in made.node.store.audit.read(who=ana.user))
    # no public way takes a name but a colleague's yes: nobody is asked about
    asked = [name for name in vars(Welfare) if not name.startswith("_")]
    assert set(asked) == {
        "allow",
        "choose",
        "count",
        "forget",
        "later",
        "limits",
        "require_room",
        "show",
        "today",
    }
    made.now += timedelta(days=8)
    made.node.expire()
    assert care.forget() == 0


@pytest.mark.parametrize(
    "limits",
    [
        Limits(a_day=0),
        Limits(a_day=MAX_A_DAY + 1),
        Limits(minutes_between=-1),
        Limits(minutes_between=10_000),
        Limits(remind_after=1_000),
    ],
)
def test_limits_that_are_none_are_refused(made: Made, ana: Caller, limits: Limits) -> None:
    with pytest.raises(BadInput, match="choose 1 to 200"):
        made.node.welfare.choose(ana, limits)
