"""A statement of reasons: complete, or told what it lacks; never with an identifier."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cases_made_up import MAIL, case, decided
from tocsin.cases.reasons import Circumstances, crosswalk, database_categories, exported, problems, statement
from tocsin.cases.reasons.schema import MAX_FACTS_CHARS, MAX_TOGETHER
from tocsin.kernel import BadInput
from tocsin.kernel.cases import CaseOrigin
from tocsin.kernel.disposing import Disposition, Ground, Measure, Outcome
from tocsin.taxonomy import categories

TOLD = Circumstances(
    content_type=("CONTENT_TYPE_TEXT",),
    content_date="2026-09-20",
    content_language="en",
    territorial_scope=("DE", "FR"),
)


def wrong(found: Disposition, told: Circumstances = TOLD, **of_case: object) -> list[str]:
    return [one.field for one in problems(statement(case(**of_case), found, told))]


def test_a_whole_one_is_exported_as_the_database_takes_it() -> None:
    made = statement(case(), decided(), TOLD)
    assert problems(made) == ()
    document = msgspec.json.decode(exported([made]))
    assert document == {
        "decision_visibility": ["DECISION_VISIBILITY_CONTENT_REMOVED"],
        "decision_account": "DECISION_ACCOUNT_SUSPENDED",
        "end_date_visibility_restriction": "2026-10-21",
        "end_date_account_restriction": "2026-10-21",
        "decision_ground": "DECISION_GROUND_INCOMPATIBLE_CONTENT",
        "incompatible_content_ground": "rule 4.2 of the terms",
        "incompatible_content_explanation": "A refund was promised for a fee, which the rule names.",
        "content_type": ["CONTENT_TYPE_TEXT"],
        "content_date": "2026-09-20",
        "content_language": "EN",
        "category": "STATEMENT_CATEGORY_SCAMS_AND_FRAUD",
        "territorial_scope": ["DE", "FR"],
        "application_date": "2026-09-21",
        "decision_facts": "Forty accounts sent one text about a lottery refund; answers went to [e-mail].",
        "source_type": "SOURCE_ARTICLE_16",
        "automated_detection": "No",
        "automated_decision": "AUTOMATED_DECISION_NOT_AUTOMATED",
        "puid": made.puid,
    }
    assert case().id not in made.puid
    several = msgspec.json.decode(exported([made, made]))
    assert several == {"statements": [document, document]}


def test_what_is_missing_is_named_with_what_to_do() -> None:
    bare = decided(measures=(Measure.WARNED,), ground=Ground.NONE, facts=" ")
    assert wrong(bare, Circumstances(), category="") == [
        "decision_visibility",
        "decision_ground",
        "content_type",
        "content_date",
        "category",
        "decision_facts",
    ]
    assert wrong(decided(ground=Ground.ILLEGAL, ground_text="", explanation="")) == [
        "illegal_content_legal_ground",
        "illegal_content_explanation",
    ]
    assert wrong(decided(facts="a" * (MAX_FACTS_CHARS + 1))) == ["decision_facts"]
    other = msgspec.structs.replace(
        TOLD, content_type=("TEXT",), territorial_scope=("XX",), content_date="soon"
    )
    assert wrong(decided(), other) == ["content_type", "content_date", "territorial_scope"]
    with pytest.raises(BadInput, match="content_type"):
        exported([statement(case(), decided())])
    for many in (0, MAX_TOGETHER + 1):
        with pytest.raises(BadInput, match="at a time"):
            exported([statement(case(), decided(), TOLD)] * many)


@pytest.mark.parametrize(
    ("origin", "flagger", "said"),
    [
        (CaseOrigin.REPORT, False, "SOURCE_ARTICLE_16"),
        (CaseOrigin.REPORT, True, "SOURCE_TRUSTED_FLAGGER"),
        (CaseOrigin.PEER, False, "SOURCE_TYPE_OTHER_NOTIFICATION"),
        (CaseOrigin.MAIL, False, "SOURCE_TYPE_OTHER_NOTIFICATION"),
        (CaseOrigin.OWN, True, "SOURCE_VOLUNTARY"),
        (CaseOrigin.WARNING, False, "SOURCE_VOLUNTARY"),
    ],
)
def test_where_it_came_from_is_said(origin: CaseOrigin, flagger: bool, said: str) -> None:
    told = msgspec.structs.replace(TOLD, trusted_flagger=flagger)
    assert statement(case(origin=origin), decided(), told).source_type == said


def test_of_two_measures_of_a_kind_the_graver_is_said() -> None:
    both = decided(measures=(Measure.PROVISION_TERMINATED, Measure.PROVISION_PARTLY_SUSPENDED))
    assert statement(case(), both).decision_provision == "DECISION_PROVISION_TOTAL_TERMINATION"


def test_every_conduct_has_a_category_of_theirs() -> None:
    assert set(crosswalk()) == {one.id for one in categories()}
    assert {one.category for one in crosswalk().values()} <= set(database_categories())
    assert {one.status for one in crosswalk().values()} == {"close", "broad", "unsure"}


@given(
    measures=st.lists(st.sampled_from(Measure), max_size=4, unique=True).map(tuple),
    ground=st.sampled_from(Ground),
    outcome=st.sampled_from(Outcome),
    text=st.text(max_size=40),
)
def test_nothing_with_problems_is_exported_and_no_identifier_is(
    measures: tuple[Measure, ...], ground: Ground, outcome: Outcome, text: str
) -> None:
    found = decided(
        measures=measures,
        ground=ground,
        outcome=outcome,
        explanation=f"{text} {MAIL}",
        ground_text=f"{MAIL} {text}",
    )
    made = statement(case(), found, TOLD)
    if problems(made):
        with pytest.raises(BadInput):
            exported([made])
    else:
        assert MAIL.encode() not in exported([made])
