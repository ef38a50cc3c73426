"""The log: entries in their order, and what peers cosigned."""

import sqlalchemy as sa

revision = "0028"
down_revision = "0027"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nothing yet."""
