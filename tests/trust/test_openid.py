"""What a provider says, without sockets: whatever is in a signed token, the answer is somebody or a fault."""

import base64
import json
import os
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import ECKey, KeySet
from joserfc.registry import HeaderParameter

from tocsin.kernel import ProviderFault
from tocsin.trust import openid

KEY = ECKey.generate_key("P-256", {"kid": "first", "use": "sig"})
KEYS = KeySet([KEY])
NOW = 1_795_176_000
EXPECTED = openid.Expected(issuer="https://login.example", client="node", nonce="n", now=NOW)
GOOD: dict[str, Any] = {
    "iss": "https://login.example",
    "sub": "248289761001",
    "aud": "node",
    "iat": NOW,
    "exp": NOW + 300,
    "nonce": "n",
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


def token(claims: object, **header: object) -> str:
    said = {"alg": "ES256", "kid": "first", **header}
    registry = jws.JWSRegistry(algorithms=["ES256"], strict_check_header=False)
    return jws.serialize_compact(said, json.dumps(claims).encode(), KEY, registry=registry)


def test_a_good_token_is_somebody() -> None:
    claims = GOOD | {
        "groups": ["a", 7, "", "b\n", "b"],
        "name": "Chen",
        "amr": ["pwd", "mfa"],
        "aud": ["node"],
    }
    assert openid.verify(token(claims), KEYS, EXPECTED) == openid.Identity(
        subject="248289761001", name="Chen", groups=("a", "b"), mfa=True
    )
    bare = openid.verify(token(GOOD), KEYS, EXPECTED)
    assert (bare.name, bare.groups, bare.mfa) == ("248289761001", (), False)


def test_a_header_that_is_not_known_is_passed_over_and_a_critical_one_is_not() -> None:
    assert openid.verify(token(GOOD, lottery="refund"), KEYS, EXPECTED).subject
    critical = jws.JWSRegistry(
        {"lottery": HeaderParameter("x", "str")}, algorithms=["ES256"], strict_check_header=False
    )
    header = {"alg": "ES256", "kid": "first", "crit": ["lottery"], "lottery": "refund"}
    said = jws.serialize_compact(header, json.dumps(GOOD).encode(), KEY, registry=critical)
    with pytest.raises(ProviderFault):
        openid.verify(said, KEYS, EXPECTED)


@given(st.sampled_from([*GOOD, "azp", "nbf", "groups", "amr", "acr", "name", "preferred_username"]), JSON)
def test_one_claim_of_any_shape(name: str, value: object) -> None:
    claims = GOOD | {name: value}
    try:
        identity = openid.verify(token(claims), KEYS, EXPECTED)
    except ProviderFault:
        return
    assert claims["iss"] == GOOD["iss"]
    assert claims["aud"] in ("node", ["node"])
    assert claims["nonce"] == "n"
    assert 0 < len(identity.subject) <= 255
    assert identity.mfa is (isinstance(value, list) and "mfa" in value)


@given(st.binary(max_size=200))
def test_junk_is_a_fault(content: bytes) -> None:
    for read in (openid.read_keys, openid.read_id_token, lambda it: openid.read_provider(it, "i")):
        with pytest.raises(ProviderFault):
            read(content)
    with pytest.raises(ProviderFault):
        openid.verify(content.decode("latin-1"), KEYS, EXPECTED)


def test_text_that_is_not_utf_8_is_a_fault() -> None:
    """Found by the fuzzer: a ValueError of its own kind."""
    with pytest.raises(ProviderFault):
        openid.read_keys(b'{"keys":[{"kty":"EC","x":"f8\x8f"}]}')


def test_one_byte_changed_is_a_fault() -> None:
    head, body, signature = token(GOOD).split(".")
    other = base64.urlsafe_b64encode(json.dumps(GOOD | {"sub": "admin"}).encode()).rstrip(b"=").decode()
    with pytest.raises(ProviderFault):
        openid.verify(f"{head}.{other}.{signature}", KEYS, EXPECTED)
    swapped = ("A" if signature[0] != "A" else "B") + signature[1:]
    with pytest.raises(ProviderFault):
        openid.verify(f"{head}.{body}.{swapped}", KEYS, EXPECTED)


def test_a_key_that_is_not_there_is_said_apart_for_it_may_be_new() -> None:
    with pytest.raises(openid.KeyUnknownError):
        openid.verify(token(GOOD, kid="second"), KEYS, EXPECTED)


def test_the_challenge_of_the_rfc() -> None:
    """RFC 7636, appendix B."""
    verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
    assert openid.challenge(verifier) == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    assert 43 <= len(openid.new_verifier(os.urandom)) <= 128
