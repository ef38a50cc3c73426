"""Notes signed and opened, checkpoints cosigned (C2SP): Ed25519 over the bytes that `wire.tlog` says.

Enters: a note and the keys that are trusted. Leaves: which of them signed it. Refuses: a note whose signature by a
trusted key does not hold, and one that no trusted key signed. What others signed is kept and counts for nothing.
"""

from collections.abc import Sequence
from typing import Protocol

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tocsin.kernel import BadInput
from tocsin.wire.tlog import (
    COSIGNATURE,
    ED25519,
    Cosignature,
    Note,
    NoteKey,
    NoteSignature,
    cosigned,
    read_cosignature,
)


class Signer(Protocol):
    """Whoever holds an Ed25519 key: `identity.NodeIdentity`."""

    public: bytes

    def sign(self, message: bytes) -> bytes: ...


class Signed(msgspec.Struct, frozen=True):
    """A trusted key's signature that holds. `time`: of a cosignature, in seconds since 1970."""

    key: NoteKey
    signature: NoteSignature
    time: int | None = None


def sign(text: str, name: str, signer: Signer) -> NoteSignature:
    """Of a note's text, by a log."""
    key = NoteKey(name, ED25519, signer.public)
    return NoteSignature(name, key.id, signer.sign(text.encode()))


def cosign(text: str, name: str, signer: Signer, *, time: int) -> NoteSignature:
    """Of a checkpoint's text, by a witness, at a moment in whole seconds since 1970."""
    key = NoteKey(name, COSIGNATURE, signer.public)
    return NoteSignature(name, key.id, Cosignature(time, signer.sign(cosigned(time, text))).to_bytes())


def opened(note: Note, keys: Sequence[NoteKey]) -> tuple[Signed, ...]:
    """Which of `keys` signed it, each once, in the note's order. Raises BadInput.

    1. A signature by none of them is passed over. 2. One that says it is by one of them has to hold. 3. The first of
    a key counts. 4. One at least has to be there.
    """
    if len({(key.name, key.id) for key in keys}) != len(keys):
        raise BadInput("two of these keys have one name and id: name each key once")
    found: dict[NoteKey, Signed] = {}
    for signature in note.signatures:
        key = next((key for key in keys if signature.by(key)), None)
        if key is None or key in found:  # 1, 3
            continue
        found[key] = Signed(key, signature, _held(note.text, signature, key))  # 2
    if not found:  # 4
        raise BadInput("no key that is trusted here signed this")
    return tuple(found.values())


def _held(text: str, given: NoteSignature, key: NoteKey) -> int | None:
    time = None
    signature, message = given.signature, text.encode()
    if key.kind == COSIGNATURE:
        cosignature = read_cosignature(given.signature)
        time, signature = cosignature.time, cosignature.signature
        message = cosigned(time, text)
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise BadInput(f"the signature of {key.name} does not hold: this was changed") from None
    return time
