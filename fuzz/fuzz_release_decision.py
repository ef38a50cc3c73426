"""Signed release decisions of other nodes: refused, or BadInput; never accepted by a key that did not sign."""

import contextlib

import atheris

from fuzz.harness import NOW, fuzz

with atheris.instrument_imports(include=["tocsin.gate.attesting", "tocsin.wire.in_toto", "tocsin.wire.dsse"]):
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    from tocsin.gate.attesting import Refused, verify
    from tocsin.kernel import BadInput
    from tocsin.trust.release_policy import ReleasePolicies
    from tocsin.trust.signing_keys import sealed
    from tocsin.wire.dsse import IN_TOTO_TYPE, parse_envelope

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
POLICIES = ReleasePolicies.load()


def one(data: bytes) -> None:
    """As an envelope, and as what a believed key might have signed."""
    try:
        told = verify(parse_envelope(data), [KEY.public_key()], at=NOW)
        assert isinstance(told, Refused)
    except BadInput:
        pass
    if not data:
        return
    with contextlib.suppress(BadInput):
        made = sealed(KEY, IN_TOTO_TYPE, data)
        verify(made, [KEY.public_key()], at=NOW, files={"a": "0" * 64}, policies=POLICIES)


if __name__ == "__main__":
    fuzz(one)
