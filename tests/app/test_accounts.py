"""Ways in: what is right opens, what is wrong says nothing, what works once works once."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.fixtures import Made
from tests.people import WORDS, code, enrolled, secret_of, with_password
from tocsin.app.access import FRESH_MINUTES, Opened
from tocsin.app.accounts import ENROL_SECONDS, HALF_SECONDS, NeedsCode
from tocsin.app.node import Node
from tocsin.kernel import BadInput, Caller, Conflict, Login, NotAllowed, NotFound, Role


def opened(made: Made, name: str = "chen") -> Opened:
    found = made.node.accounts.by_password(name, WORDS, "192.0.2.1")
    assert isinstance(found, Opened)
    return found


def half(made: Made, name: str = "chen") -> str:
    found = made.node.accounts.by_password(name, WORDS)
    assert isinstance(found, NeedsCode)
    return found.half


def finish(made: Made, text: str, typed: str) -> Opened | None:
    kept = made.node.accounts.half(text)
    assert kept is not None
    return made.node.accounts.by_code(kept, typed)


def test_a_password_opens_a_session_of_a_person(made: Made) -> None:
    with_password(made, "chen", Role.ANALYST)
    session = opened(made)
    assert (session.caller.name, session.caller.login, session.caller.mfa) == ("chen", Login.PASSWORD, False)
    assert session.caller.present
    assert made.node.access.session(session.secret) is not None
    (kept,) = made.node.store.people.sessions(session.caller.user)
    assert kept.address == "192.0.2.1"


def test_what_is_wrong_opens_nothing(made: Made) -> None:
    user_id = with_password(made, "chen", Role.ANALYST)
    accounts = made.node.accounts
    made.node.access.add_user(made.node.access.operator(), "bare", (Role.ANALYST,))
    for name, password in [
        ("chen", "wrong"),
        ("chen", ""),
        ("Chen", WORDS),
        ("nobody", WORDS),
        ("bare", WORDS),
        (user_id, WORDS),
    ]:
        assert accounts.by_password(name, password) is None
    made.node.access.disable_user(made.node.access.operator(), "chen")
    assert accounts.by_password("chen", WORDS) is None


def test_machines_have_no_password(made: Made) -> None:
    by = made.node.access.operator()
    made.node.access.add_user(by, "gate", (Role.SOURCE,))
    with pytest.raises(BadInput, match="machine"):
        made.node.accounts.set_password(by, "gate", WORDS)


def test_a_new_password_ends_the_sessions_and_clearing_it_too(made: Made) -> None:
    with_password(made, "chen", Role.ANALYST)
    accounts, access, by = made.node.accounts, made.node.access, made.node.access.operator()
    one, two = opened(made), opened(made)
    accounts.set_own_password(one, "another refund of the lottery")
    assert access.session(one.secret) is not None
    assert access.session(two.secret) is None
    assert accounts.by_password("chen", WORDS) is None
    accounts.set_password(by, "chen", WORDS)
    assert access.session(one.secret) is None
    three = opened(made)
    accounts.clear_password(by, "chen")
    assert access.session(three.secret) is None
    with pytest.raises(NotFound):
        accounts.clear_password(by, "chen")


def test_credentials_are_changed_only_soon_after_logging_in(made: Made) -> None:
    with_password(made, "chen", Role.ANALYST)
    session = opened(made)
    made.now += timedelta(minutes=FRESH_MINUTES, seconds=1)
    changes: list[Callable[[], object]] = [
        lambda: made.node.accounts.set_own_password(session, "another refund of the lottery"),
        lambda: made.node.accounts.begin_own_enrolment(session),
        lambda: made.node.accounts.confirm_own_enrolment(session, "123456"),
    ]
    for change in changes:
        with pytest.raises(NotAllowed, match="log in again"):
            change()
    made.node.accounts.set_own_password(opened(made), "another refund of the lottery")


def test_a_second_factor_is_asked_of_every_way_in(made: Made) -> None:
    with_password(made, "chen", Role.REVIEWER)
    token = made.node.access.issue_token(made.node.access.operator(), "chen")
    secret, _ = enrolled(made, "chen")
    made.now += timedelta(minutes=1)
    session = finish(made, half(made), code(made, secret))
    assert session is not None
    assert (session.caller.mfa, session.caller.login) == (True, Login.PASSWORD)
    made.now += timedelta(minutes=1)
    by_token = made.node.accounts.by_token(token)
    assert isinstance(by_token, NeedsCode)
    session = finish(made, by_token.half, code(made, secret))
    assert session is not None
    assert session.caller.login is Login.TOKEN
    again = made.node.access.session(session.secret)
    assert again is not None
    assert again.caller.mfa


def test_a_code_works_once_and_so_does_the_one_that_enrolled(made: Made) -> None:
    with_password(made, "chen", Role.REVIEWER)
    secret, _ = enrolled(made, "chen")
    waiting = half(made)
    assert finish(made, waiting, code(made, secret)) is None, "it was used for the enrolment"
    made.now += timedelta(seconds=30)
    typed = code(made, secret)
    assert finish(made, waiting, typed) is not None
    assert finish(made, waiting, typed) is None
    made.now += timedelta(seconds=30)
    assert finish(made, waiting, typed) is None, "still in the window, and used"
    refused = made.node.store.audit.read(act="session.code")
    assert [row.outcome for row in refused] == ["refused"] * 3
    assert all(typed not in str(row) for row in refused)


def test_a_recovery_code_works_once(made: Made) -> None:
    with_password(made, "chen", Role.REVIEWER)
    _, codes = enrolled(made, "chen")
    assert finish(made, half(made), codes[3].upper()) is not None
    assert finish(made, half(made), codes[3]) is None
    assert finish(made, half(made), codes[4].replace("-", " ")) is not None
    assert made.node.accounts.of(opened_caller(made)).recovery_left == len(codes) - 2


def opened_caller(made: Made) -> Caller:
    return made.node.access.operator("chen")


def test_half_a_log_in_is_no_session_ages_and_cannot_be_made_up(made: Made) -> None:
    with_password(made, "chen", Role.REVIEWER)
    enrolled(made, "chen")
    text = half(made)
    assert made.node.access.session(text) is None
    accounts = made.node.accounts
    for junk in ("", "x", text[:-8], text[:-8] + "AAAAAAA=", "é", "A" * 5_000):
        assert accounts.half(junk) is None
    made.now += timedelta(seconds=HALF_SECONDS + 1)
    assert accounts.half(text) is None


def test_somebody_disabled_meanwhile_does_not_finish(made: Made) -> None:
    with_password(made, "chen", Role.REVIEWER)
    secret, _ = enrolled(made, "chen")
    text = half(made)
    made.node.access.disable_user(made.node.access.operator(), "chen")
    made.now += timedelta(seconds=30)
    assert finish(made, text, code(made, secret)) is None


def test_enrolling_by_oneself(made: Made) -> None:
    with_password(made, "chen", Role.REVIEWER)
    accounts, access = made.node.accounts, made.node.access
    session, elsewhere = opened(made), opened(made)
    user = access.named("chen")
    assert accounts.enrolment(user) is None
    accounts.begin_own_enrolment(session)
    shown = accounts.enrolment(user)
    assert shown is not None
    with pytest.raises(BadInput, match="code"):
        accounts.confirm_own_enrolment(session, "000000")
    assert isinstance(accounts.by_password("chen", WORDS), Opened), "not confirmed, not asked for"
    codes, stronger = accounts.confirm_own_enrolment(session, code(made, secret_of(shown.spelt)))
    assert len(codes) == 10
    assert stronger is not None
    assert stronger.caller.mfa
    assert stronger.secret != session.secret
    assert access.session(session.secret) is None
    assert access.session(elsewhere.secret) is None
    with pytest.raises(Conflict):
        accounts.begin_own_enrolment(stronger)


def test_an_enrolment_left_lying_is_over(made: Made) -> None:
    with_password(made, "chen", Role.REVIEWER)
    accounts, by = made.node.accounts, made.node.access.operator()
    secret = secret_of(accounts.enrol(by, "chen").spelt)
    made.now += timedelta(seconds=ENROL_SECONDS + 1)
    user = made.node.access.named("chen")
    assert accounts.enrolment(user) is None
    with pytest.raises(BadInput, match="again"):
        accounts.confirm_enrolment(by, user, code(made, secret))


def test_removing_and_renewing_need_a_code_and_resetting_an_operator(made: Made) -> None:
    with_password(made, "chen", Role.REVIEWER)
    secret, old = enrolled(made, "chen")
    accounts = made.node.accounts
    made.now += timedelta(seconds=30)
    session = finish(made, half(made), code(made, secret))
    assert session is not None
    acts: list[Callable[[Opened, str], object]] = [
        accounts.new_recovery_codes,
        accounts.remove_second_factor,
    ]
    for act in acts:
        with pytest.raises(NotAllowed):
            act(session, code(made, secret))  # used a moment ago
    made.now += timedelta(seconds=30)
    new = accounts.new_recovery_codes(session, code(made, secret))
    assert not set(new) & set(old)
    assert finish(made, half(made), old[0]) is None
    accounts.remove_second_factor(session, new[0])
    again = opened(made)
    enrolled(made, "chen")
    with pytest.raises(NotAllowed):
        accounts.reset_second_factor(again.caller, "chen")
    accounts.reset_second_factor(made.node.access.operator(), "chen")
    assert made.node.access.session(again.secret) is None
    assert isinstance(accounts.by_password("chen", WORDS), Opened)
    with pytest.raises(NotFound):
        accounts.reset_second_factor(made.node.access.operator(), "chen")


def test_only_ones_own_sessions_and_tokens(made: Made) -> None:
    with_password(made, "chen", Role.REVIEWER)
    with_password(made, "bo", Role.REVIEWER)
    accounts, access, by = made.node.accounts, made.node.access, made.node.access.operator()
    chen, bo = opened(made), opened(made, "bo")
    token = access.issue_token(by, "bo").split("_")[1]
    with pytest.raises(NotFound):
        accounts.close_own_session(chen, bo.digest.hex())
    with pytest.raises(NotFound):
        accounts.revoke_own_token(chen, token)
    assert access.session(bo.secret) is not None
    assert [kept.id for kept in accounts.of(bo.caller).tokens] == [token]
    accounts.revoke_own_token(bo, token)
    assert accounts.of(bo.caller).tokens == ()
    accounts.close_own_session(bo, bo.digest.hex())
    assert access.session(bo.secret) is None


def test_a_role_that_needs_a_second_factor_does_not_count_without_one(made: Made) -> None:
    with_password(made, "chen", Role.REVIEWER, Role.ANALYST)
    token = made.node.access.issue_token(made.node.access.operator(), "chen")
    settings = made.node.data / "settings.toml"
    lines = settings.read_text("utf-8").replace(
        "second_factor_roles = []", 'second_factor_roles = ["reviewer"]'
    )
    settings.write_text(lines, "utf-8")
    node = Node(made.node.data, clock=made.clock)
    try:
        weak = node.accounts.by_password("chen", WORDS)
        assert isinstance(weak, Opened)
        assert weak.caller.roles == {Role.ANALYST}
        assert weak.caller.withheld == {Role.REVIEWER}
        with pytest.raises(NotAllowed, match="second factor"):
            node.access.require(weak.caller, "share.publish")
        by_token = node.access.authenticate(token)
        assert by_token is not None
        assert by_token.roles == {Role.ANALYST}, "a stolen token is not worth more than a stolen password"
        node.accounts.begin_own_enrolment(weak)
        shown = node.accounts.enrolment(node.access.named("chen"))
        assert shown is not None
        _, strong = node.accounts.confirm_own_enrolment(weak, code(made, secret_of(shown.spelt)))
        assert strong is not None
        assert strong.caller.roles == {Role.ANALYST, Role.REVIEWER}
        assert node.access.operator("chen").roles == {Role.ANALYST, Role.REVIEWER}
    finally:
        node.close()


def test_nothing_secret_is_audited_and_nothing_lies_open_in_the_store(made: Made) -> None:
    with_password(made, "chen", Role.REVIEWER)
    secret, codes = enrolled(made, "chen")
    kept = made.node.store.credentials.totp(made.node.access.named("chen").id)
    assert kept is not None
    assert secret not in kept.sealed
    trail = "".join(map(str, made.node.store.audit.read()))
    assert WORDS not in trail
    assert not any(one in trail for one in codes)
    assert [row.act for row in made.node.store.audit.read(limit=2)] == ["second-factor.enrol", "password.set"]
