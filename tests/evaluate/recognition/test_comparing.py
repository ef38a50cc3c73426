"""The nine rules, one by one, over runs of scripted institutes; and the samples that they point at."""

import hashlib
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.evaluate.recognition import Comparison, Margins, compare
from tocsin.evaluate.statistics import rate
from tocsin.kernel import Reason
from tocsin.kernel.evaluations import Counts, LineAnswer, LineVerdict, Outcome, SampleOutcome
from tocsin.kernel.plans import Condition
from tocsin.kernel.recognition import RecognitionOutcome
from tocsin.taxonomy.messages import sentence, sentences

P, F, X = Outcome.PASSED, Outcome.FAILED, Outcome.INVALID
Run = dict[str, SampleOutcome]


def run(outcomes: Iterable[Outcome], *, answer: str = "", languages: tuple[str, ...] = ("en",)) -> Run:
    """A sample for each outcome. What the model says goes with the outcome, unless one answer is given for all."""
    return {
        f"s{number:04}": SampleOutcome(
            f"s{number:04}",
            f"c{number}",
            outcome,
            reason="blank-answer" if outcome is X else "",
            language=languages[number % len(languages)],
            answer="" if outcome is X else sha(answer or f"{number} {outcome}"),
        )
        for number, outcome in enumerate(outcomes)
    }


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def compared(
    theirs: Run, *ours: Run, claimed: Counts | None = None, line: LineAnswer | None = None
) -> Comparison:
    found = compare(
        theirs, ours, task="t", margins=Margins(), claimed=claimed, lines=() if line is None else (line,)
    )
    for code, values in found.reasons:
        assert code in sentences()
        assert "{" not in sentence(Reason(code, values))
    return found


def first(found: Comparison) -> tuple[RecognitionOutcome, str]:
    return found.outcome, found.reasons[0][0].removeprefix("recognition.")


def test_the_same_samples_are_reproduced() -> None:
    found = compared(run([P] * 80 + [F] * 40), run([P] * 80 + [F] * 40))
    assert first(found) == (RecognitionOutcome.REPRODUCED, "reproduced")
    assert found.differing == ()
    assert found.same_answers == 120
    assert found.repeated == 0


def test_what_our_own_repeats_flip_is_reproduced() -> None:
    theirs = run([F, F, P, P] + [P] * 196)
    ours, again = run([P, P, F, P] + [P] * 196), run([P, P, P, F] + [P] * 196)
    found = compared(theirs, ours, again)
    assert first(found) == (RecognitionOutcome.REPRODUCED, "reproduced")
    assert (found.flips, found.repeated, len(found.differing)) == (2, 200, 3)


def test_repeats_that_never_flip_explain_nothing() -> None:
    theirs, ours = run([F, P] + [P] * 198), run([P, F] + [P] * 198)
    assert first(compared(theirs, ours, ours)) == (RecognitionOutcome.COMPATIBLE, "compatible")
    assert first(compared(theirs, ours)) == (RecognitionOutcome.COMPATIBLE, "compatible")


def test_a_difference_beyond_the_margin_contradicts_and_points_to_the_samples() -> None:
    """Must show 5: their tools fail, so the model does nothing and passes; ours work, and it fails."""
    ours = run([F] * 60 + [P] * 90)
    broken = run([P] * 30, answer="tool unavailable") | dict(
        list(run([P] * 30 + [F] * 30 + [P] * 90).items())[30:]
    )
    found = compared(broken, ours)
    assert first(found) == (RecognitionOutcome.CONTRADICTED, "apart")
    assert [one.sample for one in found.differing] == [f"s{number:04}" for number in range(30)]
    assert all((one.theirs, one.ours, one.same_answer) == (P, F, False) for one in found.differing)
    told = dict(found.reasons)
    assert told["recognition.environment"] == {"samples": 30, "differ": 30}
    assert told["recognition.one-answer-theirs"] == {"samples": 30, "answer": sha("tool unavailable")}
    assert "recognition.judges" not in told


def test_the_same_answers_judged_otherwise_point_at_the_judges() -> None:
    theirs, ours = run([P] * 100, answer="yes"), run([F] * 50 + [P] * 50, answer="yes")
    found = compared(theirs, ours)
    assert found.outcome is RecognitionOutcome.CONTRADICTED
    assert dict(found.reasons)["recognition.judges"] == {"samples": 50, "differ": 50}
    assert "recognition.environment" not in dict(found.reasons)


def test_one_language_apart_contradicts() -> None:
    languages = ("en", "en", "en", "en", "sw")
    ours = run([P] * 500, languages=languages)
    theirs = run([F if n % 5 == 4 and n < 125 else P for n in range(500)], languages=languages)
    found = compared(theirs, ours, ours)
    assert first(found) == (RecognitionOutcome.CONTRADICTED, "apart-language")
    assert found.reasons[0][1]["language"] == "sw"
    assert found.across is not None
    assert found.across.p < 0.01


def test_a_margin_that_the_interval_crosses_is_inconclusive() -> None:
    found = compared(run([F] * 6 + [P] * 54), run([P] * 60))
    assert first(found) == (RecognitionOutcome.INCONCLUSIVE, "not-within")


def test_a_rate_that_was_guessed_is_not_compatible() -> None:
    """Nothing was run there: a fifth fails, and not the fifth that fails here."""
    theirs = run([F if n % 5 == 0 else P for n in range(1000)])
    ours = run([F if n % 5 == 1 else P for n in range(1000)])
    assert first(compared(theirs, ours, ours)) == (RecognitionOutcome.INCONCLUSIVE, "scattered")
    assert first(compared(theirs, ours)) == (RecognitionOutcome.INCONCLUSIVE, "scattered")


def test_few_pairs_and_broken_runs_decide_nothing() -> None:
    assert first(compared(run([P] * 9), run([F] * 9))) == (RecognitionOutcome.INCONCLUSIVE, "few-pairs")
    ours = compared(run([P] * 100), run([F] * 50 + [P] * 40 + [X] * 10))
    assert first(ours) == (RecognitionOutcome.INCONCLUSIVE, "invalid-ours")
    theirs = compared(run([X] * 10 + [P] * 90), run([F] * 50 + [P] * 50))
    assert first(theirs) == (RecognitionOutcome.INCONCLUSIVE, "invalid-theirs")
    assert sum(one.theirs is X for one in theirs.differing) == 10


def test_opened_samples_that_the_claimed_counts_do_not_give() -> None:
    same = run([F] * 30 + [P] * 70)
    found = compared(same, same, claimed=Counts(990, 10, 0))
    assert first(found) == (RecognitionOutcome.CONTRADICTED, "claimed-failed")
    assert first(compared(same, same, claimed=Counts(700, 300, 0)))[0] is RecognitionOutcome.REPRODUCED
    silent = run([X] * 20 + [P] * 80)
    assert first(compared(silent, silent, claimed=Counts(1000, 0, 0)))[1] == "claimed-invalid"


def test_a_line_that_we_are_on_the_other_side_of() -> None:
    line = LineAnswer("L1", "t", 0.05, "block", LineVerdict.BELOW, Condition.AS_SHIPPED, rate(30, 1000), "")
    theirs, ours = run([F] * 3 + [P] * 97), run([F] * 14 + [P] * 86)
    found = compared(theirs, ours, line=line)
    assert first(found) == (RecognitionOutcome.CONTRADICTED, "flipped")
    undecided = compared(theirs, run([F] * 6 + [P] * 94), line=line)
    assert undecided.outcome is RecognitionOutcome.INCONCLUSIVE


def test_runs_are_of_the_same_samples() -> None:
    with pytest.raises(ValueError, match="each drawn sample"):
        compared(run([P] * 20), run([P] * 19))
    with pytest.raises(ValueError, match="nothing was run"):
        compared(run([P] * 20))


OUTCOMES = st.lists(st.sampled_from(Outcome), max_size=60)


@given(OUTCOMES)
def test_a_run_against_itself_is_never_contradicted(outcomes: list[Outcome]) -> None:
    same = run(outcomes)
    found = compared(same, same, same)
    assert found.outcome in (RecognitionOutcome.REPRODUCED, RecognitionOutcome.INCONCLUSIVE)
    assert found.differing == ()


@given(st.lists(st.tuples(st.sampled_from(Outcome), st.sampled_from(Outcome)), max_size=80))
def test_who_is_asked_first_changes_the_sign_and_nothing_else(both: list[tuple[Outcome, Outcome]]) -> None:
    one, other = run(first for first, _ in both), run(second for _, second in both)
    there, back = compared(one, other), compared(other, one)
    assert there.outcome is back.outcome
    assert there.pairs.difference == -back.pairs.difference
    assert [sample.sample for sample in there.differing] == [sample.sample for sample in back.differing]
