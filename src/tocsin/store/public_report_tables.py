"""Public reports: what came without an account, and what was said since."""

import sqlalchemy as sa

from tocsin.store.columns import Number, binary, key, metadata, number, text

public_reports = sa.Table(
    "public_reports",
    metadata,
    key("number"),
    text("case"),
    number("received"),
    binary("secret_digest"),
    binary("body"),
    sa.Index(None, "case", unique=True),
)
"""`secret_digest` is SHA-256 of the secret, which is nowhere."""

public_report_contacts = sa.Table(
    "public_report_contacts",
    metadata,
    sa.Column("number", sa.Text, sa.ForeignKey("public_reports.number"), primary_key=True),
    binary("sealed"),
)
"""Apart from the report, so that reading one never brings the other along; its row goes when it is erased."""

public_report_words = sa.Table(
    "public_report_words",
    metadata,
    sa.Column("number", sa.Text, sa.ForeignKey("public_reports.number"), primary_key=True),
    sa.Column("turn", Number, primary_key=True, autoincrement=False),
    number("at"),
    text("kind"),
    number("files"),
    binary("sealed"),
)
