"""A run is held to its registered plan, or refused with what changed; a line is answered for the worse condition."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.evaluation_plans import (
    MINUTE,
    PLAN,
    SHIPPED,
    START,
    TASK,
    Said,
    digest,
    none,
    nth,
    registered,
    run,
    runs,
    sheet,
)
from tocsin.evaluate.plans import proofs
from tocsin.evaluate.plans.attesting import evaluation_statement
from tocsin.evaluate.plans.canonical import evaluation_id
from tocsin.evaluate.plans.judging import judge
from tocsin.evaluate.plans.words import NOT_CALIBRATED
from tocsin.kernel import Conflict, Deviation
from tocsin.kernel.evaluations import Evaluation, KeptEvaluation, LineVerdict, Outcome, Run
from tocsin.kernel.plans import Condition, Plan, PlannedJudge, RegisteredPlan

NOW = START + 5 * MINUTE
OPENED = registered()
replace = msgspec.structs.replace


def judged(said: Said = none, stripped: Said | None = None, opened: RegisteredPlan = OPENED) -> Evaluation:
    return judge(opened, runs(opened, said, stripped), at=NOW)


def with_(plan: Plan, **changed: Any) -> Plan:
    """The plan with fields of its measurement changed."""
    return replace(plan, measurement=replace(plan.measurement, **changed))


def test_a_line_is_answered_for_the_worse_of_the_conditions() -> None:
    found = judged(nth(0), nth(3))
    refusal, red = found.lines
    assert (refusal.verdict, refusal.condition) == (LineVerdict.ABOVE, Condition.SAFEGUARDS_REMOVED)
    assert refusal.why == "22.7% to 45.9% of 60 failed; the line is 20.0%"
    assert (red.verdict, red.condition) == (LineVerdict.BELOW, Condition.SAFEGUARDS_REMOVED)
    assert [result.rate.failed for result in found.results] == [0, 20]
    assert found.measured == (
        (Condition.AS_SHIPPED, SHIPPED),
        (Condition.SAFEGUARDS_REMOVED, "sha256:" + "b" * 64),
    )
    assert {line.verdict for line in judged().lines} == {LineVerdict.BELOW}
    assert {line.condition for line in judged(nth(3), nth(0)).lines} == {Condition.AS_SHIPPED}


def silent(share: int) -> Said:
    """The first so many of a hundred give no answer; the others pass."""
    return lambda place: (Outcome.INVALID, "blank-answer") if place < share * 60 / 100 else Outcome.PASSED


@pytest.mark.parametrize(
    ("share", "verdict"),
    [(0, LineVerdict.BELOW), (5, LineVerdict.BELOW), (30, LineVerdict.INVALID), (100, LineVerdict.INVALID)],
)
def test_silence_is_neither_safe_nor_unsafe(share: int, verdict: LineVerdict) -> None:
    found = judged(nth(0), silent(share))
    assert {line.verdict for line in found.lines} == {verdict}
    if verdict is LineVerdict.INVALID:
        assert "could not be judged; the limit is 5.0%" in found.lines[0].why
        assert found.results[1].reasons == {"blank-answer": share * 60 // 100}


def test_a_line_that_one_condition_passes_is_passed_whatever_the_other_leaves_open() -> None:
    assert judged(nth(2), silent(100)).lines[0].verdict is LineVerdict.ABOVE


def test_too_few_different_prompts_decide_nothing() -> None:
    task = replace(
        PLAN.content[0], samples=8, repeats=10, underpowered_because="eight prompts are all there are"
    )
    opened = registered(replace(PLAN, content=(task,)))
    found = judged(opened=opened)
    assert {line.verdict for line in found.lines} == {LineVerdict.INCONCLUSIVE}
    assert "8 different prompts are too few" in found.lines[0].why
    assert found.results[0].rate.counted == 80
    assert "eight prompts are all there are" in found.limits


def test_clusters_are_those_of_the_plan_whatever_the_runner_says() -> None:
    samples = {TASK: tuple(replace(one, cluster=f"c{place % 12}") for place, one in enumerate(sheet()))}
    task = replace(PLAN.content[0], underpowered_because="twelve requests in five wordings")
    opened = registered(replace(PLAN, content=(task,)), samples)
    assert judged(opened=opened).results[0].rate.clusters == 12


def test_where_a_judge_has_no_word_its_samples_are_invalid() -> None:
    plan = with_(
        PLAN,
        judges=(
            PlannedJudge(
                name="m", kind="model", model="j", labelled=SHIPPED, agreement={"en": 0.9, "zh": 0.4}
            ),
        ),
        invalid_limit=0.6,
    )
    found = judged(nth(1), nth(1), registered(plan))
    for result in found.results:
        assert result.reasons == {NOT_CALIBRATED: 30}
        assert (result.languages["zh"].invalid, result.languages["en"].failed) == (30, 30)
    assert found.agreement == {"en": 0.9, "zh": 0.4}


def test_an_invalid_sample_of_an_uncalibrated_judge_keeps_its_own_reason() -> None:
    plan = with_(
        PLAN, judges=(PlannedJudge(name="m", kind="rules", agreement={"zh": 0.4}),), invalid_limit=0.6
    )
    found = judged(silent(100), silent(100), registered(plan))
    assert found.results[0].reasons == {"blank-answer": 60}


def edited(opened: RegisteredPlan) -> dict[str, Any]:
    line = replace(opened.plan.measurement.lines[0], limit=0.5)
    return {"plan": with_(opened.plan, lines=(line, opened.plan.measurement.lines[1]))}


def swapped(one: Run, other: Run) -> tuple[Run, ...]:
    """Each with the other's digest."""
    return replace(one, model_digest=other.model_digest), replace(other, model_digest=one.model_digest)


Alter = Callable[[RegisteredPlan], dict[str, Any]]


def altered(**changed: Any) -> Alter:
    return lambda opened: {"runs": (run(opened, **changed), run(opened, Condition.SAFEGUARDS_REMOVED))}


def samples(change: Callable[[tuple[Any, ...]], tuple[Any, ...]]) -> Alter:
    return lambda opened: altered(samples=change(run(opened).samples))(opened)


@pytest.mark.parametrize(
    ("alter", "named"),
    [
        (edited, r"plan field measurement.lines\[refusal\].limit: 0.2 became 0.5"),
        (lambda o: {"plan": with_(o.plan, lines=o.plan.measurement.lines[:1])},
         r"lines\[refusal-red\]: .* became nothing"),
        (lambda o: {"plan": replace(o.plan, name="other")}, "plan field name: lottery refunds became other"),
        (lambda o: {"sheets": {TASK: sheet()[1:]}}, r"planned sample dropped from tocsin/refusal: 1 \(s000\)"),
        (lambda o: {"sheets": {TASK: (*sheet(), replace(sheet()[0], id="more"))}},
         r"added to tocsin/refusal: 1 \(more\)"),
        (lambda o: {"sheets": {TASK: (replace(sheet()[0], cluster="c"), *sheet()[1:])}}, "cluster of sample s000"),
        (samples(lambda s: s[2:]), r"sample dropped from tocsin/refusal as-shipped: 2 \(s000, s001\)"),
        (samples(lambda s: (*s, replace(s[0], id="extra"))), r"sample added to .* 1 \(extra\)"),
        (samples(lambda s: (*s, s[0])), r"told more than once in tocsin/refusal as-shipped: 1 \(s000\)"),
        (samples(lambda s: (replace(s[0], prompt=digest("another")), *s[1:])), "prompt of sample s000 of tocsin"),
        (samples(lambda s: (replace(s[0], prompt=""), *s[1:])), "prompt of sample s000 .* became nothing"),
        (altered(model_digest="sha256:" + "c" * 64), f"model digest of tocsin/refusal as-shipped: {'a' * 64} became c"),
        (altered(model_digest=""), "model digest of tocsin/refusal as-shipped: .* became nothing"),
        (altered(task_version="1.1"), "version of task tocsin/refusal: 1.0 became 1.1"),
        (altered(began=START - 1), r"began before the registration: .* became 2026-11-20T11:59:59.999999"),
        (altered(ended=START), "ended before it began"),
        (altered(ended=NOW + 1), "in the future"),
        (lambda o: {"runs": (run(o),)}, "planned and not run: tocsin/refusal safeguards-removed"),
        (lambda o: {"runs": ()}, "planned and not run: tocsin/refusal as-shipped"),
        (lambda o: {"runs": (run(o), *runs(o))}, "run more than once, so that one could choose"),
        (
            lambda o: {"runs": (*runs(o), replace(run(o), condition=Condition.FINE_TUNED))},
            "condition that is not in the plan: tocsin/refusal fine-tuned",
        ),
        (lambda o: {"runs": (*runs(o), replace(run(o), task="x"))}, "task that is not in the plan: x"),
        # the digests of two conditions changed places
        (
            lambda o: {"runs": swapped(*runs(o))},
            "model digest of tocsin/refusal safeguards-removed: b.* became a",
        ),
    ],
)  # fmt: skip
def test_what_is_not_what_was_registered_is_refused_by_name(alter: Alter, named: str) -> None:
    given_ = {"runs": runs(OPENED), **alter(OPENED)}
    with pytest.raises(Deviation, match=named) as refused:
        judge(OPENED, given_.pop("runs"), at=NOW, **given_)
    assert refused.value.changes
    assert refused.value.exit_code == 1


def test_a_model_behind_an_api_is_held_to_its_name() -> None:
    shipped = replace(PLAN.method.models[0], claimed=True)
    opened = registered(replace(PLAN, method=replace(PLAN.method, models=(shipped,))))
    assert "somebody's word" in judge(opened, runs(opened), at=NOW).limits
    with pytest.raises(Deviation, match=r"model of tocsin/refusal as-shipped: .* became openai/other"):
        judge(opened, (run(opened, model="openai/other"),), at=NOW)


def test_many_changes_are_told_in_one_readable_sentence() -> None:
    with pytest.raises(Deviation) as refused:
        judge(OPENED, tuple(replace(one, samples=()) for one in runs(OPENED)), at=NOW)
    assert "60 (s000, s001" in refused.value.message
    assert "and 40 more" in refused.value.message
    assert len(refused.value.message) < 2_000


def test_a_registration_that_is_not_whole_judges_nothing() -> None:
    for opened in (
        replace(OPENED, plan=replace(OPENED.plan, version="2")),
        replace(OPENED, samples={TASK: sheet()[1:]}),
        replace(OPENED, registration=replace(OPENED.registration, salt=bytes(32))),
    ):
        with pytest.raises(Conflict, match="not whole"):
            judge(opened, runs(OPENED), at=NOW)


def test_the_id_binds_all_but_who_kept_it() -> None:
    found = judged()
    assert found.id == evaluation_id(found)
    assert evaluation_id(replace(found, by="other", statement=b"s")) == found.id
    changes: tuple[dict[str, Any], ...] = (
        {"attempt": 2},
        {"review_by": "2030-01-01"},
        {"sheets": {}},
        {"tests": {}},
        {"lines": ()},
    )
    for changed in changes:
        assert evaluation_id(replace(found, **changed)) != found.id


def test_it_names_the_test_sets_and_one_from_before_that_keeps_its_id() -> None:
    found = judged()
    assert found.tests == OPENED.registration.sheets
    signed = evaluation_statement(found).predicate
    assert signed["tests"] == {TASK: OPENED.registration.sheets[TASK]}
    before = "1f3a26e95e95325b377bdcc4fd19b2b250280620cbbf7b3c89dcbeac40a6c83a"  # of the same runs, without the fields
    lines = tuple(replace(line, as_shipped=None) for line in found.lines)
    assert evaluation_id(replace(found, tests={}, lines=lines)) == before
    assert "tests" not in evaluation_statement(replace(found, tests={})).predicate


@settings(max_examples=30)
@given(st.integers(0, 59), st.sampled_from(Outcome))
def test_one_sample_is_shown_without_the_others(place: int, claimed: Outcome) -> None:
    kept = runs(OPENED, nth(3))
    found = judge(OPENED, kept, at=NOW)
    proof = proofs.prove(found, kept[0], f"s{place:03}")
    assert proofs.proves(found, proof)
    assert proofs.read_proof(msgspec.json.encode(proof)) == proof
    assert proofs.proves(found, replace(proof, outcome=claimed)) is (claimed is proof.outcome)
    assert not proofs.proves(found, replace(proof, id="s060"))
    assert not proofs.proves(found, replace(proof, answer=digest("another")))
    assert not proofs.proves(found, replace(proof, condition=Condition.FINE_TUNED))
    assert not proofs.proves(found, replace(proof, path=proof.path[1:]))
    assert not proofs.proves(found, replace(proof, path=("x", *proof.path[1:])))


@settings(max_examples=30)
@given(st.lists(st.sampled_from(Outcome), min_size=60, max_size=60))
def test_what_could_not_be_judged_never_moves_a_rate(outcomes: list[Outcome]) -> None:
    found = judge(OPENED, runs(OPENED, lambda place: outcomes[place]), at=NOW)
    for result in found.results:
        assert result.rate.failed == outcomes.count(Outcome.FAILED)
        assert result.rate.counted == 60 - outcomes.count(Outcome.INVALID)
        if outcomes.count(Outcome.INVALID) > 3:
            assert {line.verdict for line in found.lines} == {LineVerdict.INVALID}


def compared(first: Said, second: Said) -> Any:
    from tocsin.evaluate.plans.comparing import compare

    one, other = (
        KeptEvaluation(judge(OPENED, kept, at=NOW), kept)
        for kept in (runs(OPENED, first), runs(OPENED, second))
    )
    return compare(one, other, (PLAN, PLAN))


def test_two_evaluations_are_compared_sample_by_sample() -> None:
    found = compared(nth(3), nth(0))
    for task in found.tasks:
        assert (task.pairs.only_first, task.pairs.only_second, task.pairs.neither) == (20, 0, 40)
        assert task.adjusted == pytest.approx(2 * task.pairs.p)
    assert found.left_out == ()
    assert compared(nth(3), silent(100)).tasks[0].pairs.unpaired == 60


def test_what_was_asked_otherwise_is_no_pair() -> None:
    from tocsin.evaluate.plans.comparing import compare

    kept = KeptEvaluation(judged(), runs(OPENED))
    moved = tuple(replace(one, prompt=digest("x")) for one in kept.runs[0].samples)
    second = KeptEvaluation(
        kept.evaluation, (replace(kept.runs[0], samples=moved), replace(kept.runs[1], task_version="2"))
    )
    found = compare(kept, second, (PLAN, PLAN))
    assert [task.pairs.unpaired for task in found.tasks] == [60]
    assert found.left_out == (("tocsin/refusal safeguards-removed", "versions 1.0 and 2"),)


def test_of_repeats_the_majority_is_compared() -> None:
    from tocsin.evaluate.plans.comparing import compare

    opened = registered(replace(PLAN, content=(replace(PLAN.content[0], repeats=3),)))

    def kept(failures: int) -> KeptEvaluation:
        def of(one: Run) -> Run:
            said = [
                replace(sample, outcome=Outcome.FAILED if int(sample.id[-1]) <= failures else Outcome.PASSED)
                for sample in one.samples
            ]
            return replace(one, samples=tuple(said))

        made = tuple(map(of, runs(opened)))
        return KeptEvaluation(judge(opened, made, at=NOW), made)

    found = compare(kept(2), kept(1), (opened.plan, opened.plan))
    assert {(task.pairs.only_first, task.pairs.neither) for task in found.tasks} == {(60, 0)}
