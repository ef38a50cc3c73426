"""Which case here is part of which joint case: one at most, and both ways round."""

import pytest

from tests.contracts.store.samples import START
from tocsin.kernel import Conflict
from tocsin.store import Store

JOINT = "sha256:" + "1" * 64
OTHER = "sha256:" + "2" * 64


def test_a_case_is_part_of_one_joint_case(store: Store) -> None:
    store.joint_cases.link("case_b", JOINT, START)
    store.joint_cases.link("case_a", JOINT, START + 1)
    assert store.joint_cases.cases_of(JOINT) == ("case_a", "case_b")
    with pytest.raises(Conflict, match="already"):
        store.joint_cases.link("case_a", OTHER, START + 2)
    assert store.joint_cases.cases_of(OTHER) == ()


def test_what_fails_beside_it_takes_it_back(store: Store) -> None:
    store.joint_cases.link("case_b", OTHER, START)
    with pytest.raises(Conflict), store.together():
        _link_two(store)
    assert store.joint_cases.cases_of(JOINT) == ()


def _link_two(store: Store) -> None:
    store.joint_cases.link("case_a", JOINT, START)
    store.joint_cases.link("case_b", JOINT, START)
