"""Keys of cases, wrapped for those who may open them; members' public keys; reviewers' own limits."""

import sqlalchemy as sa

from tocsin.store.columns import binary, key, metadata, number, text

case_locks = sa.Table(
    "case_locks",
    metadata,
    key("case"),
    text("queue"),
    binary("public"),
    number("at"),
    sa.Index(None, "queue", "case"),
)
"""One for each case that has a key: the queue it is kept for, and the public half by which something is left for it."""

case_keys = sa.Table(
    "case_keys",
    metadata,
    key("case"),
    key("holder"),
    number("at"),
    binary("wrapped"),
    sa.Index(None, "holder", "case"),
    sqlite_with_rowid=False,
)
"""Copies of cases' keys, each for one holder. Without any, a case is gone."""

member_keys = sa.Table(
    "member_keys",
    metadata,
    key("id"),
    text("user"),
    number("at"),
    number("ended", null=True),
    binary("public"),
    binary("sealed"),
    sa.Index(None, "user", "at"),
)
"""Members' keys: the private half under a passphrase that lies nowhere."""

queue_keys = sa.Table(
    "queue_keys",
    metadata,
    key("queue"),
    key("member_key"),
    number("at"),
    text("by"),
    sa.Index(None, "member_key"),
    sqlite_with_rowid=False,
)
"""Which members' keys a restricted queue's cases are sealed to, and who let each in."""

care_limits = sa.Table("care_limits", metadata, key("user"), binary("body"))
"""What reviewers chose for themselves."""

care_days = sa.Table(
    "care_days",
    metadata,
    key("user"),
    key("day"),
    number("opened"),
    number("last"),
    sa.Index(None, "day"),
    sqlite_with_rowid=False,
)
"""How much somebody opened on a day, for themselves; gone after a week."""
