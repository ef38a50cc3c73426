"""A node's services: built when asked for, all of them where it is served, and told of by what they hold."""

from inspect import signature

import pytest

from tests.fixtures import Made
from tocsin.app.doctor import examine
from tocsin.app.node import Node
from tocsin.app.services import LEASED, service_names
from tocsin.kernel import BadInput
from tocsin.web.server import create_app

NAMES = set(service_names())


def test_an_opened_node_has_built_nothing_and_builds_what_is_asked_for(copied: Made) -> None:
    assert not NAMES & set(vars(copied.node))
    assert copied.node.weighing is copied.node.weighing
    assert NAMES & set(vars(copied.node)) == {"weighing"}


def test_a_served_node_has_built_everything(copied: Made) -> None:
    create_app(copied.node)
    assert set(vars(copied.node)) >= NAMES
    assert copied.node.openid is None


def test_whatever_can_be_released_is_released(copied: Made) -> None:
    copied.node.build_all()
    releases = {name: getattr(getattr(copied.node, name), "release", None) for name in NAMES}
    # what takes an argument releases something else: a claim of a case
    assert {name for name, one in releases.items() if one and not signature(one).parameters} == set(LEASED)


def test_a_broken_file_stops_what_needs_it_and_who_serves(copied: Made) -> None:
    packs = copied.node.data / "packs"
    packs.mkdir(exist_ok=True)
    (packs / "ours.yaml").write_text("phrases: [")
    node = Node(copied.node.data, clock=copied.clock)
    try:
        assert node.weighing.of([]) == {}
        with pytest.raises(BadInput, match=r"ours\.yaml"):
            create_app(node)
        (told,) = (one for one in examine(node) if one.name == "parts")
        assert not told.ok
        assert "ours.yaml" in told.detail
    finally:
        node.close()


def test_peers_rules_are_taken_in_whoever_asks_for_rules_first(copied: Made) -> None:
    node = Node(copied.node.data, clock=copied.clock)
    try:
        node.rules.listed()
        assert "rule_sharing" in vars(node)
    finally:
        node.close()
