"""STIX identifiers: `type--uuid`, ASCII only, so that no look-alike letter makes a second id of a first.

Ours are deterministic (UUIDv5), so that saying the same thing again updates it. Source: STIX 2.1 section 2.9.
"""

import re
from functools import lru_cache
from uuid import UUID, uuid5

NAMESPACE = UUID("5d2c6f1e-8a34-5b7d-9c60-3f1b7a0e4d28")
"""Under which every deterministic id of Tocsin lies. Never changed."""

MAX_TYPE_CHARS = 250
"""STIX 2.1 section 3.1."""

UUID_PATTERN = "[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
_TYPE = "[a-z][a-z0-9]*(?:-[a-z0-9]+)*"
_match = re.compile(f"({_TYPE})--{UUID_PATTERN}").fullmatch
_is_type = re.compile(_TYPE).fullmatch


def is_type(name: str) -> bool:
    """Whether this can be the type of an object."""
    return len(name) <= MAX_TYPE_CHARS and _is_type(name) is not None


def type_of(identifier: str) -> str | None:
    """The type that an identifier names, or None when it is not an identifier."""
    found = _match(identifier)
    return found[1] if found is not None and len(found[1]) <= MAX_TYPE_CHARS else None


@lru_cache(maxsize=4096)
def type_of_shared(identifier: str) -> str | None:
    """`type_of` for references that many objects repeat: authors and markings. Bounded memory."""
    return type_of(identifier)


def own_id(kind: str, *parts: str) -> str:
    """The deterministic id of our object of type `kind` that `parts` single out."""
    name = "\x1f".join(f"{len(part)}:{part}" for part in (kind, *parts))
    return f"{kind}--{uuid5(NAMESPACE, name)}"
