"""Cases: as they are now, what was done in them, and their queues."""

import sqlalchemy as sa

from tocsin.store.columns import Number, binary, key, metadata, number, text

cases = sa.Table(
    "cases",
    metadata,
    key("id"),
    text("queue"),
    text("shelf"),
    text("state"),
    number("rank"),
    number("received"),
    number("version"),
    number("tell"),
    text("holder", null=True),
    number("held_until"),
    text("report", null=True),
    text("warning", null=True),
    binary("body"),
    # a queue's page is read in its order from one of these
    sa.Index(None, "queue", "shelf", "rank", "received", "id"),
    sa.Index(None, "queue", "state", "rank", "received", "id"),
    sa.Index(None, "holder", "shelf", "queue"),
    sa.Index(None, "tell"),
    sa.Index(None, "report"),
    sa.Index(None, "warning"),
)
"""Cases as they are now. `shelf` is open, appealed or over; `tell` is 0 where nothing is due. `body` holds no words."""

case_counts = sa.Table(
    "case_counts",
    metadata,
    key("queue"),
    key("state"),
    sa.Column("slot", Number, primary_key=True, autoincrement=False),
    number("many"),
)
"""How many cases there are of a queue and state, kept up with each act. Slots: writers at once seldom want one row."""

case_texts = sa.Table(
    "case_texts",
    metadata,
    sa.Column("case_id", sa.Text, sa.ForeignKey("cases.id", name="fk_case_texts_case_id"), primary_key=True),
    key("what"),
    binary("sealed"),
)
"""What people said in a case, each text under the case's key."""

case_acts = sa.Table(
    "case_acts",
    metadata,
    sa.Column("case_id", sa.Text, sa.ForeignKey("cases.id", name="fk_case_acts_case_id"), primary_key=True),
    sa.Column(
        "number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True, autoincrement=False
    ),
    binary("body"),
    binary("sealed", null=True),
)
"""What was done in a case, chained and never changed; `sealed` holds the reasons, and is empty once they are erased."""
