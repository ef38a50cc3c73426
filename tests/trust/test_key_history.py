"""Key histories: what a chain proves, and every way in which it can be bent."""

from collections.abc import Sequence

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.kernel import BadInput, KeyStatement
from tocsin.trust.identity import NodeIdentity, stix_identity
from tocsin.trust.key_history import (
    MAX_STATEMENTS,
    ForkedHistory,
    RolledBack,
    digest,
    keys_of,
    news,
    signed_bytes,
    state,
    valid_key,
    verifies,
)

FIRST = NodeIdentity(bytes([1]) * 32)
IDENTITY = FIRST.stix_identity


def key(number: int) -> NodeIdentity:
    return NodeIdentity(bytes([number]) * 32, FIRST.public)


def chain(*revoked: int | None) -> list[KeyStatement]:
    """One statement a place, at 100, 200, ...; None is a rotation, a number a revocation since then."""
    return [
        state(key(place), key(place + 1), seq=place, at=100 * place, since=since)
        for place, since in enumerate(revoked, 1)
    ]


def signed_again(statement: KeyStatement, old: NodeIdentity, new: NodeIdentity) -> KeyStatement:
    signed = signed_bytes(statement)
    return msgspec.structs.replace(statement, by_old=old.sign(signed).hex(), by_new=new.sign(signed).hex())


def test_a_node_that_never_changed_is_valid_by_its_name() -> None:
    history = keys_of(IDENTITY, ())
    assert valid_key(history, FIRST.public, 5)
    assert not valid_key(history, key(2).public, 5)
    assert history.last is None


def test_each_key_is_valid_in_its_own_time() -> None:
    history = keys_of(IDENTITY, chain(None, None))
    assert history.last == key(3).public
    for number, since, until in ((1, 0, 100), (2, 100, 200), (3, 200, 10**15)):
        public = key(number).public
        assert valid_key(history, public, since)
        assert valid_key(history, public, until - 1)
        assert not valid_key(history, public, since - 1) or number == 1
        assert not valid_key(history, public, until) or number == 3
    assert not valid_key(history, key(9).public, 150)


def test_a_revocation_ends_the_key_when_it_was_stolen_and_proposes_without_being_believed() -> None:
    statements = chain(None, 150)
    history = keys_of(IDENTITY, statements)
    assert valid_key(history, key(2).public, 149)
    assert not valid_key(history, key(2).public, 150)
    assert not valid_key(history, key(3).public, 500), "who stole a key could have proposed it"
    compared = keys_of(IDENTITY, statements, confirmed={key(3).public})
    assert valid_key(compared, key(3).public, 200)
    later = keys_of(IDENTITY, [*statements, *chain(None, 150, None)[2:]])
    assert not valid_key(later, key(4).public, 500)


def test_a_revocation_reaches_behind_a_rotation() -> None:
    history = keys_of(IDENTITY, chain(None, 50))
    assert valid_key(history, FIRST.public, 49)
    assert not valid_key(history, FIRST.public, 50)
    assert not any(valid_key(history, key(2).public, at) for at in (49, 50, 100, 199))


@pytest.mark.parametrize(
    ("bend", "words"),
    [
        (lambda c: c[1:], "number"),
        (lambda c: [c[0], c[2]], "number"),
        (lambda c: [c[1], c[0]], "number"),
        (lambda c: [c[0], c[0]], "number"),
        (lambda c: [msgspec.structs.replace(c[0], identity="identity--x")], "another identity"),
        (lambda c: [msgspec.structs.replace(c[0], by_old=c[0].by_new)], "signature"),
        (lambda c: [msgspec.structs.replace(c[0], by_new=c[0].by_old)], "signature"),
        (lambda c: [msgspec.structs.replace(c[0], by_old="")], "not signed"),
        (lambda c: [msgspec.structs.replace(c[0], by_old=c[0].by_old.upper())], "not signed"),
        (lambda c: [msgspec.structs.replace(c[0], at=99)], "signature"),
        (lambda c: [msgspec.structs.replace(c[0], new="ab")], "no key"),
        (lambda c: [msgspec.structs.replace(c[0], new="zz" * 32)], "no key"),
        (lambda c: [state(key(2), key(3), seq=1, at=100)], "identity comes from"),
        (lambda c: [c[0], state(key(1), key(3), seq=2, at=200)], "spoke before"),
        (lambda c: [c[0], state(key(2), key(1), seq=2, at=200)], "there before"),
        (lambda c: [c[0], state(key(2), key(3), seq=2, at=99)], "backwards"),
        (lambda c: [state(key(1), key(2), seq=1, at=100, since=101)], "backwards"),
        (
            lambda c: [signed_again(msgspec.structs.replace(c[0], kind="revoke"), key(1), key(2))],
            "no revocation",
        ),
        (lambda c: [c[0]] * (MAX_STATEMENTS + 1), "at most"),
    ],
)
def test_a_bent_chain_proves_nothing(bend: object, words: str) -> None:
    assert callable(bend)
    with pytest.raises(BadInput, match=words):
        keys_of(IDENTITY, bend(chain(None, None, None)))


def test_less_than_was_shown_is_a_rollback_and_another_history_a_fork() -> None:
    mine = chain(None, None)
    rival = [mine[0], state(key(2), key(7), seq=2, at=150)]
    assert news((), mine) == tuple(mine)
    assert news(mine[:1], mine) == (mine[1],)
    assert news(mine, mine) == ()
    for less in ((), mine[:1]):
        with pytest.raises(RolledBack):
            news(mine, less)
    with pytest.raises(ForkedHistory) as fork:
        news(mine, rival)
    assert fork.value.since == 150
    both = [mine[0], *sorted((mine[1], rival[1]), key=digest)]
    assert news(both, mine) == news(both, rival) == (), "a fork that is known is for a person to settle"
    with pytest.raises(ForkedHistory):
        news(both, [mine[0], state(key(2), key(8), seq=2, at=120)])
    with pytest.raises(RolledBack):
        news(both, mine[:1])


def test_a_signature_over_something_else_is_none() -> None:
    one = chain(None)[0]
    plain = signed_bytes(one).split(b"\n", 1)[1]
    assert not verifies(FIRST.public, FIRST.sign(plain), signed_bytes(one))
    assert not verifies(b"short", bytes(64), b"")


@given(st.lists(st.one_of(st.none(), st.integers(0, 100)), max_size=6), st.integers(0, 10**6), st.data())
def test_at_no_time_do_two_keys_speak(cuts: Sequence[int | None], at: int, data: st.DataObject) -> None:
    statements = chain(*cuts)
    confirmed = data.draw(st.sets(st.sampled_from([key(n).public for n in range(1, 9)])))
    history = keys_of(IDENTITY, statements, confirmed=confirmed)
    speaking = [n for n in range(1, 9) if valid_key(history, key(n).public, at)]
    assert len(speaking) <= 1
    assert stix_identity(FIRST.public) == history.identity
