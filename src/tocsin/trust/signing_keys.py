"""Keys that sign envelopes: read, named, tried. The key decides the algorithm; nothing in a signature does.

Enters: PEM, an envelope. Leaves: whether a signature over it holds. Refuses: curves, sizes and kinds not named here.
Ed25519 (RFC 8032), ECDSA on P-256, P-384 and P-521 with the hash of their size (Sigstore's registry of algorithms),
RSA-PSS with SHA-256 from 2,048 bits on.
"""

import hashlib

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tocsin.kernel import BadInput
from tocsin.wire.dsse import Envelope, EnvelopeSignature, pae

PublicKey = Ed25519PublicKey | ec.EllipticCurvePublicKey | rsa.RSAPublicKey
PrivateKey = Ed25519PrivateKey | ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

MAX_PEM_BYTES = 16 << 10
"""An RSA key of 16,384 bits is 12 KB of PEM."""

MIN_RSA_BITS = 2_048
MAX_RSA_BITS = 16_384

_CURVES: dict[str, hashes.HashAlgorithm] = {
    "secp256r1": hashes.SHA256(),
    "secp384r1": hashes.SHA384(),
    "secp521r1": hashes.SHA512(),
}
_PSS = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=padding.PSS.DIGEST_LENGTH)


def read_public(pem: bytes) -> PublicKey:
    """A public key from PEM. Raises BadInput."""
    if len(pem) > MAX_PEM_BYTES:
        raise BadInput(f"the public key is over {MAX_PEM_BYTES} bytes: name a PEM file with one public key")
    try:
        return supported(serialization.load_pem_public_key(pem))
    except (ValueError, UnsupportedAlgorithm):
        raise BadInput("this is not a public key in PEM (`-----BEGIN PUBLIC KEY-----`)") from None


def read_private(pem: bytes, password: bytes | None = None) -> PrivateKey:
    """A private key from PEM. Raises BadInput, which says nothing of its bytes."""
    if len(pem) > MAX_PEM_BYTES:
        raise BadInput(f"the private key is over {MAX_PEM_BYTES} bytes: name a PEM file with one private key")
    try:
        key = serialization.load_pem_private_key(pem, password)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadInput("this is not a private key in PEM, or its password is another") from None
    if not isinstance(key, PrivateKey):
        raise BadInput("this kind of private key does not sign here: use ECDSA, Ed25519 or RSA")
    supported(key.public_key())
    return key


def supported(key: object) -> PublicKey:
    """`key`, when it is of a kind that counts. Raises BadInput."""
    if isinstance(key, Ed25519PublicKey):
        return key
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in _CURVES:
        return key
    if isinstance(key, rsa.RSAPublicKey) and MIN_RSA_BITS <= key.key_size <= MAX_RSA_BITS:
        return key
    raise BadInput(
        "this kind of key does not count: use Ed25519, ECDSA on P-256, P-384 or P-521, or RSA from 2,048 bits"
    )


def public_pem(key: PublicKey) -> bytes:
    """As other tools read it."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def key_id(key: PublicKey) -> str:
    """`sha256:` and the digest of the DER form: how a policy and a verdict name a key."""
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    return "sha256:" + hashlib.sha256(der).hexdigest()


def holds(
    key: PublicKey, signature: bytes, message: bytes, hashed: hashes.HashAlgorithm | None = None
) -> bool:
    """Whether `key` made `signature` over `message`. `hashed` overrides ECDSA's hash (older model signatures)."""
    try:
        if isinstance(key, Ed25519PublicKey):
            key.verify(signature, message)
        elif isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(hashed or _CURVES[key.curve.name]))
        else:
            key.verify(signature, message, _PSS, hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def sign(key: PrivateKey, message: bytes) -> bytes:
    """A signature that `holds` accepts."""
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(message)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(message, ec.ECDSA(_CURVES[key.curve.name]))
    return key.sign(message, _PSS, hashes.SHA256())


def sealed(key: PrivateKey, payload_type: str, payload: bytes, *, keyid: str = "") -> Envelope:
    """An envelope with one signature over `payload`."""
    signature = sign(key, pae(payload_type, payload))
    return Envelope(payload_type, payload, (EnvelopeSignature(signature, keyid),))


def signed_by(envelope: Envelope, key: PublicKey) -> bool:
    """Whether any signature of the envelope is this key's, whatever its hint says."""
    message = envelope.signed
    return any(holds(key, one.sig, message) for one in envelope.signatures)
