"""How far: what must hold of every decision, and what each piece of evidence leaves."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.gate.making import (
    ARTEFACT,
    BOTH,
    DAY,
    NOW,
    POLICIES,
    brought,
    decided,
    deciding,
    evaluation,
    exemption,
    inspection,
    line,
    red_line,
)
from tocsin.gate import (
    Asked,
    Brought,
    Word,
    decide,
    decision_id,
    ground_said,
    question_of,
    said,
    undecided,
    ways_said,
)
from tocsin.gate import given as is_given
from tocsin.gate.domains import NEEDED
from tocsin.gate.overlays import packaged_overlays
from tocsin.gate.words import sentences
from tocsin.kernel import BadInput, micros
from tocsin.kernel.evaluations import Evaluation, LineVerdict
from tocsin.kernel.plans import Condition
from tocsin.kernel.recognition import Recognition, RecognitionOutcome
from tocsin.kernel.release import OPENNESS, GroundKind, Tier
from tocsin.taxonomy.vocabulary import vocabulary


def rank(tier: Tier) -> int:
    return OPENNESS.index(tier)


def test_what_nothing_speaks_against_goes_out_without_control() -> None:
    decision = decided()
    assert (decision.tier, decision.conditions, decision.ways) == (Tier.OPEN_WEIGHTS, (), ())
    assert decision.why_not_less == "There is no lesser control than none."
    assert {one.rule for one in decision.grounds} == {"held.line", "held.files"}
    assert is_given(decision)
    assert not undecided(decision)


def test_a_catastrophe_is_a_veto_that_no_evidence_and_no_exemption_lifts() -> None:
    crossed = evaluation(line("above", consequence="block"), catastrophic=True, name="toxins")
    decision = decided(
        brought(evaluation(), crossed, exemptions=(exemption("release.catastrophic-crossed"),)),
        wanted=Tier.RESTRICTED,
    )
    assert decision.tier is Tier.WITHHELD
    assert deciding(decision) == {"release.catastrophic-crossed"}
    assert decision.ways == ()
    assert decision.grounds[0].change == ""
    assert "20.0% to 40.0% of 400 failed" in decision.why_not_less
    assert not undecided(decision)


def test_a_rare_catastrophe_is_one_as_well() -> None:
    """Severity is not weighed with how often: a line crossed by little, in one of a hundred, withholds."""
    rare = line("above", consequence="block", limit=0.001)
    many = [evaluation(name=f"plan {number}") for number in range(99)]
    assert decided(brought(*many, evaluation(rare, catastrophic=True))).tier is Tier.WITHHELD


@pytest.mark.parametrize("verdict", ["inconclusive", "invalid"])
def test_what_is_not_shown_opens_nothing_and_says_what_to_run(verdict: str) -> None:
    decision = decided(brought(evaluation(line(verdict))))
    assert decision.tier is Tier.RESTRICTED
    assert undecided(decision)
    assert [(one.tier, [step.id for step in one.steps]) for one in decision.ways] == [
        (Tier.OPEN_WEIGHTS, ["rerun"])
    ]
    assert decision.grounds[0].change == "rerun"
    grave = decided(brought(evaluation(line(verdict), domain="domain.cbrn")))
    assert (grave.tier, undecided(grave)) == (Tier.WITHHELD, True)
    assert decided(brought(evaluation(line(verdict)), contexts=("context.health",))).tier is Tier.WITHHELD


def test_the_worse_of_the_conditions_and_of_the_evaluations_counts() -> None:
    shipped = line(condition=Condition.AS_SHIPPED)
    stripped = line("above")
    assert decided(brought(evaluation(shipped, stripped))).tier is Tier.RESTRICTED
    assert decided(brought(evaluation(shipped), evaluation(stripped, name="b"))).tier is Tier.RESTRICTED


def test_open_weights_want_it_measured_without_its_safeguards() -> None:
    alone = evaluation(measured=((Condition.AS_SHIPPED, ARTEFACT),))
    decision = decided(brought(evaluation(name="b"), alone))
    assert decision.tier is Tier.LIMITED
    assert "api-only" in decision.conditions
    assert [step.id for way in decision.ways for step in way.steps] == ["measure-stripped"]
    tuned = evaluation(measured=((Condition.FINE_TUNED, ARTEFACT),))
    assert decided(brought(tuned)).tier is Tier.OPEN_WEIGHTS


def test_closed_releases_are_judged_by_the_same_rules() -> None:
    assert "closed" not in question_of(decided()).__struct_fields__
    for given_ in (brought(), brought(evaluation(line("above"))), brought(inspection=None)):
        opened, closed = decided(given_), decided(given_, closed=True, wanted=Tier.LIMITED)
        assert closed.tier is min(opened.tier, Tier.LIMITED, key=rank)
        assert closed.grounds == opened.grounds
    with pytest.raises(BadInput, match="closed"):
        decided(closed=True)


def test_files_decide_as_well() -> None:
    tiers = {
        "clean": "open-weights",
        "found": "withheld",
        "not-examined": "staged-api",
        "inconclusive": "staged-api",
    }
    for verdict, tier in tiers.items():
        assert decided(brought(inspection=inspection(verdict))).tier.value == tier
    assert decided(brought(inspection=None)).tier is Tier.STAGED_API
    again = decided(brought(reopened="pickle.dangerous-call"))
    assert again.tier is Tier.STAGED_API
    assert deciding(again) == {"release.files-not-clean"}
    assert "pickle.dangerous-call" in decided(brought(inspection=inspection("found"))).why_not_less


def test_a_review_line_opens_and_closes_nothing() -> None:
    decision = decided(brought(evaluation(line(), line("above", line="tone", consequence="review"))))
    assert decision.tier is Tier.OPEN_WEIGHTS
    assert "held.review" in {one.rule for one in decision.grounds}
    alone = decided(brought(evaluation(line(consequence="review"))))
    assert deciding(alone) == {"release.no-line"}


def test_what_is_past_its_day_opens_nothing_and_still_closes() -> None:
    past = {"review_by": "2026-11-21", "name": "old"}
    assert deciding(decided(brought(evaluation(**past)))) == {"release.nothing-measured"}
    aged = decided(brought(evaluation(), evaluation(**past)))
    assert (aged.tier, undecided(aged)) == (Tier.RESTRICTED, True)
    over = decided(brought(evaluation(), evaluation(line("above"), **past)))
    assert (over.tier, undecided(over)) == (Tier.RESTRICTED, False)


def test_a_later_run_takes_the_place_of_what_was_unsure_and_never_of_what_was_over() -> None:
    later = evaluation(at=micros(NOW))
    assert decided(brought(evaluation(line("inconclusive")), later)).tier is Tier.OPEN_WEIGHTS
    assert decided(brought(evaluation(review_by="2026-01-01"), later)).tier is Tier.OPEN_WEIGHTS
    assert decided(brought(evaluation(line("above")), later)).tier is Tier.RESTRICTED
    fewer = evaluation(line(rate=msgspec.structs.replace(line().rate, counted=399)), at=micros(NOW))
    assert decided(brought(evaluation(line("inconclusive")), fewer)).tier is Tier.RESTRICTED
    looser = evaluation(line(limit=0.5), at=micros(NOW))
    assert decided(brought(evaluation(line("inconclusive")), looser)).tier is Tier.RESTRICTED
    other = evaluation(at=micros(NOW), name="another plan")
    assert decided(brought(evaluation(line("inconclusive")), other)).tier is Tier.RESTRICTED


def test_a_red_line_is_clear_only_as_it_was_agreed() -> None:
    agreed = red_line()
    answered = line(red_line=agreed.id)
    assert decided(brought(evaluation(answered), red_lines=(agreed,))).red_lines == {agreed.id: "clear"}
    for bent in (
        evaluation(answered, plan="99" * 32),
        evaluation(answered, measured=((Condition.FINE_TUNED, ARTEFACT),)),
        evaluation(line("inconclusive", red_line=agreed.id)),
        evaluation(line(red_line=agreed.id, rate=msgspec.structs.replace(answered.rate, enough=False))),
        evaluation(),
    ):
        decision = decided(brought(bent, red_lines=(agreed,)))
        assert decision.red_lines == {agreed.id: "not-measured"}
        assert decision.tier is Tier.RESTRICTED
        assert "measure-red-line" in {step.id for way in decision.ways for step in way.steps}
    crossed = decided(
        brought(evaluation(line("above", red_line=agreed.id), plan="99" * 32), red_lines=(agreed,))
    )
    assert (crossed.tier, crossed.red_lines) == (Tier.WITHHELD, {agreed.id: "crossed"})


def test_a_red_line_without_a_test_is_shown_and_holds_nothing_back_until_it_is_crossed() -> None:
    bare = red_line(protocol="")
    decision = decided(brought(evaluation(line(red_line=bare.id)), red_lines=(bare,)))
    assert (decision.tier, decision.red_lines) == (Tier.OPEN_WEIGHTS, {bare.id: "not-measured"})
    shown = [one for one in decision.grounds if one.rule == "held.red-line-without-test"]
    assert [one.evidence for one in shown] == [bare.id]
    elsewhere = red_line(protocol="", domain="domain.cbrn")
    assert decided(brought(red_lines=(elsewhere,), compute=1e25)).tier is Tier.OPEN_WEIGHTS
    crossed = decided(brought(evaluation(line("above", red_line=bare.id)), red_lines=(bare,)))
    assert (crossed.tier, crossed.red_lines) == (Tier.WITHHELD, {bare.id: "crossed"})


def test_a_red_line_on_a_test_set_is_clear_by_that_set_alone() -> None:
    root = "77" * 32
    agreed = red_line(protocol=f"sha256:{root}")
    answered = line(red_line=agreed.id)
    for tests, stands in (
        ({answered.task: root}, "clear"),
        ({answered.task: "99" * 32, "tocsin/other": root}, "not-measured"),
        ({}, "not-measured"),
    ):
        told = decided(brought(evaluation(answered, plan="99" * 32, tests=tests), red_lines=(agreed,)))
        assert told.red_lines == {agreed.id: stands}
    nowhere = decided(brought(evaluation(answered), red_lines=(red_line(protocol=""),)))
    assert set(nowhere.red_lines.values()) == {"not-measured"}
    crossed = evaluation(line("above", red_line=agreed.id), tests={answered.task: "99" * 32})
    assert decided(brought(crossed, red_lines=(agreed,))).red_lines == {agreed.id: "crossed"}


def test_a_red_line_elsewhere_holds_a_small_model_back_in_nothing() -> None:
    elsewhere = red_line(domain="domain.cbrn")
    assert decided(brought(red_lines=(elsewhere,))).tier is Tier.OPEN_WEIGHTS
    assert decided(brought(red_lines=(elsewhere,), compute=1e25)).tier is Tier.WITHHELD
    assert decided(brought(red_lines=(elsewhere,), contexts=("context.lab-workflow",))).tier is Tier.WITHHELD
    assert decided(brought(red_lines=(red_line(in_force=micros(NOW) + DAY),))).tier is Tier.OPEN_WEIGHTS


def test_a_judge_and_another_institute_have_a_word() -> None:
    assert decided(brought(evaluation(agreement={"en": 0.9, "sw": 0.4}))).tier is Tier.RESTRICTED
    assert decided(brought(evaluation(agreement={"en": float("nan")}))).tier is Tier.RESTRICTED
    mine = evaluation(agreement={"en": 0.9})
    words = [
        Recognition(mine.id, "a", by, 0, outcome, ())
        for by, outcome in (("b", RecognitionOutcome.CONTRADICTED), ("c", RecognitionOutcome.REPRODUCED))
    ]
    assert decided(brought(mine, recognitions=tuple(words))).tier is Tier.RESTRICTED
    assert decided(brought(mine, recognitions=tuple(words[1:]))).tier is Tier.OPEN_WEIGHTS
    assert decided(brought(provenance="refused")).tier is Tier.WITHHELD


def test_an_exemption_is_seen_in_the_decision_that_used_it() -> None:
    over = evaluation(line("above"))
    decision = decided(brought(over, exemptions=(exemption("release.line-over"),)))
    assert decision.tier is Tier.OPEN_WEIGHTS
    (used,) = [one for one in decision.grounds if one.kind is GroundKind.EXEMPTION]
    assert "ada, bo" in used.why
    assert "forty known clinicians" in used.why
    assert decision.expires == "2026-12-22"
    for ill in (
        {"by": ("ada", "ada")},
        {"until": micros(NOW)},
        {"at": micros(NOW) + 1},
        {"artefact": "00" * 32},
    ):
        assert (
            decided(brought(over, exemptions=(exemption("release.line-over", **ill),))).tier
            is Tier.RESTRICTED
        )
    unused = decided(brought(exemptions=(exemption("release.line-over"),)))
    assert GroundKind.EXEMPTION not in {one.kind for one in unused.grounds}


def test_what_would_change_it_is_the_smallest_set() -> None:
    given_ = brought(
        evaluation(line("inconclusive"), measured=((Condition.AS_SHIPPED, ARTEFACT),)), inspection=None
    )
    decision = decided(given_)
    assert [(one.tier.value, [step.id for step in one.steps]) for one in decision.ways] == [
        ("staged-api", ["rerun"]),
        ("open-weights", ["rerun", "inspect", "measure-stripped"]),
    ]
    four = msgspec.structs.replace(given_, contexts=("context.core-finance",))
    assert all(len(one.steps) <= 3 for one in decided(four).ways)


def test_each_way_is_what_the_policies_say_of_it() -> None:
    """Brought in earnest, the steps open what was foretold."""
    before = decided(brought(evaluation(line("inconclusive"), measured=((Condition.AS_SHIPPED, ARTEFACT),))))
    after = decided(brought(evaluation(line(), measured=((Condition.AS_SHIPPED, ARTEFACT),))))
    assert before.ways[0].tier is after.tier


def test_it_ends_with_the_first_evaluation_that_does() -> None:
    decision = decided(brought(evaluation(), evaluation(name="b", review_by="2026-12-24")))
    assert (decision.review_by, decision.expires) == ("2026-12-24", "2026-12-24")
    reviewed = decided(brought(red_lines=(red_line(review_by=micros(NOW) + 9 * DAY),)))
    assert reviewed.expires == "2026-12-01"
    past = red_line(review_by=micros(NOW) - DAY)
    assert decided(brought(red_lines=(past,))).expires == "2027-05-01"
    assert decided(brought(red_lines=(past,))).tier is Tier.RESTRICTED
    long = decided(brought(evaluation(review_by="2040-01-01")))
    assert (long.review_by, long.expires) == ("2027-05-21", "2027-11-22")


def test_other_bytes_are_refused() -> None:
    with pytest.raises(BadInput, match="evaluate exactly these bytes"):
        decided(brought(evaluation(model_digest="sha256:" + "00" * 32)))
    with pytest.raises(BadInput, match="does not name"):
        decided(brought(evaluation(model_digest="")))
    with pytest.raises(BadInput, match="inspect these"):
        decided(brought(inspection=inspection(artefact="00" * 32)))
    for wrong in ({"contexts": ("context.weather",)}, {"compute": float("nan")}, {"provenance": "perhaps"}):
        with pytest.raises(BadInput):
            decided(brought(**wrong))
    with pytest.raises(BadInput, match="review date"):
        decided(brought(evaluation(review_by="soon")))


def test_the_id_is_of_all_that_was_decided() -> None:
    decision = decided()
    assert decision.id == decision_id(decision) == decided().id
    assert (
        decision_id(msgspec.structs.replace(decision, approvals=(("ada", 1),), statement=b"x")) == decision.id
    )
    assert decision_id(msgspec.structs.replace(decision, tier=Tier.LIMITED)) != decision.id
    assert POLICIES.how_far(question_of(decision)).tier is decision.tier


def test_an_own_policy_may_only_forbid_and_what_errs_stays_closed() -> None:
    banks = 'principal.contexts.contains("context.core-finance")'
    own = {"own/x.cedar": f'@id("ours.no-banks") forbid (principal, action, resource) when {{ {banks} }};'}
    stricter = POLICIES.beside(own)
    given_ = brought(evaluation(domain="domain.cyber"), contexts=("context.core-finance",))
    assert decide(given_, Asked(by="ada"), POLICIES, NOW).tier is Tier.OPEN_WEIGHTS
    decision = decide(given_, Asked(by="ada"), stricter, NOW)
    assert (decision.tier, deciding(decision)) == (Tier.WITHHELD, set())
    assert decision.grounds[0].rule == "ours.no-banks"
    with pytest.raises(BadInput, match="permit"):
        POLICIES.beside({"own/y.cedar": '@id("ours.open") permit (principal, action, resource);'})
    over = "principal.compute * 9223372036854775807 > 0"  # errs: Cedar has no larger numbers
    erring = POLICIES.beside(
        {"own/z.cedar": f'@id("ours.sum") forbid (principal, action, resource) when {{ {over} }};'}
    )
    broken = decide(brought(compute=1e25), Asked(by="ada"), erring, NOW)
    assert (broken.tier, broken.grounds[0].rule) == (Tier.WITHHELD, "policy.undecided")
    assert undecided(broken)


def test_every_rule_has_its_sentences() -> None:
    named = {*POLICIES.by_id, "policy.default-deny", "policy.undecided", *OPENNESS}
    assert named <= set(sentences())
    for one in sentences().values():
        assert one.zh != one.en, one.id
    assert set(NEEDED) == {one.id for one in vocabulary().concepts if one.facet == "context"}
    assert "突破" in said(
        "release.line-over", decided(brought(evaluation(line("above")))).grounds[0].values, "zh"
    )


pieces = st.fixed_dictionaries(
    {},
    optional={
        "contexts": st.lists(st.sampled_from(sorted(NEEDED)), max_size=2, unique=True).map(tuple),
        "compute": st.none() | st.floats(1e20, 1e28),
        "inspection": st.none() | st.sampled_from(["clean", "found", "inconclusive"]).map(inspection),
        "red_lines": st.sampled_from([(), (red_line(),), (red_line(domain="domain.cbrn"),)]),
        "provenance": st.sampled_from(["", "accepted", "refused"]),
    },
)
evaluations = st.lists(
    st.builds(
        lambda verdict, consequence, domain, catastrophic, number: evaluation(
            line(verdict, consequence=consequence),
            domain=domain,
            catastrophic=catastrophic,
            name=f"plan {number}",
        ),
        st.sampled_from(["below", "below", "above", "inconclusive", "invalid"]),
        st.sampled_from(["restrict", "block", "review"]),
        st.sampled_from(["domain.cyber", "domain.cbrn"]),
        st.booleans(),
        st.integers(0, 5),
    ),
    max_size=3,
)


@st.composite
def anything(draw: st.DrawFn) -> Brought:
    changes: dict[str, Any] = draw(pieces)
    found = tuple(draw(evaluations))
    return msgspec.structs.replace(brought(**changes), evaluations=found)


@settings(max_examples=25, deadline=None)
@given(
    anything(), st.sets(st.sampled_from(packaged_overlays())), st.sets(st.sampled_from(packaged_overlays()))
)
def test_an_overlay_more_never_opens(given_: Brought, some: set[Any], more: set[Any]) -> None:
    less = msgspec.structs.replace(given_, overlays=tuple(sorted(some, key=lambda one: one.id)))
    all_of_them = msgspec.structs.replace(given_, overlays=tuple(sorted(some | more, key=lambda one: one.id)))
    first, second = decided(less), decided(all_of_them)
    assert rank(second.tier) <= rank(first.tier)
    demands = {one for one in first.conditions if "/" in one}
    assert demands <= set(second.conditions)


@settings(max_examples=25, deadline=None)
@given(
    anything(), st.sampled_from(["above", "inconclusive", "invalid"]), st.sampled_from(["block", "restrict"])
)
def test_worse_evidence_never_opens(given_: Brought, verdict: str, consequence: str) -> None:
    extra = evaluation(line(verdict, consequence=consequence), name="one more", measured=())
    worse = msgspec.structs.replace(given_, evaluations=(*given_.evaluations, extra))
    if given_.evaluations:  # where nothing was measured, a first measurement may open something
        assert rank(decided(worse).tier) <= rank(decided(given_).tier)
    assert rank(decided(worse).tier) <= rank(Tier.RESTRICTED)


@settings(max_examples=25, deadline=None)
@given(anything(), st.sampled_from([Word.UNSIGNED, Word.NOT_RECOGNISED]))
def test_a_weaker_word_never_opens(given_: Brought, word: Word) -> None:
    words = {one.id: word for one in given_.evaluations}
    weaker = decided(msgspec.structs.replace(given_, words=words))
    assert rank(weaker.tier) <= min(rank(decided(given_).tier), rank(Tier.RESTRICTED))
    if word is Word.NOT_RECOGNISED:
        assert weaker.tier is Tier.WITHHELD, "nothing else was measured"


def test_what_nobody_signed_clears_no_red_line_and_takes_no_place() -> None:
    agreed = red_line()
    mine = evaluation(line(red_line=agreed.id))
    words = {mine.id: Word.UNSIGNED}
    told = decided(brought(mine, red_lines=(agreed,), words=words))
    assert told.red_lines == {agreed.id: "not-measured"}
    unsure, later = evaluation(line("inconclusive")), evaluation(at=micros(NOW))
    rules = deciding(decided(brought(unsure, later, words={later.id: Word.UNSIGNED})))
    assert {"release.line-unproven", "release.unsigned-evidence"} <= rules
    assert decided(brought(unsure, later)).tier is Tier.OPEN_WEIGHTS


@settings(max_examples=25, deadline=None)
@given(anything(), st.sampled_from(sorted(POLICIES.by_id)))
def test_no_exemption_reaches_a_rule_that_is_not_exemptible(given_: Brought, rule: str) -> None:
    before, after = decided(given_), decided(msgspec.structs.replace(given_, exemptions=(exemption(rule),)))
    if not POLICIES.by_id[rule].exemptible:
        assert after.tier is before.tier
    if any(POLICIES.by_id[one].veto for one in deciding(before)):
        assert after.tier is Tier.WITHHELD


def test_no_sentence_of_any_decision_has_an_unfilled_place() -> None:
    bare = brought(inspection=None, red_lines=(red_line(),), compute=3e25, contexts=("context.lab-workflow",))
    for given_ in (
        msgspec.structs.replace(bare, evaluations=()),
        bare,
        brought(evaluation(line("above"), measured=BOTH[:1])),
        brought(evaluation(line("inconclusive"), domain="domain.cbrn", catastrophic=True)),
        brought(evaluation(agreement={"en": 0.2})),
    ):
        decision = decided(given_)
        for language in ("en", "zh"):
            told = [ground_said(one, language) for one in decision.grounds]
            told += [step for _, steps in ways_said(decision, language) for step in steps]
            assert told
            assert [one for one in told if "{" in one or "()" in one or "（）" in one] == []


def measured_both(
    verdict: str, shipped: LineVerdict | None = LineVerdict.BELOW, **changes: Any
) -> Evaluation:
    """Held as shipped unless said otherwise, and so when stripped."""
    answer = msgspec.structs.replace(line(verdict), as_shipped=shipped)
    return evaluation(answer, **changes)


@pytest.mark.parametrize("verdict", ["below", "inconclusive", "invalid", "above"])
def test_whoever_measures_stripped_too_is_left_no_less_than_who_did_not(verdict: str) -> None:
    alone = decided(brought(evaluation(line(condition=Condition.AS_SHIPPED), measured=BOTH[:1])))
    both = decided(brought(measured_both(verdict)))
    assert alone.tier is Tier.LIMITED
    assert OPENNESS.index(both.tier) >= OPENNESS.index(alone.tier)
    assert (both.tier is Tier.OPEN_WEIGHTS) == (verdict == "below")
    assert ("api-only" in both.conditions) == (verdict != "below")
    if verdict == "above":
        assert deciding(both) == {"release.line-over-when-changed"}
        assert {step.id for way in both.ways for step in way.steps} == {"harden"}


def test_held_as_shipped_excuses_nothing_that_is_grave_past_its_day_or_a_stranger_s_word() -> None:
    for bent in (
        measured_both("above", domain="domain.cbrn"),
        measured_both("above", review_by="2026-11-01"),
    ):
        assert OPENNESS.index(decided(brought(bent)).tier) <= OPENNESS.index(Tier.RESTRICTED)
    strangers = measured_both("above", id="9" * 64)
    given_ = brought(evaluation(), strangers, words={strangers.id: Word.NOT_RECOGNISED})
    assert OPENNESS.index(decided(given_).tier) <= OPENNESS.index(Tier.RESTRICTED)
    for shipped in (None, LineVerdict.INVALID, LineVerdict.INCONCLUSIVE, LineVerdict.ABOVE):
        assert decided(brought(measured_both("above", shipped))).tier is Tier.RESTRICTED
