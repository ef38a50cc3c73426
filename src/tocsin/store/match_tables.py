"""Sessions of matching: what was asked, consented to and spent."""

import sqlalchemy as sa

from tocsin.store.columns import binary, key, metadata, number, seq, text

match_terms = sa.Table(
    "match_terms",
    metadata,
    key("peer"),
    text("by"),
    number("at"),
    binary("body"),
)
"""What an operator agreed to with a peer (`trust.matching.Terms`); no row, no session."""

match_sessions = sa.Table(
    "match_sessions",
    metadata,
    key("session"),
    text("role"),
    text("peer"),
    text("kind"),
    text("question"),
    text("reveal"),
    text("purpose"),
    number("epoch"),
    number("points"),
    number("at"),
    text("outcome"),
    number("found", null=True),
    sa.Index(None, "at", "session"),
)
"""Every session that was begun, from before its first point was evaluated. It holds no input."""

match_spent = sa.Table(
    "match_spent",
    metadata,
    key("peer"),
    key("role"),
    key("kind"),
    seq("epoch"),
    number("points"),
)
"""Points of a week, by peer, role and kind: they only grow."""
