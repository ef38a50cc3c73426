"""The log: entries in their order, and what peers cosigned."""

import sqlalchemy as sa

from tocsin.store.columns import Number, binary, key, metadata, number, seq, text

log_pending = sa.Table(
    "log_pending",
    metadata,
    key("id"),
    number("at"),
    text("kind"),
    text("subject"),
    binary("entry"),
    binary("opening"),
    sa.Index(None, "at", "id"),
)
"""Entries without a place yet: written with what they speak of, in its transaction: nothing waits for the tree."""

log_entries = sa.Table(
    "log_entries",
    metadata,
    seq("place"),
    number("at"),
    text("kind"),
    text("subject"),
    binary("entry"),
    binary("opening"),
    sa.Index(None, "subject", "place"),
)
"""`entry` is public: a salted commitment. `opening` is salt and statement, and leaves when somebody shows it."""

log_tiles = sa.Table(
    "log_tiles",
    metadata,
    sa.Column("level", Number, primary_key=True, autoincrement=False),
    sa.Column("number", Number, primary_key=True, autoincrement=False),
    binary("hashes"),
)
"""Hashes by 256 (c2sp.org/tlog-tiles); the last of each level grows."""

log_head = sa.Table(
    "log_head",
    metadata,
    key("log"),
    number("size"),
    binary("root"),
    text("stopped"),
)
"""One row: the tree as it is, and why it may not grow; "" when it may. Its lock is the turn of whoever appends."""

log_checkpoints = sa.Table(
    "log_checkpoints",
    metadata,
    seq("size"),
    number("at"),
    binary("root"),
    binary("note"),
)
"""What this node signed of its own log: one for a size, whose bytes grow by cosignatures alone."""

log_witnessed = sa.Table(
    "log_witnessed",
    metadata,
    key("origin"),
    text("peer"),
    number("at"),
    number("size"),
    binary("root"),
    binary("note"),
)
"""The longest that was seen, and verified, of each peer's log."""

log_forks = sa.Table(
    "log_forks",
    metadata,
    key("id"),
    text("peer"),
    text("origin"),
    number("at"),
    text("why"),
    binary("first"),
    binary("second"),
    number("settled"),
    sa.Index(None, "at", "id"),
)
"""Evidence: two checkpoints, each with its signature, that no one log can have. `settled`: when; 0 while it is not."""
