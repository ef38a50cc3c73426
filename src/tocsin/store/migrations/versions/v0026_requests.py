"""Statements of reasons, authorities' requests, and what was published of both."""

import sqlalchemy as sa

revision = "0026"
down_revision = "0025"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nothing yet."""
