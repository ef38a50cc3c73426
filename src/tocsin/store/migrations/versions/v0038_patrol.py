"""Compute, and patrol of what is admitted to a platform."""

revision = "0038"
down_revision = "0037"


def upgrade() -> None:
    """Nothing yet."""
