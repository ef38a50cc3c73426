"""Artefacts: inspections by what they looked at, followed models, intelligence, and word about them."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _index(table: str, *columns: str, unique: bool = False) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=unique)


def upgrade() -> None:
    op.create_table(
        "inspections",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("artefact", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("latest", NUMBER, nullable=False),
        sa.Column("reopened", NUMBER, nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspections")),
    )
    _index("inspections", "seq", unique=True)
    _index("inspections", "artefact", "seq")
    _index("inspections", "name", "seq")
    _index("inspections", "latest", "seq")
    op.create_table(
        "inspection_rules",
        sa.Column("format", sa.Text(), nullable=False),
        sa.Column("rules", sa.Text(), nullable=False),
        sa.Column("inspection", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("format", "rules", "inspection", name=op.f("pk_inspection_rules")),
        sqlite_with_rowid=False,
    )
    _index("inspection_rules", "inspection")
    op.create_table(
        "artefact_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("artefact", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", "artefact", name=op.f("pk_artefact_keys")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rules_behind",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_rules_behind")),
    )
    op.create_table(
        "followed_models",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("artefact", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_followed_models")),
    )
    _index("followed_models", "artefact")
    op.create_table(
        "intelligence",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "id", name=op.f("pk_intelligence")),
    )
    _index("intelligence", "seq", unique=True)
    op.create_table(
        "intelligence_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", "kind", "id", name=op.f("pk_intelligence_keys")),
        sqlite_with_rowid=False,
    )
    _index("intelligence_keys", "kind", "id")
    op.create_table(
        "artefact_notices",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("artefact", sa.Text(), nullable=False),
        sa.Column("read", NUMBER, nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_artefact_notices")),
    )
    _index("artefact_notices", "seq", unique=True)
    _index("artefact_notices", "read", "seq")
    _index("artefact_notices", "model", "seq")
    _index("artefact_notices", "artefact", "seq")
    for counter in ("inspection", "intelligence", "artefact-notice"):
        op.execute(f"INSERT INTO counters (name, value, moment) VALUES ('{counter}', 0, 0)")  # noqa: S608  # ours
