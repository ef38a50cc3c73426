"""Access decisions: grants, revocations, what was decided."""

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    """Nothing yet."""
