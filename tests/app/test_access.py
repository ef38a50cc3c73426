"""Access: what is refused is audited; sessions are for people and end."""

from datetime import timedelta

import pytest

from tests.fixtures import Made
from tocsin.kernel import BadInput, Caller, Conflict, NotAllowed, NotFound, Role


def caller(made: Made, name: str, *roles: Role) -> Caller:
    made.node.access.add_user(made.node.access.operator(), name, roles)
    return made.node.access.operator(name)


def test_a_refusal_leaves_a_trace(made: Made) -> None:
    eye = caller(made, "eye", Role.AUDITOR)
    with pytest.raises(NotAllowed, match=r"user\.manage"):
        made.node.access.add_user(eye, "friend", (Role.ADMIN,))
    assert [(row.who, row.outcome) for row in made.node.store.audit.read(act="user.manage")] == [
        (eye.user, "refused")
    ]


def test_every_act_on_people_is_audited(made: Made) -> None:
    access, by = made.node.access, made.node.access.operator()
    access.add_user(by, "chen", (Role.ANALYST,))
    token = access.issue_token(by, "chen", label="laptop")
    access.revoke_token(by, token.split("_")[1])
    access.disable_user(by, "chen")
    acts = [row.act for row in made.node.store.audit.read(who=by.user)]
    assert acts[:4] == ["user.disable", "token.revoke", "token.issue", "user.add"]
    assert all(token not in str(row) for row in made.node.store.audit.read())


@pytest.mark.parametrize("name", ["", "a:b", "x" * 65, "line\nbreak"])
def test_a_bad_name_is_refused(made: Made, name: str) -> None:
    with pytest.raises(BadInput):
        made.node.access.add_user(made.node.access.operator(), name, (Role.ANALYST,))


def test_a_taken_name_no_role_and_nobody(made: Made) -> None:
    access, by = made.node.access, made.node.access.operator()
    with pytest.raises(Conflict):
        access.add_user(by, "admin", (Role.ADMIN,))
    with pytest.raises(BadInput, match="role"):
        access.add_user(by, "chen", ())
    with pytest.raises(NotFound):
        access.issue_token(by, "nobody")


def test_machines_get_no_session(made: Made) -> None:
    access, by = made.node.access, made.node.access.operator()
    for name, role in (("gate", Role.SOURCE), ("far", Role.PEER)):
        access.add_user(by, name, (role,))
        assert access.open_session(access.issue_token(by, name)) is None
    assert access.open_session("tocsin_" + "0" * 12 + "_" + "A" * 43) is None


def test_a_session_ends_by_itself_by_log_out_and_with_its_user(made: Made) -> None:
    access = made.node.access
    caller(made, "chen", Role.ANALYST)
    token = access.issue_token(access.operator(), "chen")
    one, two, three = (access.open_session(token) for _ in range(3))
    assert one
    assert two
    assert three
    assert len({one.secret, two.secret, three.secret, one.csrf, two.csrf, three.csrf}) == 6
    access.close_session(one.secret)
    assert access.session(one.secret) is None
    assert access.session(two.secret) is not None
    made.now += timedelta(hours=13)
    assert access.session(two.secret) is None
    four = access.open_session(token)
    assert four
    access.disable_user(access.operator(), "chen")
    assert access.session(four.secret) is None


def test_a_session_does_not_outlive_the_last_token(made: Made) -> None:
    access = made.node.access
    caller(made, "chen", Role.ANALYST)
    tokens = [access.issue_token(access.operator(), "chen") for _ in range(2)]
    opened = access.open_session(tokens[0])
    assert opened is not None
    access.revoke_token(access.operator(), tokens[0].split("_")[1])
    assert access.session(opened.secret) is not None
    access.revoke_token(access.operator(), tokens[1].split("_")[1])
    assert access.session(opened.secret) is None
