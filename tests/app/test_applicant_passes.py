"""One node verifies, another relies on it: under a pseudonym that only two people at the first can open."""

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from tests.applicants import World
from tests.fixtures import Made
from tocsin.kernel import BadInput, Conflict, NotAllowed, NotFound, Peer, PeerStatus
from tocsin.kernel.admission import SubjectStanding, VerificationLevel
from tocsin.trust.presentations import PresentationRefused, Why

PURPOSE = "It concerns case 7 of the other node."


@pytest.fixture(scope="module")
def prepared_far(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Another node than the prepared one: it has keys of its own."""
    made = Made(tmp_path_factory.mktemp("far") / "node", datetime(2026, 11, 20, 12, 0, tzinfo=UTC))
    made.node.close()
    return made.node.data, made.token


@pytest.fixture
def two(copied: Made, prepared_far: tuple[Path, str], tmp_path: Path) -> Iterator[tuple[World, Made]]:
    """A verifier, and a node that relies on it; each trusts the other's key."""
    data, token = prepared_far
    far = Made(shutil.copytree(data, tmp_path / "far"), copied.now, token)
    for here, there in ((copied, far), (far, copied)):
        here.node.store.peers.add(
            Peer(
                name="far" if here is copied else "near",
                url="https://peer.example",
                status=PeerStatus.TRUSTED,
                node_key=there.node.keys.identity.public,
            )
        )
    yield World(copied), far
    far.node.close()


def why(far: Made, token: str) -> Why:
    with pytest.raises(PresentationRefused) as refused:
        far.node.applicant_passes.take(token)
    return refused.value.why


def test_a_pass_says_a_level_under_a_pseudonym(two: tuple[World, Made]) -> None:
    world, far = two
    receipt = world.applied()
    passes = world.node.applicant_passes
    with pytest.raises(Conflict, match="nothing of yours"):
        passes.give(receipt.number, receipt.secret, "far")
    world.shown(receipt)
    token = passes.give(receipt.number, receipt.secret, "far")
    subject = far.node.applicant_passes.take(token)
    now = world.node.applicants.now()
    assert subject.level(now) is VerificationLevel.LEGAL_IDENTITY
    own = world.node.applicants.follow(receipt.number, receipt.secret).applicant
    assert subject.id not in (own.subject, own.number)
    assert own.number not in token
    # the same for this node each time, and for another node another
    again = far.node.applicant_passes.take(passes.give(receipt.number, receipt.secret, "far"))
    assert again.id == subject.id
    with pytest.raises(NotFound):
        passes.give(receipt.number, receipt.secret, "stranger")
    assert subject.changes(now) == (now // 1_000_000 + 300) * 1_000_000


def test_a_pass_is_for_one_node_and_five_minutes(two: tuple[World, Made]) -> None:
    world, far = two
    receipt = world.applied()
    world.shown(receipt)
    token = world.node.applicant_passes.give(receipt.number, receipt.secret, "far")
    assert why(world.made, token) is Why.UNKNOWN_ISSUER  # its own maker is no peer of itself
    far.now = world.made.now.replace(minute=(world.made.now.minute + 6) % 60)
    assert why(far, token) is Why.EXPIRED
    far.now = world.made.now
    head, body, signature = token.split(".")
    assert why(far, f"{head}.{body}.{signature[:-4]}AAAA") is Why.SIGNATURE
    assert why(far, "x.y.z") is Why.UNREADABLE
    (peer,) = far.node.store.peers.list()
    far.node.store.peers.replace(msgspec.structs.replace(peer, status=PeerStatus.REVOKED))
    assert why(far, token) is Why.UNKNOWN_ISSUER


def test_in_question_nobody_gets_a_pass(two: tuple[World, Made]) -> None:
    world, _ = two
    receipt = world.applied()
    world.shown(receipt)
    world.node.applicant_reviews.question(world.reviewer(), receipt.number, "It wrote refund letters.")
    assert world.node.applicants.follow(receipt.number, receipt.secret).subject.standing is (
        SubjectStanding.SUSPENDED
    )
    with pytest.raises(Conflict, match="in question"):
        world.node.applicant_passes.give(receipt.number, receipt.secret, "far")


def test_two_people_open_a_pseudonym(two: tuple[World, Made]) -> None:
    world, far = two
    receipt = world.applied()
    world.shown(receipt)
    passes = world.node.applicant_passes
    pseudonym = far.node.applicant_passes.take(passes.give(receipt.number, receipt.secret, "far")).id
    rui, sol = world.reviewer("rui"), world.reviewer("sol")
    with pytest.raises(NotAllowed, match="0 did"):
        passes.open(rui, pseudonym, PURPOSE)
    assert passes.approve(rui, pseudonym, PURPOSE) == 1
    assert passes.approve(rui, pseudonym, PURPOSE) == 1  # nobody counts twice
    with pytest.raises(NotAllowed, match="1 did"):
        passes.open(rui, pseudonym, PURPOSE)
    assert passes.approve(sol, pseudonym, "Another reason altogether.") == 1
    assert passes.approve(sol, pseudonym, PURPOSE.upper()) == 2
    assert passes.open(rui, pseudonym, PURPOSE).number == receipt.number
    with pytest.raises(BadInput):
        passes.open(rui, pseudonym, "why")
    with pytest.raises(NotFound):
        passes.approve(rui, "ps_" + "0" * 32, PURPOSE)
    with pytest.raises(NotAllowed, match="a person"):
        passes.approve(world.node.access.operator(), pseudonym, PURPOSE)
    acts = [(row.act, row.outcome) for row in world.node.store.audit.read(act="applicant.open")]
    assert acts == [("applicant.open", "done"), ("applicant.open", "refused"), ("applicant.open", "refused")]
    kept = world.node.store.applicants.named(pseudonym)
    assert kept is not None
    assert receipt.number.encode() not in kept
    assert json.dumps(receipt.number).encode() not in kept
