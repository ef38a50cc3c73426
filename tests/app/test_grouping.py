"""Groups: who may change them, what goes to members, and each member by itself."""

import msgspec
import pytest

from tests.fixtures import Made
from tests.share.said import OTHER, confirmed
from tocsin.kernel import TLP, BadInput, Caller, Conflict, NotAllowed, NotFound, Peer, PeerStatus
from tocsin.store.interface import ReleaseFilter


def name_peer(made: Made, name: str, **changes: object) -> None:
    peer = Peer(
        name=name, url=f"https://{name}.example", status=PeerStatus.TRUSTED, identity=OTHER, purposes=()
    )
    made.node.store.peers.add(msgspec.structs.replace(peer, **changes))


@pytest.fixture
def by(made: Made) -> Caller:
    """An operator; the node has said something, and three peers with no agreement of their own."""
    for name in ("lab", "institute", "outsider"):
        name_peer(made, name)
    made.node.store.records.put(confirmed())
    caller = made.node.access.operator()
    made.node.groups.add(
        caller,
        "defenders",
        title="Defenders",
        purpose="misuse-defence",
        ceiling=TLP.GREEN,
        agreed="in writing",
    )
    for name in ("lab", "institute"):
        made.node.groups.join(caller, "defenders", name)
    return caller


def held(made: Made, peer: str) -> set[str]:
    return {row.id for row in made.node.store.releases.page(peer, ReleaseFilter()).rows}


def test_a_release_in_a_group_goes_to_its_members_and_to_nobody_else(made: Made, by: Caller) -> None:
    outcomes = made.node.groups.publish(by, "defenders")
    assert [one.peer for one in outcomes] == ["institute", "lab"]
    for one in outcomes:
        assert one.manifest is not None
        assert {entry.id for entry in one.manifest.released} == held(made, one.peer) != set()
    assert held(made, "outsider") == set()
    assert made.node.exchange.publishing.preview(by, "outsider", "misuse-defence").released == ()


def test_the_ceiling_of_a_group_holds_in_it_whatever_a_member_has_of_its_own(made: Made, by: Caller) -> None:
    name_peer(made, "close", ceiling=TLP.AMBER_STRICT, purposes=("misuse-defence",))
    made.node.groups.add(by, "open", title="", purpose="misuse-defence", ceiling=TLP.CLEAR)
    made.node.groups.join(by, "open", "close")
    (one,) = made.node.groups.preview(by, "open")
    assert one.manifest is not None
    refused = {entry.rule for entry in one.manifest.entries if entry.type == "indicator"}
    assert refused == {"share.marking-above-ceiling"}
    assert made.node.exchange.publishing.preview(by, "close", "misuse-defence").released != ()


def test_a_preview_and_a_release_have_the_same_digests_and_another_is_refused(made: Made, by: Caller) -> None:
    seen = {
        one.peer: one.manifest.digest for one in made.node.groups.preview(by, "defenders") if one.manifest
    }
    outcomes = made.node.groups.publish(by, "defenders", {"lab": seen["lab"], "institute": "0" * 64})
    told = {one.peer: one for one in outcomes}
    assert told["lab"].manifest is not None
    assert told["lab"].manifest.digest == seen["lab"]
    assert told["institute"].manifest is None
    assert "changed since the preview" in (told["institute"].error or "")
    assert held(made, "institute") == set()
    (late, _) = made.node.groups.publish(by, "defenders", {"lab": seen["lab"]})
    assert "not in the preview" in (late.error or "")
    with pytest.raises(BadInput, match="not in group"):
        made.node.groups.publish(by, "defenders", {"outsider": "0" * 64})


def test_who_left_or_a_closed_group_gets_nothing_more(made: Made, by: Caller) -> None:
    made.node.groups.leave(by, "defenders", "lab")
    assert [one.peer for one in made.node.groups.publish(by, "defenders")] == ["institute"]
    made.node.groups.close(by, "defenders")
    (one,) = made.node.groups.preview(by, "defenders")
    assert one.manifest is not None
    assert one.manifest.released == ()
    with pytest.raises(Conflict, match="closed"):
        made.node.groups.join(by, "defenders", "lab")
    acts = [line.act for line in made.node.store.audit.read() if line.act.startswith("group.")]
    assert acts == ["group.close", "group.leave", "group.join", "group.join", "group.add"]


def test_a_member_that_is_not_trusted_gets_nothing_in_a_group_either(made: Made, by: Caller) -> None:
    lab = made.node.store.peers.get("lab")
    assert lab is not None
    for changes in ({"status": PeerStatus.REVOKED}, {"until": 1}, {"status": PeerStatus.ADDED}):
        made.node.store.peers.replace(msgspec.structs.replace(lab, **changes))
        told = {one.peer: one.manifest for one in made.node.groups.preview(by, "defenders")}
        assert told["lab"] is not None
        assert {entry.rule for entry in told["lab"].entries} == {"share.peer-not-trusted"}


def test_a_group_takes_peers_of_this_node_and_people_with_a_role(made: Made, by: Caller) -> None:
    groups = made.node.groups
    with pytest.raises(NotFound):
        groups.join(by, "defenders", "stranger")
    with pytest.raises(NotFound):
        groups.join(by, "nowhere", "lab")
    with pytest.raises(NotFound):
        groups.leave(by, "defenders", "outsider")
    with pytest.raises(BadInput, match="RED"):
        groups.add(by, "red", title="", purpose="p", ceiling=TLP.RED)
    with pytest.raises(BadInput, match="name"):
        groups.add(by, "a b", title="", purpose="p", ceiling=TLP.GREEN)
    nobody = msgspec.structs.replace(by, roles=frozenset())
    for act in (
        lambda: groups.add(nobody, "x", title="", purpose="p", ceiling=TLP.GREEN),
        lambda: groups.join(nobody, "defenders", "outsider"),
        lambda: groups.leave(nobody, "defenders", "lab"),
        lambda: groups.close(nobody, "defenders"),
        lambda: groups.preview(nobody, "defenders"),
        lambda: groups.publish(nobody, "defenders"),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert groups.group("defenders").members == ("institute", "lab")
