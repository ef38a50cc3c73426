"""Sessions of matching that wait for an operator's yes."""

import sqlalchemy as sa

from tocsin.store.columns import key, metadata, number, text

match_wishes = sa.Table(
    "match_wishes",
    metadata,
    key("id"),
    text("peer"),
    text("kind"),
    text("question"),
    text("reveal"),
    text("purpose"),
    number("points"),
    number("at"),
    text("allowed_by"),
    number("until"),
    sa.Index(None, "peer", "at"),
)
"""What a peer would ask, where each session wants a yes; `allowed_by` is empty until then. Taken away with its use."""
