import msgspec
import pytest

from tests.contracts.store.samples import START
from tocsin.kernel import BadInput, Conflict, NotFound, Role, Token, User
from tocsin.store import Session, Store

ANA = User("u1", "ana", (Role.ANALYST, Role.REVIEWER), START)
LAB = User("u2", "lab", (Role.PEER,), START, peer="lab")


def token(number: int, user: str = "u1") -> Token:
    return Token(f"t{number}", user, bytes(32), "laptop", START + number)


def session(number: int, *, created: int = START, expires: int = START + 100) -> Session:
    return Session(f"digest{number}".encode(), "u1", f"csrf{number}", created, expires)


@pytest.fixture
def people(store: Store) -> Store:
    store.people.add_user(LAB)
    store.people.add_user(ANA)
    return store


def test_users_come_back_by_name_and_by_id(people: Store) -> None:
    assert people.people.user("ana") == people.people.user("u1") == ANA
    assert people.people.user("lab") == LAB
    assert people.people.user("nobody") is None
    assert people.people.users() == (ANA, LAB)


def test_a_name_or_id_is_taken_once(people: Store) -> None:
    for user in (User("u3", "ana", (), START), User("u1", "new", (), START)):
        with pytest.raises(Conflict):
            people.people.add_user(user)
    with pytest.raises(Conflict):
        people.people.replace_user(msgspec.structs.replace(ANA, name="lab"))
    assert people.people.users() == (ANA, LAB)


def test_an_id_wins_over_a_name_that_imitates_it(people: Store) -> None:
    people.people.add_user(User("u0", "u1", (Role.ADMIN,), START))
    assert people.people.user("u1") == ANA


def test_a_user_is_replaced(people: Store) -> None:
    changed = msgspec.structs.replace(ANA, name="anna", disabled=True, roles=(Role.AUDITOR,))
    people.people.replace_user(changed)
    assert people.people.user("u1") == people.people.user("anna") == changed
    assert people.people.user("ana") is None
    with pytest.raises(NotFound):
        people.people.replace_user(User("u9", "nobody", (), START))


def test_tokens_are_listed_by_age_and_revoked_once(people: Store) -> None:
    for number in (2, 1):
        people.people.add_token(token(number))
    people.people.add_token(token(3, "u2"))
    assert people.people.tokens() == (token(1), token(2), token(3, "u2"))
    assert people.people.tokens("u1") == (token(1), token(2))
    assert people.people.token("t9") is None
    assert people.people.revoke_token("t1", START + 5)
    assert people.people.token("t1") == msgspec.structs.replace(token(1), revoked=START + 5)
    assert not people.people.revoke_token("t1", START + 6)
    assert not people.people.revoke_token("t9", START)
    assert people.people.token("t1") == msgspec.structs.replace(token(1), revoked=START + 5)


def test_a_token_or_session_needs_its_user(people: Store) -> None:
    with pytest.raises(NotFound):
        people.people.add_token(token(1, "u9"))
    with pytest.raises(NotFound):
        people.people.open_session(msgspec.structs.replace(session(1), user="u9"))
    people.people.add_token(token(1))
    with pytest.raises(Conflict):
        people.people.add_token(token(1))


def test_sessions_open_and_close_and_dead_ones_go(people: Store) -> None:
    people.people.open_session(session(1))
    people.people.open_session(session(2, expires=START + 500))
    assert people.people.session(b"digest1") == session(1)
    people.people.close_session(b"digest9")
    people.people.open_session(session(3, created=START + 100, expires=START + 900))
    assert people.people.session(b"digest1") is None
    assert people.people.session(b"digest2") is not None
    people.people.close_session(b"digest2")
    assert people.people.session(b"digest2") is None


def test_what_no_database_can_keep_is_bad_input(people: Store) -> None:
    with pytest.raises(BadInput):
        people.people.add_user(User("u5", "lone \ud800 surrogate", (), START))
    with pytest.raises(BadInput):
        people.people.open_session(session(1, expires=1 << 70))
