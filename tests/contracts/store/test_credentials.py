import threading
from collections.abc import Callable

import msgspec
import pytest

from tests.contracts.store.places import Place
from tests.contracts.store.samples import START
from tocsin.kernel import Conflict, Link, NotFound, Role, User
from tocsin.store import Session, Store, Totp

ANA = User("u1", "ana", (Role.ANALYST,), START)
BO = User("u2", "bo", (Role.ANALYST,), START)
LINK = Link("https://login.example", "248289761001", "u1", True, START)


@pytest.fixture
def people(store: Store) -> Store:
    store.people.add_user(ANA)
    store.people.add_user(BO)
    return store


def test_a_password_is_set_replaced_and_cleared(people: Store) -> None:
    kept = people.credentials
    assert not kept.any_password()
    kept.set_password("u1", "$one", START)
    kept.set_password("u1", "$two", START + 1)
    assert (kept.password("u1"), kept.password("u2")) == ("$two", None)
    assert kept.any_password()
    assert kept.clear_password("u1")
    assert not kept.clear_password("u1")
    assert kept.password("u1") is None


def test_nothing_is_kept_for_nobody(people: Store) -> None:
    kept = people.credentials
    keeping: list[Callable[[], None]] = [
        lambda: kept.set_password("u9", "$x", START),
        lambda: kept.begin_totp(Totp("u9", b"s", START)),
        lambda: kept.set_recovery("u9", [b"d"]),
        lambda: kept.add_link(msgspec.structs.replace(LINK, user="u9")),
    ]
    for keep in keeping:
        with pytest.raises(NotFound):
            keep()


def test_a_secret_counts_only_once_confirmed_and_is_not_replaced_then(people: Store) -> None:
    kept = people.credentials
    kept.begin_totp(Totp("u1", b"first", START))
    kept.begin_totp(Totp("u1", b"second", START + 1))
    assert not kept.use_step("u1", 7)
    assert kept.confirm_totp("u1", 7, START + 2, [b"a", b"b"])
    assert not kept.confirm_totp("u1", 8, START + 3, [])
    assert kept.totp("u1") == Totp("u1", b"second", START + 1, START + 2, 7)
    assert kept.recovery_left("u1") == 2
    with pytest.raises(Conflict):
        kept.begin_totp(Totp("u1", b"third", START))
    assert kept.totp("u2") is None


def test_a_step_is_taken_once_and_never_backwards(people: Store) -> None:
    kept = people.credentials
    kept.begin_totp(Totp("u1", b"s", START))
    kept.confirm_totp("u1", 7, START, [])
    assert [kept.use_step("u1", step) for step in (7, 8, 8, 6, 9)] == [False, True, False, False, True]


def test_a_recovery_code_is_taken_once_and_by_its_owner(people: Store) -> None:
    kept = people.credentials
    kept.set_recovery("u1", [b"a", b"b"])
    assert not kept.use_recovery("u2", b"a")
    assert [kept.use_recovery("u1", b"a") for _ in range(2)] == [True, False]
    kept.set_recovery("u1", [b"c"])
    assert not kept.use_recovery("u1", b"b")
    assert kept.recovery_left("u1") == 1


def test_removing_takes_the_recovery_codes_along(people: Store) -> None:
    kept = people.credentials
    kept.begin_totp(Totp("u1", b"s", START))
    kept.confirm_totp("u1", 7, START, [b"a"])
    assert kept.clear_totp("u1")
    assert not kept.clear_totp("u1")
    assert (kept.totp("u1"), kept.recovery_left("u1")) == (None, 0)


def test_of_many_at_once_one_wins(place: Place) -> None:
    store = place.open()
    store.people.add_user(ANA)
    store.credentials.begin_totp(Totp("u1", b"s", START))
    store.credentials.confirm_totp("u1", 7, START, [b"a"])
    won: list[str] = []
    barrier = threading.Barrier(8)

    def run() -> None:
        barrier.wait()
        if store.credentials.use_step("u1", 8):
            won.append("step")
        if store.credentials.use_recovery("u1", b"a"):
            won.append("recovery")

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == ["recovery", "step"]


def test_a_subject_of_an_issuer_is_one_user(people: Store) -> None:
    kept = people.credentials
    kept.add_link(LINK)
    with pytest.raises(Conflict):
        kept.add_link(msgspec.structs.replace(LINK, user="u2"))
    other = msgspec.structs.replace(LINK, issuer="https://other.example", user="u2", managed=False)
    kept.add_link(other)
    assert kept.link(LINK.issuer, LINK.subject) == LINK
    assert kept.link(LINK.issuer, "someone else") is None
    assert kept.links() == (LINK, other)
    assert kept.links("u2") == (other,)


def test_a_link_is_moved(people: Store) -> None:
    kept = people.credentials
    kept.add_link(LINK)
    moved = msgspec.structs.replace(LINK, user="u2", managed=False)
    kept.move_link(moved)
    assert kept.links("u1") == ()
    assert kept.link(LINK.issuer, LINK.subject) == moved
    with pytest.raises(NotFound):
        kept.move_link(msgspec.structs.replace(LINK, subject="nobody"))
    assert kept.drop_link(LINK.issuer, LINK.subject)
    assert not kept.drop_link(LINK.issuer, LINK.subject)
    assert kept.links() == ()


def test_sessions_are_listed_and_closed_by_user(people: Store) -> None:
    def session(number: int, user: str = "u1") -> Session:
        digest = f"digest{number}".encode()
        return Session(digest, user, "csrf", START + number, START + 900, "oidc", 1, "a\nb", "192.0.2.1")

    for one in (session(1), session(2), session(3), session(4, "u2")):
        people.people.open_session(one)
    assert people.people.sessions("u1") == (session(3), session(2), session(1))
    assert people.people.close_sessions("u1", but=b"digest2") == 2
    assert people.people.sessions("u1") == (session(2),)
    assert people.people.close_sessions("u1") == 1
    assert people.people.sessions("u2") == (session(4, "u2"),)
