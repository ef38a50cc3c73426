"""What a record says, apart from who says it: the same pattern by several authors is one thing with several sources."""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

MAX_PATTERN_CHARS = 64 << 10


def content_key(value: Mapping[str, Any]) -> str | None:
    """A key that two indicators share when their patterns are the same, white space apart; None for other objects.

    A fingerprint's pattern names it, so fingerprints are compared by this too. Nothing is deleted by it.
    """
    pattern = value.get("pattern")
    if value.get("type") != "indicator" or not isinstance(pattern, str) or len(pattern) > MAX_PATTERN_CHARS:
        return None
    kind = value.get("pattern_type", "stix")
    return sha256(f"{kind}\x1f{' '.join(pattern.split())}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
