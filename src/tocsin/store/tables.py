"""Tables of events, people, warnings, records and peers. `every_table` names every file of tables."""

import sqlalchemy as sa

from tocsin.store.columns import Number, binary, key, metadata, number, seq, text

counters = sa.Table("counters", metadata, key("name"), number("value"), number("moment"))

event_ids = sa.Table(
    "event_ids",
    metadata,
    seq(),
    binary("digest"),
    sa.UniqueConstraint("digest"),
)
"""Every event kept, in the journal or in Parquet: 16 bytes of BLAKE2b of its id."""

journal = sa.Table(
    "journal",
    metadata,
    seq(),
    number("time"),
    number("received"),
    text("seal_day"),
    binary("body"),
    binary("sealed", null=True),
    binary("fingerprint", null=True),
)

files = sa.Table(
    "files",
    metadata,
    seq("number"),
    text("kind"),
    text("day"),
    number("rows"),
    number("size"),
    number("min_seq"),
    number("max_seq"),
    number("min_time"),
    number("max_time"),
    number("min_received"),
    number("max_received"),
    sa.Index(None, "kind", "min_seq"),
)
"""The catalogue: a Parquet file that is not here does not exist. `day` is empty for events."""

users = sa.Table("users", metadata, key("id"), text("name"), binary("body"), sa.UniqueConstraint("name"))

tokens = sa.Table(
    "tokens",
    metadata,
    key("id"),
    sa.Column("user", sa.Text, sa.ForeignKey("users.id"), nullable=False, index=True),
    number("created"),
    binary("body"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("user", sa.Text, sa.ForeignKey("users.id"), nullable=False),
    text("csrf"),
    number("created"),
    sa.Column("expires", Number, nullable=False, index=True),
    text("login"),
    number("mfa"),
    text("groups"),
    text("address"),
    sa.Index(None, "user"),
)


def _of_user(*, key: bool = False) -> sa.Column[str]:
    return sa.Column("user", sa.Text, sa.ForeignKey("users.id"), nullable=False, primary_key=key)


passwords = sa.Table("passwords", metadata, _of_user(key=True), text("phc"), number("changed"))

totps = sa.Table(
    "totps",
    metadata,
    _of_user(key=True),
    binary("sealed"),
    number("begun"),
    number("confirmed"),
    number("step"),
)

recovery_codes = sa.Table(
    "recovery_codes", metadata, _of_user(key=True), sa.Column("digest", sa.LargeBinary, primary_key=True)
)

links = sa.Table(
    "links",
    metadata,
    key("issuer"),
    key("subject"),
    _of_user(),
    number("managed"),
    number("created"),
    sa.Index(None, "user"),
)

audit = sa.Table(
    "audit",
    metadata,
    seq(),
    number("at"),
    text("who"),
    text("act"),
    text("subject"),
    text("purpose"),
    text("outcome"),
    binary("detail"),
    sa.Index(None, "who", "seq"),
    sa.Index(None, "act", "seq"),
)

warnings = sa.Table(
    "warnings",
    metadata,
    key("id"),
    text("kind"),
    text("status"),
    number("last_seen"),
    binary("body"),
    sa.Index(None, "last_seen"),
    sa.Index(None, "status", "last_seen"),
)

reviews = sa.Table(
    "reviews",
    metadata,
    sa.Column("warning", sa.Text, sa.ForeignKey("warnings.id"), primary_key=True),
    sa.Column("turn", Number, primary_key=True, autoincrement=False),
    binary("body"),
)

records = sa.Table(
    "records",
    metadata,
    key("id"),
    sa.Column("version", Number, primary_key=True, autoincrement=False),
    text("type"),
    text("origin"),
    text("author"),
    text("tlp"),
    text("category"),
    number("added"),
    text("peer", null=True),
    text("warning", null=True),
    number("latest"),
    binary("digest"),
    binary("stix"),
    binary("root", null=True),
    binary("original", null=True),
    sa.Index(None, "latest", "added"),
    sa.Index(None, "warning"),
    sa.Index(None, "added", unique=True),
)
"""`latest` is 1 for the newest version of each id, else 0; `digest` is SHA-256 of `stix`."""

acts = sa.Table(
    "acts",
    metadata,
    seq(),
    text("session"),
    number("received"),
    number("weight"),
    number("aim"),
    binary("body"),
    sa.Index(None, "session", "seq"),
    sa.Index(None, "received"),
)
"""What messages of conversations do (`kernel.acts`), for some days. `weight` in thousandths; `seq` is the event's."""

manifests = sa.Table(
    "manifests",
    metadata,
    key("digest"),
    key("peer"),
    number("seq"),
    number("at"),
    text("by"),
    binary("body"),
    sa.Index(None, "peer", "seq"),
    sa.Index(None, "seq"),
)

fetches = sa.Table("fetches", metadata, key("peer"), number("objects"), number("size"), number("at"))

statuses = sa.Table("statuses", metadata, key("id"), text("owner"), binary("body"))

peers = sa.Table("peers", metadata, key("name"), binary("body"))

groups = sa.Table("groups", metadata, key("name"), binary("body"))

key_statements = sa.Table(
    "key_statements",
    metadata,
    key("identity"),
    key("digest"),
    number("seq"),
    number("received"),
    binary("body"),
    sa.Index(None, "identity", "seq"),
)
"""What keys said of their successors. Two of one seq are evidence; both are kept. `digest` is SHA-256, hexadecimal."""

recalls = sa.Table(
    "recalls",
    metadata,
    key("record"),
    key("peer"),
    number("version"),
    number("at"),
    binary("body"),
    sa.Index(None, "at"),
)
"""What was taken back, and from whom: one row a peer that had it."""

receipts = sa.Table(
    "receipts",
    metadata,
    key("record"),
    key("peer"),
    sa.Column("version", Number, primary_key=True, autoincrement=False),
    number("sent"),
    binary("body"),
    sa.Index(None, "peer", "sent"),
)
"""What this node says to those who recalled something from it; `sent` is 0 until they have it."""
approvals = sa.Table("approvals", metadata, key("digest"), key("user"), text("peer"), number("at"))
"""Who approved which manifest: one row a person, however often they say so."""

gone = sa.Table("gone", metadata, seq(), text("what"), text("name"), number("at"), text("mac"))
"""The key store's log again (`trust.day_keys.Gone`), so that an older copy of either learns what the other knows."""

erasures = sa.Table(
    "erasures",
    metadata,
    key("ticket"),
    sa.Column("at", Number, primary_key=True, autoincrement=False),
    binary("body"),
)

holds = sa.Table(
    "holds", metadata, key("id"), text("account"), number("at"), binary("body"), sa.Index(None, "account")
)
rules = sa.Table("rules", metadata, key("id"), number("added"), binary("body"))
"""Rules in this node's keeping, and what people decided of those that lie as files."""

rule_tallies = sa.Table(
    "rule_tallies",
    metadata,
    key("rule"),
    sa.Column("day", Number, primary_key=True, autoincrement=False),
    binary("body"),
)
"""What each rule said of each day; said again, it takes the place of what was said before."""

leases = sa.Table("leases", metadata, key("name"), text("holder"), number("until"))

cursors = sa.Table("cursors", metadata, key("name"), text("value"))

verdicts = sa.Table(
    "verdicts",
    metadata,
    key("event"),
    key("guard"),
    key("version"),
    text("outcome"),
    text("category"),
    number("strength"),
    number("at"),
    binary("tag"),
    text("lang", null=True),
    number("tries"),
    number("again", null=True),
    text("why"),
    sa.Index(None, "guard", "version", "tag"),
    sa.Index(None, "outcome", "at"),
    sa.Index(None, "again"),
)
"""What guard models said, apart from the events. `strength` in thousandths; `again` for what is asked once more."""

handlings = sa.Table("handlings", metadata, key("warning"), binary("body"))
"""How people arranged warnings: merged, split, snoozed."""

looks = sa.Table(
    "looks",
    metadata,
    key("event"),
    text("day"),
    number("rank"),
    text("outcome", null=True),
    binary("body"),
    sa.Index(None, "day", "rank"),
)
"""What was drawn from the unflagged, and what people found in it."""

channels = sa.Table("channels", metadata, key("name"), binary("body"))

notices = sa.Table(
    "notices",
    metadata,
    key("id"),
    number("seq"),
    text("channel"),
    text("warning"),
    text("state"),
    number("made"),
    number("done"),
    binary("body"),
    sa.Index(None, "channel", "state", "seq"),
    sa.Index(None, "seq", unique=True),
)
"""The outbox: a row a message, sent once and in order."""
trends = sa.Table(
    "trends",
    metadata,
    seq("width"),
    seq("bin"),
    key("category"),
    key("language"),
    key("region"),
    seq("delay"),
    number("count"),
    sqlite_with_rowid=False,
)
"""Counts of conduct (see `trend_interface`): no person, and no event, can be told from a row."""


def _shelf(name: str) -> tuple[sa.Table, sa.Table, sa.Table]:
    """Objects that TAXII serves, who sees them in which place, and who there is to see them (see `shelf`)."""
    objects = sa.Table(
        f"{name}_objects",
        metadata,
        seq(),
        text("owner"),
        text("id"),
        text("type"),
        number("version"),
        number("added"),
        text("manifest"),
        number("tlp"),
        number("gone"),
        binary("stix"),
    )
    if name == "release":  # for peers, whose ceilings move; who posted something always sees it
        sa.Index(
            f"ix_{name}_objects_owner_tlp_seq", *(objects.c[column] for column in ("owner", "tlp", "seq"))
        )
    gone = objects.c.gone == 1
    sa.Index(f"ix_{name}_objects_gone", objects.c.id, sqlite_where=gone, postgresql_where=gone)
    views = sa.Table(
        f"{name}_views",
        metadata,
        key("view"),
        seq("added"),
        number("object"),
        text("id"),
        text("type"),
        number("version"),
        number("place"),
        sa.Index(None, "view", "id", "version", unique=True),
        *(
            # `object` at the end, so that a page is found without looking at the row itself
            sa.Index(f"ix_{name}_views_{'_'.join(columns)}", *columns, "object")
            for columns in (
                ("view", "place", "added"),
                ("view", "type", "place", "added"),
                ("view", "version", "type", "added"),
            )
        ),
        sqlite_with_rowid=False,
    )
    audiences = sa.Table(
        f"{name}_audiences",
        metadata,
        key("view"),
        text("owner"),
        number("ceiling"),
        number("moment"),
    )
    return objects, views, audiences


release_objects, release_views, release_audiences = _shelf("release")
inbox_objects, inbox_views, inbox_audiences = _shelf("inbox")
