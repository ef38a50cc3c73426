"""Labels: fingerprints of what this node labelled, and which files were asked for in a case."""

import sqlalchemy as sa

from tocsin.store.columns import key, metadata, number, text

labelled = sa.Table(
    "labelled",
    metadata,
    key("sha256"),
    text("content_id"),
    text("format"),
    text("kind"),
    text("bits"),
    number("at"),
    number("until"),
    sa.Index("ix_labelled_kind", "kind", "sha256"),
    sa.Index("ix_labelled_until", "until"),
)
"""What left here with a label. Nothing of who asked for it, and nothing of the content but what it is like."""

label_questions = sa.Table(
    "label_questions",
    metadata,
    key("case_id"),
    key("sha256"),
    number("at"),
)
"""Files that were asked for in a case: they are counted, and their fingerprints are not kept."""
