"""Accountable matching: commitments before a session, challenges, openings."""

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    """Nothing yet."""
