"""Private matching: consent, and a budget that a restart does not give back."""

import secrets
import threading

import msgspec
import pytest

from tests.contracts.store.places import Place
from tests.matching import ALICE, BOB, NOW, TERMS, clock, handles, pair
from tocsin.kernel import Conflict, NotAllowed, NotFound
from tocsin.kernel.clock import micros
from tocsin.store import Store
from tocsin.store.match_interface import MatchEnd, MatchRole, MatchWish
from tocsin.trust.matching import MatchKind, Proposal, Question, Reveal, epoch_of
from tocsin.trust.matching.messages import decode

EPOCH = epoch_of(NOW)


def proposal(points: int = 100, **other: object) -> Proposal:
    one = Proposal(
        format=1,
        session=secrets.token_bytes(16),
        client=ALICE,
        server=BOB,
        kind=MatchKind.HANDLE,
        question=Question.WHICH,
        reveal=Reveal.CLIENT,
        purpose="refund swindle of November",
        epoch=EPOCH,
        made=micros(NOW),
        points=points,
    )
    return msgspec.structs.replace(one, **other)


def test_consent_is_kept_replaced_and_taken_back(store: Store) -> None:
    matches = store.matches
    assert matches.agreed(ALICE) is None
    matches.agree(TERMS, "ada", 1)
    assert matches.agreed(ALICE) == TERMS
    less = msgspec.structs.replace(TERMS, kinds=frozenset({MatchKind.WALLET}), weekly=100)
    matches.agree(less, "ada", 2)
    assert matches.agreed(ALICE) == less
    assert matches.agreed(BOB) is None
    assert matches.withdraw(ALICE)
    assert not matches.withdraw(ALICE)
    assert matches.agreed(ALICE) is None


def test_a_real_session_is_on_record_before_its_first_point(store: Store) -> None:
    parties = pair(handles(range(20)), handles(range(10, 30)))
    parties.server._spending = store.matches.spending(MatchRole.ANSWERED, clock)
    speaking = parties.client.speak()
    first = next(speaking)
    assert store.matches.sessions() == ()
    parties.client.hear(parties.server.answer(first))
    (kept,) = store.matches.sessions()
    said = decode(first)
    assert isinstance(said, Proposal)
    assert (kept.session, kept.peer, kept.role) == (said.session.hex(), ALICE, MatchRole.ANSWERED)
    assert (kept.points, kept.purpose, kept.outcome) == (100, said.purpose, MatchEnd.BEGUN)
    for message in speaking:
        parties.client.hear(parties.server.answer(message))
    store.matches.finish(kept.session, MatchEnd.DONE)
    assert store.matches.sessions()[0].outcome is MatchEnd.DONE


def test_a_restart_gives_nothing_back(place: Place) -> None:
    def begin(one: Proposal) -> None:
        place.open().matches.spending(MatchRole.ANSWERED, clock).begin(one, 250)

    first = proposal()
    begin(first)
    place.close()
    with pytest.raises(Conflict, match="replayed"):
        begin(first)
    begin(proposal())
    place.close()
    with pytest.raises(NotAllowed, match="250 points"):
        begin(proposal())
    matches = place.open().matches
    assert matches.spent(ALICE, MatchRole.ANSWERED, "handle", EPOCH) == 200
    assert len(matches.sessions()) == 2, "what was refused is no session"


def test_budgets_are_apart_by_peer_role_kind_and_week(store: Store) -> None:
    matches = store.matches
    for role in MatchRole:
        spending = matches.spending(role, clock)
        for one in (
            proposal(),
            proposal(client="identity--carol", server="identity--carol"),
            proposal(kind=MatchKind.PHONE),
            proposal(epoch=EPOCH + 1),
        ):
            spending.begin(one, 100)
    with pytest.raises(NotAllowed):
        matches.spending(MatchRole.ASKED, clock).begin(proposal(), 100)
    with pytest.raises(NotAllowed):
        matches.spending(MatchRole.ASKED, clock).begin(proposal(120, client="identity--dora"), 119)
    assert matches.spent(BOB, MatchRole.ASKED, "handle", EPOCH) == 100
    assert matches.spent(ALICE, MatchRole.ASKED, "handle", EPOCH) == 0
    assert len(matches.sessions(peer="identity--carol")) == 2
    assert len(matches.sessions(limit=3)) == 3


def test_of_many_at_once_no_more_begin_than_the_budget_holds(store: Store) -> None:
    refused = []

    def begin() -> None:
        try:
            store.matches.spending(MatchRole.ANSWERED, clock).begin(proposal(), 300)
        except NotAllowed as problem:
            refused.append(problem)

    threads = [threading.Thread(target=begin) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 5
    assert store.matches.spent(ALICE, MatchRole.ANSWERED, "handle", EPOCH) == 300


def test_an_end_is_noted_once(store: Store) -> None:
    one = proposal()
    store.matches.spending(MatchRole.ASKED, clock).begin(one, 100)
    store.matches.finish(one.session.hex(), MatchEnd.WITHDRAWN, 10)
    assert store.matches.sessions()[0].found == 10
    with pytest.raises(Conflict):
        store.matches.finish(one.session.hex(), MatchEnd.DONE)
    with pytest.raises(NotFound):
        store.matches.finish("00", MatchEnd.DONE)


def a_wish(name: str, **other: object) -> MatchWish:
    one = MatchWish(name, ALICE, "handle", "which", "client", "refund swindle of November", 100, at=5)
    return msgspec.structs.replace(one, **other)


def test_a_wish_waits_once_is_allowed_once_and_used_once(store: Store) -> None:
    matches = store.matches
    matches.agree(TERMS, "ada", 1)
    assert matches.wish(a_wish("a"), 2)
    assert matches.wish(a_wish("a", at=9), 2)
    assert matches.wish(a_wish("b", at=6), 2)
    assert not matches.wish(a_wish("c"), 2), "so many wait"
    assert matches.wish(a_wish("a"), 2), "what waits already still does"
    assert matches.wish(a_wish("d", peer=BOB), 2)
    assert [one.id for one in matches.wishes()] == ["a", "d", "b"]
    assert not matches.use("a", 7)
    allowed = matches.allow("a", "ada", 20)
    assert (allowed.allowed_by, allowed.until) == ("ada", 20)
    with pytest.raises(Conflict, match="allowed before"):
        matches.allow("a", "eve", 30)
    with pytest.raises(NotFound, match="waits"):
        matches.allow("z", "ada", 20)
    assert not matches.use("a", 20), "the yes has ended"
    assert matches.use("a", 19)
    assert not matches.use("a", 19)
    assert matches.withdraw(ALICE)
    assert [one.id for one in matches.wishes()] == ["d"]
    assert matches.forget_wishes(before=5) == 0
    assert matches.forget_wishes(before=6) == 1


def test_sessions_are_found_by_id_and_by_end(store: Store) -> None:
    spending = store.matches.spending(MatchRole.ASKED, clock)
    first, second = proposal(), proposal()
    for one in (first, second):
        spending.begin(one, 1_000)
    store.matches.finish(first.session.hex(), MatchEnd.LEFT)
    (begun,) = store.matches.sessions(outcome=MatchEnd.BEGUN)
    assert begun.session == second.session.hex()
    assert store.matches.session(begun.session) == begun
    assert store.matches.session("0" * 32) is None


def test_everything_agreed_is_listed(store: Store) -> None:
    assert store.matches.all_agreed() == ()
    theirs = msgspec.structs.replace(TERMS, peer=BOB, standing=False)
    for one in (theirs, TERMS):
        store.matches.agree(one, "ada", 1)
    assert store.matches.all_agreed() == (TERMS, theirs)
