"""Accountable matching: commitments before a session, challenges, openings."""

import sqlalchemy as sa

from tocsin.store.columns import binary, key, metadata, number, seq, text

match_auditors = sa.Table(
    "match_auditors",
    metadata,
    key("name"),
    text("line"),
    text("by"),
    number("at"),
)
"""Third parties whose challenges this node answers; no row, no answer. `line` is the auditor's key."""

match_quotas = sa.Table(
    "match_quotas",
    metadata,
    key("digest"),
    text("kind"),
    number("at"),
    binary("note"),
    sa.Index(None, "kind", "at"),
)
"""What this node held itself to (`trust.matching.accountable.Quota`), signed; the newest of a kind is in force."""

match_days = sa.Table(
    "match_days",
    metadata,
    key("kind"),
    seq("number"),
    text("digest"),
    number("at"),
    binary("note"),
    binary("lines"),
    text("sealed_on"),
    binary("sealed"),
)
"""Records taken up at one time: the signed statement, their commitments (32 bytes each), and values and salts under the
key of that day: they die with it."""

match_pledges = sa.Table(
    "match_pledges",
    metadata,
    key("session"),
    key("side"),
    text("kind"),
    number("epoch"),
    number("number"),
    text("digest"),
    number("at"),
    binary("note"),
    binary("sealed"),
    binary("other"),
    binary("proposal"),
    binary("acceptance"),
    binary("points"),
    binary("tags"),
    binary("challenge"),
    sa.UniqueConstraint("side", "kind", "epoch", "number"),
)
"""A side of a session, before it and after: the signed pledge, the sealed seed and the records it is laid out from, the
other side's pledge, what was sent, and the one challenge that is answered; b"" for what has not come yet."""
