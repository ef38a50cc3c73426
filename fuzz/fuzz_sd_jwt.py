"""What a wallet presents, its disclosures, its status list, a peer's pass: values, or a refusal."""

import base64
import contextlib
import hashlib

import atheris
import msgspec
from joserfc import jws
from joserfc.jwk import ECKey, KeySet

from fuzz.harness import NOW, fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.trust.identity import NodeIdentity, node_id
    from tocsin.trust.presentations import (
        Asked,
        PresentationRefused,
        place_of,
        read,
        read_list,
        read_response,
        unpack,
        verify,
    )
    from tocsin.trust.presentations.passes import MAX_PASS_SECONDS, read_pass

KEY = ECKey.generate_key("P-256", {"kid": "first", "use": "sig"})
KEYS = KeySet([KEY])
ISSUER, KIND, SECONDS = "https://issuer.example", "https://issuer.example/person", int(NOW.timestamp())
ASKED = Asked("us", "nonce", SECONDS, (KIND,), ("pairwise",))
NODE = NodeIdentity(bytes(32))
PEERS = {node_id(NODE.public): NODE.public}
PASS = b'{"alg":"Ed25519","typ":"tocsin-pass+jwt"}'
HEADER = {"alg": "ES256", "kid": "first", "typ": "dc+sd-jwt"}


def one(data: bytes) -> None:
    """The same bytes as text, as signed claims, as a disclosure, as a list, and as an answer."""
    text = data.decode("latin-1")
    with contextlib.suppress(PresentationRefused):
        read(text)
    with contextlib.suppress(PresentationRefused):
        verify(text, {ISSUER: KEYS}, ASKED)
    with contextlib.suppress(PresentationRefused):
        read_response({"vp_token": text})
    disclosure = base64.urlsafe_b64encode(data).rstrip(b"=").decode()
    digest = base64.urlsafe_b64encode(hashlib.sha256(disclosure.encode()).digest()).rstrip(b"=").decode()
    with contextlib.suppress(PresentationRefused):
        found, shown = unpack({"_sd": [digest], "list": [{"...": "other"}]}, (disclosure,))
        assert len(shown) == 1
        assert len(found) == 2
    signed = jws.serialize_compact(HEADER, data, KEY, algorithms=["ES256"])
    with contextlib.suppress(PresentationRefused):
        verify(f"{signed}~", {ISSUER: KEYS}, ASKED)
    with contextlib.suppress(PresentationRefused):
        read_list(signed, KEYS.keys, uri="https://issuer.example/1", now=SECONDS)
    with contextlib.suppress(PresentationRefused):
        read_pass(text, PEERS, audience="us", now=SECONDS)
    parts = [base64.urlsafe_b64encode(one).rstrip(b"=") for one in (PASS, data)]
    told = b".".join(parts)
    passed = f"{told.decode()}.{base64.urlsafe_b64encode(NODE.sign(told)).rstrip(b'=').decode()}"
    with contextlib.suppress(PresentationRefused):
        one_pass = read_pass(passed, PEERS, audience="us", now=SECONDS)
        assert one_pass.exp - one_pass.iat <= MAX_PASS_SECONDS
    try:
        claims = msgspec.json.decode(data, type=dict[str, object])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return
    with contextlib.suppress(PresentationRefused):
        unpack(claims, (disclosure,))
    with contextlib.suppress(PresentationRefused):
        place_of(claims)


if __name__ == "__main__":
    fuzz(one)
