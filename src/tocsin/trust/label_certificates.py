"""A small authority of one's own and the certificate that labels are signed with, of the form that C2PA asks for.

Enters: a name, a moment. Leaves: two keys and two certificates. C2PA refuses a certificate that signed itself: so an
authority signs one, and whoever trusts the node takes the authority's certificate as an anchor.
"""

from datetime import datetime, timedelta

import msgspec
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS = 20 * 365
"""Labels are looked at long after they were written; the authority's key signs nothing but certificates."""
LEAF_DAYS = 3 * 365
"""Without a timestamp from outside a label stands as long as its certificate does. `tocsin label key --renew` makes
the next one."""
MAX_COMMON_NAME_CHARS = 64
"""RFC 5280, appendix A.1: ub-common-name."""
_BACKDATED = timedelta(minutes=5)
"""Clocks of honest verifiers differ by minutes."""

_USAGES = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


class Authority(msgspec.Struct, frozen=True):
    """The authority, in PEM: its key and its certificate."""

    key: bytes
    certificate: bytes


class LeafKey(msgspec.Struct, frozen=True):
    """What labels are signed with, in PEM: the key, and its certificate with the authority's behind it."""

    key: bytes
    chain: bytes


def new_authority(name: str, at: datetime) -> Authority:
    """An authority for one node."""
    key = ec.generate_private_key(ec.SECP256R1())
    called = _named(f"{name[: MAX_COMMON_NAME_CHARS - 7]} labels", name)
    certificate = (
        _begun(called, called, key.public_key(), at, AUTHORITY_DAYS)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    return Authority(_private(key), certificate.public_bytes(Encoding.PEM))


def new_leaf(authority: Authority, name: str, at: datetime) -> LeafKey:
    """A key and its certificate, signed by `authority`: e-mail protection, for C2PA knows no usage of its own yet."""
    key = ec.generate_private_key(ec.SECP256R1())
    return LeafKey(_private(key), leaf_certificate(authority, name, key.public_key(), at))


def leaf_certificate(
    authority: Authority, name: str, public: ec.EllipticCurvePublicKey, at: datetime
) -> bytes:
    """A certificate for a key that is held elsewhere (a token), with the authority's behind it, in PEM."""
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    issuer = x509.load_pem_x509_certificate(authority.certificate)
    signer = load_pem_private_key(authority.key, None)
    if not isinstance(signer, ec.EllipticCurvePrivateKey):
        raise TypeError("an authority's key is on P-256")
    held = issuer.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    certificate = (
        _begun(_named(name[:MAX_COMMON_NAME_CHARS], name), issuer.subject, public, at, LEAF_DAYS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage("digital_signature"), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(held), critical=False)
        .sign(signer, hashes.SHA256())
    )
    return certificate.public_bytes(Encoding.PEM) + authority.certificate


def _begun(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, at: datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - _BACKDATED)
        .not_valid_after(at + timedelta(days=days))
    )


def _named(common: str, organisation: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, common),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation[:MAX_COMMON_NAME_CHARS]),
        ]
    )


def _usage(*usages: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{usage: usage in usages for usage in _USAGES})


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
