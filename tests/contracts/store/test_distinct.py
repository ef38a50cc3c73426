"""Counts over several nodes: consent by peer, a count in one state at a time, and what a peer's counts have cost."""

import msgspec

from tests.contracts.store.places import Place
from tests.contracts.store.samples import START
from tocsin.kernel.distinct import Distinct, DistinctRoster, Shared
from tocsin.store import Store
from tocsin.store.distinct_interface import DistinctCount, DistinctState, DistinctTerms

TERMS = DistinctTerms(
    peer="identity--b", kinds=("handle",), cost=4_000, until=START + 9, by="user_1", at=START
)
COUNT = DistinctCount(
    session="0" * 32,
    roster=DistinctRoster(
        session=bytes(16),
        kind="handle",
        purpose="refund campaigns",
        members=("identity--a", "identity--b", "identity--c"),
        capacity=200,
        cost=4_000,
        week="2026-W46",
    ),
    proposer="identity--b",
    at=START,
    state=DistinctState.WAITING,
)
replace = msgspec.structs.replace


def test_consent_is_one_a_peer_and_is_taken_back_once(place: Place) -> None:
    store = place.open()
    store.distinct.agree(TERMS)
    other, wider = replace(TERMS, peer="identity--a"), replace(TERMS, kinds=("band", "handle"))
    store.distinct.agree(other)
    store.distinct.agree(wider)
    assert place.open().distinct.agreed() == (other, wider)
    assert store.distinct.withdraw("identity--b")
    assert not store.distinct.withdraw("identity--b")
    assert store.distinct.agreed() == (other,)


def test_a_count_changes_from_the_state_it_is_in(store: Store) -> None:
    assert store.distinct.propose(COUNT)
    assert not store.distinct.propose(replace(COUNT, proposer="identity--c"))
    found = Distinct(inputs=-1, margin=3, shared=(Shared(1, -1),), margin_each=2)
    done = replace(COUNT, state=DistinctState.DONE, begun=START + 2, result=found)
    assert not store.distinct.change(done, DistinctState.RUNNING)
    assert store.distinct.change(done, DistinctState.WAITING)
    assert store.distinct.count(COUNT.session) == done
    assert store.distinct.count("1" * 32) is None
    later = replace(COUNT, session="2" * 32, at=START + 1)
    assert store.distinct.propose(later)
    assert store.distinct.counts() == (later, done)
    assert store.distinct.counts(open_only=True) == (later,)
    assert store.distinct.counts(limit=1) == (later,)


def test_what_a_peers_counts_cost_counts_from_a_day_and_when_it_was_paid(store: Store) -> None:
    store.distinct.propose(COUNT)
    assert store.distinct.cost("identity--b", 0) == 0, "to ask costs nothing"
    for number, begun in enumerate((START, START + 5), 1):
        store.distinct.propose(replace(COUNT, session=str(number) * 32, begun=begun))
    assert store.distinct.cost("identity--b", START) == 8_000
    assert store.distinct.cost("identity--b", START + 1) == 4_000
    assert store.distinct.cost("identity--a", 0) == 0
