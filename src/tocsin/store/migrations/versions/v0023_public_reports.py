"""Public reports: what came without an account, and what was said since."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "public_reports",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("received", NUMBER, nullable=False),
        sa.Column("secret_digest", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_public_reports")),
    )
    op.create_index(op.f("ix_public_reports_case"), "public_reports", ["case"], unique=True)
    op.create_table(
        "public_report_contacts",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        _of_report("public_report_contacts"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_public_report_contacts")),
    )
    op.create_table(
        "public_report_words",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("turn", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("files", NUMBER, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        _of_report("public_report_words"),
        sa.PrimaryKeyConstraint("number", "turn", name=op.f("pk_public_report_words")),
    )


def _of_report(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["number"], ["public_reports.number"], name=op.f(f"fk_{table}_number_public_reports")
    )
