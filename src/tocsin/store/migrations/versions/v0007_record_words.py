"""The index that records are found by. Derived: `store.search` fills it from the records, also from old ones."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    # The newest and the next record are asked for at every look of the index, whatever version is the latest.
    op.create_index(op.f("ix_records_added"), "records", ["added"], unique=True)
    if op.get_bind().dialect.name == "sqlite":
        # Tokens come ready and separated by spaces: beyond ASCII every letter is part of one, and so are these.
        op.execute(
            "CREATE VIRTUAL TABLE record_words USING fts5("
            "words, content='', detail=none, tokenize=\"ascii tokenchars '._=+-'\")"
        )
    else:
        op.create_table(
            "record_words",
            sa.Column("added", sa.BigInteger(), autoincrement=False, nullable=False),
            sa.Column("words", sa.dialects.postgresql.TSVECTOR(), nullable=False),
            sa.PrimaryKeyConstraint("added", name=op.f("pk_record_words")),
        )
        op.create_index(
            op.f("ix_record_words_words"), "record_words", ["words"], unique=False, postgresql_using="gin"
        )
