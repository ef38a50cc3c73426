"""Public reports: what came without an account, and what was said since."""

import sqlalchemy as sa

revision = "0023"
down_revision = "0022"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nothing yet."""
