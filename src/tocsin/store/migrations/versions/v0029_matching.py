"""Sessions of matching: what was asked, consented to and spent."""

import sqlalchemy as sa

revision = "0029"
down_revision = "0028"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nothing yet."""
