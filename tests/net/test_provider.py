"""The line to the OpenID provider: at its own hosts alone, within bounds, with the secret where it belongs."""

import base64
import threading
from urllib.parse import parse_qs

import pytest

from tests import hostile_peer
from tests.hostile_peer import HostilePeer, honest
from tocsin.kernel import ProviderFault
from tocsin.net import ProviderClient


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://login.example/token", True),
        ("https://login.example:443/token", True),
        ("https://LOGIN.example/token", True),
        ("https://keys.example/jwks", True),
        ("http://login.example/token", False),
        ("https://login.example:8443/token", False),
        ("https://login.example.evil.example/token", False),
        ("https://login.example@evil.example/token", False),
        ("https://a@login.example/token", False),
        ("//login.example/token", False),
        ("/token", False),
        ("", False),
        ("https://[", False),
        ("file:///etc/passwd", False),
    ],
)
def test_only_named_hosts(url: str, allowed: bool) -> None:
    assert ProviderClient("https://login.example", hosts=("keys.example",)).allows(url) is allowed


def test_a_query_is_added_to_the_one_there_is() -> None:
    add = ProviderClient.with_query
    assert add("https://login.example/a", {"x": "1 2"}) == "https://login.example/a?x=1+2"
    assert add("https://login.example/a?p=1#f", {"x": "&"}) == "https://login.example/a?p=1&x=%26"


@pytest.mark.net
@pytest.mark.parametrize("basic", [True, False])
def test_the_secret_travels_in_one_place(basic: bool) -> None:
    with HostilePeer(honest(b"{}")) as it:
        client = ProviderClient(it.url, allow_private=True)
        client.exchange(f"{it.url}token", {"code": "c"}, client="a b", secret="ü:&", basic=basic)
        client.exchange(f"{it.url}token", {"code": "c"}, client="a b", secret=None, basic=basic)
    with_secret, without = it.asked
    form = parse_qs(with_secret.body.decode())
    if basic:
        expected = base64.b64encode(b"a+b:%C3%BC%3A%26").decode()
        assert with_secret.headers["authorization"] == f"Basic {expected}"
        assert form == {"code": ["c"]}
    else:
        assert "authorization" not in with_secret.headers
        assert form == {"code": ["c"], "client_id": ["a b"], "client_secret": ["ü:&"]}
    assert "authorization" not in without.headers
    assert parse_qs(without.body.decode()) == {"code": ["c"], "client_id": ["a b"]}


@pytest.mark.net
@pytest.mark.parametrize(
    ("script", "words"),
    [
        (hostile_peer.redirect("http://127.0.0.1:9/"), "redirected"),
        (hostile_peer.endless_body, "longer than"),
        (hostile_peer.garbage, "not HTTP"),
        (hostile_peer.slow_drip(threading.Event()), "no complete answer"),
        (honest(b"{}", status="500 Broken"), "500"),
    ],
)
def test_a_fault_is_the_providers_and_quotes_nothing(script: hostile_peer.Script, words: str) -> None:
    with HostilePeer(script) as it:
        client = ProviderClient(it.url, allow_private=True, timeout=0.5)
        with pytest.raises(ProviderFault, match=words) as caught:
            client.exchange(f"{it.url}token", {"code": "c"}, client="node", secret="refund", basic=False)
    assert "refund" not in repr(caught.value)
