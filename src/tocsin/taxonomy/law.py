"""What every row about a law says of it: where it holds, how it stands, and how far that is known."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

EVERYWHERE = "*"

Id = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{1,63}$")]
Jurisdiction = Annotated[str, Meta(pattern=r"^(\*|[A-Z]{2}(-[A-Z0-9]{1,3})?)$")]
"""EVERYWHERE, a country (ISO 3166-1) or EU, or a part of one (ISO 3166-2)."""

Source = Annotated[str, Meta(min_length=3, max_length=300)]


class LawStatus(StrEnum):
    IN_FORCE = "in-force"
    ADOPTED = "adopted"
    """It is law and applies from a later day."""
    PROPOSED = "proposed"
    """It is told, and nothing follows from it."""
    ENDED = "ended"
    """It was law or rule once; kept so that nobody believes it still is."""


class Confirmed(StrEnum):
    """How far we know it. Nothing that is packaged was read in an official gazette."""

    READ = "read"
    SECONDARY = "secondary"
    DRAFT = "draft"
    MEMORY = "memory"
    """Unconfirmed."""
