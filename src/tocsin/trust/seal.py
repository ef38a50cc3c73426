"""Sealing: AES-256-GCM (NIST SP 800-38D) under a key that lives for one day of receipt.

A day's key destroyed is a day's text and fingerprints gone, wherever copies of the ciphertext are. Day keys
rest wrapped under the node's master key (AES key wrap with padding, RFC 5649).
"""

import hmac
from collections.abc import Callable, Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from cryptography.hazmat.primitives.keywrap import (
    InvalidUnwrap,
    aes_key_unwrap_with_padding,
    aes_key_wrap_with_padding,
)

from tocsin.kernel import TocsinError

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16
TAGS = b"tocsin/text-tags/1"
"""What the key of tags is derived for (RFC 5869, expand): the day's key itself only seals."""

MAX_SEALS_PER_KEY = 1 << 32
"""Random 96-bit nonces under one key: SP 800-38D, section 8.3. Not counted: no node
receives 4 billion events a day."""

Entropy = Callable[[int], bytes]
"""Returns n fresh random bytes; `os.urandom` outside tests."""


class SealBroken(TocsinError):
    """The ciphertext is not what was sealed under this key and label."""

    code = "seal-broken"


class Seal:
    """Seals and opens under one key. `label` binds a ciphertext to its place (an event id, a peer's name)."""

    def __init__(self, key: bytes, entropy: Entropy) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a seal key has {KEY_BYTES} bytes, not {len(key)}")
        self._cipher = AESGCM(key)
        self._tags = HKDFExpand(hashes.SHA256(), KEY_BYTES, TAGS).derive(key)
        self._entropy = entropy

    def close(self, plain: bytes, label: str) -> bytes:
        """Nonce and ciphertext of `plain`: 28 bytes longer than it."""
        nonce = self._entropy(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, label.encode())

    def close_many(self, plains: Sequence[tuple[bytes, str]]) -> list[bytes]:
        """`close` of each (plain, label), every one under a nonce of its own, drawn together."""
        nonces = self._entropy(NONCE_BYTES * len(plains))
        encrypt = self._cipher.encrypt
        closed: list[bytes] = []
        for at, (plain, label) in enumerate(plains):
            nonce = nonces[at * NONCE_BYTES : (at + 1) * NONCE_BYTES]
            closed.append(nonce + encrypt(nonce, plain, label.encode()))
        return closed

    def tag(self, content: bytes) -> bytes:
        """A name (16 bytes) of `content` under this key: equal for equal content, and nothing without the key."""
        return hmac.digest(self._tags, content, "sha256")[:TAG_BYTES]

    def open(self, sealed: bytes, label: str) -> bytes:
        """What was sealed. Raises SealBroken when key, label or bytes differ."""
        try:
            rest = memoryview(sealed)[NONCE_BYTES:]  # a part of the window has megabytes: they are not copied
            return self._cipher.decrypt(sealed[:NONCE_BYTES], rest, label.encode())
        except (InvalidTag, ValueError) as error:
            raise SealBroken("sealed data does not open: wrong key, wrong place, or changed bytes") from error


def wrap_key(master: bytes, key: bytes) -> bytes:
    """`key` wrapped under `master` (RFC 5649)."""
    return aes_key_wrap_with_padding(master, key)


def unwrap_key(master: bytes, wrapped: bytes) -> bytes:
    """The key that was wrapped. Raises SealBroken when `master` is another or the bytes changed."""
    try:
        return aes_key_unwrap_with_padding(master, wrapped)
    except (InvalidUnwrap, ValueError) as error:
        raise SealBroken("a wrapped key does not open under this node's master key") from error
