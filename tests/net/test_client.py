"""The outbound client against real sockets: what it refuses, when it ends, what its errors say."""

import gzip
import time
from datetime import UTC, datetime

import pytest

from tests import hostile_peer
from tests.hostile_peer import HostilePeer, Script, answer, honest
from tocsin.kernel import Peer, PeerFault, PeerStatus
from tocsin.net import Client, self_signed, spki_pin

pytestmark = pytest.mark.net
LIMIT = 200_000
SECRET = "tocsin_0123456789ab_" + "s" * 43


def peer_at(url: str, *, pin: bytes | None = None, allow_private: bool = True) -> Peer:
    return Peer(name="rival", url=url, status=PeerStatus.TRUSTED, tls_pin=pin, allow_private=allow_private)


def client(timeout: float = 5.0) -> Client:
    return Client(timeout=timeout, limit=LIMIT)


def fault_of(peer: Peer, *, timeout: float = 5.0, path: str = "/x") -> str:
    with pytest.raises(PeerFault) as caught, client(timeout).line(peer, SECRET) as line:
        line.get(path, accept="*/*")
    assert caught.value.peer == "rival"
    assert "rival" in caught.value.message
    text = repr(caught.value) + repr(caught.value.__cause__) + caught.value.message
    assert SECRET not in text
    return caught.value.message


def test_an_answer_comes_back_whole() -> None:
    with (
        HostilePeer(
            lambda _: [answer(b"{}", headers={"Set-Cookie": "a=b", "X-TAXII-Date-Added-Last": "t"})]
        ) as it,
        client().line(peer_at(it.url), SECRET) as line,
    ):
        got = line.get("/taxii2/?limit=1", accept="application/json")
        assert line.received == 2
    assert (got.status, got.body) == (200, b"{}")
    assert got.headers["x-taxii-date-added-last"] == "t"
    assert "set-cookie" not in got.headers
    (asked,) = it.asked
    assert asked.path == "/taxii2/?limit=1"
    assert asked.headers["authorization"] == f"Bearer {SECRET}"
    assert asked.headers["accept-encoding"] == "identity"
    assert "cookie" not in asked.headers


def test_a_post_carries_its_body() -> None:
    with HostilePeer(honest(b"{}", status="202 Accepted")) as it, client().line(peer_at(it.url)) as line:
        got = line.post("/in", b'{"objects":[]}', content_type="a/b", accept="a/b")
    assert got.status == 202
    assert it.asked[0].body == b'{"objects":[]}'
    assert "authorization" not in it.asked[0].headers


def test_environment_proxies_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with HostilePeer(honest(b"{}")) as it, client().line(peer_at(it.url)) as line:
        assert line.get("/", accept="*/*").status == 200


def test_gzip_is_unpacked_within_the_bound() -> None:
    whole = answer(gzip.compress(b"x" * 1000), headers={"Content-Encoding": "gzip"})
    with HostilePeer(lambda _: [whole]) as it, client().line(peer_at(it.url)) as line:
        assert line.get("/", accept="*/*").body == b"x" * 1000


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (hostile_peer.garbage, "not HTTP"),
        (hostile_peer.silence, "broke off"),
        (hostile_peer.redirect("https://elsewhere.example/"), "redirected (302)"),
        (hostile_peer.endless_body, "longer than 200000"),
        (hostile_peer.endless_chunks, "longer than 200000"),
        (hostile_peer.endless_headers, "not HTTP"),
        (hostile_peer.huge_length, "longer than 200000"),
        (hostile_peer.short_body, "broke off"),
        (hostile_peer.broken_chunks, "broke off"),
        (hostile_peer.gzip_bomb(50_000_000), "longer than 200000"),
        (hostile_peer.torn_gzip, "gzip"),
        (hostile_peer.other_encoding, "did not ask for"),
    ],
)
def test_a_bad_answer_is_a_fault_that_names_the_peer(script: Script, words: str) -> None:
    with HostilePeer(script) as it:
        assert words in fault_of(peer_at(it.url))


def test_a_lying_negative_length_gives_no_more_than_the_body() -> None:
    with HostilePeer(hostile_peer.negative_length) as it, client().line(peer_at(it.url)) as line:
        assert line.get("/", accept="*/*").body == b"{}"


@pytest.mark.parametrize("drip", [hostile_peer.slow_drip, hostile_peer.slow_headers])
@pytest.mark.parametrize("tls", [False, True])
def test_a_slow_drip_ends_at_the_whole_deadline(drip: object, *, tls: bool) -> None:
    assert callable(drip)
    with HostilePeer(hostile_peer.silence, tls=tls) as it:
        it.script = drip(it.ended)
        pin = spki_pin(it.certificate) if tls else None
        began = time.monotonic()
        assert "no complete answer within 0.4 seconds" in fault_of(peer_at(it.url, pin=pin), timeout=0.4)
        assert time.monotonic() - began < 3


def test_endless_interim_answers_end_too() -> None:
    with HostilePeer(hostile_peer.endless_interim) as it:
        assert "within 0.4 seconds" in fault_of(peer_at(it.url), timeout=0.4)


def test_the_pinned_key_decides() -> None:
    other, _ = self_signed("other", ["127.0.0.1"], now=datetime.now(UTC))
    with HostilePeer(honest(b"{}"), tls=True) as it:
        with client().line(peer_at(it.url, pin=spki_pin(it.certificate)), SECRET) as line:
            assert line.get("/", accept="*/*").status == 200
        assert "not the one that was pinned" in fault_of(peer_at(it.url, pin=spki_pin(other)))
        assert len(it.asked) == 1, "nothing may be sent to a server with another key"


def test_without_a_pin_the_authorities_decide() -> None:
    with HostilePeer(honest(b"{}"), tls=True) as it:
        assert "certificate is not valid" in fault_of(peer_at(it.url))
        assert it.asked == []


def test_a_server_that_speaks_no_tls() -> None:
    with HostilePeer(hostile_peer.garbage) as it:
        assert "TLS" in fault_of(peer_at(it.url.replace("http:", "https:"), pin=bytes(32)))


def test_private_addresses_need_leave() -> None:
    with HostilePeer(honest(b"{}"), tls=True) as it:
        pinned = peer_at(it.url, pin=spki_pin(it.certificate), allow_private=False)
        assert "private or loopback" in fault_of(pinned)
        by_name = peer_at(f"https://localhost:{it.port}/", pin=spki_pin(it.certificate), allow_private=False)
        assert "private or loopback" in fault_of(by_name)
        assert it.asked == []


def test_plain_http_needs_leave_and_loopback() -> None:
    with HostilePeer(honest(b"{}")) as it:
        assert "plain http" in fault_of(peer_at(it.url, allow_private=False))
        assert it.asked == []


def test_nobody_there() -> None:
    with HostilePeer(honest(b"{}")) as it:
        url = it.url
    assert "nothing answers" in fault_of(peer_at(url))


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("ftp://host/", "https://"),
        ("https://user:word@host/", "no password"),
        ("https://host/?a=b", "no password, query"),
        ("nonsense", "https://"),
        ("http://[::1", "cannot be read"),
    ],
)
def test_an_address_that_is_none(url: str, words: str) -> None:
    assert words in fault_of(peer_at(url))


@pytest.mark.parametrize("path", ["x", "/a b", "/a\r\nX-Injected: 1", "/é"])
def test_a_path_that_is_none(path: str) -> None:
    assert "path" in fault_of(peer_at("http://127.0.0.1:9/"), path=path)


@pytest.mark.parametrize("credential", ["", "a b", "a\r\nX-Injected: 1", "ключ"])
def test_a_credential_that_is_none_is_not_told(credential: str) -> None:
    with pytest.raises(PeerFault) as caught:
        client().line(peer_at("http://127.0.0.1:9/"), credential)
    assert not credential or credential not in caught.value.message


def test_links_stay_at_the_peer() -> None:
    line = client().line(peer_at("https://rival.example:8443/base/"))
    assert line.base_path == "/base/"
    assert line.local_path("https://rival.example:8443/taxii2/tocsin/") == "/taxii2/tocsin/"
    assert line.local_path("/taxii2/tocsin/") == "/taxii2/tocsin/"
    assert line.local_path("api/") == "/base/api/"
    for elsewhere in (
        "https://rival.example/taxii2/",
        "http://rival.example:8443/taxii2/",
        "https://other.example:8443/taxii2/",
        "https://a:b@rival.example:8443/",
        "//other.example/taxii2/",
        "https://[",
    ):
        with pytest.raises(PeerFault):
            line.local_path(elsewhere)
