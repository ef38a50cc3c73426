"""Matching without sockets: what stops a session, on the side that asks and on the side that answers."""

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.console import a_warning
from tests.contracts.store.test_matches import proposal
from tests.fixtures import Made
from tests.matching import NOW
from tests.matching_nodes import ASKED, PURPOSE, Beside, Pair, handles, held, keep
from tocsin.app import match_answering
from tocsin.app.match_record import Beginning
from tocsin.app.match_results import Asked
from tocsin.app.matching import MAX_BODY_BYTES
from tocsin.kernel import (
    BadInput,
    Conflict,
    EventLine,
    Kind,
    NotAllowed,
    NotFound,
    Observable,
    ObservableType,
    PeerStatus,
    Review,
    Role,
    Unavailable,
    WarningStatus,
    micros,
)
from tocsin.store.match_interface import MatchEnd
from tocsin.trust.matching import Question, Reveal, epoch_of
from tocsin.trust.matching.messages import MAX_MESSAGE_BYTES, encode
from tocsin.wire import sketch


@pytest.fixture(scope="module")
def prepared_pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pair") / "nodes"
    Pair(folder, NOW).close()
    return folder


@pytest.fixture
def pair(tmp_path: Path, prepared_pair: Path) -> Iterator[Pair]:
    pair = Pair(shutil.copytree(prepared_pair, tmp_path / "nodes"), NOW, there=True)
    keep(pair.lighthouse, "handle", handles(*range(15, 40)))
    yield pair
    pair.close()


def ends(pair: Pair) -> list[MatchEnd]:
    """How the newest session ended, on either side."""
    return [made.node.store.matches.sessions()[0].outcome for made in pair.both]


def test_a_lost_answer_is_given_again_and_a_session_that_was_held_is_refused(pair: Pair) -> None:
    found, talk = held(pair, twice=True)
    assert found.found == 5
    assert talk.again == len(talk.said) // 2
    session, first = talk.said[0]
    _, last = talk.said[-1]
    lighthouse = pair.lighthouse.node
    assert lighthouse.matching.answer(pair.peer, session, last)
    with pytest.raises(NotAllowed, match="end"):
        lighthouse.matching.answer(pair.peer, session, first)
    pair.lighthouse.now += timedelta(seconds=match_answering.SILENCE_SECONDS + 1)
    pair.lighthouse.now, later = pair.harbour.now, pair.lighthouse.now
    lighthouse.matching.answering._live.clear()  # as after a restart
    with pytest.raises(Conflict, match="held before"):
        lighthouse.matching.answer(pair.peer, session, first)
    with pytest.raises(NotFound, match="no such session"):
        lighthouse.matching.answer(pair.peer, session, last)
    pair.lighthouse.now = later
    with pytest.raises(BadInput, match="clocks"):
        lighthouse.matching.answer(pair.peer, session, first)
    refused = [row for row in lighthouse.store.audit.read(act="match.begin") if row.outcome == "refused"]
    assert len(refused) == 2, "what is no session's beginning leaves no line"


@pytest.mark.parametrize("side", [0, 1])
def test_consent_that_is_taken_back_ends_a_session_at_its_next_message(pair: Pair, side: int) -> None:
    made = pair.both[side].node
    peer = pair.both[1 - side].node.name

    def between(number: int) -> None:
        if number == 1:
            made.matching.withdraw(made.access.operator(), peer)

    with pytest.raises(NotAllowed):
        held(pair, between)
    assert ends(pair)[side] is MatchEnd.WITHDRAWN
    with pytest.raises(NotAllowed):
        held(pair)
    pair.lighthouse.now += timedelta(seconds=match_answering.SILENCE_SECONDS + 1)
    pair.lighthouse.node.matching.tick()
    assert MatchEnd.BEGUN not in ends(pair)


def test_a_peer_that_stops_at_the_last_message_is_on_record(pair: Pair) -> None:
    def between(number: int) -> None:
        if number == 3:  # the outcome, where both learn it
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        held(pair, between, asked=msgspec.structs.replace(ASKED, reveal="both"))
    assert ends(pair) == [MatchEnd.LEFT, MatchEnd.BEGUN]
    matching = pair.lighthouse.node.matching
    matching.tick()
    assert ends(pair)[1] is MatchEnd.BEGUN
    pair.lighthouse.now += timedelta(seconds=match_answering.SILENCE_SECONDS + 1)
    matching.tick()
    assert ends(pair)[1] is MatchEnd.LEFT
    assert matching.answering.sessions == frozenset()


def test_a_budget_is_spent_for_good_and_nothing_is_opened_beyond_it(pair: Pair) -> None:
    pair.agree(pair.lighthouse, "harbour", weekly=100)
    held(pair)
    pair.lighthouse.node.matching.answering._live.clear()
    with pytest.raises(NotAllowed, match="week's budget"):
        held(pair)
    assert pair.lighthouse.node.store.matches.sessions()[0].points == 100
    (spent,) = pair.lighthouse.node.matching.standing(
        pair.lighthouse.node.access.operator("rita")
    ).spent.values()
    assert spent == 100
    pair.lighthouse.now += timedelta(days=7)
    pair.harbour.now += timedelta(days=7)
    assert held(pair)[0].found == 5, "another week"


def test_a_set_of_one_is_asked_about_by_nobody(pair: Pair) -> None:
    with pytest.raises(BadInput, match="single persons"):
        held(pair, asked=msgspec.structs.replace(ASKED, lines=tuple(handles(7))))
    with pytest.raises(BadInput, match="2 lines: each is not UTF-8"):
        held(pair, asked=msgspec.structs.replace(ASKED, lines=(b"\xff", b"\xfe", *handles(7))))
    keep(pair.lighthouse, "handle", handles(7))
    with pytest.raises(BadInput, match="single persons"):
        held(pair)
    with pytest.raises(BadInput, match="at least 10 different texts"):
        held(pair, asked=Asked("band", PURPOSE))
    with pytest.raises(BadInput, match="is none of"):
        held(pair, asked=msgspec.structs.replace(ASKED, kind="religion"))
    with pytest.raises(BadInput, match="what the session is for"):
        held(pair, asked=msgspec.structs.replace(ASKED, purpose="x"))
    assert pair.lighthouse.node.store.matches.sessions() == ()


def test_strangers_other_kinds_and_those_who_may_not(pair: Pair) -> None:
    harbour, lighthouse = pair.harbour.node, pair.lighthouse.node
    harbour.access.add_user(harbour.access.operator(), "ana", (Role.ANALYST,))
    with pytest.raises(NotAllowed, match=r"match\.run"):
        harbour.matching.run(harbour.access.operator("ana"), "lighthouse", ASKED)
    with pytest.raises(NotAllowed, match=r"match\.agree"):
        pair.harbour.node.matching.withdraw(pair.rita, "lighthouse")
    with pytest.raises(NotAllowed, match=r"match\.answer"):
        lighthouse.matching.answer(lighthouse.access.operator("rita"), "0" * 32, b"")
    with pytest.raises(NotAllowed, match="holds no such session"):
        held(pair, asked=msgspec.structs.replace(ASKED, kind="wallet"))
    pair.agree(pair.lighthouse, "harbour", kinds=("wallet",))
    with pytest.raises(NotAllowed, match="holds no such session"):
        held(pair)
    assert harbour.store.matches.sessions() == (), "refused before anything was spent"
    peer = lighthouse.store.peers.get("harbour")
    assert peer is not None
    lighthouse.store.peers.replace(msgspec.structs.replace(peer, status=PeerStatus.SUSPENDED))
    with pytest.raises(NotAllowed, match="not trusted"):
        held(pair)


def test_sizes_that_lie_and_sessions_beyond_the_bounds(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    lighthouse = pair.lighthouse.node
    said = proposal(
        client=pair.harbour.node.keys.identity.stix_identity,
        server=lighthouse.keys.identity.stix_identity,
        made=micros(pair.lighthouse.now),
        epoch=epoch_of(pair.lighthouse.now),
    )

    def send(**other: object) -> bytes:
        one = msgspec.structs.replace(said, **other)
        return lighthouse.matching.answer(pair.peer, one.session.hex(), encode(one))

    with pytest.raises(BadInput, match="not a size"):
        send(points=101)
    with pytest.raises(NotAllowed, match="names other parties"):
        send(client=lighthouse.keys.identity.stix_identity)
    with pytest.raises(BadInput, match="another session"):
        lighthouse.matching.answer(pair.peer, "0" * 32, encode(said))
    for number in range(2):
        assert send(session=bytes([number]) * 16)
    with pytest.raises(Unavailable, match="under way"):
        send(session=b"\x07" * 16)
    monkeypatch.setattr(match_answering, "MAX_SESSIONS_A_PEER", 9)
    monkeypatch.setattr(match_answering, "MAX_POINTS_AT_ONCE", 300)
    with pytest.raises(Unavailable, match="points"):
        send(session=b"\x07" * 16)
    assert len(lighthouse.matching.answering.sessions) == 2


def test_own_identifiers_are_opened_by_the_machine_with_a_line_before(pair: Pair) -> None:
    def lines(numbers: range) -> list[EventLine]:
        return [
            EventLine(
                id=f"event-{number}",
                time=pair.harbour.now,
                source="mail",
                kind=Kind.POST,
                actor=f"actor-{number}",
                text="Your lottery refund is ready.",
                observables=(
                    Observable(ObservableType.EMAIL, f"clerk{number}@lottery.example"),
                    Observable(ObservableType.HANDLE, "refunds"),
                ),
            )
            for number in numbers
        ]

    pair.harbour.node.acceptor.accept(lines(range(20)))
    pair.lighthouse.node.acceptor.accept(lines(range(12, 30)))
    found, _ = held(pair, asked=Asked("email", PURPOSE))
    assert found.values == {
        f"clerk{number}@lottery.example": (f"event-{number}",) for number in range(12, 20)
    }
    for made, events in zip(pair.both, (20, 18), strict=True):
        (row,) = made.node.store.audit.read(act="identifier.open")
        assert (row.subject, row.purpose) == (found.session, "private matching: email")
        assert row.detail == {"events": events, "kind": "email"}
        begun = made.node.store.audit.read(act="match.begin")[0]
        assert row.seq < begun.seq
        assert "clerk1" not in repr(made.node.store.audit.read())


def test_a_stopped_log_and_whatever_else_looks_before_a_session_begins(pair: Pair) -> None:
    seen: list[Beginning] = []
    for made in pair.both:
        made.node.matching.record.before.append(seen.append)
    held(pair)
    assert [(one.role.value, one.peer.name, one.points) for one in seen] == [
        ("asked", "lighthouse", 100),
        ("answered", "harbour", 100),
    ]
    assert {len(one.inputs.values) for one in seen} == {20, 25}
    pair.lighthouse.node.store.log.stop("a peer has seen more")
    with pytest.raises(NotAllowed, match="log is stopped"):
        held(pair)
    assert len(pair.lighthouse.node.store.matches.sessions()) == 1


def test_the_weeks_secret_dies_with_the_week_and_old_sessions_end(pair: Pair) -> None:
    held(pair)
    lighthouse = pair.lighthouse.node
    folder = lighthouse.keys.day_keys.folder / "match"
    (file,) = folder.iterdir()
    assert file.stem == str(epoch_of(pair.lighthouse.now))
    lighthouse.matching.tick()
    assert file.exists()
    pair.lighthouse.now += timedelta(days=7, minutes=6)
    lighthouse.matching.tick()
    assert not file.exists()


def warned(made: Made, numbers: range, ending: str) -> None:
    """A warning for each text: a lottery letter of its own."""
    texts = [
        " ".join(f"lottery{number * 31 + word} refund{(number * 17 + word) % 97}" for word in range(12))
        + ending
        for number in numbers
    ]
    for number, blob in zip(numbers, sketch.sketch_batch(texts), strict=True):
        assert blob is not None
        one = sketch.decode(blob)
        made.node.store.warnings.upsert(
            a_warning(number, now=NOW, signature=one.signature_bytes, shingle_count=one.shingles)
        )


def test_warnings_meet_where_their_texts_are_alike_and_short_ones_are_left_out(pair: Pair) -> None:
    warned(pair.harbour, range(1, 13), " before noon")
    warned(pair.lighthouse, range(9, 21), " today")
    short = a_warning(30, now=NOW, signature=bytes(256), shingle_count=47)
    for made in pair.both:
        made.node.store.warnings.upsert(short)
    found, _ = held(pair, asked=Asked("band", PURPOSE, reveal="both"))
    assert set(found.warnings) == {a_warning(number, now=NOW).id for number in range(9, 13)}
    assert all(bands >= 2 for bands in found.warnings.values())
    assert (found.found, found.values) == (4, {})
    assert pair.lighthouse.node.matching.learnt(
        pair.lighthouse.node.access.operator("rita"), found.session
    ) == tuple(found.warnings), "the same letters have the same number here"
    for made in pair.both:
        made.node.store.warnings.review(
            Review(
                a_warning(9, now=NOW).id,
                "rita",
                1,
                WarningStatus.DISMISSED,
                "fraud.scam",
                "A template.",
                "seen",
            )
        )
    assert held(pair, asked=Asked("band", PURPOSE))[0].found == 3


def test_a_server_that_lies_ends_the_session(pair: Pair) -> None:
    class Lying(Beside):
        def _post(self, path: str, body: bytes) -> tuple[int, bytes]:
            status, answer = super()._post(path, body)
            return status, answer[:-1] + bytes([answer[-1] ^ 1]) if len(self.said) > 1 else answer

    with pytest.raises((BadInput, NotAllowed)):
        pair.harbour.node.matching.run(
            pair.rita, "lighthouse", ASKED, talk=lambda *_: Lying(pair, lambda _: None)
        )
    assert ends(pair) == [MatchEnd.REFUSED, MatchEnd.BEGUN]
    row = pair.harbour.node.store.audit.read(act="match.end")[0]
    assert row.detail["end"] == "refused"


def test_two_that_send_one_message_at_once_hear_one_answer(pair: Pair) -> None:
    said: list[tuple[str, bytes]] = []

    class Recording(Beside):
        def _post(self, path: str, body: bytes) -> tuple[int, bytes]:
            if not path.endswith("/ask"):
                said.append((path.rpartition("/")[2], body))
                raise KeyboardInterrupt
            return super()._post(path, body)

    with pytest.raises(KeyboardInterrupt):
        pair.harbour.node.matching.run(
            pair.rita, "lighthouse", ASKED, talk=lambda *_: Recording(pair, lambda _: None)
        )
    lighthouse = pair.lighthouse.node.matching
    with ThreadPoolExecutor(4) as pool:
        answers = set(pool.map(lambda _: lighthouse.answer(pair.peer, *said[0]), range(4)))
    assert len(answers) == 1
    assert len(pair.lighthouse.node.store.matches.sessions()) == 1


def test_what_ended_is_kept_for_so_many_and_so_long(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(match_answering, "MAX_ENDED", 1)
    both = msgspec.structs.replace(ASKED, reveal="both")
    lighthouse = pair.lighthouse.node
    rita = lighthouse.access.operator("rita")
    first, second = (held(pair, asked=both)[0] for _ in range(2))
    kept = lighthouse.matching.answering.sessions
    assert len(kept) == 1
    assert kept <= {first.session, second.session}
    (session,) = kept
    pair.lighthouse.now += timedelta(seconds=match_answering.LEARNT_SECONDS - 1)
    lighthouse.matching.tick()
    assert len(lighthouse.matching.learnt(rita, session)) == 5
    pair.lighthouse.now += timedelta(seconds=2)
    lighthouse.matching.tick()
    with pytest.raises(NotFound, match="nothing is kept"):
        lighthouse.matching.learnt(rita, session)


def test_the_doors_bound_is_the_protocols() -> None:
    assert MAX_BODY_BYTES == MAX_MESSAGE_BYTES
    assert ASKED.question in tuple(Question)
    assert ASKED.reveal in tuple(Reveal)
