"""Tables about models: what was looked at, measured, decided, recognised."""

import sqlalchemy as sa

from tocsin.store.columns import Number, binary, key, metadata, number, text

inspections = sa.Table(
    "inspections",
    metadata,
    key("id"),
    number("seq"),
    text("artefact"),
    text("name"),
    text("source"),
    number("at"),
    text("verdict"),
    number("latest"),
    number("reopened"),
    binary("line"),
    binary("body"),
    sa.Index(None, "seq", unique=True),
    sa.Index(None, "artefact", "seq"),
    sa.Index(None, "name", "seq"),
    sa.Index(None, "latest", "seq"),
)
"""Every look at an artefact. `line` is what a list shows of it; `latest` and `reopened` are 0 or 1."""

inspection_rules = sa.Table(
    "inspection_rules",
    metadata,
    key("format"),
    key("rules"),
    key("inspection"),
    sa.Index(None, "inspection"),
    sqlite_with_rowid=False,
)
"""Which rules digest each inspection rests on, for each format it met."""

artefact_keys = sa.Table("artefact_keys", metadata, key("key"), key("artefact"), sqlite_with_rowid=False)
"""What each artefact holds (sha256 of every part, its own too) and claims ("package:pypi/torch", "model:name").

It only grows: what was once read in a file is in those bytes.
"""

rules_behind = sa.Table("rules_behind", metadata, key("digest"), binary("body"))

followed_models = sa.Table(
    "followed_models",
    metadata,
    key("name"),
    text("artefact"),
    binary("body"),
    sa.Index(None, "artefact"),
)

intelligence = sa.Table(
    "intelligence",
    metadata,
    key("kind"),
    key("id"),
    number("seq"),
    text("digest"),
    binary("body"),
    sa.Index(None, "seq", unique=True),
)

intelligence_keys = sa.Table(
    "intelligence_keys",
    metadata,
    key("key"),
    key("kind"),
    key("id"),
    sa.Index(None, "kind", "id"),
    sqlite_with_rowid=False,
)
"""What each item concerns."""

descents = sa.Table(
    "descents",
    metadata,
    key("derived"),
    key("base"),
    sa.Column("at", Number, primary_key=True, autoincrement=False),
    binary("body"),
)
"""What comparisons of weights measured, each of them."""

evaluation_plans = sa.Table(
    "evaluation_plans",
    metadata,
    key("id"),
    number("seq"),
    text("plan"),
    text("name"),
    text("version"),
    number("at"),
    binary("line"),
    binary("body"),
    binary("samples"),
    sa.Index(None, "seq", unique=True),
    sa.Index(None, "plan", "seq"),
)
"""Registrations, each as it was made: `line` without plan and samples, `body` the plan."""

evaluations = sa.Table(
    "evaluations",
    metadata,
    key("id"),
    number("seq"),
    text("registration"),
    number("attempt"),
    text("plan"),
    text("name"),
    text("model_digest"),
    text("runs"),
    number("at"),
    binary("body"),
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
    key("evaluation"),
    sa.Column("place", Number, primary_key=True, autoincrement=False),
    binary("body"),
)
"""The runs of an evaluation, in its order, sample by sample."""

precedents = sa.Table(
    "precedents",
    metadata,
    key("id"),
    number("at"),
    text("domain"),
    text("tier"),
    binary("body"),
    sa.Index(None, "at"),
)
"""Key cases, by the id of the release decision."""

precedent_rules = sa.Table(
    "precedent_rules", metadata, key("rule"), key("precedent"), sqlite_with_rowid=False
)

precedent_citations = sa.Table(
    "precedent_citations",
    metadata,
    key("decision"),
    key("precedent"),
    number("at"),
    binary("body"),
    sa.Index(None, "precedent", "at"),
)

artefact_notices = sa.Table(
    "artefact_notices",
    metadata,
    key("id"),
    number("seq"),
    text("recipient"),
    text("model"),
    text("artefact"),
    number("read", null=True),
    binary("body"),
    sa.Index(None, "seq", unique=True),
    sa.Index(None, "read", "seq"),
    sa.Index(None, "model", "seq"),
    sa.Index(None, "artefact", "seq"),
)

recognitions = sa.Table(
    "recognitions",
    metadata,
    key("id"),
    number("seq"),
    text("evaluation"),
    number("at"),
    binary("body"),
    sa.Index(None, "seq", unique=True),
    sa.Index(None, "evaluation", "seq"),
)
"""What this node made of peers' evaluations; none replaces another."""

recognition_draws = sa.Table(
    "recognition_draws",
    metadata,
    key("id"),
    number("seq"),
    text("challenger"),
    text("evaluation"),
    text("sheet"),
    text("state"),
    binary("body"),
    sa.Index(None, "seq", unique=True),
    sa.Index(None, "evaluation", "sheet", "seq"),
)
"""Draws for re-runs, ours and those we answer, each with its messages; none is ever deleted."""

release_decisions = sa.Table(
    "release_decisions",
    metadata,
    key("id"),
    number("seq"),
    text("artefact"),
    text("state"),
    binary("body"),
    binary("told"),
    sa.Index(None, "seq", unique=True),
    sa.Index(None, "artefact", "seq"),
    sa.Index(None, "state", "seq"),
)
"""How far models may go out. `body` is the decision, `told` what its proposer brought."""

exemptions = sa.Table(
    "exemptions",
    metadata,
    key("id"),
    text("artefact"),
    number("at"),
    binary("body"),
    sa.Index(None, "artefact", "at"),
)
"""Rules set aside for one artefact."""
