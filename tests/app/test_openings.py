"""Who opened what, and how much anybody may before somebody else says yes."""

from datetime import timedelta

import pytest

from tests.app.test_backup import take
from tests.console import a_warning, furnish, token_for
from tests.fixtures import Made
from tocsin.app import openings
from tocsin.kernel import BadInput, Caller, NotAllowed, Role


def reviewer(made: Made, name: str) -> Caller:
    caller = made.node.access.authenticate(token_for(made, name, Role.REVIEWER))
    assert caller is not None
    return caller


@pytest.fixture
def warning(made: Made, monkeypatch: pytest.MonkeyPatch) -> str:
    """One with three samples, where eight texts a day are the bound."""
    monkeypatch.setattr(openings, "MAX_TEXTS_A_DAY", 8)
    take(made, 0, 3)
    found = a_warning(1, now=made.now, samples=("e0", "e1", "e2"))
    made.node.store.warnings.upsert(found)
    return found.id


def test_an_opening_tells_who_in_which_role_for_what_and_how_many(made: Made, warning: str) -> None:
    by = reviewer(made, "chen")
    made.node.watch.tick()
    made.node.reviewing.samples(by, warning, "is this one group")
    one, machine = made.node.openings.listed()
    assert (one.who, one.roles, one.purpose, one.subject) == (
        by.user,
        "reviewer",
        "is this one group",
        warning,
    )
    assert (one.texts, one.sketches, machine.texts) == (3, 0, 0)
    assert machine.roles == "machine"
    (week,) = made.node.openings.weeks(1)
    assert (week.openings, week.texts, week.warnings, week.people, week.refused) == (1, 3, 1, 1, 0)
    assert week.begins == "2026-11-16"
    assert str(week.people) + week.begins  # and nothing else that is not a count
    assert {type(value) for name, value in ((n, getattr(week, n)) for n in week.__struct_fields__)} == {
        int,
        str,
    }


def test_beyond_a_days_bound_a_second_person_says_yes(made: Made, warning: str) -> None:
    chen, tuya = reviewer(made, "chen"), reviewer(made, "tuya")
    for purpose in ("first look", "second look"):  # another wording does not help
        made.node.reviewing.samples(chen, warning, purpose)
    with pytest.raises(NotAllowed, match="8 texts a day you opened"):
        made.node.reviewing.samples(chen, warning, "third look")
    assert made.node.store.audit.read(act="sample.open")[0].outcome == "refused"
    with pytest.raises(BadInput, match="nobody allows themselves"):
        made.node.openings.allow(chen, "chen")
    with pytest.raises(NotAllowed, match="a person says yes"):
        made.node.openings.allow(made.node.access.operator(), "chen")
    made.node.openings.allow(tuya, "chen")
    made.node.openings.allow(tuya, "chen")  # twice is once
    for _ in range(3):
        made.node.reviewing.samples(chen, warning, "third look")
    with pytest.raises(NotAllowed, match="16 texts a day"):
        made.node.reviewing.samples(chen, warning, "fourth look")
    made.now += timedelta(days=1)  # a new day, and yesterday's yes is over
    for _ in range(2):
        made.node.reviewing.samples(chen, warning, "another day")
    with pytest.raises(NotAllowed, match="8 texts a day"):
        made.node.reviewing.samples(chen, warning, "another day")


def test_one_purpose_is_bounded_whoever_opens_for_it(made: Made, warning: str) -> None:
    for name in ("chen", "tuya"):
        made.node.reviewing.samples(reviewer(made, name), warning, "Look  at the group")
    with pytest.raises(NotAllowed, match="for this purpose"):
        made.node.reviewing.samples(reviewer(made, "bayar"), warning, "look at the group")
    made.node.reviewing.samples(reviewer(made, "solongo"), warning, "something else")


def test_a_yes_counts_while_its_giver_may_give_it(made: Made, warning: str) -> None:
    chen, tuya = reviewer(made, "chen"), reviewer(made, "tuya")
    made.node.openings.allow(tuya, "chen")
    made.node.access.disable_user(made.node.access.operator(), "tuya")
    for _ in range(2):
        made.node.reviewing.samples(chen, warning, "looking at it")
    with pytest.raises(NotAllowed, match="8 texts"):
        made.node.reviewing.samples(chen, warning, "looking at it")


@pytest.mark.parametrize("role", [Role.ANALYST, Role.AUDITOR, Role.ADMIN])
def test_others_say_no_yes(made: Made, warning: str, role: Role) -> None:
    caller = made.node.access.authenticate(token_for(made, "other", role))
    assert caller is not None
    with pytest.raises(NotAllowed):
        made.node.openings.allow(caller, "admin")


def test_what_the_node_compares_is_told_by_the_hour(made: Made) -> None:
    for minute in (0, 10, 20, 65):
        take(made, minute * 10, 4)
        made.node.watch.tick()
        made.now += timedelta(minutes=10 if minute < 20 else 50)
    rows = [row.detail["sketches"] for row in made.node.store.audit.read(act="sketch.open")]
    made.node.watch.release()
    everything = [row.detail["sketches"] for row in made.node.store.audit.read(act="sketch.open")]
    assert len(rows) < 4
    assert sum(map(int, everything)) == 16


def test_a_furnished_node_has_weeks_without_openings_too(made: Made) -> None:
    furnish(made)
    weeks = made.node.openings.weeks(4)
    assert [week.begins for week in weeks] == ["2026-11-16", "2026-11-09", "2026-11-02", "2026-10-26"]
    assert all(week.texts == 0 for week in weeks)
    with pytest.raises(BadInput, match="1 to 53"):
        made.node.openings.weeks(0)
