"""What is told of members and of queues without enough keys: the same whether a case waits or not."""

import pytest

from tests.console import token_for
from tests.fixtures import Made
from tests.member_queue import PASSPHRASE, QUEUE, at_console, name_members, quick_keys, reopened, two_members
from tocsin.app.case_member_views import members_view
from tocsin.app.doctor import Finding, examine
from tocsin.kernel import Role

__all__ = ["quick_keys"]

pytestmark = pytest.mark.usefixtures("quick_keys")


def queues_said(made: Made) -> Finding:
    (found,) = (one for one in examine(made.node) if one.name == "restricted queues")
    return found


def test_members_are_listed_with_their_keys_and_whether_those_were_let_in(made: Made) -> None:
    two_members(made, "chen", "dorj")
    node = made.node
    node.member_keys.add(at_console(node, "chen"), PASSPHRASE)
    found = members_view(node.store, node.queues.all(), node.case_keys)
    assert [(one.member, bool(one.fingerprint), one.since is not None) for one in found] == [
        ("ana", True, True),
        ("bold", True, True),
        ("chen", True, False),
        ("dorj", False, False),
    ]


def test_the_doctor_says_which_queue_has_too_few_keys_and_not_whether_anything_waits(made: Made) -> None:
    fresh = queues_said(made)
    assert fresh.ok  # nobody uses it yet
    assert "child-safety: 0 members" in fresh.detail
    for name in ("ana", "bold"):
        token_for(made, name, Role.REVIEWER)
    name_members(made.node.data, "ana", "bold")
    reopened(made)
    before = queues_said(made)
    assert not before.ok
    assert "child-safety: 2 members, 0 keys" in before.detail
    made.node.case_keys.make("c1", made.node.queues.get(QUEUE))
    assert queues_said(made) == before
    for name in ("ana", "bold"):
        made.node.member_keys.add(at_console(made.node, name), PASSPHRASE)
    made.node.case_keys.hand_over(at_console(made.node, "ana"), QUEUE)
    assert queues_said(made) == Finding("restricted queues", True, "sealed to their members")
