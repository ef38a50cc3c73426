"""A hostile dismisser over TAXII: it dismisses its own campaign, floods, takes back, speaks for others."""

import msgspec
import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.app.test_dismissals import prints, soft, status
from tests.app.test_watch import dated, take
from tests.fixtures import Made
from tests.web.test_taxii import add_peer, identity_of, send
from tocsin.app.watch import NOT_COUNTED
from tocsin.kernel import TLP, Fingerprint, Warning, WarningStatus, micros
from tocsin.wire.stix import canonical, make_dismissal

Client = TestClient[Litestar]
DAY = 86_400_000_000


def said(
    made: Made, author: str, fingerprint: Fingerprint, *, later: int = 0, revoked: bool = False
) -> bytes:
    """A dismissal as its author would send it; it claims ten years."""
    at = micros(made.now) // 1000 * 1000 - 3_600_000_000
    return canonical(
        make_dismissal(
            fingerprint,
            author=author,
            tlp=TLP.GREEN,
            category="fraud.scam",
            reason="a raffle that the town library announced",
            created=at,
            modified=at + later * 1_000_000,
            expires=at + 3_650 * DAY,
            revoked=revoked,
        )
    )


@pytest.fixture
def token(made: Made) -> str:
    return add_peer(made, "lab")


def taken(client: Client, made: Made, token: str, *objects: bytes) -> int:
    """Post; how many were taken."""
    answer = send(client, token, *objects)
    assert answer.status_code == 202, answer.text
    return int(answer.json()["success_count"])


def test_its_own_campaign_with_shared_wallets_rings_all_the_same(
    client: Client, made: Made, token: str
) -> None:
    take(made, dated(made))
    (found,) = made.node.watch.tick()
    assert taken(client, made, token, said(made, identity_of("lab"), prints(found))) == 1
    assert status(made, found) is WarningStatus.OPEN
    kept = made.node.store.warnings.get(found.id)
    assert kept is not None
    assert kept.reasons[-1].code in {"dismissed.hard", "dismissed.strong"}
    assert kept.reasons[-1].values["who"] == "lab"


def test_alone_it_does_not_pass_the_margin_however_often_it_says_it(
    client: Client, made: Made, token: str
) -> None:
    found = soft(made, disguised=10)
    for later in range(5):
        taken(client, made, token, said(made, identity_of("lab"), prints(found), later=later))
        assert status(made, found) is WarningStatus.OPEN


def test_it_cannot_speak_for_a_second_peer(client: Client, made: Made, token: str) -> None:
    add_peer(made, "institute")
    found = soft(made, disguised=10)
    taken(client, made, token, said(made, identity_of("lab"), prints(found)))
    assert taken(client, made, token, said(made, identity_of("institute"), prints(found))) == 0
    assert status(made, found) is WarningStatus.OPEN


def test_dismissing_then_taking_back_un_silences_at_once(client: Client, made: Made, token: str) -> None:
    found = soft(made)
    for turn in range(3):
        author = identity_of("lab")
        taken(client, made, token, said(made, author, prints(found), later=2 * turn))
        assert status(made, found) is WarningStatus.QUIETED
        taken(client, made, token, said(made, author, prints(found), later=2 * turn + 1, revoked=True))
        assert status(made, found) is WarningStatus.OPEN


def test_a_flood_and_short_texts_do_not_reach_the_campaign(client: Client, made: Made, token: str) -> None:
    found = soft(made)
    signature = prints(found).signature
    flood = [
        said(made, identity_of("lab"), Fingerprint(number.to_bytes(2, "big") * 128, 100))
        for number in range(80)
    ]
    short = said(made, identity_of("lab"), Fingerprint(signature, 5))
    assert taken(client, made, token, short, *flood) == 81
    assert status(made, found) is WarningStatus.OPEN
    reasons = {
        row.detail["reason"]: row.detail["dismissals"] for row in made.node.store.audit.read(act=NOT_COUNTED)
    }
    assert reasons == {"dismissal.flood": 30, "dismissal.short": 1}


def test_an_analyst_sees_how_many_and_who(client: Client, made: Made, token: str) -> None:
    found = soft(made)
    taken(client, made, token, said(made, identity_of("lab"), prints(found)))
    made.node.watch.tick()
    from tocsin.app.views import warning_view

    kept = made.node.store.warnings.get(found.id)
    assert isinstance(kept, Warning)
    view = msgspec.to_builtins(warning_view(kept, "en"))
    assert view["dismissed_by"] == {"peers": 1, "who": ["lab"], "here": False, "quiet": True}
    assert "Dismissed by peers: lab (counted as 1)" in view["reasons"][-1]
