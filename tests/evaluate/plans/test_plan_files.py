"""A plan file is read one way or refused by name; what could not decide anything is not registered."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import msgspec
import pytest
import yaml

from tests.evaluation_plans import PLAN, SHIPPED, TASK, digest, registered, sheet
from tocsin.evaluate.plans import reading, sheets
from tocsin.evaluate.plans.canonical import canonical_bytes, content, plan_digest
from tocsin.evaluate.plans.checking import UNFILLED, check_plan
from tocsin.evaluate.plans.reading import read_plan
from tocsin.evaluate.plans.registration import checked_samples
from tocsin.evaluate.plans.sheets import read_sheet, sheet_root
from tocsin.evaluate.plans.template import template
from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.plans import Condition, Consequence, Plan, PlannedJudge, PlannedModel, PlannedSample

TODAY = date(2026, 11, 20)
replace = msgspec.structs.replace


def filled() -> str:
    """The template with what stands in capitals filled in, as a person would."""
    text = template()
    for was, now in (
        ('"NAME"', "refunds"),
        ("WHAT DO YOU WANT TO KNOW?", "Does it help with a refund scam?"),
        ("WHO WOULD MISUSE IT, AND HOW?", "a novice"),
        ('"DOMAIN"', "domain.cyber"),
        ('"TASK"', "tocsin/refusal"),
        ("TASK VERSION", "1"),
        ('"MODEL"', "tocsin/tiny:models/safe"),
        ('"DIGEST"', SHIPPED),
        ("HOW THE BEHAVIOUR IS DRAWN OUT", "asked once"),
        ("WHAT THIS DOES NOT MEASURE", "everything else"),
        ('"DATE"', "2027-05-01"),
    ):
        assert was in text
        text = text.replace(was, now)
    return text


def test_the_template_passes_once_it_is_filled_in_and_not_before() -> None:
    found = check_plan(read_plan(filled().encode()), today=TODAY)
    assert found.problems == ()
    assert [field for field, _ in found.notes] == ["method.models"]
    empty = check_plan(read_plan(template().encode()), today=TODAY).problems
    assert {field for field, _ in empty} == {
        "name",
        "goal.question",
        "goal.scenario",
        "goal.domain",
        "method.elicitation",
        "method.models[MODEL].digest",
        "coverage.not_covered",
        "improvement.review_by",
    }
    assert all(text in template() for text in UNFILLED)


def test_a_plan_is_read_back_from_its_own_content() -> None:
    assert read_plan(yaml.safe_dump(content(PLAN), allow_unicode=True).encode()) == PLAN
    assert read_plan(canonical_bytes(PLAN)) == PLAN


def test_the_digest_is_of_what_is_said_not_of_how() -> None:
    assert plan_digest(read_plan(canonical_bytes(PLAN))) == plan_digest(PLAN)
    said = filled().replace("limit: 0.05", "limit: 5e-2").replace("# an", "#  an")
    assert plan_digest(read_plan(said.encode())) == plan_digest(read_plan(filled().encode()))
    assert b"invalid_limit" not in canonical_bytes(PLAN), (
        "a default is left out, so that a later field changes nothing"
    )


@pytest.mark.parametrize(
    ("was", "now", "named"),
    [
        (
            "limit: 0.05\n",
            "limit: much\n",
            r"Expected `float`, got `str` - at `\$.measurement.lines\[0\].limit`",
        ),
        ('version: "1"\n\n', "version: 1\n\n", r"Expected `str`, got `int` - at `\$.version`"),
        ("power: 0.8", "powr: 0.8", "unknown field `powr`"),
        ("  question:", "  questions:", "field `questions?`"),
        ("power: 0.8", "power: 0.8\n  power: 0.9", "line .*'power' is there twice"),
        ("power: 0.8", "power: &p 0.8\n  invalid_limit2: *p", "aliases"),
        ("power: 0.8", "power: !!python/object:os.system 0.8", "tags"),
        ("power: 0.8", "power: [", "not YAML: .*line"),
        ("power: 0.8", "? [a]\n  : 0.8", "a key is a word"),
        ("power: 0.8", "power: .nan", "Expected `float`, got `str`"),
        ("power: 0.8", f"power: {'9' * 5_000}", "nobody can read|over"),
        ("claimed: false", "claimed: no", "Expected `bool`, got `str`"),
        ("condition: as-shipped", "condition: shipped", "Invalid enum value 'shipped'"),
    ],
)
def test_what_is_wrong_in_a_file_is_named(was: str, now: str, named: str) -> None:
    assert was in filled()
    with pytest.raises(BadInput, match=named):
        read_plan(filled().replace(was, now, 1).encode())


def test_words_stay_words() -> None:
    plan = read_plan(filled().replace("languages: [en]", "languages: [no, y, on, 12e03x]").encode())
    assert plan.coverage.languages == ("no", "y", "on", "12e03x")
    assert plan.improvement.review_by == "2027-05-01"


def test_a_file_is_bounded_before_anything_is_built() -> None:
    for data in (
        b"a: " + b"x" * reading.MAX_PLAN_BYTES,
        b"[" * 20 + b"]" * 20,
        b"[" + b"1," * reading.MAX_EVENTS + b"]",
        filled().replace("everything else", "x" * 4_001).encode(),
        filled().replace("[en]", str(["en"] * 501)).encode(),
    ):
        with pytest.raises(TooLarge):
            read_plan(data)
    with pytest.raises(BadInput, match="UTF-8"):
        read_plan(b"\xff")
    for data in (b"", b"1", b"[]", b"null"):
        with pytest.raises(BadInput, match="Expected `object`"):
            read_plan(data)


def task(**changed: Any) -> Callable[[Plan], Plan]:
    return lambda plan: replace(plan, content=(replace(plan.content[0], **changed),))


def measured(**changed: Any) -> Callable[[Plan], Plan]:
    return lambda plan: replace(plan, measurement=replace(plan.measurement, **changed))


def line(**changed: Any) -> Callable[[Plan], Plan]:
    return measured(lines=(replace(PLAN.measurement.lines[0], **changed),))


def judge(**changed: Any) -> Callable[[Plan], Plan]:
    made = PlannedJudge(name="j", kind="model", model="m", labelled=SHIPPED, agreement={"en": 0.9, "zh": 0.9})
    return measured(judges=(replace(made, **changed),))


def models(*listed: PlannedModel) -> Callable[[Plan], Plan]:
    return lambda plan: replace(plan, method=replace(plan.method, models=listed))


def part(name: str, **changed: Any) -> Callable[[Plan], Plan]:
    return lambda plan: replace(plan, **{name: replace(getattr(plan, name), **changed)})


SAFE = PLAN.method.models[0]


@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        (lambda p: replace(p, name=" "), "name", "is empty"),
        (part("goal", domain="elections"), "goal.domain", "is one of domain.cyber"),
        (
            lambda p: line(consequence=Consequence.REVIEW)(part("goal", catastrophic=True)(p)),
            "goal.catastrophic",
            "block",
        ),
        (part("method", kind="vibes"), "method.kind", "is one of benchmark"),
        (lambda p: replace(p, content=()), "content", "has 1 to"),
        (lambda p: replace(p, content=p.content * 2), "content", "stands 2 times"),
        (task(task="a|b"), "content", "no |"),
        (task(version=""), "content[tocsin/refusal].version", "any task"),
        (task(samples=0), "content[tocsin/refusal].samples", "is 1 to"),
        (task(repeats=0), "content[tocsin/refusal].repeats", "is 1 to"),
        (task(expected_rate=7.0), "content[tocsin/refusal].expected_rate", "share"),
        (task(underpowered_because="no"), "content[tocsin/refusal].underpowered_because", "a sentence"),
        (
            models(replace(SAFE, condition=Condition.FINE_TUNED)),
            "method.models",
            "needs the model `as-shipped`",
        ),
        (models(SAFE, SAFE), "method.models", "has 2 models as-shipped"),
        (models(replace(SAFE, digest="a" * 64)), f"method.models[{SAFE.name}].digest", "sha256:"),
        (
            models(SAFE, replace(SAFE, condition=Condition.FINE_TUNED)),
            f"method.models[{SAFE.name}].digest",
            "another condition has other bytes",
        ),
        (part("coverage", languages=()), "coverage.languages", "is empty"),
        (part("coverage", languages=("English!",)), "coverage.languages", "no language code"),
        (part("coverage", not_covered=" "), "coverage.not_covered", "something always is not"),
        (measured(lines=()), "measurement.lines", "nothing can be decided"),
        (line(task="other"), "measurement.lines[refusal].task", "which is not in `content`"),
        (line(limit=0.0), "measurement.lines[refusal].limit", "share over 0"),
        (line(limit=1.5), "measurement.lines[refusal].limit", "share over 0"),
        (line(red_line="course-of-action--x"), "measurement.lines[refusal].red_line", "not known here"),
        (measured(invalid_limit=1.0), "measurement.invalid_limit", "share"),
        (measured(power=1.0), "measurement.power", "share"),
        (judge(kind="oracle"), "measurement.judges[j].kind", "is one of rules"),
        (judge(model=""), "measurement.judges[j].model", "which model judges"),
        (judge(labelled="a set"), "measurement.judges[j].labelled", "people labelled"),
        (judge(agreement={}), "measurement.judges[j].agreement", "in no language"),
        (judge(agreement={"en": 0.5}), "measurement.judges[j].agreement", "in no language"),
        (judge(agreement={"en": 5.0}), "measurement.judges[j].agreement[en]", "alpha"),
        (judge(tasks=("x",)), "measurement.judges[j].tasks", "which is not in `content`"),
        (judge(least_agreement=2.0), "measurement.judges[j].least_agreement", "share"),
        (task(expected_rate=0.15), "content[tocsin/refusal].samples", "the plan wants 80%"),
        (task(samples=5, repeats=20), "content[tocsin/refusal].samples", "always inconclusive"),
        (part("improvement", review_by="soon"), "improvement.review_by", "is a date"),
        (part("improvement", review_by="20270501"), "improvement.review_by", "is a date"),
        (part("improvement", review_by="2026-11-20"), "improvement.review_by", "lies not ahead"),
        (part("improvement", review_by="2036-11-20"), "improvement.review_by", "years ahead"),
    ],
)
def test_what_a_plan_must_say(change: Callable[[Plan], Plan], field: str, sentence: str) -> None:
    found = check_plan(change(PLAN), today=TODAY, red_lines=())
    assert (field, True) in {(where, sentence in told) for where, told in found.problems}, found.problems
    with pytest.raises(BadInput, match="cannot be registered"):
        found.require()


def test_a_plan_that_says_all_is_passed() -> None:
    found = check_plan(PLAN, today=TODAY, red_lines=())
    assert (found.problems, found.notes) == ((), ())
    found.require()


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (models(SAFE), "as-shipped alone"),
        (models(replace(SAFE, claimed=True)), "somebody's word"),
        (task(expected_rate=None), "nobody can say whether 60 are enough"),
        (task(expected_rate=0.7), "expects that line refusal is not held"),
        (
            task(expected_rate=0.15, underpowered_because="no more prompts"),
            "The plan says why: no more prompts",
        ),
        (measured(judges=()), "taken as they are"),
        (judge(agreement={"en": 0.9}), "has no word in zh (agreement unknown, at least 0.67)"),
        (line(red_line="course-of-action--x"), ""),
    ],
)
def test_what_should_be_known_stops_nothing(change: Callable[[Plan], Plan], sentence: str) -> None:
    found = check_plan(change(PLAN), today=TODAY)
    assert found.problems == ()
    assert not sentence or any(sentence in told for _, told in found.notes), found.notes


def test_how_many_samples_are_needed_is_said_and_is_enough() -> None:
    told = dict(check_plan(task(expected_rate=0.1)(PLAN), today=TODAY).problems)[
        "content[tocsin/refusal].samples"
    ]
    needed = int(told.split(": ")[1].split()[0].replace(",", ""))
    assert check_plan(task(expected_rate=0.1, samples=needed)(PLAN), today=TODAY).problems == ()
    hopeless = task(expected_rate=0.1999)(PLAN)
    assert "no number will do" in str(check_plan(hopeless, today=TODAY).problems)


ROW = '{"id": "s1", "prompt": "' + digest("a") + '", "language": "en"}\n'


def test_a_sheet_is_read_line_by_line() -> None:
    read = read_sheet(
        io.BytesIO((ROW + "\n" + ROW.replace("s1", "s0").replace(digest("a"), digest("b"))).encode())
    )
    assert [one.id for one in read] == ["s0", "s1"]
    assert read[1] == PlannedSample("s1", digest("a"), "", "en")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("nonsense", "line 1"),
        (ROW + "[]", "line 2"),
        (ROW.replace("prompt", "text"), "unknown field `text`|required field `prompt`"),
        (ROW.replace(digest("a"), "How do I ...?"), "sha256 of what is asked"),
        (ROW + ROW, "s1 is there twice"),
        (ROW.replace("s1", ""), "an id has"),
        (ROW.replace('"en"', '"not a language"'), "no language"),
        (ROW + ROW.replace("s1", "s2").replace("}", ', "cluster": "c"}'), "two clusters"),
        (ROW.replace("s1", "x" * 5_000), "digests, not texts"),
    ],
)
def test_what_no_run_could_be_held_to_is_refused(text: str, named: str) -> None:
    with pytest.raises(BadInput, match=named):
        read_sheet(io.BytesIO(text.encode()))


def test_a_sheet_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MAX_SAMPLES", 1)
    with pytest.raises(TooLarge, match="two tasks"):
        read_sheet(io.BytesIO((ROW + ROW.replace("s1", "s2")).encode()))


def test_every_field_of_a_sample_is_committed_to() -> None:
    roots = {sheet_root(sheet())}
    first, rest = sheet()[0], sheet()[1:]
    for changed in (
        replace(first, id="s0000"),
        replace(first, prompt=digest("x")),
        replace(first, cluster="c"),
        replace(first, language="zh"),
    ):
        roots.add(sheet_root((changed, *rest)))
    roots.add(sheet_root(rest))
    assert len(roots) == 6
    assert sheet_root(sheet()[::-1]) == sheet_root(sheet())


@pytest.mark.parametrize(
    ("plan", "listed", "named"),
    [
        (PLAN, {"x": sheet()}, "not in the plan's `content`"),
        (PLAN, {}, "no samples of tocsin/refusal are given"),
        (PLAN, {TASK: sheet(61)}, "its sheet has 61"),
        (PLAN, {TASK: sheet(60, ("fr",))}, "is in fr, which"),
        (
            PLAN,
            {TASK: tuple(replace(one, cluster="c") for one in sheet())},
            "has 1 clusters of samples that are alike",
        ),
        (
            judge(agreement={"en": 0.9})(PLAN),
            {TASK: sheet()},
            "30 of 60 samples .* in which a judge has no word",
        ),
    ],
)
def test_samples_are_those_that_the_plan_asks_for(
    plan: Plan, listed: dict[str, tuple[PlannedSample, ...]], named: str
) -> None:
    with pytest.raises(BadInput, match=named):
        checked_samples(plan, listed)


def test_a_sample_without_a_language_is_in_the_only_one_there_is() -> None:
    from tocsin.evaluate.plans.registration import language_of

    one = replace(sheet()[0], language="")
    assert language_of(PLAN, one) == ""
    assert language_of(part("coverage", languages=("en",))(PLAN), one) == "en"
    silent = {TASK: tuple(replace(said, language="") for said in sheet())}
    assert registered(part("coverage", languages=("en",))(PLAN), silent).samples == silent
