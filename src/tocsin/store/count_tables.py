"""Counts under differential privacy: what was spent, and what was said."""

import sqlalchemy as sa

from tocsin.store.columns import binary, key, metadata, number, text

count_spends = sa.Table(
    "count_spends",
    metadata,
    key("name"),
    text("week"),
    text("list"),
    number("cost"),
    text("nonce"),
    number("at"),
)
"""A payment before its noise is drawn; the key store's log has it too. `cost` in thousandths of epsilon."""

noisy_counts = sa.Table(
    "noisy_counts",
    metadata,
    key("week"),
    key("list"),
    binary("body"),
)
"""What was said of one list in one week; it is said again unchanged, and never drawn twice."""
