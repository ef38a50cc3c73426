"""The root of an author's signature, and the bytes as received."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("records", sa.Column("root", sa.LargeBinary(), nullable=True))
    op.add_column("records", sa.Column("original", sa.LargeBinary(), nullable=True))
