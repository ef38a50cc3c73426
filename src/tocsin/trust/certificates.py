"""A certificate that signs models, followed up to roots that the operator named, at one moment.

Enters: DER, PEM, a moment. Leaves: the key and the names that the certificate vouches for. Refuses: a certificate for
something else (a web server's), one outside its time, a chain that does not end in a root given here; the roots of the
operating system are never taken.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from cryptography.x509.verification import (
    Criticality,
    ExtensionPolicy,
    Policy,
    PolicyBuilder,
    Store,
    VerificationError,
)

from tocsin.kernel import BadInput
from tocsin.trust.signing_keys import PublicKey, supported
from tocsin.wire.model_bundle import MAX_CERTIFICATES

MAX_ROOTS_BYTES = 1 << 20

_BROKEN = (
    ValueError,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
    UnsupportedAlgorithm,
)
"""What a certificate that is not of its form makes the library raise, when it is loaded or when a part is read."""


class Vouched(msgspec.Struct, frozen=True):
    """What a chain of certificates vouches for. `names` are e-mail addresses, URIs, DNS names and the common name."""

    key: PublicKey
    names: tuple[str, ...]
    fingerprint: str
    until: datetime


class Doubted(msgspec.Struct, frozen=True):
    """The chain does not hold. `code`: "expired", "not-for-signing" or "untrusted"."""

    code: str
    reason: str


def read_roots(pem: bytes) -> tuple[x509.Certificate, ...]:
    """Certificates from PEM. Raises BadInput."""
    if len(pem) > MAX_ROOTS_BYTES:
        raise BadInput(f"the file of roots is over {MAX_ROOTS_BYTES} bytes: keep only those that you mean")
    try:
        return tuple(x509.load_pem_x509_certificates(pem))
    except _BROKEN:
        raise BadInput("this is not a file of certificates in PEM") from None


def read_chain(ders: Sequence[bytes]) -> tuple[x509.Certificate, ...]:
    """A chain as a bundle carries it, the signer's first. Raises BadInput."""
    if not 1 <= len(ders) <= MAX_CERTIFICATES:
        raise BadInput(f"the signature carries {len(ders)} certificates; 1 to {MAX_CERTIFICATES} are read")
    try:
        return tuple(x509.load_der_x509_certificate(der) for der in ders)
    except _BROKEN:
        raise BadInput("the signature carries a certificate that cannot be read") from None


def signing_chain(pem: bytes, key: PublicKey) -> tuple[bytes, ...]:
    """A chain to sign with, as DER: the certificate of `key` first, then its issuers. Raises BadInput."""
    chain = read_roots(pem)
    ders = tuple(one.public_bytes(Encoding.DER) for one in chain)
    read_chain(ders)
    try:
        if chain[0].public_key() != key:
            raise BadInput("the first certificate is not of this key: put the signing certificate first")
        if not _may_sign(chain[0], ExtendedKeyUsageOID.CODE_SIGNING):
            raise BadInput("the certificate is not one for signing code: nobody here would accept it")
    except _BROKEN:
        raise BadInput("the first certificate cannot be used") from None
    return ders


def vouch(
    chain: Sequence[x509.Certificate],
    roots: Sequence[x509.Certificate],
    at: datetime,
    usage: ObjectIdentifier = ExtendedKeyUsageOID.CODE_SIGNING,
) -> Vouched | Doubted:
    """Follow `chain` to one of `roots` as of `at` (RFC 5280).

    1. The first certificate is within its time. 2. It may sign for `usage`: it states usages, and they allow it.
    3. A path leads from it to a root, each within its time, each allowed to issue. 4. Its key is of a kind that counts.
    """
    leaf = chain[0]
    try:
        if not leaf.not_valid_before_utc <= at <= leaf.not_valid_after_utc:  # 1
            return Doubted("expired", f"the certificate counts until {leaf.not_valid_after_utc:%Y-%m-%d}")
        if not _may_sign(leaf, usage):  # 2
            return Doubted("not-for-signing", "the certificate is not one for this kind of signing")
        ca = ExtensionPolicy.webpki_defaults_ca().may_be_present(
            x509.ExtendedKeyUsage, Criticality.AGNOSTIC, None
        )
        verifier = (
            PolicyBuilder()
            .store(Store(list(roots)))
            .time(at)
            .max_chain_depth(MAX_CERTIFICATES)
            .extension_policies(ca_policy=ca, ee_policy=_leaf_policy())
            .build_client_verifier()
        )
        verifier.verify(leaf, list(chain[1:]))  # 3
        key = supported(leaf.public_key())  # 4
        return Vouched(key, names_of(leaf), leaf.fingerprint(hashes.SHA256()).hex(), leaf.not_valid_after_utc)
    except (VerificationError, BadInput, *_BROKEN) as error:
        return Doubted("untrusted", str(error)[:200])


def names_of(certificate: x509.Certificate) -> tuple[str, ...]:
    """Whom a certificate is for. The common name counts only where there is no alternative name (RFC 6125)."""
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        common = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
        return tuple(str(one.value) for one in common)
    return tuple(
        one.value
        for one in names
        if isinstance(one, x509.RFC822Name | x509.UniformResourceIdentifier | x509.DNSName)
    )


def _leaf_policy() -> ExtensionPolicy:
    def not_an_issuer(_: Policy, __: x509.Certificate, value: x509.BasicConstraints | None) -> None:
        if value is not None and value.ca:
            raise ValueError("the signing certificate is an issuer's")

    # what it may be used for is checked apart; the web's rule that it names a server does not fit here
    return ExtensionPolicy.permit_all().may_be_present(
        x509.BasicConstraints, Criticality.AGNOSTIC, not_an_issuer
    )


def _may_sign(certificate: x509.Certificate, usage: ObjectIdentifier) -> bool:
    stated = 0
    for extension in certificate.extensions:
        value = extension.value
        if isinstance(value, x509.KeyUsage):
            stated += 1
            if not value.digital_signature:
                return False
        if isinstance(value, x509.ExtendedKeyUsage):
            stated += 1
            if usage not in value:
                return False
    return stated > 0
