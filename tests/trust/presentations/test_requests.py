import json
from datetime import UTC, datetime

import pytest

from tests.wallet import IDENTITY, Wallet
from tocsin.net.tls import self_signed
from tocsin.trust.presentations import (
    Offer,
    PresentationRefused,
    Signer,
    Why,
    read_response,
    request_object,
)

OFFER = Offer(
    "a-state", "a-nonce", "https://node.example/apply/wallet/a-state", (IDENTITY,), ("pairwise",), 1, 9
)


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer(*self_signed("node", ["node.example"], now=datetime(2026, 11, 20, tzinfo=UTC)))


def test_a_wallet_reads_what_it_is_asked(signer: Signer) -> None:
    asked = Wallet().read_request(request_object(signer, OFFER), signer.client_id)
    assert (asked["nonce"], asked["state"], asked["response_uri"]) == (
        "a-nonce",
        "a-state",
        OFFER.response_uri,
    )
    (query,) = asked["dcql_query"]["credentials"]
    assert query == {
        "id": "credential",
        "format": "dc+sd-jwt",
        "meta": {"vct_values": [IDENTITY]},
        "claims": [{"path": ["pairwise"]}],
    }
    assert "ES256" in asked["client_metadata"]["vp_formats_supported"]["dc+sd-jwt"]["kb-jwt_alg_values"]


def test_answers_are_read(signer: Signer) -> None:
    token = json.dumps({"credential": ["a~b~c"]})
    found = read_response({"vp_token": token, "state": "a-state"})
    assert (found.state, found.presentation, found.declined) == ("a-state", "a~b~c", False)
    assert read_response({"error": "access_denied", "state": "a-state"}).declined


@pytest.mark.parametrize(
    "token",
    [
        None,
        "",
        "a~b~c",
        '{"other": ["a"]}',
        '{"credential": ["a", "b"]}',
        '{"credential": "a"}',
        "[" * 20_000,
    ],
    ids=range(7),
)
def test_what_is_no_answer(token: str | None) -> None:
    with pytest.raises(PresentationRefused) as refused:
        read_response({"state": "s"} | ({} if token is None else {"vp_token": token}))
    assert refused.value.why is Why.UNREADABLE
