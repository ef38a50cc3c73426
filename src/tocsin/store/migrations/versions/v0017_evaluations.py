"""Evaluations: plans as they were registered, what their runs found, and the runs."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=False)


def _number(name: str) -> sa.Column[int]:
    return sa.Column(name, NUMBER, autoincrement=False, nullable=False)


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def _index(table: str, *columns: str, unique: bool = False) -> None:
    op.create_index(op.f(f"ix_{table}_{'_'.join(columns)}"), table, list(columns), unique=unique)


def upgrade() -> None:
    op.create_table(
        "evaluation_plans",
        _text("id"),
        _number("seq"),
        _text("plan"),
        _text("name"),
        _text("version"),
        _number("at"),
        _bytes("line"),
        _bytes("body"),
        _bytes("samples"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluation_plans")),
    )
    _index("evaluation_plans", "seq", unique=True)
    _index("evaluation_plans", "plan", "seq")
    op.create_table(
        "evaluations",
        _text("id"),
        _number("seq"),
        _text("registration"),
        _number("attempt"),
        _text("plan"),
        _text("name"),
        _text("model_digest"),
        _text("runs"),
        _number("at"),
        _bytes("body"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evaluations")),
    )
    _index("evaluations", "seq", unique=True)
    _index("evaluations", "registration", "attempt", unique=True)
    _index("evaluations", "registration", "runs", unique=True)
    _index("evaluations", "plan", "seq")
    _index("evaluations", "model_digest", "seq")
    op.create_table(
        "evaluation_runs",
        _text("evaluation"),
        _number("place"),
        _bytes("body"),
        sa.PrimaryKeyConstraint("evaluation", "place", name=op.f("pk_evaluation_runs")),
    )
    for counter in ("evaluation-plan", "evaluation"):
        op.execute(f"INSERT INTO counters (name, value, moment) VALUES ('{counter}', 0, 0)")  # noqa: S608  # ours
