"""Exhibits, every hand they went through, and holds on them."""

import sqlalchemy as sa

revision = "0024"
down_revision = "0023"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nothing yet."""
