"""A standing release: only where it was agreed, by whom still may, and never again what has left."""

from datetime import timedelta

import msgspec
import pytest

from tests.fixtures import Made
from tests.share.said import PURPOSE, review, warning
from tests.web.test_taxii import add_peer
from tocsin.kernel import BadInput, Caller, NotAllowed, Origin, PeerStatus, Role
from tocsin.share import describe, introduction, sighting_of
from tocsin.store.interface import ReleaseFilter


@pytest.fixture
def reviewer(made: Made) -> Caller:
    user = made.node.access.add_user(made.node.access.operator(), "robin", (Role.REVIEWER,))
    return Caller(user=user.id, name="robin", roles=frozenset(user.roles))


def said(made: Made, number: int = 1) -> None:
    """A reviewer confirmed something here."""
    author = made.node.keys.identity.stix_identity
    found = warning(id=f"8f14e45f-ceea-5e6f-8f14-e45fceea5e{number:02x}", signature=bytes([number]) * 256)
    known = made.node.store.records.get(author)
    made.node.store.records.put(
        describe(
            found,
            review(warning=found.id),
            author=author,
            name="node",
            tlp=made.node.settings.tlp,
            now=made.now,
            identity=known,
        )
    )


def released(made: Made, peer: str) -> int:
    return len(made.node.store.releases.page(peer, ReleaseFilter(versions=("all",))).rows)


def test_nothing_leaves_without_an_agreement_and_each_thing_once_with_one(
    made: Made, reviewer: Caller
) -> None:
    add_peer(made, "lab")
    add_peer(made, "institute")
    said(made)
    assert made.node.standing.tick() == ()
    made.node.standing.agree(reviewer, "lab", PURPOSE)
    (manifest,) = made.node.standing.tick()
    assert manifest.peer == "lab"
    assert manifest.purpose == PURPOSE
    first = released(made, "lab")
    assert first == len(manifest.released) > 0
    assert released(made, "institute") == 0
    assert made.node.standing.tick() == (), "nothing is new"
    said(made, 2)
    (second,) = made.node.standing.tick()
    assert released(made, "lab") == first + len(second.released)
    assert made.node.store.releases.manifests(peer="lab")[0][1] == reviewer.user, "by whom it was agreed"
    made.node.standing.agree(reviewer, "lab", None)
    said(made, 3)
    assert made.node.standing.tick() == ()


def test_it_ends_with_the_role_of_who_agreed_and_with_the_trust(made: Made, reviewer: Caller) -> None:
    add_peer(made, "lab")
    made.node.standing.agree(reviewer, "lab", PURPOSE)
    said(made)
    made.node.access.disable_user(made.node.access.operator(), "robin")
    assert made.node.standing.tick() == ()
    admin = made.node.access.operator()
    made.node.standing.agree(admin, "lab", PURPOSE)
    peer = made.node.exchange.peer("lab")
    made.node.store.peers.replace(msgspec.structs.replace(peer, status=PeerStatus.SUSPENDED))
    assert made.node.standing.tick() == ()
    assert released(made, "lab") == 0


def test_only_who_may_release_agrees_and_only_to_an_agreed_purpose(made: Made) -> None:
    add_peer(made, "lab")
    user = made.node.access.add_user(made.node.access.operator(), "ann", (Role.ANALYST,))
    analyst = Caller(user=user.id, name="ann", roles=frozenset(user.roles))
    with pytest.raises(NotAllowed):
        made.node.standing.agree(analyst, "lab", PURPOSE)
    with pytest.raises(BadInput, match="misuse-defence was"):
        made.node.standing.agree(made.node.access.operator(), "lab", "marketing")
    assert made.node.exchange.peer("lab").standing is None


def test_a_sighting_that_waits_for_its_time_leaves_when_it_has_come(made: Made, reviewer: Caller) -> None:
    add_peer(made, "lab")
    lab = made.node.exchange.peer("lab")
    theirs = [
        msgspec.structs.replace(record, origin=Origin.PEER, peer="lab")
        for record in describe(
            warning(),
            review(),
            author=lab.identity or "",
            name="lab",
            tlp=made.node.settings.tlp,
            now=made.now,
        )
    ]
    made.node.store.records.put(theirs)
    indicator = next(record for record in theirs if record.type == "indicator")
    seen = sighting_of(
        indicator,
        warning(indicator=indicator.id),
        review(),
        author=made.node.keys.identity.stix_identity,
        tlp=made.node.settings.tlp,
        now=made.now,
    )
    assert seen is not None
    author = made.node.keys.identity.stix_identity
    made.node.store.records.put([*introduction(author=author, name="node", now=made.now), seen])
    made.node.standing.agree(reviewer, "lab", PURPOSE)
    made.node.standing.tick()
    assert not rows(made, "sighting")
    made.now += timedelta(seconds=made.node.settings.sighting_delay_seconds + 61)
    made.node.standing.tick()
    assert rows(made, "sighting"), "its time has come, with nothing new beside it"


def rows(made: Made, kind: str) -> list[str]:
    page = made.node.store.releases.page("lab", ReleaseFilter(versions=("all",), types=(kind,)))
    return [row.id for row in page.rows]
