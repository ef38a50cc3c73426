"""Accountable matching: what was committed to is kept once, and a session has one challenge."""

import threading

import msgspec
import pytest

from tests.contracts.store.places import Place
from tocsin.kernel import Conflict, NotFound
from tocsin.store import Store
from tocsin.store.accountable_interface import MatchAuditor, MatchDay, MatchPledge, MatchQuota, MatchSaid

PLEDGE = MatchPledge("a" * 32, "client", "handle", 2968, 0, "b" * 64, 1, b"note", b"sealed")
SAID = MatchSaid(b"other", b"proposal", b"acceptance", b"points", b"tags")


def day(number: int, kind: str = "handle") -> MatchDay:
    return MatchDay(kind, number, f"{number:064x}", number, b"note", bytes(32), "2026-11-20", b"sealed")


def test_auditors_are_named_replaced_and_forgotten(store: Store) -> None:
    one = MatchAuditor("institute", "line", "admin", 1)
    store.accountable.name_auditor(one)
    newer = msgspec.structs.replace(one, line="another", at=2)
    store.accountable.name_auditor(newer)
    assert store.accountable.auditors() == (newer,)
    assert store.accountable.forget_auditor("institute")
    assert not store.accountable.forget_auditor("institute")
    assert store.accountable.auditors() == ()


def test_quotas_and_days_come_newest_first_and_are_kept_once(store: Store) -> None:
    quotas = [MatchQuota(f"{number:064x}", "handle", number, b"note") for number in range(3)]
    for quota in quotas:
        store.accountable.add_quota(quota)
    assert store.accountable.quotas("handle", limit=2) == (quotas[2], quotas[1])
    assert store.accountable.quotas("email") == ()
    with pytest.raises(Conflict):
        store.accountable.add_quota(quotas[0])
    for number in range(3):
        store.accountable.add_day(day(number))
    store.accountable.add_day(day(0, "email"))
    assert store.accountable.days("handle", limit=2) == (day(2), day(1))
    with pytest.raises(Conflict, match="meanwhile"):
        store.accountable.add_day(msgspec.structs.replace(day(2), digest="f" * 64))


def test_a_side_is_pledged_once_and_a_number_given_once(store: Store, place: Place) -> None:
    store.accountable.pledge(PLEDGE)
    with pytest.raises(Conflict):
        store.accountable.pledge(msgspec.structs.replace(PLEDGE, number=1))
    with pytest.raises(Conflict):
        store.accountable.pledge(msgspec.structs.replace(PLEDGE, session="c" * 32))
    store.accountable.pledge(msgspec.structs.replace(PLEDGE, side="server"))
    later = msgspec.structs.replace(PLEDGE, session="c" * 32, number=1)
    store.accountable.pledge(later)
    assert place.open().accountable.pledges("client", "handle", 2968) == (later, PLEDGE)
    assert store.accountable.pledges("client", "handle", 2969) == ()
    assert store.accountable.which_pledged(["a" * 32, "d" * 32]) == {"a" * 32}
    assert store.accountable.which_pledged([]) == frozenset()


def test_what_was_said_is_kept_once(store: Store) -> None:
    with pytest.raises(NotFound):
        store.accountable.said(PLEDGE.session, "client", SAID)
    store.accountable.pledge(PLEDGE)
    store.accountable.said(PLEDGE.session, "client", SAID)
    with pytest.raises(Conflict):
        store.accountable.said(PLEDGE.session, "client", SAID)
    kept = store.accountable.pledged(PLEDGE.session, "client")
    assert kept == msgspec.structs.replace(PLEDGE, **msgspec.structs.asdict(SAID))
    assert store.accountable.pledged(PLEDGE.session, "server") is None


def test_of_two_challenges_at_once_one_is_kept(store: Store, place: Place) -> None:
    with pytest.raises(NotFound):
        store.accountable.challenge(PLEDGE.session, "client", b"one")
    store.accountable.pledge(PLEDGE)
    refused: list[bytes] = []

    def challenge(note: bytes) -> None:
        try:
            place.open().accountable.challenge(PLEDGE.session, "client", note)
        except Conflict:
            refused.append(note)

    threads = [threading.Thread(target=challenge, args=(note,)) for note in (b"one", b"two")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = store.accountable.pledged(PLEDGE.session, "client")
    assert kept is not None
    assert {kept.challenge, *refused} == {b"one", b"two"}
    store.accountable.challenge(PLEDGE.session, "client", kept.challenge)  # the same again changes nothing
