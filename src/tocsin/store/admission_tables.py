"""Access decisions: grants, revocations, what was decided."""

import sqlalchemy as sa

from tocsin.store.columns import binary, key, metadata, number, text

access_grants = sa.Table(
    "access_grants",
    metadata,
    key("id"),
    text("subject"),
    text("artefact"),
    number("at"),
    binary("body"),
    sa.Index("ix_access_grants_subject_artefact", "subject", "artefact"),
    sa.Index("ix_access_grants_at", "at"),
)

access_capabilities = sa.Table("access_capabilities", metadata, key("artefact"), key("name"), binary("body"))
"""What an operator asks of a capability beside the release decision."""

access_looks = sa.Table("access_looks", metadata, key("id"), number("asked"), binary("body"))
"""Acts that wait for a person, and what was measured of that person's look."""

access_decisions = sa.Table(
    "access_decisions",
    metadata,
    key("day"),
    key("digest"),
    text("artefact"),
    text("capability"),
    text("act"),
    number("granted"),
    text("rules"),
    text("obligations"),
    number("first"),
    number("last"),
    number("count"),
    sa.Index("ix_access_decisions_last", "last"),
)
"""Answers that refused or obliged, counted by day; no subject, and no digest that anybody but the node can make."""
