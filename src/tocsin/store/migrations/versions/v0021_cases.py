"""Cases: as they are now, what was done in them, and their queues."""

import sqlalchemy as sa

revision = "0021"
down_revision = "0020"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nothing yet."""
