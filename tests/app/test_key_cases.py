"""Commitments and key cases: what is said with evidence and a date, and decisions that later ones cite."""

from datetime import timedelta

import msgspec
import pytest

from tests.app.test_red_lines import operator, received, trust, voice
from tests.fixtures import Made
from tests.share.agreed import MODEL, READING, a_decision, an_evaluation
from tocsin.app.precedents import Precedents
from tocsin.app.red_line_views import commitment_view, heard_view, precedent_view
from tocsin.kernel import BadInput, Caller, Conflict, NotAllowed, NotFound, Role, TocsinError, micros
from tocsin.kernel.precedents import Relation
from tocsin.kernel.red_lines import Commitment
from tocsin.kernel.release import Ground, GroundKind, ReleaseDecision, ReleaseState, Tier
from tocsin.share.describe_agreed import describe_commitment

DAY = 86_400_000_000
WHY = "Stripped of its safeguards it wrote the letters."
FOR = "The worse condition counts, whatever is shipped."


def said(made: Made, **changes: object) -> Commitment:
    plain = Commitment(
        id="testing",
        area="model-testing",
        practice="Every model is measured against registered lines before it goes out.",
        evidence="https://lab.example/testing/2026",
        at=micros(made.now) - 10 * DAY,
        review_by=micros(made.now) + 30 * DAY,
        by="",
    )
    return msgspec.structs.replace(plain, **changes)


def test_a_commitment_is_said_again_as_a_new_version_and_overdue_ones_are_told(copied: Made) -> None:
    register = copied.node.commitments
    first = register.add(operator(copied), said(copied))
    assert first.root is not None, "signed by its author"
    copied.now += timedelta(days=40)
    assert [one.overdue for one in register.listed(operator(copied))] == [True]
    again = register.add(
        operator(copied), said(copied, evidence="sha256:" + "ab" * 32, review_by=micros(copied.now) + DAY)
    )
    assert again.id == first.id
    (one,) = register.listed(operator(copied))
    assert (one.overdue, one.commitment.evidence, one.given_by) == (False, "sha256:" + "ab" * 32, "")
    assert register.show(operator(copied), first.id) == one
    with pytest.raises(NotFound):
        register.show(operator(copied), "note--none")


def test_a_peers_commitment_is_shown_as_theirs(copied: Made) -> None:
    trust(copied)
    received(copied, describe_commitment(said(copied), voice(copied))[-1])
    copied.node.commitments.add(operator(copied), said(copied, id="data", area="data-security"))
    ours, theirs = map(commitment_view, copied.node.commitments.listed(operator(copied)))
    assert (ours["area"], ours["given_by"]) == ("data-security", "")
    assert (theirs["area"], theirs["given_by"], theirs["author"]) == (
        "model-testing",
        "lab",
        "lab",
    )


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"area": "kindness"}, "an area is one of"),
        ({"evidence": "we are sure of it"}, "commitment-1"),
        ({"evidence": "https://lab.example/x?who=me"}, "commitment-1"),
        ({"practice": "ask anna@mail.example"}, "names somebody"),
        ({"review_by": 0}, "commitment-1"),
    ],
)
def test_what_cannot_be_looked_at_is_no_commitment(
    copied: Made, changes: dict[str, object], why: str
) -> None:
    with pytest.raises(BadInput, match=why):
        copied.node.commitments.add(operator(copied), said(copied, **changes))


class Kept:
    """Release decisions by id."""

    def __init__(self, *decisions: ReleaseDecision) -> None:
        self._by_id = {one.id: one for one in decisions}

    def get(self, decision_id: str) -> ReleaseDecision | None:
        return self._by_id.get(decision_id)


def decided(number: int, **changes: object) -> ReleaseDecision:
    ground = Ground(
        kind=GroundKind.EVALUATION,
        rule="release.line-above",
        most=Tier.STAGED_API,
        evidence="sha256:" + "aa" * 32,
        why="31 % to 41 % of 400 failed",
    )
    other = msgspec.structs.replace(ground, rule="release.other", most=Tier.LIMITED)
    return a_decision(id=f"{number:064x}", **{"grounds": (ground, other), **changes})


def test_a_case_is_read_off_its_decision_and_cited_by_later_ones(copied: Made) -> None:
    first, second, proposed = decided(1), decided(2), decided(3, state=ReleaseState.PROPOSED)
    cases = Precedents(copied.node.store, copied.node.access, copied.clock, Kept(first, second, proposed))
    made = cases.add(operator(copied), first.id, domain="domain.cyber", reasoning=WHY, stands_for=FOR)
    assert made.rules == ("release.line-above",), "only the grounds that decided"
    assert made.facts == ("31 % to 41 % of 400 failed (sha256:" + "aa" * 32 + ")",)
    cases.cite(operator(copied), second.id, first.id, Relation.DEPARTS, "It is behind an API, and monitored.")
    (found,) = cases.listed(operator(copied), domain="domain.cyber", rule="release.line-above")
    view = precedent_view(*found)
    assert (view["followed"], view["departed_from"], view["tier"]) == (0, 1, "staged-api")
    assert cases.show(operator(copied), first.id) == found
    assert [row.subject for row in copied.node.store.audit.read(act="precedent.cite")] == [second.id]
    cite = cases.cite
    with pytest.raises(BadInput, match="own"):
        cite(operator(copied), first.id, first.id, Relation.FOLLOWS, WHY)
    with pytest.raises(NotFound, match="kept here"):
        cite(operator(copied), "9" * 64, first.id, Relation.FOLLOWS, WHY)
    with pytest.raises(NotFound, match="no such precedent"):
        cite(operator(copied), second.id, "9" * 64, Relation.FOLLOWS, WHY)
    refused: tuple[tuple[ReleaseDecision, type[TocsinError]], ...] = (
        (first, Conflict),
        (proposed, BadInput),
        (decided(4), NotFound),
    )
    for decision, error in refused:
        with pytest.raises(error):
            cases.add(operator(copied), decision.id, domain="domain.cyber", reasoning=WHY, stands_for=FOR)
    with pytest.raises(BadInput, match="20 to"):
        cases.add(operator(copied), second.id, domain="domain.cyber", reasoning="so", stands_for=FOR)


def test_a_node_without_decisions_has_no_case_and_an_analyst_makes_none(copied: Made) -> None:
    with pytest.raises(NotFound, match="tocsin model decide"):
        copied.node.precedents.add(
            operator(copied), "1" * 64, domain="domain.cyber", reasoning=WHY, stands_for=FOR
        )
    analyst = Caller(user="u", name="ana", roles=frozenset({Role.ANALYST}))
    assert copied.node.precedents.listed(analyst) == ()
    with pytest.raises(NotAllowed):
        copied.node.precedents.cite(analyst, "1" * 64, "2" * 64, Relation.FOLLOWS, WHY)
    with pytest.raises(NotAllowed):
        copied.node.commitments.add(analyst, said(copied))


def test_what_was_measured_and_decided_is_said_in_words_that_name_nobody(copied: Made) -> None:
    records, by = copied.node.model_records, operator(copied)
    (report,) = records.say_evaluation(by, an_evaluation(), READING)
    decision = records.say_decision(by, a_decision(), basis="What it refers to.", evaluations=(report.id,))
    assert {report.root is None, decision.root is None} == {False}
    assert [one.id for one in records.heard(by, model=MODEL)] == [report.id, decision.id]
    assert [heard_view(one)["summary"] for one in records.heard(by)] == [
        "domain.cyber, as-shipped: 0.5% to 7.0% of 100",
        "staged, access limited",
    ]
    assert records.heard(by, model="sha256:" + "00" * 32) == ()
    assert not any(one.lapsed for one in records.heard(by))
    again = records.say_decision(by, a_decision(), basis="What it refers to, read again.")
    assert again.id == decision.id
    assert again.version > decision.version
    with pytest.raises(BadInput, match="names somebody"):
        records.say_decision(by, a_decision(benefits="ask anna@mail.example"), basis="What it refers to.")
    analyst = Caller(user="u", name="ana", roles=frozenset({Role.ANALYST}))
    with pytest.raises(NotAllowed):
        records.say_evaluation(analyst, an_evaluation(), READING)
