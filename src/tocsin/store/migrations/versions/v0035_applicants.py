"""End users: verifications by evidence, their results and digests."""

revision = "0035"
down_revision = "0034"


def upgrade() -> None:
    """Nothing yet."""
