"""Names under this node's own key: the same actor is the same here, and means nothing elsewhere."""

import hashlib
import re

PSEUDONYM_BYTES = 16
"""128 bits: no two of 10^15 identifiers collide but with odds below 10^-8."""

KEY_BYTES = 32

_SHAPE = re.compile(r"ps_[0-9a-f]{32}")


class Pseudonyms:
    """Keyed BLAKE2b (RFC 7693), one domain a kind of identifier so that equal values do not link kinds."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"a pseudonym key has {KEY_BYTES} bytes, not {len(key)}")
        self._keyed = hashlib.blake2b(digest_size=PSEUDONYM_BYTES, key=key)

    def of(self, domain: str, value: str) -> str:
        """`ps_` and 32 hexadecimal digits for `value` in `domain` ("actor", "session", "observable:wallet")."""
        named = self._keyed.copy()
        named.update(f"{domain}\x00{value}".encode())
        return f"ps_{named.hexdigest()}"


def looks_like_pseudonym(text: str) -> bool:
    """Whether a pseudonym of any node stands anywhere in `text`: none may leave."""
    return _SHAPE.search(text.casefold()) is not None
