"""What a wallet presents, its disclosures and its status list, before and behind signatures: values, or a refusal."""

import base64
import contextlib
import hashlib

import atheris
import msgspec
from joserfc import jws
from joserfc.jwk import ECKey, KeySet

from fuzz.harness import NOW, fuzz

with atheris.instrument_imports(include=["tocsin"]):
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

KEY = ECKey.generate_key("P-256", {"kid": "first", "use": "sig"})
KEYS = KeySet([KEY])
ISSUER, KIND, SECONDS = "https://issuer.example", "https://issuer.example/person", int(NOW.timestamp())
ASKED = Asked("us", "nonce", SECONDS, (KIND,), ("pairwise",))
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
