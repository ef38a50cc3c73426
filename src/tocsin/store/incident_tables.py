"""Incidents, verified packs of duties, and reports under duties."""

import sqlalchemy as sa

from tocsin.store.columns import binary, key, metadata, number, seq, text

incidents = sa.Table(
    "incidents",
    metadata,
    key("id"),
    text("case"),
    number("opened"),
    number("closed", null=True),
    number("version"),
    binary("body"),
    sa.Index(None, "case", unique=True),
    sa.Index(None, "closed", "opened"),
)
"""One incident a case."""

incident_changes = sa.Table(
    "incident_changes",
    metadata,
    key("incident"),
    seq("number"),
    binary("body"),
    sqlite_with_rowid=False,
)

duty_verifications = sa.Table(
    "duty_verifications",
    metadata,
    key("duty"),
    key("digest"),
    key("by"),
    number("at"),
    text("statement"),
    sqlite_with_rowid=False,
)

duty_reports = sa.Table(
    "duty_reports",
    metadata,
    key("id"),
    text("incident"),
    text("state"),
    number("made"),
    number("version"),
    binary("body"),
    binary("sealed"),
    sa.Index(None, "incident", "made"),
)
"""`sealed` holds the answers, under the key of the incident's case."""

clock_alarms = sa.Table(
    "clock_alarms",
    metadata,
    key("id"),
    text("incident"),
    number("at"),
    binary("body"),
    sa.Index(None, "incident", "at"),
)

calendar_feeds = sa.Table(
    "calendar_feeds",
    metadata,
    key("id"),
    text("user"),
    binary("digest"),
    number("made"),
    number("revoked", null=True),
    sa.Index(None, "user", "made"),
)
