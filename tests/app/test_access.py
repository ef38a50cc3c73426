"""Access: what is refused is audited; sessions are for people and end."""

from datetime import timedelta

import msgspec
import pytest

from tests.fixtures import Made
from tocsin.app.access import Opened
from tocsin.app.node import Node
from tocsin.kernel import BadInput, Caller, Conflict, Login, Means, NotAllowed, NotFound, Role


def caller(made: Made, name: str, *roles: Role) -> Caller:
    made.node.access.add_user(made.node.access.operator(), name, roles)
    return made.node.access.operator(name)


def entered(made: Made, token: str) -> Opened:
    opened = made.node.accounts.by_token(token)
    assert isinstance(opened, Opened)
    return opened


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
        assert made.node.accounts.by_token(access.issue_token(by, name)) is None
    assert made.node.accounts.by_token("tocsin_" + "0" * 12 + "_" + "A" * 43) is None


def test_a_session_ends_by_itself_by_log_out_and_with_its_user(made: Made) -> None:
    access = made.node.access
    caller(made, "chen", Role.ANALYST)
    token = access.issue_token(access.operator(), "chen")
    one, two, three = (entered(made, token) for _ in range(3))
    assert len({one.secret, two.secret, three.secret, one.csrf, two.csrf, three.csrf}) == 6
    access.close_session(one.secret)
    assert access.session(one.secret) is None
    assert access.session(two.secret) is not None
    made.now += timedelta(hours=13)
    assert access.session(two.secret) is None
    four = entered(made, token)
    access.disable_user(access.operator(), "chen")
    assert access.session(four.secret) is None


def test_a_session_does_not_outlive_the_last_token(made: Made) -> None:
    access = made.node.access
    caller(made, "chen", Role.ANALYST)
    tokens = [access.issue_token(access.operator(), "chen") for _ in range(2)]
    opened = entered(made, tokens[0])
    access.revoke_token(access.operator(), tokens[0].split("_")[1])
    assert access.session(opened.secret) is not None
    access.revoke_token(access.operator(), tokens[1].split("_")[1])
    assert access.session(opened.secret) is None


def test_disabling_closes_sessions_and_enabling_lets_in_again(made: Made) -> None:
    access, by = made.node.access, made.node.access.operator()
    caller(made, "chen", Role.ANALYST)
    token = access.issue_token(by, "chen")
    opened = entered(made, token)
    access.disable_user(by, "chen")
    access.enable_user(by, "chen")
    assert access.session(opened.secret) is None, "a session that was ended stays ended"
    assert entered(made, token).caller.name == "chen"


def test_roles_change_at_once_and_the_command_line_keeps_its_admin(made: Made) -> None:
    access, by = made.node.access, made.node.access.operator()
    caller(made, "chen", Role.ANALYST)
    opened = entered(made, access.issue_token(by, "chen"))
    access.set_roles(by, "chen", (Role.REVIEWER,))
    again = access.session(opened.secret)
    assert again is not None
    assert again.caller.roles == {Role.REVIEWER}
    with pytest.raises(BadInput, match="admin"):
        access.set_roles(by, "admin", (Role.AUDITOR,))
    with pytest.raises(BadInput, match="role"):
        access.set_roles(by, "chen", ())
    with pytest.raises(NotAllowed):
        access.set_roles(opened.caller, "chen", (Role.ADMIN,))


def test_a_token_is_not_a_persons_presence(made: Made) -> None:
    access = made.node.access
    by_token = access.authenticate(made.token)
    assert by_token is not None
    by_person, operator = entered(made, made.token).caller, access.operator()
    assert [one.means for one in (by_token, by_person, operator)] == [
        Means.TOKEN,
        Means.SESSION,
        Means.OPERATOR,
    ]
    assert [one.present for one in (by_token, by_person, operator)] == [False, True, False]
    assert by_token.user == by_person.user == operator.user, "the id is the person's, whichever way"
    second = access.authenticate(access.issue_token(operator, "admin"))
    assert second is not None
    assert access.distinct_people([by_token.user, by_person.user, second.user]) == {operator.user}


def test_two_accounts_of_one_human_are_one_person(made: Made) -> None:
    access, people = made.node.access, made.node.store.people
    first, second, third = (caller(made, name, Role.REVIEWER).user for name in ("a", "b", "c"))
    assert access.distinct_people([first, second, third]) == {first, second, third}
    user = people.user(second)
    assert user is not None
    people.replace_user(msgspec.structs.replace(user, same_as=first))
    assert access.distinct_people([first, second]) == {first}
    assert access.distinct_people([first, second, third]) == {first, third}
    user = people.user(first)
    assert user is not None
    people.replace_user(msgspec.structs.replace(user, same_as=second))
    assert len(access.distinct_people([first])) == 1, "a ring ends"


def test_a_refusal_names_the_rule_of_an_own_policy(made: Made) -> None:
    folder = made.node.data / "policies"
    folder.mkdir()
    (folder / "mfa.cedar").write_text(
        '@id("ours.mfa") forbid (principal, action == Action::"share.publish", resource)\n'
        "unless { principal.mfa };"
    )
    node = Node(made.node.data, clock=made.clock)
    try:
        opened = node.accounts.by_token(made.token)
        assert isinstance(opened, Opened)
        with pytest.raises(NotAllowed, match=r"ours\.mfa"):
            node.access.require(opened.caller, "share.publish")
        assert node.access.may(opened.caller, "share.preview")
        assert node.store.audit.read(act="share.publish")[0].detail == {"rules": "ours.mfa"}
        strong = node.access.open_session(opened.caller.user, Login.TOKEN, mfa=True)
        assert strong is not None
        assert node.access.may(strong.caller, "share.publish")
    finally:
        node.close()
