"""Private sums of evidence: agreements, epochs, what is on its way, what was evaluated for whom, and answers."""

import sqlalchemy as sa

from tocsin.store.columns import binary, key, metadata, number, seq, text

sum_agreements = sa.Table(
    "sum_agreements",
    metadata,
    key("id"),
    text("by"),
    number("at"),
    number("withdrawn"),
    binary("body"),
)
"""What an operator agreed to; `withdrawn` is 0 while it stands."""

sum_epochs = sa.Table(
    "sum_epochs",
    metadata,
    seq("epoch"),
    binary("body"),
)
"""How far an epoch is. What of it is secret lies sealed under a key of the epoch in the key store."""

sum_mail = sa.Table(
    "sum_mail",
    metadata,
    seq("seq"),
    number("epoch"),
    text("peer"),
    text("kind"),
    number("size"),
    number("at"),
    number("due"),
    number("sent"),
    binary("body"),
    sa.Index(None, "sent", "due"),
    sa.Index(None, "epoch"),
)
"""What goes to one node. `sent` is 0 until it was taken; then the body is forgotten, and what left stays known."""

sum_heard = sa.Table(
    "sum_heard",
    metadata,
    seq("epoch"),
    key("roster"),
    seq("look"),
    key("kind"),
    key("sender"),
    number("at"),
    binary("body"),
)
"""What an aggregator was given for a look, so that it survives the process. The first word counts."""

sum_parts = sa.Table(
    "sum_parts",
    metadata,
    key("asker"),
    seq("epoch"),
    key("serial"),
    seq("part"),
    number("points"),
)
"""Points evaluated for others: kept before anything is."""

sum_answers = sa.Table(
    "sum_answers",
    metadata,
    seq("epoch"),
    seq("look"),
    number("at"),
    number("keys"),
    number("candidates"),
    number("rang"),
    binary("body"),
)
"""What this node asked at a look and what came back: how many, and the ids of the warnings."""
