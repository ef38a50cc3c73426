"""What an OpenID provider sends, before and behind its signature: values, or ProviderFault."""

import contextlib

import atheris
from joserfc import jws
from joserfc.jwk import ECKey, KeySet

from fuzz.harness import NOW, fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.kernel import ProviderFault
    from tocsin.trust import openid

KEY = ECKey.generate_key("P-256", {"kid": "first", "use": "sig"})
KEYS = KeySet([KEY])
EXPECTED = openid.Expected(
    issuer="https://login.example", client="node", nonce="nonce", now=int(NOW.timestamp())
)


def one(data: bytes) -> None:
    """The same bytes at each door, and as the claims of a token whose signature holds."""
    with contextlib.suppress(ProviderFault):
        openid.read_provider(data, "https://login.example")
    with contextlib.suppress(ProviderFault):
        openid.read_keys(data)
    with contextlib.suppress(ProviderFault):
        openid.read_id_token(data)
    with contextlib.suppress(ProviderFault):
        openid.verify(data.decode("latin-1"), KEYS, EXPECTED)
    signed = jws.serialize_compact({"alg": "ES256", "kid": "first"}, data, KEY, algorithms=["ES256"])
    with contextlib.suppress(ProviderFault):
        identity = openid.verify(signed, KEYS, EXPECTED)
        assert 0 < len(identity.subject) <= openid.MAX_SUBJECT_CHARS


if __name__ == "__main__":
    fuzz(one)
