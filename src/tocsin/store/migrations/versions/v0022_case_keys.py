"""Keys of cases, wrapped for those who may open them; members' public keys."""

import sqlalchemy as sa

revision = "0022"
down_revision = "0021"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Nothing yet."""
