"""Merge, split, snooze: with a reason, audited, and held when the watch finds the same thing again."""

from datetime import timedelta

import msgspec
import pytest

from tests.app.test_watch import dated, take
from tests.console import TEXTS, a_warning, furnish
from tests.fixtures import Made
from tocsin.kernel import (
    BadInput,
    Caller,
    Conflict,
    EvidenceStatus,
    Level,
    NotAllowed,
    NotFound,
    RiskVector,
    Role,
    Warning,
    WarningStatus,
)
from tocsin.kernel.risk import FLOOR

WHY = "the same people under two names"


def two(made: Made) -> tuple[Caller, Warning, Warning]:
    first, second = a_warning(1, now=made.now), a_warning(2, now=made.now)
    made.node.store.warnings.upsert(first)
    made.node.store.warnings.upsert(second)
    return made.node.access.operator(), first, second


def status(made: Made, warning: Warning) -> WarningStatus:
    found = made.node.store.warnings.get(warning.id)
    assert found is not None
    return found.status


def test_two_that_are_one_stay_one(made: Made) -> None:
    by, first, second = two(made)
    made.node.arranging.merge(by, first.id, second.id, statement=WHY)
    assert status(made, second) is WarningStatus.MERGED
    made.node.store.warnings.upsert(msgspec.structs.replace(second, events=999))
    assert status(made, second) is WarningStatus.MERGED, "found again, it stays merged"
    weighed = made.node.weighing.one(first)
    assert weighed.handling.parts == (second.id,)
    assert made.node.weighing.one(second).handling.merged_into == first.id
    (row,) = made.node.store.audit.read(act="warning.merge")
    assert (row.subject, row.purpose, row.detail["part"]) == (first.id, WHY, second.id)
    with pytest.raises(Conflict):
        made.node.reviewing.review(
            by, second.id, WarningStatus.DISMISSED, category="", statement="a game of school", basis=""
        )
    made.node.arranging.unmerge(by, second.id, statement="they are two after all")
    assert status(made, second) is WarningStatus.OPEN
    assert made.node.weighing.one(first).handling.parts == ()


def test_what_was_merged_into_a_part_comes_along(made: Made) -> None:
    by, first, second = two(made)
    third = a_warning(3, now=made.now)
    made.node.store.warnings.upsert(third)
    made.node.arranging.merge(by, second.id, third.id, statement=WHY)
    made.node.arranging.merge(by, first.id, second.id, statement=WHY)
    assert made.node.weighing.one(first).handling.parts == (second.id, third.id)
    assert made.node.weighing.one(third).handling.merged_into == first.id
    with pytest.raises(Conflict):
        made.node.arranging.merge(by, third.id, first.id, statement=WHY)


def test_a_merge_needs_a_reason_a_role_and_two_open_warnings(made: Made) -> None:
    by, first, second = two(made)
    arranging = made.node.arranging
    for statement in ("", "short"):
        with pytest.raises(BadInput, match="say why"):
            arranging.merge(by, first.id, second.id, statement=statement)
    with pytest.raises(BadInput, match="itself"):
        arranging.merge(by, first.id, first.id, statement=WHY)
    with pytest.raises(NotFound):
        arranging.merge(by, first.id, "nothing", statement=WHY)
    made.node.access.add_user(by, "ana", (Role.ANALYST,))
    with pytest.raises(NotAllowed):
        arranging.merge(made.node.access.operator("ana"), first.id, second.id, statement=WHY)
    assert status(made, second) is WarningStatus.OPEN
    assert made.node.weighing.one(first).handling.parts == ()


def test_one_that_is_two_stays_two(made: Made) -> None:
    warning, by = furnish(made)[0], made.node.access.operator()
    made_apart = made.node.arranging.split(by, warning.id, ("sample-2",), statement=WHY)
    left = made.node.store.warnings.get(warning.id)
    assert left is not None
    assert (left.samples, left.events) == (("sample-1", "sample-3"), warning.events - 1)
    assert (made_apart.samples, made_apart.events, made_apart.actors) == (("sample-2",), 1, 1)
    assert sum(number for _, number in made_apart.timeline) == 1
    made.node.store.warnings.upsert(msgspec.structs.replace(warning, events=warning.events + 5))
    again = made.node.store.warnings.get(warning.id)
    assert again is not None
    assert (again.samples, again.events) == (("sample-1", "sample-3"), warning.events + 4)
    assert made.node.weighing.one(made_apart).handling.split_from == warning.id
    texts = made.node.reviewing.samples(by, made_apart.id, "to judge the part")
    assert [sample.event_id for sample in texts] == ["sample-2"]


@pytest.mark.parametrize("events", [(), ("sample-9",), tuple(TEXTS)])
def test_a_split_takes_some_of_its_samples(made: Made, events: tuple[str, ...]) -> None:
    warning = furnish(made)[0]
    with pytest.raises(BadInput):
        made.node.arranging.split(made.node.access.operator(), warning.id, events, statement=WHY)


def test_a_pause_ends_by_itself(made: Made) -> None:
    by, first, _ = two(made)
    arranging = made.node.arranging
    arranging.snooze(by, first.id, reason="waiting for the shop's answer", days=2)
    made.node.store.warnings.upsert(first)
    assert status(made, first) is WarningStatus.SNOOZED
    made.now += timedelta(days=2) - timedelta(seconds=1)
    assert arranging.tick() == ()
    made.now += timedelta(seconds=1)
    (woken,) = arranging.tick()
    assert (woken.id, woken.status) == (first.id, WarningStatus.OPEN)
    assert arranging.tick() == ()
    (row,) = made.node.store.audit.read(act="warning.wake")
    assert (row.who, row.purpose) == ("node", "its time is over")


def test_a_pause_ends_at_once_when_the_thing_grows(made: Made) -> None:
    by, first, _ = two(made)
    made.node.arranging.snooze(by, first.id, reason="waiting for the shop's answer", factor=1.5)
    made.node.store.warnings.upsert(msgspec.structs.replace(first, score=first.score * 1.49))
    assert made.node.arranging.tick() == ()
    made.node.store.warnings.upsert(msgspec.structs.replace(first, score=first.score * 1.5))
    (woken,) = made.node.arranging.tick()
    assert woken.id == first.id
    assert made.node.store.audit.read(act="warning.wake")[0].purpose == "it grew"


@pytest.mark.parametrize(
    ("days", "factor"), [(0, 2.0), (-1, 2.0), (91, 2.0), (7, 1.0), (7, 11.0), (float("nan"), 2.0)]
)
def test_a_pause_has_bounds(made: Made, days: float, factor: float) -> None:
    by, first, _ = two(made)
    with pytest.raises(BadInput):
        made.node.arranging.snooze(by, first.id, reason="waiting for an answer", days=days, factor=factor)


def test_a_person_may_wake_it_and_only_then(made: Made) -> None:
    by, first, second = two(made)
    made.node.arranging.snooze(by, first.id, reason="waiting for an answer")
    assert made.node.arranging.wake(by, first.id).status is WarningStatus.OPEN
    with pytest.raises(Conflict):
        made.node.arranging.wake(by, second.id)


def test_the_watch_itself_leaves_a_snoozed_campaign_alone(made: Made) -> None:
    take(made, dated(made))
    (found,) = made.node.watch.tick()
    by = made.node.access.operator()
    made.node.arranging.snooze(by, found.id, reason="waiting for the shop's answer")
    take(made, dated(made).splitlines()[0].replace('"id": "', '"id": "new-'))
    made.node.watch.tick()
    assert status(made, found) is WarningStatus.SNOOZED
    made.node.reviewing.review(
        by, found.id, WarningStatus.DISMISSED, category="", statement="a game of school", basis=""
    )
    assert made.node.arranging.tick() == ()
    assert status(made, found) is WarningStatus.DISMISSED


def test_the_score_speaks_for_all_parts_in_their_context(made: Made) -> None:
    warning, by = furnish(made)[0], made.node.access.operator()
    part = a_warning(
        99, now=made.now, category="cbrn.uplift", risk=RiskVector(uplift=Level.HIGH, coupling=Level.HIGH)
    )
    made.node.store.warnings.upsert(part)
    before = made.node.weighing.one(warning)
    assert before.combined.score < FLOOR
    made.node.arranging.merge(by, warning.id, part.id, statement=WHY)
    after = made.node.weighing.one(warning)
    assert after.combined.score >= FLOOR
    assert after.risk.uplift is Level.HIGH
    settings = msgspec.structs.replace(made.node.settings, contexts={"forum": ("context.health",)})
    weighing = type(made.node.weighing)(made.node.store, settings)
    assert weighing.one(warning).contexts == ("context.health",)
    assert weighing.one(warning).combined.score >= after.combined.score
    confirmed = made.node.reviewing.review(
        by,
        warning.id,
        WarningStatus.CONFIRMED,
        category="fraud.scam",
        statement="a refund that is none",
        basis="rule 4",
    )
    reasons = made.node.weighing.one(confirmed).combined.reasons
    assert EvidenceStatus.OBSERVED.value in {reason.values.get("status") for reason in reasons}
