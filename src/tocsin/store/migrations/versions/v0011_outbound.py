"""Guard verdicts, what people arranged of warnings, looks at the unflagged, channels and their outbox."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text(), nullable=null)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, NUMBER, nullable=null)


def _bytes(name: str) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "verdicts",
        _text("event"),
        _text("guard"),
        _text("version"),
        _text("outcome"),
        _text("category"),
        _number("strength"),
        _number("at"),
        _bytes("tag"),
        _text("lang", null=True),
        _number("tries"),
        _number("again", null=True),
        _text("why"),
        sa.PrimaryKeyConstraint("event", "guard", "version", name=op.f("pk_verdicts")),
    )
    op.create_index(op.f("ix_verdicts_guard_version_tag"), "verdicts", ["guard", "version", "tag"])
    op.create_index(op.f("ix_verdicts_outcome_at"), "verdicts", ["outcome", "at"])
    op.create_index(op.f("ix_verdicts_again"), "verdicts", ["again"])
    op.create_table(
        "handlings",
        _text("warning"),
        _bytes("body"),
        sa.PrimaryKeyConstraint("warning", name=op.f("pk_handlings")),
    )
    op.create_table(
        "looks",
        _text("event"),
        _text("day"),
        _number("rank"),
        _text("outcome", null=True),
        _bytes("body"),
        sa.PrimaryKeyConstraint("event", name=op.f("pk_looks")),
    )
    op.create_index(op.f("ix_looks_day_rank"), "looks", ["day", "rank"])
    op.create_table(
        "channels", _text("name"), _bytes("body"), sa.PrimaryKeyConstraint("name", name=op.f("pk_channels"))
    )
    op.create_table(
        "notices",
        _text("id"),
        _number("seq"),
        _text("channel"),
        _text("warning"),
        _text("state"),
        _number("made"),
        _number("done"),
        _bytes("body"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index(op.f("ix_notices_channel_state_seq"), "notices", ["channel", "state", "seq"])
    op.create_index(op.f("ix_notices_seq"), "notices", ["seq"], unique=True)
    op.execute("INSERT INTO counters (name, value, moment) VALUES ('notice', 0, 0)")
