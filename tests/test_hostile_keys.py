"""Peers that lie about their keys, over real HTTP: nothing is asked of them after, and nothing taken."""

from collections.abc import Iterable

import msgspec
import pytest

from tests.fixtures import Made
from tests.hostile_peer import Asked, HostilePeer, answer, page_of, taxii
from tests.share.said import AUTHOR, confirmed
from tocsin.app.peer_history import About
from tocsin.kernel import Peer, PeerStatus, micros
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.key_history import state

pytestmark = pytest.mark.net

KEY = NodeIdentity(b"\x01" * 32)
SECOND = NodeIdentity(b"\x02" * 32, KEY.public)
THIEF = NodeIdentity(b"\x03" * 32, KEY.public)
OBJECTS = [record.stix for record in confirmed()]
assert KEY.stix_identity == AUTHOR


def names(key: NodeIdentity, **changes: object) -> bytes:
    about = About(node_id=KEY.node_id, public_key=key.public.hex(), identity=KEY.stix_identity)
    return msgspec.json.encode(msgspec.structs.replace(about, **changes))


class Rival:
    """A peer whose key was compared, and that answers to /v1/identity what a test puts into `says`."""

    def __init__(self, made: Made) -> None:
        self.made = made
        self.says: Iterable[bytes] = [answer(names(KEY), media_type="application/json")]
        self.waiting = b'{"waiting": 3}'
        self.shares = taxii(page_of(*OBJECTS))

    def script(self, asked: Asked) -> Iterable[bytes]:
        if asked.path.startswith("/v1/sync"):
            return [answer(self.waiting, media_type="application/json")]
        if asked.path.startswith("/log/"):  # it keeps none
            return [answer(b"", status="404 Not Found")]
        return self.says if asked.path == "/v1/identity" else self.shares(asked)

    def say(self, body: bytes, status: str = "200 OK") -> None:
        self.says = [answer(body, status=status, media_type="application/json")]

    def pull(self) -> tuple[str, list[str]]:
        """The error of one pull (empty when it went well), and what was asked."""
        with HostilePeer(self.script) as it:
            store = self.made.node.store
            row = self.row
            store.peers.replace(msgspec.structs.replace(row, url=it.url))
            (told,) = self.made.node.exchange.pull_all(only="rival", forced=True)
            return told.error or "", [one.path.partition("?")[0] for one in it.asked]

    @property
    def row(self) -> Peer:
        found = self.made.node.store.peers.get("rival")
        assert found is not None
        return found


@pytest.fixture
def rival(made: Made) -> Rival:
    made.node.store.peers.add(
        Peer(
            name="rival",
            url="http://127.0.0.1:1",
            status=PeerStatus.TRUSTED,
            identity=KEY.stix_identity,
            node_key=KEY.public,
            allow_private=True,
        )
    )
    return Rival(made)


def refused(rival: Rival, words: str) -> None:
    error, asked = rival.pull()
    assert words in error
    assert asked == ["/v1/identity"], "a peer whose key is in doubt is asked for nothing more"
    assert rival.made.node.store.records.list() == ()


def test_an_honest_peer_is_heard_and_a_server_without_the_page_too(rival: Rival) -> None:
    assert rival.pull()[0] == ""
    assert rival.made.node.store.records.list() != ()
    rival.say(b"{}", "404 Not Found")
    rival.shares = taxii(page_of())
    assert rival.pull()[0] == ""


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "as a Tocsin node does"),
        (names(THIEF), "not those of its key"),
        (names(THIEF, identity=THIEF.stix_identity, node_id=THIEF.node_id), "not those of its key"),
        (names(THIEF, statements=(state(SECOND, THIEF, seq=1, at=5),)), "identity comes from"),
    ],
)
def test_another_key_than_the_one_that_was_compared(rival: Rival, body: bytes, words: str) -> None:
    rival.say(body)
    refused(rival, words)
    assert rival.row.failures == 1
    assert rival.row.retry_at is not None
    assert rival.row.node_key == KEY.public


def test_a_history_that_is_taken_back(rival: Rival) -> None:
    rival.say(names(SECOND, statements=(state(KEY, SECOND, seq=1, at=5),)))
    assert rival.pull()[0] == ""
    assert rival.row.node_key == SECOND.public
    before = rival.made.node.store.records.list()
    for body, status in ((names(KEY), "200 OK"), (b"{}", "404 Not Found")):
        rival.say(body, status)
        error, asked = rival.pull()
        assert "older key history" in error or "answered 404" in error
        assert asked == ["/v1/identity"]
    assert rival.made.node.store.records.list() == before


def test_two_histories_end_trust_and_mark_what_came_since(rival: Rival) -> None:
    rival.say(names(SECOND, statements=(state(KEY, SECOND, seq=1, at=micros(rival.made.now) - 9),)))
    assert rival.pull()[0] == ""
    rival.say(names(THIEF, statements=(state(KEY, THIEF, seq=1, at=micros(rival.made.now) - 5),)))
    error, asked = rival.pull()
    assert "two histories" in error
    assert asked == ["/v1/identity"]
    assert rival.row.status is PeerStatus.REVOKED
    kept = {record.id for record in rival.made.node.store.records.list()}
    assert {record.id for record in rival.made.node.exchange.trust.suspects()} == kept != set()


def test_an_endless_history_is_cut_off(rival: Rival) -> None:
    rival.say(names(KEY, statements=(state(KEY, SECOND, seq=1, at=5),) * 300))
    refused(rival, "at most")


@pytest.mark.parametrize(
    ("said", "believed"),
    [(b'{"waiting": 3000}', 0), (b'{"waiting": -1}', 0), (b"[" * 9_999, 0), (b'{"waiting": 1e99}', 0)],
)
def test_a_count_of_what_is_waiting_is_only_a_figure(rival: Rival, said: bytes, believed: int) -> None:
    rival.waiting = said
    assert rival.pull()[0] == ""
    assert (rival.row.behind, rival.row.waiting) == (False, believed), "all was had, whatever it said"
