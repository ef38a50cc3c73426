"""Sealing to a public key: HPKE (RFC 9180), base mode, X25519, HKDF-SHA256, AES-256-GCM.

Enters: a public key and bytes. Leaves: bytes that the holder of the private half opens, and nobody else: not even
who sealed them. Refuses: another key, another place (`label`), changed bytes.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from tocsin.trust.seal import KEY_BYTES, Entropy, SealBroken

PUBLIC_BYTES = 32
_INFO = b"tocsin/box/1\x00"
_DERIVED = b"tocsin/box-of-a-key/1"
"""What the private half that belongs to a symmetric key is derived for (RFC 5869, expand)."""


class Box:
    """The private half: opens what was sealed to `public`."""

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise ValueError(f"a private key has {KEY_BYTES} bytes, not {len(secret)}")
        self._key = X25519PrivateKey.from_private_bytes(secret)
        self.public = self._key.public_key().public_bytes_raw()

    @staticmethod
    def of_key(key: bytes) -> "Box":
        """The box that belongs to a symmetric key: whoever has that key opens both."""
        return Box(HKDFExpand(hashes.SHA256(), KEY_BYTES, _DERIVED).derive(key))

    def open(self, sealed: bytes, label: str) -> bytes:
        """What was sealed to this box under this label. Raises SealBroken."""
        try:
            return _suite().decrypt(sealed, self._key, info=_info(label))
        except (InvalidTag, ValueError) as error:
            raise SealBroken("sealed data does not open: wrong key, wrong place, or changed bytes") from error


def new_secret(entropy: Entropy) -> bytes:
    """A fresh private half."""
    return entropy(KEY_BYTES)


def seal_to(public: bytes, plain: bytes, label: str) -> bytes:
    """`plain` for the holder of `public` alone: 48 bytes longer than it. Raises SealBroken for bytes that are no key.

    The label goes into the key schedule (RFC 9180, section 5.1): under another one nothing opens.
    """
    try:
        key = X25519PublicKey.from_public_bytes(public)
        return _suite().encrypt(plain, key, info=_info(label))
    except ValueError as error:
        raise SealBroken("this public key is none: have its owner make a new one") from error


def _suite() -> Suite:
    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)


def _info(label: str) -> bytes:
    return _INFO + label.encode()
