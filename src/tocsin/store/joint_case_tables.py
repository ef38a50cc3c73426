"""Joint cases: which case here is part of which; what each party said lies among the records."""

import sqlalchemy as sa

from tocsin.store.columns import key, metadata, number, text

joint_links = sa.Table(
    "joint_links",
    metadata,
    key("case_id"),
    text("joint"),
    number("at"),
    sa.Index(None, "joint"),
)
"""A case of this node and the joint case that it is part of. It never travels: no peer learns of cases here."""
