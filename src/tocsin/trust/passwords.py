"""Passwords: Argon2id (RFC 9106), kept as a PHC string, compared in constant time.

Enters: what a person typed. Leaves: a PHC string, or whether it is the one. Refuses: a password that is guessed first.
"""

import unicodedata

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from tocsin.kernel import BadInput
from tocsin.trust.seal import Entropy

MIN_CHARS = 15
"""Where a password may be the only factor (NIST SP 800-63B-4, 3.1.1.2)."""
MAX_CHARS = 256
"""Argon2 takes any length; a form field need not."""
MIN_DISTINCT = 5
"""Different characters: `aaaaaaaaaaaaaaa` is long and guessed at once."""

SALT_BYTES = 16
HASH_BYTES = 32
ITERATIONS, LANES, MEMORY_KIB = 3, 4, 64 << 10
"""The second recommended choice of RFC 9106, section 4: 64 MiB, 0.1 s here, and no more memory than a node has."""

_NOBODY = "$argon2id$v=19$m=65536,t=3,p=4$" + "A" * 22 + "$" + "A" * 43
"""Compared with when there is no such user: the same work, and no password has this hash."""


def check(password: str, name: str) -> None:
    """Raises BadInput for a password that is too short, too long, too plain, or holds the user's name."""
    if not MIN_CHARS <= len(password) <= MAX_CHARS:
        raise BadInput(f"a password has {MIN_CHARS} to {MAX_CHARS} characters: take several words")
    if len(set(password)) < MIN_DISTINCT or name.casefold() in password.casefold():
        raise BadInput("this password would be guessed first: take several words that are not your name")


def make(password: str, entropy: Entropy) -> str:
    """The PHC string to keep."""
    return _argon2id(entropy(SALT_BYTES)).derive_phc_encoded(_prepared(password))


def matches(password: str, kept: str | None) -> bool:
    """Whether this is the password; the same work is done when there is none."""
    try:
        Argon2id.verify_phc_encoded(_prepared(password), kept or _NOBODY)
    except InvalidKey:
        return False
    return kept is not None


def _argon2id(salt: bytes) -> Argon2id:
    return Argon2id(salt=salt, length=HASH_BYTES, iterations=ITERATIONS, lanes=LANES, memory_cost=MEMORY_KIB)


def _prepared(password: str) -> bytes:
    # one keyboard composes what another does not: RFC 8265, 4.2.2 (OpaqueString)
    return unicodedata.normalize("NFC", password[:MAX_CHARS]).encode("utf-8", "replace")
