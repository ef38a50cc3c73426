"""The door of matching: who may come in, and with what."""

import secrets

import pytest

from tests.console import Client, token_for
from tests.fixtures import Made
from tocsin.app.matching import MAX_BODY_BYTES
from tocsin.kernel import Role

SESSION = "0" * 32


@pytest.mark.parametrize("path", ["/v1/match/ask", f"/v1/match/{SESSION}", f"/v1/match/{SESSION}/pledge"])
def test_strangers_people_and_peers_without_terms(made: Made, client: Client, path: str) -> None:
    def send(token: str, body: bytes = b"x") -> int:
        return client.post(path, content=body, headers={"Authorization": f"Bearer {token}"}).status_code

    assert client.post(path, content=b"x").status_code == 401
    assert send("toc_0_0") == 401
    assert send(token_for(made, "rosa", Role.REVIEWER)) == 403
    made.node.exchange.add_peer(
        made.node.access.operator(), "ferry", "http://127.0.0.1:9", allow_private=True
    )
    ferry = made.node.access.issue_token(made.node.access.operator(), "peer-ferry")
    assert send(ferry) == 403, "its key was never compared"
    assert send(ferry, secrets.token_bytes(MAX_BODY_BYTES + 1)) == 413
    assert made.node.store.matches.sessions() == ()


def test_a_session_has_a_name_of_its_own(made: Made, client: Client) -> None:
    for name in ("x", "0" * 31, "0" * 33, "A" * 32):
        for path in (f"/v1/match/{name}", f"/v1/match/{name}/pledge"):
            assert client.post(path, content=b"x", headers=made.bearer).status_code == 404
    assert client.get(f"/v1/match/{SESSION}", headers=made.bearer).status_code == 405
