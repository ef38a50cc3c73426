"""Counts under differential privacy: what was spent, and what was said."""

import sqlalchemy as sa

revision = "0030"
down_revision = "0029"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nothing yet."""
