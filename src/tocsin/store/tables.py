"""The tables as they are now. `migrations/` leads here from nothing; a test holds the two together.

Only integers, text and bytes, so that a row means the same on either backend. Times are microseconds since
1970. A noun with nested parts lies as MessagePack in `body`, beside the columns that are asked for: a field
that is appended later with a default still decodes.
"""

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# INTEGER PRIMARY KEY is SQLite's row id itself; BIGINT there would be a second tree beside it.
Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null)


def _number(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, Number, nullable=null)


def _bytes(name: str, *, null: bool = False) -> sa.Column[bytes]:
    return sa.Column(name, sa.LargeBinary, nullable=null)


def _seq(name: str = "seq") -> sa.Column[int]:
    return sa.Column(name, Number, primary_key=True, autoincrement=False)


def _key(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, primary_key=True)


counters = sa.Table("counters", metadata, _key("name"), _number("value"), _number("moment"))

event_ids = sa.Table(
    "event_ids",
    metadata,
    _seq(),
    _bytes("digest"),
    sa.UniqueConstraint("digest"),
)
"""Every event kept, in the journal or in Parquet: 16 bytes of BLAKE2b of its id."""

journal = sa.Table(
    "journal",
    metadata,
    _seq(),
    _number("time"),
    _number("received"),
    _text("seal_day"),
    _bytes("body"),
    _bytes("sealed", null=True),
    _bytes("fingerprint", null=True),
)

files = sa.Table(
    "files",
    metadata,
    _seq("number"),
    _text("kind"),
    _text("day"),
    _number("rows"),
    _number("size"),
    _number("min_seq"),
    _number("max_seq"),
    _number("min_time"),
    _number("max_time"),
    _number("min_received"),
    _number("max_received"),
    sa.Index(None, "kind", "min_seq"),
)
"""The catalogue: a Parquet file that is not here does not exist. `day` is empty for events."""

users = sa.Table("users", metadata, _key("id"), _text("name"), _bytes("body"), sa.UniqueConstraint("name"))

tokens = sa.Table(
    "tokens",
    metadata,
    _key("id"),
    sa.Column("user", sa.Text, sa.ForeignKey("users.id"), nullable=False, index=True),
    _number("created"),
    _bytes("body"),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("digest", sa.LargeBinary, primary_key=True),
    sa.Column("user", sa.Text, sa.ForeignKey("users.id"), nullable=False),
    _text("csrf"),
    _number("created"),
    sa.Column("expires", Number, nullable=False, index=True),
    _text("login"),
    _number("mfa"),
    _text("groups"),
    _text("address"),
    sa.Index(None, "user"),
)


def _of_user(*, key: bool = False) -> sa.Column[str]:
    return sa.Column("user", sa.Text, sa.ForeignKey("users.id"), nullable=False, primary_key=key)


passwords = sa.Table("passwords", metadata, _of_user(key=True), _text("phc"), _number("changed"))

totps = sa.Table(
    "totps",
    metadata,
    _of_user(key=True),
    _bytes("sealed"),
    _number("begun"),
    _number("confirmed"),
    _number("step"),
)

recovery_codes = sa.Table(
    "recovery_codes", metadata, _of_user(key=True), sa.Column("digest", sa.LargeBinary, primary_key=True)
)

links = sa.Table(
    "links",
    metadata,
    _key("issuer"),
    _key("subject"),
    _of_user(),
    _number("managed"),
    _number("created"),
    sa.Index(None, "user"),
)

audit = sa.Table(
    "audit",
    metadata,
    _seq(),
    _number("at"),
    _text("who"),
    _text("act"),
    _text("subject"),
    _text("purpose"),
    _text("outcome"),
    _bytes("detail"),
    sa.Index(None, "who", "seq"),
    sa.Index(None, "act", "seq"),
)

warnings = sa.Table(
    "warnings",
    metadata,
    _key("id"),
    _text("kind"),
    _text("status"),
    _number("last_seen"),
    _bytes("body"),
    sa.Index(None, "last_seen"),
    sa.Index(None, "status", "last_seen"),
)

reviews = sa.Table(
    "reviews",
    metadata,
    sa.Column("warning", sa.Text, sa.ForeignKey("warnings.id"), primary_key=True),
    sa.Column("turn", Number, primary_key=True, autoincrement=False),
    _bytes("body"),
)

records = sa.Table(
    "records",
    metadata,
    _key("id"),
    sa.Column("version", Number, primary_key=True, autoincrement=False),
    _text("type"),
    _text("origin"),
    _text("author"),
    _text("tlp"),
    _text("category"),
    _number("added"),
    _text("peer", null=True),
    _text("warning", null=True),
    _number("latest"),
    _bytes("digest"),
    _bytes("stix"),
    _bytes("root", null=True),
    _bytes("original", null=True),
    sa.Index(None, "latest", "added"),
    sa.Index(None, "warning"),
    sa.Index(None, "added", unique=True),
)
"""`latest` is 1 for the newest version of each id, else 0; `digest` is SHA-256 of `stix`."""

acts = sa.Table(
    "acts",
    metadata,
    _seq(),
    _text("session"),
    _number("received"),
    _number("weight"),
    _number("aim"),
    _bytes("body"),
    sa.Index(None, "session", "seq"),
    sa.Index(None, "received"),
)
"""What messages of conversations do (`kernel.acts`), for some days. `weight` in thousandths; `seq` is the event's."""

manifests = sa.Table(
    "manifests",
    metadata,
    _key("digest"),
    _key("peer"),
    _number("seq"),
    _number("at"),
    _text("by"),
    _bytes("body"),
    sa.Index(None, "peer", "seq"),
    sa.Index(None, "seq"),
)

fetches = sa.Table("fetches", metadata, _key("peer"), _number("objects"), _number("size"), _number("at"))

statuses = sa.Table("statuses", metadata, _key("id"), _text("owner"), _bytes("body"))

peers = sa.Table("peers", metadata, _key("name"), _bytes("body"))

groups = sa.Table("groups", metadata, _key("name"), _bytes("body"))

key_statements = sa.Table(
    "key_statements",
    metadata,
    _key("identity"),
    _key("digest"),
    _number("seq"),
    _number("received"),
    _bytes("body"),
    sa.Index(None, "identity", "seq"),
)
"""What keys said of their successors. Two of one seq are evidence; both are kept. `digest` is SHA-256, hexadecimal."""

recalls = sa.Table(
    "recalls",
    metadata,
    _key("record"),
    _key("peer"),
    _number("version"),
    _number("at"),
    _bytes("body"),
    sa.Index(None, "at"),
)
"""What was taken back, and from whom: one row a peer that had it."""

receipts = sa.Table(
    "receipts",
    metadata,
    _key("record"),
    _key("peer"),
    sa.Column("version", Number, primary_key=True, autoincrement=False),
    _number("sent"),
    _bytes("body"),
    sa.Index(None, "peer", "sent"),
)
"""What this node says to those who recalled something from it; `sent` is 0 until they have it."""
approvals = sa.Table("approvals", metadata, _key("digest"), _key("user"), _text("peer"), _number("at"))
"""Who approved which manifest: one row a person, however often they say so."""

gone = sa.Table("gone", metadata, _seq(), _text("what"), _text("name"), _number("at"), _text("mac"))
"""The key store's log again (`trust.day_keys.Gone`), so that an older copy of either learns what the other knows."""

erasures = sa.Table(
    "erasures",
    metadata,
    _key("ticket"),
    sa.Column("at", Number, primary_key=True, autoincrement=False),
    _bytes("body"),
)

holds = sa.Table(
    "holds", metadata, _key("id"), _text("account"), _number("at"), _bytes("body"), sa.Index(None, "account")
)
rules = sa.Table("rules", metadata, _key("id"), _number("added"), _bytes("body"))
"""Rules in this node's keeping, and what people decided of those that lie as files."""

rule_tallies = sa.Table(
    "rule_tallies",
    metadata,
    _key("rule"),
    sa.Column("day", Number, primary_key=True, autoincrement=False),
    _bytes("body"),
)
"""What each rule said of each day; said again, it takes the place of what was said before."""

leases = sa.Table("leases", metadata, _key("name"), _text("holder"), _number("until"))

cursors = sa.Table("cursors", metadata, _key("name"), _text("value"))

verdicts = sa.Table(
    "verdicts",
    metadata,
    _key("event"),
    _key("guard"),
    _key("version"),
    _text("outcome"),
    _text("category"),
    _number("strength"),
    _number("at"),
    _bytes("tag"),
    _text("lang", null=True),
    _number("tries"),
    _number("again", null=True),
    _text("why"),
    sa.Index(None, "guard", "version", "tag"),
    sa.Index(None, "outcome", "at"),
    sa.Index(None, "again"),
)
"""What guard models said, apart from the events. `strength` in thousandths; `again` for what is asked once more."""

handlings = sa.Table("handlings", metadata, _key("warning"), _bytes("body"))
"""How people arranged warnings: merged, split, snoozed."""

looks = sa.Table(
    "looks",
    metadata,
    _key("event"),
    _text("day"),
    _number("rank"),
    _text("outcome", null=True),
    _bytes("body"),
    sa.Index(None, "day", "rank"),
)
"""What was drawn from the unflagged, and what people found in it."""

channels = sa.Table("channels", metadata, _key("name"), _bytes("body"))

notices = sa.Table(
    "notices",
    metadata,
    _key("id"),
    _number("seq"),
    _text("channel"),
    _text("warning"),
    _text("state"),
    _number("made"),
    _number("done"),
    _bytes("body"),
    sa.Index(None, "channel", "state", "seq"),
    sa.Index(None, "seq", unique=True),
)
"""The outbox: a row a message, sent once and in order."""
trends = sa.Table(
    "trends",
    metadata,
    _seq("width"),
    _seq("bin"),
    _key("category"),
    _key("language"),
    _key("region"),
    _seq("delay"),
    _number("count"),
    sqlite_with_rowid=False,
)
"""Counts of conduct (see `trend_interface`): no person, and no event, can be told from a row."""


def _shelf(name: str) -> tuple[sa.Table, sa.Table, sa.Table]:
    """Objects that TAXII serves, who sees them in which place, and who there is to see them (see `shelf`)."""
    objects = sa.Table(
        f"{name}_objects",
        metadata,
        _seq(),
        _text("owner"),
        _text("id"),
        _text("type"),
        _number("version"),
        _number("added"),
        _text("manifest"),
        _number("tlp"),
        _number("gone"),
        _bytes("stix"),
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
        _key("view"),
        _seq("added"),
        _number("object"),
        _text("id"),
        _text("type"),
        _number("version"),
        _number("place"),
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
        _key("view"),
        _text("owner"),
        _number("ceiling"),
        _number("moment"),
    )
    return objects, views, audiences


release_objects, release_views, release_audiences = _shelf("release")
inbox_objects, inbox_views, inbox_audiences = _shelf("inbox")

inspections = sa.Table(
    "inspections",
    metadata,
    _key("id"),
    _number("seq"),
    _text("artefact"),
    _text("name"),
    _text("source"),
    _number("at"),
    _text("verdict"),
    _number("latest"),
    _number("reopened"),
    _bytes("line"),
    _bytes("body"),
    sa.Index(None, "seq", unique=True),
    sa.Index(None, "artefact", "seq"),
    sa.Index(None, "name", "seq"),
    sa.Index(None, "latest", "seq"),
)
"""Every look at an artefact. `line` is what a list shows of it; `latest` and `reopened` are 0 or 1."""

inspection_rules = sa.Table(
    "inspection_rules",
    metadata,
    _key("format"),
    _key("rules"),
    _key("inspection"),
    sa.Index(None, "inspection"),
    sqlite_with_rowid=False,
)
"""Which rules digest each inspection rests on, for each format it met."""

artefact_keys = sa.Table("artefact_keys", metadata, _key("key"), _key("artefact"), sqlite_with_rowid=False)
"""What each artefact holds (sha256 of every part, its own too) and claims ("package:pypi/torch", "model:name").

It only grows: what was once read in a file is in those bytes.
"""

rules_behind = sa.Table("rules_behind", metadata, _key("digest"), _bytes("body"))

followed_models = sa.Table(
    "followed_models",
    metadata,
    _key("name"),
    _text("artefact"),
    _bytes("body"),
    sa.Index(None, "artefact"),
)

intelligence = sa.Table(
    "intelligence",
    metadata,
    _key("kind"),
    _key("id"),
    _number("seq"),
    _text("digest"),
    _bytes("body"),
    sa.Index(None, "seq", unique=True),
)

intelligence_keys = sa.Table(
    "intelligence_keys",
    metadata,
    _key("key"),
    _key("kind"),
    _key("id"),
    sa.Index(None, "kind", "id"),
    sqlite_with_rowid=False,
)
"""What each item concerns."""

descents = sa.Table(
    "descents",
    metadata,
    _key("derived"),
    _key("base"),
    sa.Column("at", Number, primary_key=True, autoincrement=False),
    _bytes("body"),
)
"""What comparisons of weights measured, each of them."""

evaluation_plans = sa.Table(
    "evaluation_plans",
    metadata,
    _key("id"),
    _number("seq"),
    _text("plan"),
    _text("name"),
    _text("version"),
    _number("at"),
    _bytes("line"),
    _bytes("body"),
    _bytes("samples"),
    sa.Index(None, "seq", unique=True),
    sa.Index(None, "plan", "seq"),
)
"""Registrations, each as it was made: `line` without plan and samples, `body` the plan."""

evaluations = sa.Table(
    "evaluations",
    metadata,
    _key("id"),
    _number("seq"),
    _text("registration"),
    _number("attempt"),
    _text("plan"),
    _text("name"),
    _text("model_digest"),
    _text("runs"),
    _number("at"),
    _bytes("body"),
    sa.Index(None, "seq", unique=True),
    sa.Index(None, "registration", "attempt", unique=True),
    sa.Index(None, "registration", "runs", unique=True),
    sa.Index(None, "plan", "seq"),
    sa.Index(None, "model_digest", "seq"),
)
"""Evaluations; none replaces another. `runs` is the digest of what it was judged from."""

evaluation_runs = sa.Table(
    "evaluation_runs",
    metadata,
    _key("evaluation"),
    sa.Column("place", Number, primary_key=True, autoincrement=False),
    _bytes("body"),
)
"""The runs of an evaluation, in its order, sample by sample."""

artefact_notices = sa.Table(
    "artefact_notices",
    metadata,
    _key("id"),
    _number("seq"),
    _text("recipient"),
    _text("model"),
    _text("artefact"),
    _number("read", null=True),
    _bytes("body"),
    sa.Index(None, "seq", unique=True),
    sa.Index(None, "read", "seq"),
    sa.Index(None, "model", "seq"),
    sa.Index(None, "artefact", "seq"),
)

recognitions = sa.Table(
    "recognitions",
    metadata,
    _key("id"),
    _number("seq"),
    _text("evaluation"),
    _number("at"),
    _bytes("body"),
    sa.Index(None, "seq", unique=True),
    sa.Index(None, "evaluation", "seq"),
)
"""What this node made of peers' evaluations; none replaces another."""

recognition_draws = sa.Table(
    "recognition_draws",
    metadata,
    _key("id"),
    _number("seq"),
    _text("challenger"),
    _text("evaluation"),
    _text("sheet"),
    _text("state"),
    _bytes("body"),
    sa.Index(None, "seq", unique=True),
    sa.Index(None, "evaluation", "sheet", "seq"),
)
"""Draws for re-runs, ours and those we answer, each with its messages; none is ever deleted."""

release_decisions = sa.Table(
    "release_decisions",
    metadata,
    _key("id"),
    _number("seq"),
    _text("artefact"),
    _text("state"),
    _bytes("body"),
    _bytes("told"),
    sa.Index(None, "seq", unique=True),
    sa.Index(None, "artefact", "seq"),
    sa.Index(None, "state", "seq"),
)
"""How far models may go out. `body` is the decision, `told` what its proposer brought."""

exemptions = sa.Table(
    "exemptions",
    metadata,
    _key("id"),
    _text("artefact"),
    _number("at"),
    _bytes("body"),
    sa.Index(None, "artefact", "at"),
)
"""Rules set aside for one artefact."""
