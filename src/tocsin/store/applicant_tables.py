"""End users: verifications by evidence, their results and digests; never the evidence."""

import sqlalchemy as sa

from tocsin.store.columns import binary, key, metadata, number, text

applicants = sa.Table("applicants", metadata, key("number"), text("subject"), number("made"), binary("body"))
sa.Index("ix_applicants_subject", applicants.c.subject, unique=True)

applicant_results = sa.Table(
    "applicant_results",
    metadata,
    key("id"),
    text("applicant"),
    text("source"),
    text("person"),
    number("at"),
    binary("body"),
)
sa.Index("ix_applicant_results_applicant", applicant_results.c.applicant)
sa.Index("ix_applicant_results_source", applicant_results.c.source)
sa.Index("ix_applicant_results_person", applicant_results.c.person)

applicant_questions = sa.Table(
    "applicant_questions",
    metadata,
    key("state"),
    text("applicant"),
    number("expires"),
    binary("body"),
)
"""Under way; deleted when their time is over."""
sa.Index("ix_applicant_questions_expires", applicant_questions.c.expires)

applicant_reviews = sa.Table(
    "applicant_reviews",
    metadata,
    key("report"),
    text("applicant"),
    text("case"),
    number("at"),
    binary("body"),
)
sa.Index("ix_applicant_reviews_applicant", applicant_reviews.c.applicant)
sa.Index("ix_applicant_reviews_case", applicant_reviews.c.case)

applicant_pseudonyms = sa.Table(
    "applicant_pseudonyms",
    metadata,
    key("pseudonym"),
    number("at"),
    binary("sealed"),
)
"""Whose a pseudonym is, sealed; opened by two people."""
