"""Labels: fingerprints of what this node labelled."""

revision = "0036"
down_revision = "0035"


def upgrade() -> None:
    """Nothing yet."""
