"""A restricted case: sealed to its members, closed to the node, given on by members, and never lost while they come."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.console import token_for
from tests.fixtures import Made
from tests.member_queue import (
    PASSPHRASE,
    QUEUE,
    at_console,
    name_members,
    quick_keys,
    reopened,
    two_members,
)
from tocsin.app.member_keys import MAX_WRONG, UNLOCK_MINUTES, WRONG_MINUTES, fingerprint
from tocsin.kernel import BadInput, Caller, Conflict, Means, NotAllowed, NotFound, Role
from tocsin.store.case_key_interface import NODE
from tocsin.trust.boxes import Box
from tocsin.trust.locked_keys import unlock

__all__ = ["quick_keys"]

pytestmark = pytest.mark.usefixtures("quick_keys")

WORDS = "case/c1/words"


def closed(made: Made, case_id: str = "c1", queue: str = QUEUE) -> bytes:
    seal = made.node.case_keys.make(case_id, made.node.queues.get(queue))
    return seal.close(b"lottery refund", f"case/{case_id}/words")


def holders(made: Made, case_id: str = "c1") -> set[str]:
    return {copy.holder for copy in made.node.store.case_keys.copies(case_id)}


def test_a_case_opens_for_each_member_and_for_nobody_else(made: Made) -> None:
    ana, bold = two_members(made)
    sealed = closed(made)
    for member in (ana, bold):
        assert made.node.case_keys.opened(member, "c1").open(sealed, WORDS) == b"lottery refund"
    assert not made.node.case_keys.waits("c1")
    for name, role in (("chen", Role.REVIEWER), ("dorj", Role.ANALYST)):
        token_for(made, name, role)
        told = set()
        for case_id in ("c1", "c9"):
            with pytest.raises(NotFound) as refused:
                made.node.case_keys.opened(at_console(made.node, name), case_id)
            told.add(refused.value.message.replace(case_id, "it"))
        assert len(told) == 1
    with pytest.raises(NotFound):
        made.node.case_keys.for_node("c1")


def test_who_has_the_folder_and_the_program_has_no_copy(made: Made) -> None:
    """All that lies there: two copies to members' keys, whose private halves the node's own keys do not open."""
    ana, _ = two_members(made)
    closed(made)
    reopened(made)  # nothing is open in memory
    store, keys = made.node.store.case_keys, made.node.keys
    assert len(holders(made)) == 2
    assert NODE not in holders(made)
    (member,) = store.members(ana.user)
    for copy in store.copies("c1"):
        for secret in (keys._master, keys._cases, keys._of_case("c1")):
            with pytest.raises(Exception, match="does not open"):
                Box(secret).open(copy.wrapped, f"case-key/c1/{copy.holder}")
        with pytest.raises(Exception, match="does not open"):
            keys.unwrapped_by_node("c1", copy.wrapped)
    with pytest.raises(Exception, match="does not open"):
        unlock(member.sealed, "admin", f"member/{member.id}/{ana.user}")
    with pytest.raises(NotAllowed, match="open it with your passphrase"):
        made.node.case_keys.opened(at_console(made.node, "ana"), "c1")


def test_a_key_is_open_for_a_while_in_a_session_and_not_by_a_token(made: Made) -> None:
    ana, _ = two_members(made)
    closed(made)
    token = Caller(user=ana.user, name="ana", roles=ana.roles, means=Means.TOKEN)
    with pytest.raises(NotAllowed, match="open it with"):
        made.node.case_keys.opened(token, "c1")
    with pytest.raises(NotAllowed, match="console"):
        made.node.case_keys.unlock(token, PASSPHRASE)
    made.now += timedelta(minutes=UNLOCK_MINUTES)
    with pytest.raises(NotAllowed, match="open it with"):
        made.node.case_keys.opened(ana, "c1")
    made.node.case_keys.unlock(ana, PASSPHRASE)
    made.node.case_keys.opened(ana, "c1")
    made.node.case_keys.lock(ana)
    with pytest.raises(NotAllowed, match="open it with"):
        made.node.case_keys.opened(ana, "c1")


def test_guesses_are_counted_and_no_passphrase_is_written_down(
    made: Made, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, _ = two_members(made)
    monkeypatch.setattr("tocsin.app.member_keys.MAX_WRONG", 2)
    for _ in range(2):
        with pytest.raises(NotAllowed, match="does not open your key"):
            made.node.case_keys.unlock(ana, "lottery refund at the first door")
    with pytest.raises(NotAllowed, match="wait 15 minutes"):
        made.node.case_keys.unlock(ana, PASSPHRASE)
    made.now += timedelta(minutes=WRONG_MINUTES, seconds=1)
    made.node.case_keys.unlock(ana, PASSPHRASE)
    rows = made.node.store.audit.read(who=ana.user)
    assert [row.outcome for row in rows if row.act == "case.member.unlock"].count("refused") == 2
    assert all("lottery" not in f"{row}" for row in rows)
    assert MAX_WRONG < 10


def test_until_members_have_keys_a_case_waits_at_the_node_and_is_then_theirs(made: Made) -> None:
    for name in ("ana", "bold", "chen"):
        token_for(made, name, Role.REVIEWER)
    name_members(made.node.data, "ana", "bold")
    node = reopened(made)
    ana, bold, chen = (at_console(node, name) for name in ("ana", "bold", "chen"))
    sealed = closed(made)  # taken, with no member's key there
    assert node.case_keys.waits("c1")
    assert node.case_keys.opened(ana, "c1").open(sealed, WORDS) == b"lottery refund"
    with pytest.raises(NotFound):
        node.case_keys.opened(chen, "c1")
    with pytest.raises(NotFound):
        node.case_keys.for_node("c1")
    node.member_keys.add(ana, PASSPHRASE)
    closed(made, "c2")
    assert node.case_keys.waits("c2")  # one key is not enough: a forgotten passphrase would end it
    with pytest.raises(BadInput, match="two members with keys"):
        node.case_keys.hand_over(ana, QUEUE)
    with pytest.raises(NotAllowed, match="members of child-safety"):
        node.case_keys.hand_over(chen, QUEUE)
    with pytest.raises(BadInput, match="open queue"):
        node.case_keys.hand_over(ana, "general")
    node.member_keys.add(bold, PASSPHRASE)
    assert node.case_keys.hand_over(bold, QUEUE) == 2
    assert node.case_keys.hand_over(bold, QUEUE) == 0
    assert not node.case_keys.waits("c1")
    node.case_keys.unlock(ana, PASSPHRASE)
    assert node.case_keys.opened(ana, "c1").open(sealed, WORDS) == b"lottery refund"


def test_a_new_member_is_given_every_case_by_a_member_and_not_by_who_runs_the_node(made: Made) -> None:
    ana, _ = two_members(made, "chen")
    node = made.node
    sealed = closed(made)
    chen = at_console(node, "chen")
    node.member_keys.add(chen, PASSPHRASE)
    closed(made, "c2")  # named in the file with a key of their own, and still not let in
    node.case_keys.unlock(chen, PASSPHRASE)
    for case_id in ("c1", "c2"):
        with pytest.raises(NotAllowed, match="another member gives it"):
            node.case_keys.opened(chen, case_id)
    with pytest.raises(NotAllowed, match="not let in yet"):
        node.case_keys.give(chen, QUEUE, "chen")
    with pytest.raises(NotAllowed, match="a person does this"):
        node.case_keys.give(node.access.operator(), QUEUE, "chen")
    assert node.case_keys.give(ana, QUEUE, "chen") == 2
    assert node.case_keys.opened(chen, "c1").open(sealed, WORDS) == b"lottery refund"
    closed(made, "c3")
    assert len(holders(made, "c3")) == 3
    said = node.store.audit.read(act="case.member.give")[0]
    assert (said.subject, said.purpose) == ("chen", QUEUE)
    assert fingerprint(node.store.case_keys.members(chen.user)[0]) in str(said.detail["keys"])
    assert set(said.detail) == {"keys"}


def test_by_the_command_line_a_member_opens_the_key_for_one_act(made: Made) -> None:
    ana, _ = two_members(made, "chen")
    made.node.member_keys.add(at_console(made.node, "chen"), PASSPHRASE)
    closed(made)
    token = Caller(user=ana.user, name="ana", roles=ana.roles, means=Means.TOKEN)
    with pytest.raises(NotAllowed, match="open it with"):
        made.node.case_keys.give(token, QUEUE, "chen")
    assert made.node.case_keys.give(token, QUEUE, "chen", PASSPHRASE) == 1


def test_who_leaves_opens_nothing_any_more_and_the_last_one_stays(made: Made) -> None:
    ana, bold = two_members(made)
    closed(made)
    token_for(made, "chen", Role.REVIEWER)
    with pytest.raises(NotAllowed):
        made.node.case_keys.remove(at_console(made.node, "chen"), "bold")
    made.node.case_keys.remove(made.node.access.operator(), "bold")
    with pytest.raises(NotAllowed, match="open it with"):
        made.node.case_keys.opened(bold, "c1")
    with pytest.raises(NotFound, match="no key yet"):
        made.node.case_keys.unlock(bold, PASSPHRASE)
    assert len(holders(made)) == 1
    for by in (ana, made.node.access.operator()):
        with pytest.raises(BadInput, match="the last whose key opens child-safety"):
            made.node.case_keys.remove(by, "ana")
    closed(made, "c2")
    assert made.node.case_keys.waits("c2")  # again one key is not enough
    made.node.member_keys.add(bold, PASSPHRASE)
    assert made.node.case_keys.give(ana, QUEUE, "bold") == 2
    made.node.case_keys.unlock(bold, PASSPHRASE)
    for case_id in ("c1", "c2"):
        made.node.case_keys.opened(bold, case_id)


def test_who_is_no_longer_named_in_the_queue_sees_nothing_of_it(made: Made) -> None:
    two_members(made, "chen")
    closed(made)
    name_members(made.node.data, "ana", "chen")
    node = reopened(made)
    with pytest.raises(NotFound):
        node.case_keys.opened(at_console(node, "bold"), "c1")
    assert [one.user for one in node.case_keys.holders(node.queues.get(QUEUE))] == [
        at_console(node, "ana").user
    ]


def test_a_case_goes_into_a_restricted_queue_and_a_member_takes_it_out(made: Made) -> None:
    ana, _ = two_members(made)
    token_for(made, "chen", Role.ANALYST)
    chen, node = at_console(made.node, "chen"), made.node
    sealed = closed(made, queue="general")
    node.case_keys.rewrap(chen, "c1", node.queues.get(QUEUE))
    assert NODE not in holders(made)
    with pytest.raises(NotFound):
        node.case_keys.opened(chen, "c1")
    with pytest.raises(NotFound):
        node.case_keys.rewrap(chen, "c1", node.queues.get("general"))
    added = node.case_keys.leave("c1", b"one thing more", "added/1")  # from outside, with no key at hand
    assert node.case_keys.left(ana, "c1", added, "added/1") == b"one thing more"
    node.case_keys.rewrap(ana, "c1", node.queues.get("general"))
    assert node.case_keys.opened(chen, "c1").open(sealed, WORDS) == b"lottery refund"


def test_a_passphrase_is_changed_by_who_knows_it(made: Made) -> None:
    ana, _ = two_members(made)
    new = "another refund at the second door"
    with pytest.raises(NotAllowed):
        made.node.member_keys.change_passphrase(ana, new, new)
    made.node.member_keys.change_passphrase(ana, PASSPHRASE, new)
    assert made.node.member_keys.held(ana) is None
    made.node.case_keys.unlock(ana, new)
    with pytest.raises(Conflict, match="you have a key"):
        made.node.member_keys.add(ana, PASSPHRASE)
    for machine in (made.node.access.operator(), Caller(user="x", name="x", roles=frozenset({Role.PEER}))):
        with pytest.raises(NotAllowed, match="a person"):
            made.node.member_keys.add(machine, PASSPHRASE)


def test_members_of_a_backup_need_their_passphrases(made: Made, tmp_path: Path) -> None:
    ana, _ = two_members(made)
    sealed = closed(made)
    made.node.store.snapshot(tmp_path / "copy")
    reopened(made)
    ana = at_console(made.node, "ana")
    made.node.case_keys.unlock(ana, PASSPHRASE)
    assert made.node.case_keys.opened(ana, "c1").open(sealed, WORDS) == b"lottery refund"
