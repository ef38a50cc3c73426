"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("detail", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit")),
    )
    op.create_index(op.f("ix_audit_act_seq"), "audit", ["act", "seq"], unique=False)
    op.create_index(op.f("ix_audit_who_seq"), "audit", ["who", "seq"], unique=False)
    op.create_table(
        "counters",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", NUMBER, nullable=False),
        sa.Column("moment", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counters")),
    )
    op.create_table(
        "cursors",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_cursors")),
    )
    op.create_table(
        "event_ids",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_event_ids")),
        sa.UniqueConstraint("digest", name=op.f("uq_event_ids_digest")),
    )
    op.create_table(
        "fetches",
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("objects", NUMBER, nullable=False),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("peer", name=op.f("pk_fetches")),
    )
    op.create_table(
        "files",
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("day", sa.Text(), nullable=False),
        sa.Column("rows", NUMBER, nullable=False),
        sa.Column("size", NUMBER, nullable=False),
        sa.Column("min_seq", NUMBER, nullable=False),
        sa.Column("max_seq", NUMBER, nullable=False),
        sa.Column("min_time", NUMBER, nullable=False),
        sa.Column("max_time", NUMBER, nullable=False),
        sa.Column("min_received", NUMBER, nullable=False),
        sa.Column("max_received", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_files")),
    )
    op.create_index(op.f("ix_files_kind_min_seq"), "files", ["kind", "min_seq"], unique=False)
    op.create_table(
        "journal",
        sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
        sa.Column("time", NUMBER, nullable=False),
        sa.Column("received", NUMBER, nullable=False),
        sa.Column("seal_day", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_journal")),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), nullable=False),
        sa.Column("until", NUMBER, nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_leases")),
    )
    op.create_table(
        "manifests",
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("peer", sa.Text(), nullable=False),
        sa.Column("seq", NUMBER, nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("digest", "peer", name=op.f("pk_manifests")),
    )
    op.create_index(op.f("ix_manifests_peer_seq"), "manifests", ["peer", "seq"], unique=False)
    op.create_index(op.f("ix_manifests_seq"), "manifests", ["seq"], unique=False)
    op.create_table(
        "peers",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_peers")),
    )
    op.create_table(
        "records",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("version", NUMBER, autoincrement=False, nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("tlp", sa.Text(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("added", NUMBER, nullable=False),
        sa.Column("peer", sa.Text(), nullable=True),
        sa.Column("warning", sa.Text(), nullable=True),
        sa.Column("latest", NUMBER, nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("stix", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", "version", name=op.f("pk_records")),
    )
    op.create_index(op.f("ix_records_latest_added"), "records", ["latest", "added"], unique=False)
    op.create_index(op.f("ix_records_warning"), "records", ["warning"], unique=False)
    op.create_table(
        "statuses",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_statuses")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    op.create_table(
        "warnings",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("last_seen", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_warnings")),
    )
    op.create_index(op.f("ix_warnings_last_seen"), "warnings", ["last_seen"], unique=False)
    op.create_index(op.f("ix_warnings_status_last_seen"), "warnings", ["status", "last_seen"], unique=False)
    op.create_table(
        "reviews",
        sa.Column("warning", sa.Text(), nullable=False),
        sa.Column("turn", NUMBER, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["warning"], ["warnings.id"], name=op.f("fk_reviews_warning")),
        sa.PrimaryKeyConstraint("warning", "turn", name=op.f("pk_reviews")),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("csrf", sa.Text(), nullable=False),
        sa.Column("created", NUMBER, nullable=False),
        sa.Column("expires", NUMBER, nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=op.f("fk_sessions_user")),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_expires"), "sessions", ["expires"], unique=False)
    op.create_table(
        "tokens",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("user", sa.Text(), nullable=False),
        sa.Column("created", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["user"], ["users.id"], name=op.f("fk_tokens_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
    )
    op.create_index(op.f("ix_tokens_user"), "tokens", ["user"], unique=False)
    for shelf in ("release", "inbox"):
        op.create_table(
            f"{shelf}_objects",
            sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
            sa.Column("owner", sa.Text(), nullable=False),
            sa.Column("id", sa.Text(), nullable=False),
            sa.Column("type", sa.Text(), nullable=False),
            sa.Column("version", NUMBER, nullable=False),
            sa.Column("added", NUMBER, nullable=False),
            sa.Column("manifest", sa.Text(), nullable=False),
            sa.Column("spec_version", sa.Text(), nullable=False),
            sa.Column("stix", sa.LargeBinary(), nullable=False),
            sa.PrimaryKeyConstraint("seq", name=op.f(f"pk_{shelf}_objects")),
            sa.UniqueConstraint("added", name=op.f(f"uq_{shelf}_objects_added")),
        )
        op.create_table(
            f"{shelf}_views",
            sa.Column("view", sa.Text(), nullable=False),
            sa.Column("seq", NUMBER, autoincrement=False, nullable=False),
            sa.Column("id", sa.Text(), nullable=False),
            sa.Column("type", sa.Text(), nullable=False),
            sa.Column("version", NUMBER, nullable=False),
            sa.Column("spec_version", sa.Text(), nullable=False),
            sa.Column("place", NUMBER, nullable=False),
            sa.PrimaryKeyConstraint("view", "seq", name=op.f(f"pk_{shelf}_views")),
            sqlite_with_rowid=False,
        )
        op.create_index(
            op.f(f"ix_{shelf}_views_id_view_version"),
            f"{shelf}_views",
            ["id", "view", "version"],
            unique=True,
        )
        op.create_index(
            op.f(f"ix_{shelf}_views_view_place_seq"), f"{shelf}_views", ["view", "place", "seq"], unique=False
        )
        op.create_index(
            op.f(f"ix_{shelf}_views_view_type_place_seq"),
            f"{shelf}_views",
            ["view", "type", "place", "seq"],
            unique=False,
        )
        op.create_index(
            op.f(f"ix_{shelf}_views_view_version_seq"),
            f"{shelf}_views",
            ["view", "version", "seq"],
            unique=False,
        )
    counters = sa.table("counters", sa.column("name"), sa.column("value"), sa.column("moment"))
    names = ("event", "file", "record", "release", "inbox", "manifest", "audit")
    op.bulk_insert(counters, [{"name": name, "value": 0, "moment": 0} for name in names])
