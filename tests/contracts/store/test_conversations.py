"""Acts: kept with their events, read by session, really deleted; and no warning may be of a conversation."""

import msgspec
import pytest

from tests.contracts.store.samples import DAY, START, row, warning
from tocsin.kernel import BadInput, WarningKind
from tocsin.kernel.acts import Act
from tocsin.store import Store


def act(
    number: int, session: str = "s1", *, aim: bool = False, weight: float = 0.5, received: int = START
) -> Act:
    return Act(
        event=f"event-{number}",
        session=session,
        time=received,
        received=received,
        side="person",
        kinds=("plan",),
        aim=aim,
        hedges=(),
        weight=weight,
    )


def keep(store: Store, *acts: Act) -> None:
    rows = [
        msgspec.structs.replace(row(number, received=one.received), act=one)
        for number, one in ((int(one.event.removeprefix("event-")), one) for one in acts)
    ]
    store.events.append(rows)


def test_acts_come_with_their_events_and_once(store: Store) -> None:
    first, second = act(1, aim=True), act(2)
    keep(store, first, second)
    keep(store, first)
    assert store.conversations.acts("s1", since=START) == (first, second)
    assert store.conversations.count() == 2
    assert store.conversations.acts("s2", since=START) == ()


def test_candidates_name_an_aim_and_the_heaviest_is_first(store: Store) -> None:
    keep(store, act(1, "a", aim=True), act(2, "b", aim=True), act(3, "b"), act(4, "c"), act(5, "c"))
    assert store.conversations.candidates(since=START) == ("b", "a")
    assert store.conversations.candidates(since=START, limit=1) == ("b",)
    assert store.conversations.candidates(since=START + 1) == ()


def test_what_expired_is_gone_and_its_event_stays(store: Store) -> None:
    keep(store, act(1, aim=True), act(2, received=START + DAY))
    assert store.conversations.expire(before=START + 1) == 1
    assert [one.event for one in store.conversations.acts("s1", since=0)] == ["event-2"]
    assert store.events.count() == 2


def test_events_show_nothing_of_it(store: Store) -> None:
    keep(store, act(1, aim=True))
    (batch,) = store.events.batches()
    plain = row(1)
    (shown,) = batch.to_pylist()
    assert len(shown["signals"]) == len(plain.signals)
    assert "plan" not in str(shown)
    store.events.compact()
    (batch,) = store.events.batches()
    assert "plan" not in str(batch.to_pylist())


def test_no_warning_is_of_a_conversation(store: Store) -> None:
    with pytest.raises(BadInput, match="conversation"):
        store.warnings.upsert(msgspec.structs.replace(warning(1), kind=WarningKind.SESSION))
    assert store.warnings.list() == ()


def test_an_erased_account_takes_its_acts_with_it(store: Store) -> None:
    keep(store, act(1, "a", aim=True), act(2, "b", aim=True))
    event = row(1).event
    (mine,) = store.conversations.acts("a", since=0)
    assert mine.event == event.id
    gone = store.events.erase(event.actor, lambda: "ps_" + "0" * 32)
    assert gone.events >= 1
    assert store.conversations.acts("a", since=0) == ()


def test_who_spoke_is_added_later_and_changes_nothing_that_is_there(store: Store) -> None:
    first, second = act(1, aim=True), act(2, weight=0.0)
    keep(store, first)
    store.events.append([msgspec.structs.replace(row(2), act=None)])
    seqs = store.events.seqs(["event-1", "event-2"])
    late = msgspec.structs.replace(first, weight=0.0, aim=False, kinds=())
    store.conversations.add({seqs["event-1"]: late, seqs["event-2"]: second})
    store.conversations.add({seqs["event-2"]: late})
    store.conversations.add({})
    assert store.conversations.acts("s1", since=START) == (first, second)
    assert store.conversations.sessions(seqs.values(), since=START) == {"s1"}
    assert store.conversations.sessions(seqs.values(), since=START + 1) == frozenset()
    assert store.conversations.sessions([10_000], since=0) == frozenset()


def test_a_session_without_weight_is_no_candidate_by_words(store: Store) -> None:
    keep(store, act(1, "a", aim=True), act(2, "b", weight=0.0))
    assert store.conversations.candidates(since=START) == ("a",)


def test_times_are_of_one_session_from_files_and_journal(store: Store) -> None:
    rows = [row(number) for number in range(1, 5)]
    named = [
        msgspec.structs.replace(one, event=msgspec.structs.replace(one.event, session=session))
        for one, session in zip(rows, ("a", "b", "a", None), strict=True)
    ]
    store.events.append(named[:2])
    store.events.compact()
    store.events.append(named[2:])
    mine = tuple(sorted(one.event.time for one in (named[0], named[2])))
    assert store.events.times(["a"], since=0) == {"a": mine}
    assert store.events.times(["a", "b"], since=0) == {"a": mine, "b": (named[1].event.time,)}
    assert store.events.times(["a"], since=mine[0] + 1) == {"a": mine[1:]}
    assert store.events.times(["c"], since=0) == store.events.times([], since=0) == {}
