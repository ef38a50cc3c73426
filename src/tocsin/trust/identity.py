"""A node's identity is its first Ed25519 key (RFC 8032), and later ones that the key before each named (`key_history`).

Its STIX identity and its id are derived from the first, so nobody takes another's and both outlive a rotation.
"""

import hashlib
import uuid

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SECRET_BYTES = 32
PUBLIC_BYTES = 32

NODE_NAMESPACE = uuid.UUID("6f1f4c2e-7a0b-5d54-9c0e-3f6f5d0c7a11")
"""Namespace of UUIDv5 node identities; fixed for ever."""


class NodeIdentity:
    """The private key of this node, with the public names derived from its `first` key (this one, when it is None)."""

    def __init__(self, secret: bytes, first: bytes | None = None) -> None:
        self._key = Ed25519PrivateKey.from_private_bytes(secret)
        self.public = self._key.public_key().public_bytes_raw()
        self.first = first or self.public

    @property
    def node_id(self) -> str:
        return node_id(self.first)

    @property
    def stix_identity(self) -> str:
        return stix_identity(self.first)

    def sign(self, message: bytes) -> bytes:
        """Ed25519 signature, 64 bytes."""
        return self._key.sign(message)


def node_id(public: bytes) -> str:
    """`tn_` and 32 hexadecimal digits of the SHA-256 of the public key."""
    return "tn_" + hashlib.sha256(public).hexdigest()[:32]


def stix_identity(public: bytes) -> str:
    """The STIX identity id of a node key: `identity--` and a UUIDv5 of its hexadecimal form."""
    return f"identity--{uuid.uuid5(NODE_NAMESPACE, public.hex())}"


def fingerprint(public: bytes) -> str:
    """SHA-256 of a node key in groups of four, for two operators to compare over another channel."""
    digest = hashlib.sha256(public).hexdigest()
    return " ".join(digest[start : start + 4] for start in range(0, 32, 4))
