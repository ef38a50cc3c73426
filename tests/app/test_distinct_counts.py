"""Counts over three nodes without sockets: numbers, consent, budget, and what ends a count."""

import os
import random
import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.console import a_warning
from tests.correlate.worlds import sentence
from tests.distinct_nodes import NAMES, SEEN, WEEK, Hall, furnish, seen
from tocsin.app import distinct_running
from tocsin.app.distinct_inputs import DistinctInputs
from tocsin.app.distinct_running import MAX_BODY_BYTES, OPEN_DAYS, SILENCE_SECONDS, read_roster
from tocsin.kernel import BadInput, Conflict, NotAllowed, NotFound, PeerStatus, Role, Unavailable, micros
from tocsin.kernel.distinct import Shared
from tocsin.store.distinct_interface import DistinctCount, DistinctState, DistinctWhy
from tocsin.trust.distinct import Member
from tocsin.trust.distinct.messages import MAX_MESSAGE_BYTES
from tocsin.wire import sketch


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return furnish(tmp_path_factory.mktemp("three"))


@pytest.fixture
def hall(tmp_path: Path, three: Path) -> Iterator[Hall]:
    hall = Hall(shutil.copytree(three, tmp_path / "nodes"))
    yield hall
    hall.close()


def agreed(hall: Hall, **terms: float) -> None:
    for name in ("birch", "cedar"):
        hall.sides[name].agree("ash", **terms)  # type: ignore[arg-type]


def ends(hall: Hall, session: str) -> list[str]:
    return [hall.sides[name].count(session).why for name in NAMES]


def test_three_nodes_learn_the_numbers_of_their_sets_and_nothing_else(hall: Hall) -> None:
    agreed(hall)
    for side in hall.sides.values():
        side.node.acceptor.accept(seen(range(70, 90), SEEN - timedelta(days=7)))  # of another week
    session = hall.sides["ash"].propose()
    said: list[tuple[str, str, str, bytes]] = []

    def between(near: str, far: str, kind: str, body: bytes) -> bytes:
        said.append((near, far, kind, body))
        return body

    hall.between = between
    hall.go_on(hall.over(session))
    found = [hall.sides[name].count(session) for name in NAMES]
    for one in found:
        assert one.result is not None
        assert one.result.inputs == 60
        assert one.result.shared == (Shared(1, 30), Shared(2, 25), Shared(3, 5))
    assert [one.counted for one in found] == [30, 30, 35]
    assert not any(b"refund-1" in body for _, _, _, body in said), "no value leaves"
    assert len({len(body) for _, _, kind, body in said if kind == "sent"}) == 1, "nor how many"
    digests = set()
    for side in hall.sides.values():
        rows = {row.act: row for row in side.node.store.audit.read() if row.subject == session}
        assert {"identifier.open", "distinct.propose", "distinct.begin", "distinct.end"} <= rows.keys()
        assert rows["identifier.open"].seq < rows["distinct.begin"].seq
        assert rows["distinct.begin"].detail["spend"] in {one.name for one in side.ledger.paid()}
        digests |= {row.detail["roster"] for act, row in rows.items() if act.startswith("distinct.")}
        assert side.counts.standing(side.by).week_left == 0
        assert side.node.transparency_log.tick() >= 3
    assert len(digests) == 1, "all commit to the same roster"


def test_each_count_waits_for_a_yes_where_nothing_is_agreed(hall: Hall) -> None:
    hall.sides["birch"].agree("ash")
    session = hall.sides["ash"].propose()
    for _ in range(4):
        hall.turn()
    cedar = hall.sides["cedar"]
    assert cedar.count(session).state is DistinctState.WAITING
    for name in ("ash", "birch"):
        assert hall.sides[name].count(session).state is DistinctState.AGREED
        assert hall.sides[name].counts.standing(hall.sides[name].by).paid == (), "to ask costs nothing"
    assert cedar.counts.allow(cedar.by, session).state is DistinctState.AGREED
    with pytest.raises(Conflict, match="waits for no yes"):
        cedar.counts.allow(cedar.by, session)
    hall.go_on(hall.over(session))
    assert hall.sides["birch"].count(session).state is DistinctState.DONE


def test_what_a_peers_counts_may_cost_is_what_was_agreed(hall: Hall) -> None:
    agreed(hall, epsilon=5.0)
    first = hall.sides["ash"].propose()
    hall.go_on(hall.over(first))
    birch = hall.sides["birch"]
    assert birch.counts.standing(birch.by).used == {hall.sides["ash"].me: 4_000}
    second = hall.sides["ash"].propose(week="2026-W45")
    for _ in range(3):
        hall.turn()
    assert birch.count(second).state is DistinctState.WAITING, "it would go beyond what was agreed"
    birch.counts.decline(birch.by, second)
    hall.go_on(hall.over(second))
    assert ends(hall, second) == ["withdrawn"] * 3
    with pytest.raises(Conflict, match="over"):
        birch.counts.decline(birch.by, second)


def test_a_member_that_stops_ends_it_with_its_name_after_a_bound(hall: Hall) -> None:
    agreed(hall)
    session = hall.sides["ash"].propose()
    hall.go_on(lambda: hall.sides["birch"].state(session) == "running")
    hall.down.add("cedar")
    for _ in range(5):
        hall.turn()
    assert hall.sides["ash"].count(session).state is DistinctState.RUNNING
    hall.later(seconds=SILENCE_SECONDS)
    hall.go_on(hall.over(session, "ash", "birch"))
    left = hall.sides["birch"].count(session)
    assert (left.why, left.result) == (DistinctWhy.LEFT.value, None)
    hall.down.clear()
    hall.later(seconds=SILENCE_SECONDS)
    hall.go_on(hall.over(session))
    assert hall.sides["cedar"].count(session).state is DistinctState.ENDED


def test_a_proposal_that_nobody_answers_ends(hall: Hall) -> None:
    session = hall.sides["ash"].propose()
    hall.turn()
    hall.down |= {"birch", "cedar"}
    hall.later(days=OPEN_DAYS)
    hall.turn()
    found = hall.sides["ash"].count(session)
    assert (found.why, found.who) == ("expired", hall.sides["birch"].me)


def test_a_restart_ends_it_and_what_was_paid_stays_paid(hall: Hall) -> None:
    """Also where the noise was never used; a new count of the week is refused by the ledger, by all who paid."""
    agreed(hall)
    ash = hall.sides["ash"]
    session = ash.propose()
    hall.go_on(lambda: ash.count(session).state is DistinctState.RUNNING)
    ash.begin()
    hall.go_on(hall.over(session))
    assert ends(hall, session) == ["restarted"] * 3
    assert hall.sides["birch"].count(session).told_by == ash.me
    (paid,) = ash.counts.standing(ash.by).paid
    assert (paid.week, paid.cost) == (WEEK, 4_000)
    with pytest.raises(Conflict, match="0 of epsilon is left"):
        ash.propose()
    birch = hall.sides["birch"]
    with pytest.raises(Conflict, match="budget of 2026-W46 has 0"), birch.ledger.alone():
        birch.ledger.pay(WEEK, "distinct", 100, birch.made.now)
    assert birch.ledger.left(WEEK) == 2_000, "the lists have a purse of their own"


def test_the_ledger_refuses_after_an_older_database_is_put_back(hall: Hall, tmp_path: Path) -> None:
    agreed(hall)
    ash = hall.sides["ash"]
    ash.node.close()
    shutil.copy(ash.node.data / "tocsin.db", tmp_path / "before.db")
    ash.open()
    session = ash.propose()
    hall.go_on(hall.over(session))
    ash.node.close()
    for stray in ash.node.data.glob("tocsin.db-*"):
        stray.unlink()
    shutil.copy(tmp_path / "before.db", ash.node.data / "tocsin.db")
    ash.open()
    with pytest.raises(NotFound):
        ash.count(session)
    with pytest.raises(Conflict, match="0 of epsilon is left"):
        ash.propose()


def test_a_node_whose_budget_is_spent_takes_no_proposal(hall: Hall) -> None:
    agreed(hall)
    cedar = hall.sides["cedar"]
    with cedar.ledger.alone():
        cedar.ledger.pay(WEEK, "distinct", 100, cedar.made.now)
    session = hall.sides["ash"].propose()
    hall.go_on(hall.over(session, "ash", "birch"))
    refused = hall.sides["ash"].count(session)
    assert (refused.why, refused.who) == ("refused", cedar.me)
    assert "budget" in refused.said
    with pytest.raises(NotFound):
        cedar.count(session)
    assert hall.sides["ash"].counts.standing(hall.sides["ash"].by).paid == ()


def test_a_budget_that_is_spent_meanwhile_ends_it_for_all(hall: Hall) -> None:
    hall.sides["birch"].agree("ash")
    ash, cedar = hall.sides["ash"], hall.sides["cedar"]
    session = ash.propose()
    hall.turn()
    cedar.counts.allow(cedar.by, session)
    with cedar.ledger.alone():
        cedar.ledger.pay(WEEK, "distinct", 100, cedar.made.now)
    hall.go_on(hall.over(session))
    assert ends(hall, session) == ["budget"] * 3


class Repeats(Member):
    """Sends one value many times, to learn by its number whether others have it."""

    def _point(self, value: bytes) -> bytes:
        return super()._point(b"refund-27")


def test_a_value_sent_many_times_is_reported_and_no_number_given(
    hall: Hall, monkeypatch: pytest.MonkeyPatch
) -> None:
    agreed(hall)
    session = hall.sides["ash"].propose()
    cedar = hall.sides["cedar"].counts.running
    begin = cedar._begin

    def begins(count: DistinctCount) -> None:
        with monkeypatch.context() as patch:
            patch.setattr("tocsin.trust.distinct.Member", Repeats)
            begin(count)

    monkeypatch.setattr(cedar, "_begin", begins)
    hall.go_on(hall.over(session))
    assert ends(hall, session) == ["repeated"] * 3
    for name in NAMES:
        found = hall.sides[name].count(session)
        assert found.result is None
        assert found.who == "", "it is not seen who did it"
    assert "more than once" in hall.sides["ash"].count(session).said + hall.sides["birch"].count(session).said


@pytest.mark.parametrize("kind", ["joined", "sent", "pool", "opened"])
def test_a_message_that_does_not_hold_names_its_sender(hall: Hall, kind: str) -> None:
    agreed(hall)
    session = hall.sides["ash"].propose()

    def between(near: str, far: str, said: str, body: bytes) -> bytes:
        if (near, said) == ("cedar", kind):
            return body[:-1] + bytes([body[-1] ^ 1])
        return body

    hall.between = between
    hall.go_on(hall.over(session))
    assert all(one.result is None for one in (hall.sides[name].count(session) for name in ("ash", "birch")))
    first = [one for one in (hall.sides[name].count(session) for name in NAMES) if one.said]
    assert {(one.why, one.who) for one in first} == {("broken", hall.sides["cedar"].me)}


def test_strangers_and_who_may_not(hall: Hall) -> None:
    ash, birch, cedar = (hall.sides[name] for name in NAMES)
    session = ash.propose()
    roster = msgspec.msgpack.encode(ash.count(session).roster)
    for sender in ("identity--stranger", ""):
        with pytest.raises(NotAllowed, match="trusted"):
            birch.counts.take(sender, session, "propose", roster)
    with pytest.raises(BadInput, match="names its session"):
        birch.counts.take(ash.me, "0" * 32, "propose", roster)
    other = msgspec.structs.replace(
        ash.count(session).roster, members=(ash.me, birch.me, "identity--stranger")
    )
    with pytest.raises(NotAllowed, match="not all are"):
        birch.counts.take(ash.me, session, "propose", msgspec.msgpack.encode(other))
    for broken in (b"", b"\x80", roster + b"x", roster[:-1]):
        with pytest.raises(BadInput):
            birch.counts.take(ash.me, session, "propose", broken)
    for changed in (
        {"kind": "religion"},
        {"purpose": "x"},
        {"week": "2026-W47"},
        {"week": "now"},
        {"week": ""},
    ):
        odd = msgspec.structs.replace(ash.count(session).roster, **changed)
        with pytest.raises(BadInput):
            birch.counts.take(ash.me, session, "propose", msgspec.msgpack.encode(odd))
    with pytest.raises(Unavailable, match="not been proposed"):
        birch.counts.take(ash.me, session, "agreed", b"")
    with pytest.raises(NotAllowed, match="no such count"):
        birch.counts.take(ash.me, session, "joined", b"")
    birch.counts.take(ash.me, session, "propose", roster)
    birch.counts.take(ash.me, session, "propose", roster)
    with pytest.raises(Conflict, match="another count"):
        birch.counts.take(cedar.me, session, "propose", roster)
    with pytest.raises(Conflict, match="another count"):
        birch.counts.take(cedar.me, session, "agreed", bytes(32))
    with pytest.raises(Unavailable, match="not begun"):
        birch.counts.take(cedar.me, session, "joined", b"x")
    for kind, body in (("nonsense", b""), ("pool", bytes(MAX_BODY_BYTES + 1))):
        with pytest.raises(BadInput, match="is one of"):
            birch.counts.take(cedar.me, session, kind, body)
    assert MAX_BODY_BYTES == MAX_MESSAGE_BYTES
    assert read_roster(roster).session.hex() == session
    birch.node.access.add_user(birch.by, "rita", (Role.REVIEWER,))
    rita = birch.node.access.operator("rita")
    with pytest.raises(NotAllowed, match=r"sum\.agree"):
        birch.counts.allow(rita, session)
    peer = birch.node.store.peers.get("ash")
    assert peer is not None
    birch.node.store.peers.replace(msgspec.structs.replace(peer, status=PeerStatus.SUSPENDED))
    with pytest.raises(NotAllowed, match="trusted"):
        birch.counts.take(ash.me, session, "joined", b"x")


def test_what_may_be_proposed_and_by_whom(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    ash = hall.sides["ash"]
    for changed in (
        {"kind": "religion"},
        {"purpose": "x"},
        {"week": "2026-W47"},
        {"week": "2026-W01"},
        {"epsilon": 0.01},
        {"epsilon": 9.0},
        {"capacity": 100},
    ):
        with pytest.raises(BadInput):
            ash.propose(**changed)
    with pytest.raises(BadInput, match="two alone"):
        ash.counts.propose(ash.by, ["birch"], kind="handle", purpose="refund campaigns", epsilon=1.0)
    with pytest.raises(NotFound):
        ash.counts.propose(ash.by, ["birch", "nobody"], kind="handle", purpose="refunds again", epsilon=1.0)
    ash.node.access.add_user(ash.by, "rita", (Role.REVIEWER,))
    rita = ash.node.access.operator("rita")
    say = {"kind": "handle", "purpose": "refund campaigns", "epsilon": 1.0, "week": WEEK}
    with pytest.raises(NotAllowed, match="agreed to with birch"):
        ash.counts.propose(rita, ["birch", "cedar"], **say)  # type: ignore[arg-type]
    ash.agree("birch", "cedar")
    assert ash.counts.propose(rita, ["birch", "cedar"], **say).state is DistinctState.AGREED  # type: ignore[arg-type]
    monkeypatch.setattr(distinct_running, "MAX_OPEN_A_PEER", 1)
    hall.turn()
    second = ash.propose()
    hall.go_on(hall.over(second, "ash"))
    assert "end some first" in ash.count(second).said
    with pytest.raises(NotFound, match="nothing is agreed"):
        ash.counts.withdraw(ash.by, "nobody")
    with pytest.raises(BadInput):
        ash.counts.agree(ash.by, "birch", kinds=(), epsilon=1.0, days=1)
    with pytest.raises(BadInput):
        ash.counts.agree(ash.by, "birch", kinds=("handle",), epsilon=0.0, days=1)
    with pytest.raises(BadInput):
        ash.counts.agree(ash.by, "birch", kinds=("handle",), epsilon=1.0, days=400)


def test_consent_that_is_taken_back_ends_what_runs(hall: Hall) -> None:
    agreed(hall)
    session = hall.sides["ash"].propose()
    birch = hall.sides["birch"]
    hall.go_on(lambda: birch.state(session) == "running")
    assert birch.counts.withdraw(birch.by, "ash") == 1
    hall.go_on(hall.over(session))
    found = ends(hall, session)
    assert found[1] == "withdrawn"
    assert set(found) <= {"withdrawn", "refused"}, "by its word, or by what it does not take any more"
    with pytest.raises(NotFound):
        birch.counts.withdraw(birch.by, "ash")


def test_more_than_there_is_room_for_is_chosen_by_chance_and_told_to_nobody(hall: Hall) -> None:
    cedar, other = hall.sides["cedar"], hall.sides["ash"]
    session = other.propose(capacity=120)
    roster = other.count(session).roster
    assert roster.room < 35
    first, second = (
        DistinctInputs(cedar.node.store, cedar.node.keys, cedar.node.access, os.urandom).of(roster)
        for _ in range(2)
    )
    assert len(set(first.values)) == roster.room == 35 - first.left_out
    assert set(first.values) != set(second.values)


def test_campaigns_are_counted_by_one_band_of_each_text(hall: Hall) -> None:
    ash = hall.sides["ash"]
    texts = [sentence(random.Random(number), 60) for number in range(4)]
    for number, blob in enumerate(sketch.sketch_batch([*texts, texts[0]]), 1):
        assert blob is not None
        one = sketch.decode(blob)
        at = micros(SEEN if number != 4 else SEEN - timedelta(days=9))
        ash.node.store.warnings.upsert(
            a_warning(
                number,
                now=SEEN,
                signature=one.signature_bytes,
                shingle_count=one.shingles,
                first_seen=at,
                last_seen=at,
            )
        )
    roster = ash.count(ash.propose(kind="band")).roster
    found = DistinctInputs(ash.node.store, ash.node.keys, ash.node.access, os.urandom).of(roster)
    assert len(set(found.values)) == len(found.values) == 3, "two share a text, and one is of another week"
