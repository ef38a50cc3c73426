"""Every decision has its letters, its statement and what follows of it; nobody's name is in them."""

import msgspec
import pytest

from tests.cases_made_up import MAIL, decided, disposed, opened, person, verified
from tests.contracts.store.samples import warning
from tests.fixtures import Made
from tests.member_queue import quick_keys, two_members
from tocsin.cases.reasons import Circumstances
from tocsin.correlate import rule_of
from tocsin.kernel import BadInput, Conflict, NotAllowed, NotFound, Role, WarningKind, WarningStatus
from tocsin.kernel.cases import Case, CaseFlag, CaseOrigin
from tocsin.kernel.disposing import Appeal, Appellant, Measure, Outcome

__all__ = ["quick_keys"]

TOLD = Circumstances(content_type=("CONTENT_TYPE_TEXT",), content_date="2026-11-01", content_language="en")
LONG = "The refund was real: the letters came from the lottery."


def appealed(made: Made, case: Case, by: Appellant = Appellant.AFFECTED) -> None:
    made.node.cases.appeal(case.id, Appeal(by=by, at=0, lang="mn"), "The refund was real, ask the lottery.")


def test_a_decision_has_a_letter_to_each_in_their_language(made: Made) -> None:
    ana = person(made, "ana-of-the-hill", Role.ANALYST)
    case = disposed(made, ana, lang="mn")
    statements = made.node.statements
    reporter = statements.for_case(case.id, Appellant.REPORTER)
    affected = statements.for_case(case.id, Appellant.AFFECTED)
    assert (reporter.lang, affected.lang) == ("mn", "en")
    assert "rule 4.2 of the terms" in affected.text
    for letter in (reporter, affected):
        for hidden in (MAIL, ana.user, ana.name, case.id):
            assert hidden not in letter.text
    assert affected.appeal_until > letter.at
    assert len(statements.letters(ana, case.id)) == 2
    kept = b"".join(one.sealed for one in made.node.store.reasons.letters(case.id))
    assert b"rule 4.2" not in kept


def test_without_a_report_nobody_is_told_but_whom_it_meets(made: Made) -> None:
    ana = person(made, "ana", Role.ANALYST)
    case = disposed(made, ana, origin=CaseOrigin.OWN, report=None)
    with pytest.raises(NotFound, match="no letter"):
        made.node.statements.for_case(case.id, Appellant.REPORTER)
    assert "We found it ourselves." in made.node.statements.for_case(case.id, Appellant.AFFECTED).text


def test_a_grave_one_is_told_when_it_stands_and_not_before(made: Made) -> None:
    ana, rolf = person(made, "ana", Role.ANALYST), person(made, "rolf", Role.REVIEWER)
    case = disposed(made, ana, decided(measures=(Measure.ACCOUNT_TERMINATED,), ends=None))
    with pytest.raises(NotFound):
        made.node.statements.for_case(case.id, Appellant.AFFECTED)
    made.node.cases.approve(rolf, case.id)
    assert "Two people decided" in made.node.statements.for_case(case.id, Appellant.AFFECTED).text


def test_a_letter_goes_with_the_key_of_its_case(made: Made) -> None:
    case = disposed(made, person(made, "ana", Role.ANALYST))
    made.node.case_keys.destroy(case.id)
    with pytest.raises(NotFound):
        made.node.statements.for_case(case.id, Appellant.AFFECTED)


def test_a_statement_is_completed_exported_and_keeps_no_words(made: Made) -> None:
    ana, duty = person(made, "ana", Role.ANALYST), person(made, "dana", Role.DUTY_OFFICER)
    case, statements = disposed(made, ana), made.node.statements
    assert [one.field for one in statements.statement(ana, case.id)[1]] == ["content_type", "content_date"]
    with pytest.raises(BadInput, match="content_type"):
        statements.export(duty, (case.id,))
    assert statements.complete(ana, case.id, TOLD) == ()
    document = msgspec.json.decode(statements.export(duty, (case.id,)))
    assert document["content_type"] == ["CONTENT_TYPE_TEXT"]
    assert MAIL not in str(document)
    (kept,) = made.node.store.reasons.statements()
    assert kept.exported is not None
    assert b"rule 4.2" not in kept.told
    with pytest.raises(NotAllowed):
        statements.export(ana, (case.id,))
    with pytest.raises(Conflict, match="nothing was decided"):
        statements.statement(ana, opened(made).id)


def test_an_appeal_upheld_or_overturned_is_answered(made: Made) -> None:
    ana, rolf, mia = (
        person(made, "ana", Role.ANALYST),
        person(made, "rolf", Role.REVIEWER),
        person(made, "mia", Role.REVIEWER),
    )
    case, statements = disposed(made, ana), made.node.statements
    appealed(made, case)
    made.node.cases.claim(rolf, case.id)
    softer = decided(measures=(Measure.VISIBILITY_REMOVED,), ends=None)
    made.node.cases.judge_appeal(rolf, case.id, upheld=False, reasons=LONG, disposition=softer)
    first, outcome, again = statements.all_for_case(case.id, Appellant.AFFECTED)
    assert first.appeal_until
    assert LONG in outcome.text
    assert rolf.user not in outcome.text
    assert outcome.lang == "mn"
    assert again.at == outcome.at
    (remedy,) = statements.remedies(mia, still=True)
    assert remedy.measure == "account.suspended"
    assert statements.undone(mia, remedy.id).by == mia.user
    assert statements.remedies(mia, still=True) == ()
    with pytest.raises(Conflict):
        statements.undone(mia, remedy.id)
    with pytest.raises(NotFound):
        statements.undone(mia, "another")


def test_who_decided_does_not_judge_and_what_stands_leaves_nothing_to_undo(made: Made) -> None:
    both = person(made, "both", Role.ANALYST, Role.REVIEWER)
    rolf = person(made, "rolf", Role.REVIEWER)
    case = disposed(made, both)
    appealed(made, case)
    made.node.cases.claim(both, case.id)
    with pytest.raises(NotAllowed, match="decided nothing"):
        made.node.cases.judge_appeal(both, case.id, upheld=True, reasons=LONG)
    made.node.cases.release(both, case.id)
    made.node.cases.claim(rolf, case.id)
    made.node.cases.judge_appeal(rolf, case.id, upheld=True, reasons=LONG)
    assert made.node.statements.remedies(rolf) == ()
    assert "Шийдвэр хэвээр үлдэнэ." in made.node.statements.for_case(case.id, Appellant.AFFECTED).text


@pytest.mark.usefixtures("quick_keys")
def test_a_restricted_case_has_a_letter_without_facts_and_tells_no_rule(made: Made) -> None:
    ana, bold = two_members(made)
    found = warning(1, kind=WarningKind.RULE, key="rule:one:x")
    made.node.store.warnings.upsert(found)
    case = disposed(made, ana, flags=(CaseFlag.CHILD_MATERIAL,), warning=found.id)
    made.node.cases.get(bold, case.id)
    letter = made.node.statements.for_case(case.id, Appellant.REPORTER)
    assert "Forty accounts" not in letter.text
    assert "rule 4.2" in letter.text
    assert made.node.store.reasons.outcomes() == ()
    stranger = person(made, "rolf", Role.REVIEWER)
    with pytest.raises(NotFound):
        made.node.statements.letters(stranger, case.id)
    with pytest.raises(NotFound):
        made.node.statements.statement(stranger, case.id)


def test_what_a_case_came_to_is_a_word_on_its_rule_and_changes_no_warning(made: Made) -> None:
    ana, rolf = person(made, "ana", Role.ANALYST), person(made, "rolf", Role.REVIEWER)
    store = made.node.store
    found = warning(1, kind=WarningKind.RULE, key="rule:one:x")
    store.warnings.upsert(found)
    rule = rule_of(found.key)
    case = disposed(made, ana, warning=found.id)
    assert made.node.rules.precisions()[rule].confirmed == 1
    assert store.warnings.get(found.id) == found
    appealed(made, case)
    made.node.cases.claim(rolf, case.id)
    nothing = decided(outcome=Outcome.NOT_BORNE_OUT, measures=(Measure.NONE,), ends=None)
    made.node.cases.judge_appeal(rolf, case.id, upheld=False, reasons=LONG, disposition=nothing)
    assert (made.node.rules.precisions()[rule].confirmed, made.node.rules.precisions()[rule].dismissed) == (
        0,
        1,
    )
    after = store.warnings.get(found.id)
    assert after is not None
    assert after.status is WarningStatus.OPEN
    other = warning(2, kind=WarningKind.RULE, key="rule:two:x")
    store.warnings.upsert(other)
    unsure = decided(outcome=Outcome.NO_FINDING, measures=(Measure.NONE,), ends=None)
    one = verified(made, ana, warning=other.id, report=None)
    made.node.cases.dispose(ana, one.id, unsure)
    assert rule_of(other.key) not in made.node.rules.precisions()
