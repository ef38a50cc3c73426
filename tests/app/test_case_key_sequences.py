"""Whatever members do in whatever order: no case is lost, none that is sealed has a copy for the node, and whose key is
let in opens all of them."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.console import token_for
from tests.fixtures import Made
from tests.member_queue import PASSPHRASE, QUEUE, at_console, name_members, quick_keys
from tocsin.app.case_keys import WAITING
from tocsin.app.node import Node
from tocsin.kernel import Caller, Role, TocsinError
from tocsin.store.case_key_interface import NODE

__all__ = ["quick_keys"]

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NAMES = ("ana", "bold", "chen", "dorj")
WHO = st.sampled_from(NAMES)
ASKED = ("make", "make", "give", "give", "remove", "add", "hand over", "out", "in")
OPS = st.lists(st.tuples(st.sampled_from(ASKED), WHO, WHO), min_size=10, max_size=40)


@pytest.fixture(scope="module")
def furnished(prepared: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node whose restricted queue names four people, none of whom has a key."""
    made = Made(shutil.copytree(prepared[0], tmp_path_factory.mktemp("keys") / "node"), NOW, prepared[1])
    for name in NAMES:
        token_for(made, name, Role.REVIEWER)
    made.node.close()
    name_members(made.node.data, *NAMES)
    return made.node.data


def step(node: Node, what: str, one: str, other: str, number: int) -> None:
    """One act; who may not is refused, and nothing follows from it."""
    by, keys = at_console(node, one), node.case_keys
    cases = [lock.case for lock in node.store.case_keys.locks(QUEUE)]
    outside = [lock.case for lock in node.store.case_keys.locks("general")]
    acts: dict[str, Callable[[], object]] = {
        "make": lambda: keys.make(f"c{number}", node.queues.get(QUEUE)),
        "give": lambda: keys.give(by, QUEUE, other, PASSPHRASE),
        "remove": lambda: keys.remove(by if number % 2 else node.access.operator(), one),
        "add": lambda: node.member_keys.add(by, PASSPHRASE),
        "hand over": lambda: keys.hand_over(by, QUEUE),
        "out": lambda: moved(node, by, cases, "general"),
        "in": lambda: moved(node, by, outside, QUEUE),
    }
    try:
        acts[what]()
    except TocsinError:
        return
    if what == "add":
        keys.unlock(by, PASSPHRASE)


def moved(node: Node, by: Caller, cases: list[str], queue: str) -> None:
    """The first of these cases into another queue."""
    for case_id in cases[:1]:
        node.case_keys.rewrap(by, case_id, node.queues.get(queue))


@pytest.mark.usefixtures("quick_keys")
@settings(
    max_examples=3,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(ops=OPS)
def test_no_case_is_lost_and_none_is_open_to_the_node(
    furnished: Path, tmp_path_factory: pytest.TempPathFactory, ops: list[tuple[str, str, str]]
) -> None:
    node = Node(shutil.copytree(furnished, tmp_path_factory.mktemp("run") / "node"), clock=lambda: NOW)
    founding = [
        ("add", "ana", "ana"),
        ("make", "ana", "ana"),
        ("add", "bold", "bold"),
        ("hand over", "ana", "ana"),
    ]
    made, let_in = 0, dict[str, str]()
    for number, (what, one, other) in enumerate([*founding, *ops]):
        step(node, what, one, other, number)
        made += what == "make"
        queue = node.queues.get(QUEUE)
        let_in = {key.id: key.user for key in node.case_keys.holders(queue)}
        for lock in node.store.case_keys.locks(QUEUE):
            holders = {copy.holder for copy in node.store.case_keys.copies(lock.case)}
            assert holders
            assert NODE not in holders
            assert holders == {WAITING} or holders == set(let_in)
    assert len(node.store.case_keys.cases()) == made
    for lock in node.store.case_keys.locks(QUEUE):
        for name in NAMES:
            by = at_console(node, name)
            if by.user in let_in.values():
                node.case_keys.opened(by, lock.case)
    node.close()
