"""Sessions of matching between nodes: what is kept to go on after a stop."""

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    """Nothing yet."""
