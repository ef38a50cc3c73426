"""Statements of reasons, authorities' requests, and what was published of both."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "reasons_told",
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", NUMBER, autoincrement=False, nullable=False),
        sa.Column("held", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("case", "audience", "number", name=op.f("pk_reasons_told")),
    )
    op.create_table(
        "statements",
        sa.Column("puid", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, autoincrement=False, nullable=False),
        sa.Column("measures", sa.Text(), nullable=False),
        sa.Column("told", sa.LargeBinary(), nullable=False),
        sa.Column("exported", NUMBER, nullable=True),
        sa.PrimaryKeyConstraint("puid", name=op.f("pk_statements")),
    )
    op.create_index(op.f("ix_statements_case"), "statements", ["case"])
    op.create_index(op.f("ix_statements_at"), "statements", ["at"])
    op.create_table(
        "remedies",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("measure", sa.Text(), nullable=False),
        sa.Column("since", NUMBER, autoincrement=False, nullable=False),
        sa.Column("done", NUMBER, nullable=True),
        sa.Column("by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remedies")),
    )
    op.create_index(op.f("ix_remedies_case"), "remedies", ["case"])
    op.create_index(op.f("ix_remedies_done_since"), "remedies", ["done", "since"])
    op.create_table(
        "rule_outcomes",
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("warning", sa.Text(), nullable=False),
        sa.Column("borne_out", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", NUMBER, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("case", name=op.f("pk_rule_outcomes")),
    )
    op.create_index(op.f("ix_rule_outcomes_rule"), "rule_outcomes", ["rule"])
    op.create_table(
        "authority_requests",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, autoincrement=False, nullable=False),
        sa.Column("version", NUMBER, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authority_requests")),
    )
    op.create_index(op.f("ix_authority_requests_seq"), "authority_requests", ["seq"], unique=True)
    op.create_index(op.f("ix_authority_requests_state_seq"), "authority_requests", ["state", "seq"])
    op.create_index(op.f("ix_authority_requests_case_seq"), "authority_requests", ["case", "seq"])
    op.create_table(
        "request_steps",
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("request", "number", name=op.f("pk_request_steps")),
    )
    op.create_table(
        "transparency_reports",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("since", NUMBER, autoincrement=False, nullable=False),
        sa.Column("until", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", NUMBER, autoincrement=False, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("published", NUMBER, nullable=True),
        sa.Column("published_by", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transparency_reports")),
    )
    op.create_index(op.f("ix_transparency_reports_at"), "transparency_reports", ["at"])
    op.create_table(
        "shielded_cases",
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, autoincrement=False, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("case", name=op.f("pk_shielded_cases")),
    )
    op.create_table(
        "case_precedents",
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("case", name=op.f("pk_case_precedents")),
    )
    op.create_index(op.f("ix_case_precedents_category_at"), "case_precedents", ["category", "at"])
    op.execute("INSERT INTO counters (name, value, moment) VALUES ('authority_request', 0, 0)")
