"""Exhibits, every hand they went through, and holds on them."""

import sqlalchemy as sa

from tocsin.store.columns import Number, binary, key, metadata, number, text

exhibits = sa.Table(
    "exhibits",
    metadata,
    key("id"),
    text("case"),
    number("received"),
    number("quarantined"),
    number("destroyed", null=True),
    binary("facts"),
    sa.Index(None, "case", "received", "id"),
    sa.Index(None, "destroyed", "received"),
)
"""What it is (`facts`) is sealed under the case's key; its bytes lie in DATA/exhibits/, sealed too."""

custody_steps = sa.Table(
    "custody_steps",
    metadata,
    key("exhibit"),
    sa.Column("number", Number, primary_key=True, autoincrement=False),
    binary("body"),
)
"""It only grows, and outlives the exhibit."""

exhibit_holds = sa.Table(
    "exhibit_holds",
    metadata,
    key("id"),
    text("case"),
    text("exhibit", null=True),
    number("at"),
    text("by"),
    number("until", null=True),
    number("released", null=True),
    binary("reason"),
    sa.Index(None, "case", "at"),
    sa.Index(None, "exhibit"),
)
"""Of a whole case where `exhibit` is null. `reason` is sealed under the case's key."""
