"""Distinct counts over several nodes: what operators agreed to, and counts."""

import sqlalchemy as sa

from tocsin.store.columns import binary, key, metadata, number, text

distinct_terms = sa.Table(
    "distinct_terms",
    metadata,
    key("peer"),
    number("at"),
    binary("body"),
)
"""Consent to counts that a peer proposes."""

distinct_counts = sa.Table(
    "distinct_counts",
    metadata,
    key("session"),
    text("state"),
    text("proposer"),
    number("at"),
    number("begun"),
    number("cost"),
    binary("body"),
    sa.Index(None, "state"),
    sa.Index(None, "proposer", "begun"),
)
"""A count from its proposal to its end; `begun` is 0 before it was paid, `cost` in thousandths of epsilon."""
