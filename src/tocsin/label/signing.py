"""What labels are signed with, and the guard of a text: a signature in a field, where no manifest fits.

The guard is `x5c.es256:CERTIFICATE.SIGNATURE`, both in base64: the signer's certificate (DER) and ES256 (r and s, 64
bytes) over a domain, the digest of the text and what the producer's part of the label says.
"""

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID

from tocsin.kernel import BadInput
from tocsin.kernel.labels import ContentLabel
from tocsin.trust.certificates import Doubted, read_chain, read_roots, vouch

GUARD = "x5c.es256:"
_DOMAIN = b"tocsin content label v1\0"
_TRIED = b"tocsin label key, tried\0"
_PART_BYTES = 32


class LabelKey(msgspec.Struct, frozen=True):
    """A chain of certificates in PEM, the signer's first, and the way to sign ES256: r and s, 64 bytes.

    `pem` is the key itself where it is in a file: the library then signs by itself, which takes 9 kB less in each
    file; None for a key that a token holds.
    """

    chain: bytes
    sign: Callable[[bytes], bytes]
    pem: bytes | None = None


class Guarded(msgspec.Struct, frozen=True):
    """What a guard proved. `signer` as its certificate says; `doubt` is a code of docs/labels.md, "" when trusted."""

    signer: str
    doubt: str = ""


def key_in_file(key: object, chain: bytes) -> LabelKey:
    """A private key as `trust.signing_keys.read_private` gives it. Raises BadInput."""
    if not isinstance(key, ec.EllipticCurvePrivateKey) or not isinstance(key.curve, ec.SECP256R1):
        raise BadInput(
            "labels are signed with ES256: use an ECDSA key on P-256, or make one with `tocsin label key`"
        )
    first = read_roots(chain)[:1]
    if not first or first[0].public_key() != key.public_key():
        raise BadInput("the first certificate is not of this key: put the signing certificate first")

    def sign(message: bytes) -> bytes:
        r, s = decode_dss_signature(key.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(_PART_BYTES, "big") + s.to_bytes(_PART_BYTES, "big")

    return LabelKey(chain, sign, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


def key_in_hands(sign: Callable[[bytes], bytes], chain: bytes) -> LabelKey:
    """A key that somebody else holds, tried once: that it signs as the first certificate says. Raises BadInput."""
    first = read_roots(chain)[:1]
    public = first[0].public_key() if first else None
    if not isinstance(public, ec.EllipticCurvePublicKey) or not isinstance(public.curve, ec.SECP256R1):
        raise BadInput("labels are signed with ES256: the first certificate is of an ECDSA key on P-256")
    signed = sign(_TRIED)
    halves = (int.from_bytes(signed[:_PART_BYTES], "big"), int.from_bytes(signed[_PART_BYTES:], "big"))
    try:
        public.verify(encode_dss_signature(*halves), _TRIED, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise BadInput(
            "the first certificate is not of this key: put the signing certificate first"
        ) from None
    return LabelKey(chain, sign)


def guard_of(body: bytes, label: ContentLabel, key: LabelKey) -> str:
    """The guard of a text, for ReservedCode1."""
    leaf = read_roots(key.chain)[0].public_bytes(Encoding.DER)
    signature = key.sign(_message(body, label))
    return f"{GUARD}{base64.b64encode(leaf).decode()}.{base64.b64encode(signature).decode()}"


def check_guard(
    guard: str, body: bytes, label: ContentLabel, roots: Sequence[x509.Certificate], at: datetime
) -> Guarded:
    """Whether a guard of this form holds, and who made it. Raises BadInput when it does not or is malformed."""
    certificate, _, signature = guard.removeprefix(GUARD).partition(".")
    try:
        chain = read_chain([base64.b64decode(certificate, validate=True)])
        signed = base64.b64decode(signature, validate=True)
        public = chain[0].public_key()
    except (binascii.Error, ValueError):
        raise BadInput("the guard of the label cannot be read") from None
    if not isinstance(public, ec.EllipticCurvePublicKey) or len(signed) != 2 * _PART_BYTES:
        raise BadInput("the guard of the label is of another kind than it says")
    r, s = (int.from_bytes(signed[at : at + _PART_BYTES], "big") for at in (0, _PART_BYTES))
    try:
        public.verify(encode_dss_signature(r, s), _message(body, label), ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        raise BadInput("the text or its label is not what was signed") from None
    name = chain[0].subject.rfc4514_string()[:200]
    if not roots:
        return Guarded(name, "no-anchor")
    vouched = vouch(chain, roots, at, ExtendedKeyUsageOID.EMAIL_PROTECTION)
    return Guarded(name, f"certificate-{vouched.code}" if isinstance(vouched, Doubted) else "")


def _message(body: bytes, label: ContentLabel) -> bytes:
    """Without the propagator: who passes a text on adds a name and breaks nothing."""
    said = msgspec.json.encode([label.certainty, label.producer, label.content_id])
    return _DOMAIN + hashlib.sha256(body).digest() + said
