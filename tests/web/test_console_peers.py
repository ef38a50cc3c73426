"""The page of peers: words to read aloud, the end of trust, groups, lag, and what was taken back."""

from litestar import Litestar
from litestar.testing import TestClient

from tests.console import log_in
from tests.fixtures import Made
from tocsin.kernel import TLP, Doubt, Peer, PeerStatus, Recall, Receipt, micros
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.words import spoken

DAY = 86_400_000_000
KEY = NodeIdentity(b"\x02" * 32).public


def furnish(made: Made) -> None:
    now, url, trusted = micros(made.now), "https://x.example", PeerStatus.TRUSTED
    for peer in (
        Peer("lab", url, trusted, KEY, until=now + 9 * DAY, last_pull=now, behind=True, waiting=1_234),
        Peer("institute", url, trusted, KEY, until=now - DAY),
        Peer("rival", url, PeerStatus.REVOKED, KEY, doubts=(Doubt(now - DAY, None, "stolen"),)),
    ):
        made.node.store.peers.add(peer)
    by = made.node.access.operator()
    made.node.groups.add(by, "zebra", title="Zebra watchers", purpose="p", ceiling=TLP.GREEN)
    made.node.groups.join(by, "zebra", "lab")
    receipt = Receipt("campaign--1", 5, "", "", (), "withdrawn", now)
    made.node.store.recalls.add(
        [
            Recall("campaign--1", "campaign", "lab", 5, (), now, by.user, "x", receipt),
            Recall("campaign--2", "campaign", "lab", 5, (), now, by.user, "x"),
        ]
    )


def test_the_page_says_how_each_peer_stands(client: TestClient[Litestar], made: Made) -> None:
    furnish(made)
    log_in(client, made.token)
    page = client.get("/peers?lang=en").text
    for text in (
        spoken(made.node.keys.identity.public),
        spoken(KEY),
        "(ends soon)",
        "Trust has ended.",
        "no longer believed",
        "In groups: Zebra watchers",
        "1,234 objects waiting",
        "before all was had",
        "2 taken back, 1 confirmed",
    ):
        assert text in page
    chinese = client.get("/peers?lang=zh").text
    for text in (spoken(made.node.keys.identity.public, "zh"), spoken(KEY, "zh"), "即将到期", "信任期已结束"):
        assert text in chinese
