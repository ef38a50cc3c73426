"""Precedents: the register of key cases, the rules each rests on, and who cites it."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "precedents",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("tier", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_precedents")),
    )
    _index("precedents", "at")
    op.create_table(
        "precedent_rules",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column("precedent", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("rule", "precedent", name=op.f("pk_precedent_rules")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "precedent_citations",
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("precedent", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("decision", "precedent", name=op.f("pk_precedent_citations")),
    )
    _index("precedent_citations", "precedent", "at")


def _index(table: str, *columns: str) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns))
