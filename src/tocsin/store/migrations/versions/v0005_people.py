"""Passwords, second factors, links to an OpenID provider; sessions know how they were opened."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    # Sessions live for hours: everybody logs in once more, and no row has to be guessed at.
    op.drop_table("sessions")
    op.create_table(
        "sessions",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("created", NUMBER, nullable=False),
        sa.Column("expires", NUMBER, nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("mfa", NUMBER, nullable=False),
        sa.Column("groups", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=op.f("fk_sessions_user")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_expires"), "sessions", ["expires"], unique=False)
    op.create_index(op.f("ix_sessions_user"), "sessions", ["user"], unique=False)
    op.create_table(
        "passwords",
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("phc", sa.Text(), nullable=False),
        sa.Column("changed", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=op.f("fk_passwords_user")),
        sa.PrimaryKeyConstraint("user", name=op.f("pk_passwords")),
    )
    op.create_table(
        "totps",
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("begun", NUMBER, nullable=False),
        sa.Column("confirmed", NUMBER, nullable=False),
        sa.Column("step", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=op.f("fk_totps_user")),
        sa.PrimaryKeyConstraint("user", name=op.f("pk_totps")),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=op.f("fk_recovery_codes_user")),
        sa.PrimaryKeyConstraint("user", "digest", name=op.f("pk_recovery_codes")),
    )
    op.create_table(
        "links",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("managed", NUMBER, nullable=False),
        sa.Column("created", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=op.f("fk_links_user")),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_links")),
    )
    op.create_index(op.f("ix_links_user"), "links", ["user"], unique=False)
