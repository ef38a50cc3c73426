"""Guards' verdicts, what people arranged, looks, and the outbox."""

import msgspec
import pytest

from tests.contracts.store.samples import DAY, START, warning
from tocsin.kernel import (
    Channel,
    ChannelKind,
    Conflict,
    GuardOutcome,
    GuardVerdict,
    Handling,
    Look,
    LookOutcome,
    NotFound,
    Notice,
    NoticeState,
    RoutingRule,
    WarningKind,
    WarningStatus,
)
from tocsin.store import Store

FLAGGED = GuardVerdict(
    "event-1", "llama", "1", GuardOutcome.FLAGGED, START, b"t1", "zh", "fraud.scam", strength=0.75
)
UNKNOWN = GuardVerdict(
    "event-2", "llama", "1", GuardOutcome.UNKNOWN, START, b"t2", tries=1, again=START + 60, why="timeout"
)


def test_a_verdict_is_kept_as_said_and_replaced_by_the_same_guard(store: Store) -> None:
    other = msgspec.structs.replace(FLAGGED, version="2", outcome=GuardOutcome.CLEAN)
    store.verdicts.put([FLAGGED, UNKNOWN, other])
    assert store.verdicts.of(["event-1", "event-2", "event-9"]) == (FLAGGED, other, UNKNOWN)
    assert store.verdicts.counts("llama", "1") == {GuardOutcome.FLAGGED: 1, GuardOutcome.UNKNOWN: 1}
    clean = msgspec.structs.replace(UNKNOWN, outcome=GuardOutcome.CLEAN, again=None, why="")
    store.verdicts.put([clean])
    assert store.verdicts.of(["event-2"]) == (clean,)
    assert store.verdicts.flagged({"1", "2"}, since=START) == (FLAGGED,)
    assert store.verdicts.flagged({"1"}, since=START + 1) == ()
    assert store.verdicts.flagged({"2"}, since=START) == ()
    assert store.verdicts.expire(before=START + 1) == 3


def test_an_unknown_is_due_in_its_time_and_answers_for_no_other_text(store: Store) -> None:
    late = msgspec.structs.replace(UNKNOWN, event="event-3", again=START + 99)
    never = msgspec.structs.replace(UNKNOWN, event="event-4", again=None)
    store.verdicts.put([late, UNKNOWN, never, FLAGGED])
    assert store.verdicts.due("llama", "1", now=START + 59, limit=9) == ()
    assert store.verdicts.due("llama", "1", now=START + 99, limit=9) == (UNKNOWN, late)
    assert store.verdicts.due("llama", "2", now=START + 99, limit=9) == ()
    assert store.verdicts.by_tag("llama", "1", [b"t1", b"t2"]) == {b"t1": FLAGGED}
    assert store.verdicts.by_tag("qwen", "1", [b"t1"]) == {}


@pytest.mark.parametrize("status", [WarningStatus.MERGED, WarningStatus.SNOOZED])
def test_what_was_arranged_survives_a_new_finding(store: Store, status: WarningStatus) -> None:
    store.warnings.upsert(warning(1))
    store.warnings.stand("warning-1", status)
    assert not store.warnings.upsert(warning(1, events=99))
    assert store.warnings.get("warning-1") == warning(1, events=99, status=status)
    with pytest.raises(NotFound):
        store.warnings.stand("warning-2", status)


def test_events_that_were_split_off_stay_away(store: Store) -> None:
    store.warnings.upsert(warning(1, events=9, actors=9, samples=("a", "b", "c")))
    handling = Handling("warning-1", given=("b",))
    store.handlings.put(handling)
    store.warnings.upsert(warning(1, events=10, actors=10, samples=("a", "b", "c", "d")))
    found = store.warnings.get("warning-1")
    assert found is not None
    assert (found.events, found.actors, found.samples) == (9, 9, ("a", "c", "d"))
    assert store.handlings.get("warning-1") == handling
    assert store.handlings.every() == {"warning-1": handling}
    assert store.handlings.get("warning-2") is None


def test_a_day_keeps_its_smallest_ranks_and_all_that_were_seen(store: Store) -> None:
    first = [Look(f"event-{number}", "2026-11-01", number * 10, START, "zh") for number in (3, 1, 2)]
    store.looks.draw(first, a_day=2)
    assert [look.rank for look in store.looks.waiting()] == [10, 20]
    seen = msgspec.structs.replace(
        first[2], outcome=LookOutcome.MISSED, category="fraud.scam", by="u1", at=START
    )
    store.looks.replace(seen)
    store.looks.draw([Look("event-0", "2026-11-01", 5, START), *first], a_day=2)
    assert [look.event for look in store.looks.waiting()] == ["event-0", "event-1"]
    assert store.looks.judged() == (seen,)
    assert store.looks.get("event-2") == seen
    with pytest.raises(NotFound):
        store.looks.replace(Look("event-9", "2026-11-01", 1, START))
    assert store.looks.expire(before_day="2026-11-02") == 2
    assert store.looks.judged() == (seen,)


def channel(name: str = "duty") -> Channel:
    return Channel(
        name=name,
        kind=ChannelKind.WEBHOOK,
        place="https://hooks.example",
        sealed=b"sealed",
        rule=RoutingRule(kinds=(WarningKind.GUARD,), risk=7.0),
        by="u1",
        made=START,
        an_hour=20,
    )


def test_a_notice_is_offered_once_and_leaves_in_order(store: Store) -> None:
    store.outbox.add(channel())
    with pytest.raises(Conflict):
        store.outbox.add(channel())
    offered = [Notice(f"n{number}", "duty", "warning-1", "open", START) for number in (2, 1, 3)]
    assert store.outbox.offer(offered[:2]) == 2
    assert store.outbox.offer(offered) == 1
    waiting = store.outbox.waiting("duty", limit=9)
    assert [notice.id for notice in waiting] == ["n2", "n1", "n3"]
    sent = msgspec.structs.replace(waiting[0], state=NoticeState.SENT, done=START + 5)
    store.outbox.update([sent])
    assert store.outbox.offer(offered) == 0
    assert store.outbox.sent_since("duty", START + 5) == 1
    assert store.outbox.sent_since("duty", START + 6) == 0
    assert store.outbox.listed(NoticeState.SENT) == (sent,)
    assert store.outbox.known(["n1", "n9"]) == {"n1"}
    assert store.outbox.counts() == {("duty", NoticeState.SENT): 1, ("duty", NoticeState.WAITING): 2}
    assert store.outbox.expire(before=START + DAY) == 1
    assert len(store.outbox.waiting("duty", limit=9)) == 2


def test_a_channel_goes_with_its_outbox(store: Store) -> None:
    store.outbox.add(channel())
    store.outbox.offer([Notice("n1", "duty", "warning-1", "open", START)])
    failed = msgspec.structs.replace(channel(), failures=2, fault="nothing answers")
    store.outbox.replace(failed)
    assert store.outbox.get("duty") == failed
    assert store.outbox.channels() == (failed,)
    store.outbox.remove("duty")
    assert store.outbox.channels() == ()
    assert store.outbox.counts() == {}
    with pytest.raises(NotFound):
        store.outbox.remove("duty")
