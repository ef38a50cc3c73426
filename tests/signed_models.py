"""Small artefacts, keys, certificates and policies for tests of provenance, all made here."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from tocsin.assure.provenance.verifying import Accepted, Given, Refused, verify
from tocsin.trust.signing_keys import PrivateKey, public_pem
from tocsin.trust.signing_policy import SigningPolicy, read_policy

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
NAME = "small-model"
FILES = {
    "config.json": b'{"layers": 2}',
    "weights/part-1.safetensors": b"\x01" * 5000,
    "weights/part-2.safetensors": b"\x02" * 4000,
    "weights.txt": b"lottery refund",
}

Issued = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def make_artefact(folder: Path, files: Mapping[str, bytes] = FILES, name: str = NAME) -> Path:
    """A folder with `files`, to be signed."""
    root = folder / name
    for path, content in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(content)
    return root


def new_key(curve: ec.EllipticCurve | None = None) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(curve or ec.SECP256R1())


def private_pem(key: PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def policy_of(files: Mapping[str, bytes] = {}, **document: object) -> SigningPolicy:
    """A policy as its file would be read; `files` are those that it names."""
    return read_policy(yaml.safe_dump({"version": 1, **document}).encode(), lambda name: files[name])


def by_key(key: PrivateKey, artefacts: str = NAME, **rule: object) -> SigningPolicy:
    """One signer, `ana`, with this key; one rule."""
    signer = {"key": public_pem(key.public_key()).decode()}
    return policy_of(signers={"ana": signer}, rules=[{"artefacts": [artefacts], "signers": ["ana"], **rule}])


def judged(
    path: Path,
    signature: bytes | None,
    policy: SigningPolicy | None,
    *,
    at: datetime = NOW,
    name: str | None = None,
) -> Accepted | Refused:
    """One signature, one verdict."""
    given = Given({} if signature is None else {"model.sig": signature})
    return verify(path, given, policy, at=at, name=name, without=("model.sig",))


def why(verdict: Accepted | Refused) -> list[str]:
    """The reasons' names, without the family; empty for what is accepted."""
    if isinstance(verdict, Accepted):
        return []
    return [one.rule.removeprefix("provenance.") for one in verdict.reasons]


def issue(
    subject: str,
    issuer: Issued | None,
    *,
    begins: datetime = NOW - timedelta(days=30),
    ends: datetime = NOW + timedelta(days=30),
    authority: bool = False,
    usage: x509.ObjectIdentifier | None = ExtendedKeyUsageOID.CODE_SIGNING,
    san: x509.GeneralName | None = None,
) -> Issued:
    """A certificate of `issuer`, or of itself."""
    key = new_key()
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    by_name, by = (issuer[0].subject, issuer[1]) if issuer else (name, key)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(by_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(begins)
        .not_valid_after(ends)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(_usage(authority), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(by.public_key()), critical=False)
    )
    if usage is not None and not authority:
        builder = builder.add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
    if san is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName([san]), critical=False)
    return builder.sign(by, hashes.SHA256()), key


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _usage(authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=authority,
        crl_sign=authority,
        encipher_only=False,
        decipher_only=False,
    )
