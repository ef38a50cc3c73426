"""Bundles that claim to sign a model: nobody's key holds over them, and what they list stays inside the model."""

import atheris
from cryptography.hazmat.primitives.asymmetric import ec

from fuzz.harness import NOW, fuzz

with atheris.instrument_imports(include=["tocsin.wire", "tocsin.trust"]):
    from tocsin.kernel import BadInput
    from tocsin.trust.certificates import Doubted
    from tocsin.trust.signers import CertificateSigner, KeySigner, made_by
    from tocsin.wire.in_toto import Statement, Subject, parse_statement
    from tocsin.wire.model_bundle import parse_bundle
    from tocsin.wire.model_signature import PREDICATE, manifest_of

SIGNERS = (
    KeySigner(ec.generate_private_key(ec.SECP256R1()).public_key()),
    CertificateSigner("release@example.org", ()),
)


def one(data: bytes) -> None:
    """As a bundle, as its statement, and as the predicate alone."""
    try:
        bundle = parse_bundle(data)
        for signer in SIGNERS:
            assert isinstance(made_by(bundle, signer, NOW), Doubted)
        data = bundle.envelope.payload
    except BadInput:
        pass
    try:
        said = parse_statement(data)
    except BadInput:
        return
    for statement in (said, Statement((Subject("m", {"sha256": "0" * 64}),), PREDICATE, said.predicate)):
        try:
            manifest = manifest_of(statement)
        except BadInput:
            continue
        for where in manifest.digests:
            assert not where.path.startswith("/")
            assert ".." not in where.path.split("/")


if __name__ == "__main__":
    fuzz(one)
