"""A private key at rest under a passphrase: Argon2id (RFC 9106), then AES-256-GCM. Pure.

Enters: the key, what its owner typed, a label that binds it to its place. Leaves: bytes, or the key again. Refuses: a
passphrase that is guessed first, another passphrase, and parameters that would take the machine's memory.
"""

import unicodedata

import msgspec
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from tocsin.kernel import BadInput
from tocsin.trust.seal import KEY_BYTES, Entropy, Seal, SealBroken

MIN_CHARS = 16
"""It is guessed at leisure by whoever has the database, so longer than a password that is asked for at the door."""
MAX_CHARS = 256
MIN_DISTINCT = 6

SALT_BYTES = 16
ITERATIONS, LANES, MEMORY_KIB = 3, 4, 64 << 10
"""The second recommended choice of RFC 9106, section 4: 64 MiB, some 0.1 s a guess."""
MAX_ITERATIONS, MAX_LANES, MAX_MEMORY_KIB = 16, 16, 1 << 20
"""What a later version may ask for: 1 GiB. More than that was written by somebody else."""


class Locked(msgspec.Struct, frozen=True, array_like=True):
    """What is kept: how the passphrase is stretched, and the key under it."""

    salt: bytes
    iterations: int
    lanes: int
    memory_kib: int
    sealed: bytes


def check(passphrase: str) -> None:
    """Raises BadInput for a passphrase that would be guessed."""
    if not MIN_CHARS <= len(passphrase) <= MAX_CHARS or len(set(passphrase)) < MIN_DISTINCT:
        raise BadInput(f"a passphrase has {MIN_CHARS} to {MAX_CHARS} characters: take five words or more")


def lock(secret: bytes, passphrase: str, label: str, entropy: Entropy) -> bytes:
    """`secret` under a passphrase. Raises BadInput."""
    check(passphrase)
    salt = entropy(SALT_BYTES)
    seal = Seal(_stretched(passphrase, salt, ITERATIONS, LANES, MEMORY_KIB), entropy)
    return msgspec.msgpack.encode(
        Locked(salt, ITERATIONS, LANES, MEMORY_KIB, seal.close(secret, _label(label)))
    )


def unlock(locked: bytes, passphrase: str, label: str) -> bytes:
    """The secret. Raises SealBroken: another passphrase, another place, or changed bytes, and not which."""
    try:
        kept = msgspec.msgpack.decode(locked, type=Locked)
        if not (
            1 <= kept.iterations <= MAX_ITERATIONS
            and 1 <= kept.lanes <= MAX_LANES
            and 8 * kept.lanes <= kept.memory_kib <= MAX_MEMORY_KIB
            and len(kept.salt) == SALT_BYTES
        ):
            raise SealBroken("this key was not written by Tocsin: have its owner make a new one")
    except msgspec.DecodeError as error:
        raise SealBroken("this key is damaged: have its owner make a new one") from error
    key = _stretched(passphrase, kept.salt, kept.iterations, kept.lanes, kept.memory_kib)
    return Seal(key, lambda size: bytes(size)).open(kept.sealed, _label(label))


def _stretched(passphrase: str, salt: bytes, iterations: int, lanes: int, memory_kib: int) -> bytes:
    # one keyboard composes what another does not: RFC 8265, 4.2.2 (OpaqueString)
    typed = unicodedata.normalize("NFC", passphrase[:MAX_CHARS]).encode("utf-8", "replace")
    return Argon2id(
        salt=salt, length=KEY_BYTES, iterations=iterations, lanes=lanes, memory_cost=memory_kib
    ).derive(typed)


def _label(label: str) -> str:
    return f"locked-key/1/{label}"
