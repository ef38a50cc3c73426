"""A hostile peer publishes the fingerprint of a protest slogan; it learns nothing, and the attempt is in the audit."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.fixtures import Made
from tests.web.test_taxii import add_peer, identity_of
from tocsin.kernel import (
    TLP,
    EventLine,
    EvidenceStatus,
    Fingerprint,
    Kind,
    Observable,
    ObservableType,
    micros,
)
from tocsin.wire.sketch import decode, sketch_batch
from tocsin.wire.stix import canonical, make_indicator

SLOGAN = (
    "We stand together on the square this Saturday at noon, bring candles and songs, for clean water in our "
    "town and for every neighbour whose well was closed. Pass it on to those you trust."
)
HEADERS = {
    "Accept": "application/taxii+json;version=2.1",
    "Content-Type": "application/taxii+json;version=2.1",
}


def protest(made: Made, accounts: int) -> None:
    """Many accounts, most of them new and busy with nothing else, share the slogan, a link and a place."""
    made.node.acceptor.accept(
        [
            EventLine(
                id=f"protest-{number}",
                time=made.now - timedelta(hours=1 + number % 30),
                source="platform",
                kind=Kind.POST,
                actor=f"neighbour {number}",
                text=SLOGAN if number % 3 else SLOGAN.replace("candles", "lamps"),
                actor_created=made.now - timedelta(days=1 + number % 3),
                observables=(
                    Observable(type=ObservableType.DOMAIN, value="clean-water.example"),
                    Observable(type=ObservableType.ADDRESS_PREFIX, value="192.0.2.0/24"),
                ),
            )
            for number in range(accounts)
        ]
        + [
            EventLine(
                id=f"other-{number}",
                time=made.now - timedelta(hours=number % 200),
                source="platform",
                kind=Kind.POST,
                actor=f"reader {number % 60}",
                text=f"a note on the {number}th recipe of the year, with {number * 7} grams of flour and patience",
                actor_created=made.now - timedelta(days=700),
            )
            for number in range(240)
        ]
    )


def hostile(made: Made, category: str) -> dict[str, Any]:
    """The slogan's fingerprint under a peer's own name, dressed as an indicator."""
    (blob,) = sketch_batch([SLOGAN.casefold()])
    assert blob is not None
    sketch = decode(blob)
    at = micros(made.now) // 1000 * 1000 - 3_600_000_000
    indicator = make_indicator(
        Fingerprint(signature=sketch.signature_bytes, shingles=sketch.shingles),
        author=identity_of("lab"),
        tlp=TLP.GREEN,
        category=category,
        status=EvidenceStatus.OBSERVED,
        basis="Our terms of use forbid recruiting into violence",
        confidence=90,
        created=at,
        modified=at,
    )
    item: dict[str, Any] = msgspec.json.decode(canonical(indicator))
    return item


@pytest.fixture
def peer(made: Made) -> dict[str, str]:
    token = add_peer(made, "lab")
    return HEADERS | {"Authorization": f"Bearer {token}"}


def seen_by(client: TestClient[Litestar], headers: dict[str, str]) -> list[Any]:
    """Everything a peer may ask of this node, but for what it posted itself."""
    answers = []
    for path in (
        "",
        "tocsin/collections/",
        "tocsin/collections/shared/objects/",
        "tocsin/collections/shared/manifest/",
    ):
        answer = client.get(f"/taxii2/{path}", headers=headers)
        answers.append((answer.status_code, answer.json()))
    return answers


@pytest.mark.parametrize("accounts", [4, 60])
@pytest.mark.parametrize(
    "category", ["recruitment.violent", "influence.inauthentic", "political.protest", "influence.petition"]
)
def test_the_peer_learns_nothing_and_the_attempt_is_in_the_audit(
    client: TestClient[Litestar], made: Made, peer: dict[str, str], category: str, accounts: int
) -> None:
    protest(made, accounts)
    made.node.watch.tick()
    assert made.node.store.warnings.list() == ()  # a protest does not ring by itself
    before = seen_by(client, peer)

    posted = client.post(
        "/taxii2/tocsin/collections/inbox/objects/",
        headers=peer,
        content=msgspec.json.encode({"objects": [hostile(made, category)]}),
    )
    assert posted.status_code == 202
    made.now += timedelta(minutes=10)
    made.node.watch.tick()

    assert made.node.store.warnings.list() == ()
    assert seen_by(client, peer) == before
    assert made.node.store.releases.manifests() == ()
    attempts = made.node.store.audit.read(act="look-back")
    assert [row.who for row in attempts] == ["peer:lab"]
    if category.startswith(("political", "influence.petition")):
        assert attempts[0].outcome == "refused"
    else:
        assert attempts[0].detail["reason"] == "look-back.no-corroboration"


def test_the_answer_is_the_same_whether_or_not_anybody_said_it(
    client: TestClient[Litestar], made: Made, peer: dict[str, str]
) -> None:
    body = msgspec.json.encode({"objects": [hostile(made, "recruitment.violent")]})
    first = client.post("/taxii2/tocsin/collections/inbox/objects/", headers=peer, content=body).json()
    status_before = client.get(f"/taxii2/tocsin/status/{first['id']}/", headers=peer).json()
    protest(made, 60)
    made.node.watch.tick()
    assert client.get(f"/taxii2/tocsin/status/{first['id']}/", headers=peer).json() == status_before
