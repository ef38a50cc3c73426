"""Incidents, verified packs of duties, and reports under duties."""

import sqlalchemy as sa

revision = "0025"
down_revision = "0024"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nothing yet."""
