"""Patrol: what was submitted for admission, each look at it, and whom the draw named."""

import sqlalchemy as sa

from tocsin.store.columns import Number, binary, key, metadata, number, text

patrol_submissions = sa.Table(
    "patrol_submissions",
    metadata,
    key("id"),
    number("at"),
    number("looked"),
    text("verdict"),
    binary("body"),
    sa.Index("ix_patrol_submissions_at", "at", "id"),
    sa.Index("ix_patrol_submissions_looked", "looked"),
)
"""`body` is the newest look. Nothing of who submitted it."""

patrol_checks = sa.Table(
    "patrol_checks",
    metadata,
    key("submission"),
    sa.Column("number", Number, primary_key=True, autoincrement=False),
    binary("body"),
)

patrol_draws = sa.Table(
    "patrol_draws",
    metadata,
    key("submission"),
    key("week"),
    number("at"),
    number("checked"),
    sa.Index("ix_patrol_draws_checked", "checked", "at"),
)
"""`checked` is 0 while nobody looked."""
