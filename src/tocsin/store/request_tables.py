"""Statements of reasons, authorities' requests, and what was published of both."""

import sqlalchemy as sa

from tocsin.store.columns import Number, binary, key, metadata, number, text

letters = sa.Table(
    "reasons_told",
    metadata,
    key("case"),
    key("audience"),
    sa.Column("number", Number, primary_key=True, autoincrement=False),
    number("at"),
    text("held"),
    binary("sealed"),
)
"""What people outside are told of a case, sealed."""

statements = sa.Table(
    "statements",
    metadata,
    key("puid"),
    text("case"),
    number("at"),
    text("measures"),
    binary("told"),
    number("exported", null=True),
    sa.Index(None, "case"),
    sa.Index(None, "at"),
)

remedies = sa.Table(
    "remedies",
    metadata,
    key("id"),
    text("case"),
    text("measure"),
    number("since"),
    number("done", null=True),
    text("by", null=True),
    sa.Index(None, "case"),
    sa.Index(None, "done", "since"),
)
"""Measures that an overturned decision took, until somebody undid them."""

rule_outcomes = sa.Table(
    "rule_outcomes",
    metadata,
    key("case"),
    text("rule"),
    text("warning"),
    number("borne_out"),
    number("at"),
    sa.Index(None, "rule"),
)
"""What cases made of rules' warnings; `borne_out` is 0 or 1."""

authority_requests = sa.Table(
    "authority_requests",
    metadata,
    key("id"),
    number("seq"),
    text("case"),
    text("state"),
    number("at"),
    number("version"),
    binary("body"),
    binary("words"),
    sa.Index(None, "seq", unique=True),
    sa.Index(None, "state", "seq"),
    sa.Index(None, "case", "seq"),
)
"""`body` is the request, `words` what it says, sealed."""

request_steps = sa.Table(
    "request_steps",
    metadata,
    key("request"),
    sa.Column("number", Number, primary_key=True, autoincrement=False),
    binary("body"),
)

transparency_reports = sa.Table(
    "transparency_reports",
    metadata,
    key("id"),
    number("since"),
    number("until"),
    number("at"),
    text("by"),
    number("published", null=True),
    text("published_by", null=True),
    binary("body"),
    sa.Index(None, "at"),
)

shielded_cases = sa.Table("shielded_cases", metadata, key("case"), number("at"), text("by"))
"""Cases of which nothing is given to an authority: a person said that they would tell a journalist's source."""

case_precedents = sa.Table(
    "case_precedents",
    metadata,
    key("case"),
    text("category"),
    number("at"),
    binary("body"),
    sa.Index(None, "category", "at"),
)
"""Cases that a person put into the register; `body` holds what they wrote for it, and no words of the case."""
