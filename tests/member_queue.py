"""A restricted queue with members and their keys, as tests meet it."""

from pathlib import Path

import pytest

from tests.console import token_for
from tests.fixtures import Made
from tocsin.app.node import Node
from tocsin.kernel import Caller, Means, Role
from tocsin.trust import locked_keys

PASSPHRASE = "lottery refund at the third door"
QUEUE = "child-safety"


@pytest.fixture
def quick_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Passphrases stretched by little: each key carries how, and `trust.test_locked_keys` does it in full."""
    monkeypatch.setattr(locked_keys, "MEMORY_KIB", 64)


def at_console(node: Node, name: str) -> Caller:
    """A user at the console of whichever node was opened over the same data."""
    user = node.access.named(name)
    opened = node.access.standing(user.id)
    assert opened is not None
    return Caller(user=user.id, name=name, roles=frozenset(user.roles), means=Means.SESSION)


def name_members(data: Path, *names: str) -> None:
    """Say who is in the restricted queue; read when the node is opened."""
    folder = data / "queues"
    folder.mkdir(exist_ok=True)
    listed = ", ".join(names)
    (folder / f"{QUEUE}.yaml").write_text(
        f"name: {{en: Child safety, zh: 儿童安全}}\nrestricted: true\nmembers: [{listed}]\ntakes: [child-material]\n",
        "utf-8",
    )


def reopened(made: Made) -> Node:
    """The node anew, as after a restart: nothing is unlocked and files are read again."""
    made.node.close()
    made.node = Node(made.node.data, clock=made.clock)
    return made.node


def two_members(made: Made, *more: str) -> tuple[Caller, Caller]:
    """ana and bold with keys, let in, and open."""
    for name in ("ana", "bold", *more):
        token_for(made, name, Role.REVIEWER)
    name_members(made.node.data, "ana", "bold", *more)
    node = reopened(made)
    ana, bold = at_console(node, "ana"), at_console(node, "bold")
    for one in (ana, bold):
        node.member_keys.add(one, PASSPHRASE)
    node.case_keys.hand_over(ana, QUEUE)
    for one in (ana, bold):
        node.case_keys.unlock(one, PASSPHRASE)
    return ana, bold
