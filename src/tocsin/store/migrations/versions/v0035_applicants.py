"""End users: verifications by evidence, their results and digests."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "applicants",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("made", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_applicants")),
    )
    op.create_index("ix_applicants_subject", "applicants", ["subject"], unique=True)
    op.create_table(
        "applicant_results",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("applicant", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applicant_results")),
    )
    op.create_index("ix_applicant_results_applicant", "applicant_results", ["applicant"])
    op.create_index("ix_applicant_results_source", "applicant_results", ["source"])
    op.create_index("ix_applicant_results_person", "applicant_results", ["person"])
    op.create_table(
        "applicant_questions",
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("applicant", sa.Text(), nullable=False),
        sa.Column("expires", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("state", name=op.f("pk_applicant_questions")),
    )
    op.create_index("ix_applicant_questions_expires", "applicant_questions", ["expires"])
    op.create_table(
        "applicant_reviews",
        sa.Column("report", sa.Text(), nullable=False),
        sa.Column("applicant", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("report", name=op.f("pk_applicant_reviews")),
    )
    op.create_index("ix_applicant_reviews_applicant", "applicant_reviews", ["applicant"])
    op.create_index("ix_applicant_reviews_case", "applicant_reviews", ["case"])
    op.create_table(
        "applicant_pseudonyms",
        sa.Column("pseudonym", sa.Text(), nullable=False),
        sa.Column("at", NUMBER, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("pseudonym", name=op.f("pk_applicant_pseudonyms")),
    )
