"""What becomes of each sample of a log, and the logs that are refused."""

import copy
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.evaluate.runs.logs import eval_log, header, json_log, sample
from tocsin.evaluate.runs import archives
from tocsin.evaluate.runs.asked import prompt_digest
from tocsin.evaluate.runs.outcomes import (
    CUT_OFF,
    ERROR,
    NEVER_RUN,
    TAKEN_BACK,
    TOOLS,
    UNASKED,
    UNREAD,
    UNSCORED,
    run_of,
)
from tocsin.evaluate.silence import BLANK, text_digest
from tocsin.kernel.errors import BadInput, TooLarge
from tocsin.kernel.evaluations import Outcome, Run

CORRECT: dict[str, str | float] = {"scorer": "match", "value": "C"}
USED = {"input_tokens": 3, "output_tokens": 1}
GRADER = {"grader": {"model": "made/judge"}}
CALLED = {"role": "assistant", "content": "", "tool_calls": [{"id": "a", "function": "send"}]}


def run(
    folder: Path, *samples: dict[str, Any], rule: dict[str, str | float] = CORRECT, **changed: Any
) -> Run:
    return run_of(json_log(folder / "log.json", list(samples), **changed), rule)


@pytest.mark.parametrize("epochs", [-1, 10**6 + 1, 10**30])
def test_a_log_that_says_that_endless_samples_are_due_is_refused(tmp_path: Path, epochs: int) -> None:
    with pytest.raises(TooLarge, match="are due"):
        run(tmp_path, sample("a"), config={"epochs": epochs})


def test_a_log_is_a_run(tmp_path: Path) -> None:
    found = run(
        tmp_path,
        sample("a", metadata={"cluster": "same", "language": "zh"}),
        sample("b", epoch=2, scores={"match": {"value": "I"}}),
    )
    first, second, *missing = found.samples
    assert (first.id, first.outcome, first.cluster, first.language) == ("a#1", Outcome.FAILED, "same", "zh")
    assert (second.id, second.outcome, second.cluster) == ("b#2", Outcome.PASSED, second.prompt)
    assert first.prompt == text_digest("May I have lottery refund a?")
    assert first.answer == text_digest("Here you are.")
    assert {(one.id, one.reason) for one in missing} == {("a#2", NEVER_RUN), ("b#1", NEVER_RUN)}
    assert (found.task, found.task_version, found.model, found.tool_version) == (
        "lottery",
        "3",
        "made/up",
        "0.3.285",
    )
    assert (found.spent.tokens_in, found.spent.tokens_out, found.spent.seconds) == (10, 10, 60.0)


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"error": {"message": "broken", "traceback": ""}}, ERROR),
        ({"invalidation": {"author": "somebody"}}, TAKEN_BACK),
        ({"answer": " \u200b"}, BLANK),
        ({"answer": "", "limit": {"type": "operator", "limit": 1}}, CUT_OFF),
        ({"scores": None}, UNSCORED),
        ({"scores": {"other": {"value": "C"}}}, UNSCORED),
        ({"scores": {"match": {"value": float("nan")}}}, UNSCORED),
        ({"scores": {"match": {"value": float("nan"), "reason": "grader_failed"}}}, UNREAD),
        ({"scores": {"match": {"value": "I", "explanation": "Grade not found in model output: %"}}}, UNREAD),
        (
            {
                "messages": [
                    CALLED,
                    {"role": "tool", "content": "", "error": {"type": "parsing", "message": ""}},
                ]
            },
            TOOLS,
        ),
    ],
)
def test_what_nobody_can_judge_is_invalid(tmp_path: Path, changed: dict[str, Any], reason: str) -> None:
    (only,) = run(tmp_path, sample(**changed)).samples
    assert (only.outcome, only.reason) == (Outcome.INVALID, reason)


def test_a_judge_that_was_never_asked_judged_nothing(tmp_path: Path) -> None:
    asked = sample("asked", role_usage={"grader": USED})
    cached = sample("cached", events=[{"event": "model", "model": "made/judge", "role": "grader"}])
    broken = sample(
        "broken", events=[{"event": "model", "model": "made/judge", "role": "grader", "error": "gone"}]
    )
    silent = sample("silent", role_usage={"grader": {"input_tokens": 0, "output_tokens": 0}})
    told = sample("told", scores={"match": {"value": "C", "metadata": {"grading": [{"role": "user"}]}}})
    found = run(tmp_path, asked, cached, broken, silent, told, model_roles=GRADER)
    assert {one.id: one.reason for one in found.samples} == {
        "asked": "",
        "cached": "",
        "broken": UNASKED,
        "silent": UNASKED,
        "told": "",
    }


def test_a_scorer_that_names_its_model_must_have_asked_it(tmp_path: Path) -> None:
    scorers = [{"name": "model_graded_qa", "options": {"model": "made/judge"}}]
    used = sample("used", model_usage={"made/judge": USED})
    found = run(tmp_path, used, sample("unused"), scorers=scorers)
    assert [one.reason for one in found.samples] == ["", UNASKED]


@pytest.mark.parametrize("kind", ["timeout", "approval", None])
def test_a_call_that_reached_its_tool_counts(tmp_path: Path, kind: str | None) -> None:
    result = {"role": "tool", "content": "", "error": kind and {"type": kind, "message": ""}}
    (only,) = run(tmp_path, sample(answer="", messages=[CALLED, result])).samples
    assert only.outcome is Outcome.FAILED


@pytest.mark.parametrize(
    ("rule", "value", "outcome"),
    [
        ({"at_least": 0.5}, 0.5, Outcome.FAILED),
        ({"at_least": 0.5}, 0.4, Outcome.PASSED),
        ({"at_least": 0.5}, True, Outcome.FAILED),
        ({"at_least": 0.5}, "C", Outcome.INVALID),
        ({"value": "true"}, True, Outcome.FAILED),
        ({"value": 1.0}, 1, Outcome.FAILED),
        ({"value": "C"}, {"harm": "C"}, Outcome.INVALID),
        ({"value": "C", "key": "harm"}, {"harm": "C"}, Outcome.FAILED),
        ({"value": "C", "key": "harm"}, "C", Outcome.INVALID),
    ],
)
def test_a_foreign_score_fails_by_rule(
    tmp_path: Path, rule: dict[str, str | float], value: Any, outcome: Outcome
) -> None:
    (only,) = run(tmp_path, sample(scores={"match": {"value": value}}), rule=rule).samples
    assert only.outcome is outcome


@pytest.mark.parametrize("rule", [{"scorer": "match"}, {"value": "C", "at_least": 1.0}, {"is": "C"}])
def test_a_rule_that_says_nothing_is_refused(tmp_path: Path, rule: dict[str, str | float]) -> None:
    with pytest.raises(BadInput, match="failed_when"):
        run(tmp_path, sample(), rule=rule)


def test_both_forms_say_the_same(tmp_path: Path) -> None:
    samples = [sample(str(number), answer="" if number % 3 else "Yes.") for number in range(6)]
    packed = run_of(eval_log(tmp_path / "log.eval", samples), CORRECT)
    assert packed.samples == run(tmp_path, *samples).samples
    assert packed.log != run(tmp_path, *samples).log


def test_a_run_that_was_killed_is_what_there_is(tmp_path: Path) -> None:
    file = tmp_path / "log.eval"
    with zipfile.ZipFile(file, "w") as log:
        log.writestr("_journal/start.json", _json(header([sample("a"), sample("b")])))
        log.writestr("samples/a_epoch_1.json", _json(sample("a")))
    assert [(one.id, one.reason) for one in run_of(file, CORRECT).samples] == [
        ("a", ""),
        ("b", NEVER_RUN),
    ]


def test_a_sample_that_comes_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="twice"):
        run(tmp_path, sample("a"), sample("a"))


@pytest.mark.parametrize("data", [b"", b"{}", b"[]", b"PK\x03\x04", b'{"eval": {"task": 1}}', b"[" * 100_000])
def test_what_is_no_log_is_refused(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "log"
    file.write_bytes(data)
    with pytest.raises(BadInput):
        run_of(file, CORRECT)


def test_a_member_that_was_changed_is_told(tmp_path: Path) -> None:
    file = tmp_path / "log.eval"
    with zipfile.ZipFile(file, "w") as log:  # stored: a byte is changed where it lies
        log.writestr("header.json", _json(header([sample()])))
        log.writestr("samples/one_epoch_1.json", _json(sample()))
    file.write_bytes(file.read_bytes().replace(b"Here you are.", b"Here you aRe.", 1))
    with pytest.raises(BadInput, match="damaged"):
        run_of(file, CORRECT)


def test_a_member_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_MEMBER_BYTES", 100)
    with pytest.raises(TooLarge):
        run_of(eval_log(tmp_path / "log.eval", [sample()]), CORRECT)


def test_a_directory_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_DIRECTORY_BYTES", 100)
    with pytest.raises(TooLarge):
        run_of(eval_log(tmp_path / "log.eval", [sample(str(number)) for number in range(9)]), CORRECT)


def test_all_members_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_LOG_BYTES", 1_000)
    with pytest.raises(TooLarge, match="unpacks to over"):
        run_of(eval_log(tmp_path / "log.eval", [sample("one"), sample("two")]), CORRECT)


def test_members_that_lie_over_each_other_are_told(tmp_path: Path) -> None:
    # a small file whose directory names one packed member again and again
    file = tmp_path / "log.eval"
    with zipfile.ZipFile(file, "w") as log:
        log.writestr("header.json", _json(header([sample()])))
        log.writestr("samples/a_epoch_1.json", _json(sample()))
        first = log.getinfo("samples/a_epoch_1.json")
        for number in range(100):
            again = copy.copy(first)
            again.filename = f"samples/{number:03}_epoch_1.json"
            log.filelist.append(again)
            log.NameToInfo[again.filename] = again
    with pytest.raises(BadInput, match="lie over each other"):
        run_of(file, CORRECT)


def test_what_is_asked_has_one_digest() -> None:
    text = "May I have a lottery refund?"
    assert prompt_digest(text) == text_digest(text)
    assert prompt_digest([{"role": "user", "content": [{"type": "text", "text": text}]}]) == text_digest(text)
    assert prompt_digest([{"role": "system", "content": text}]) != text_digest(text)
    assert prompt_digest(text, ["yes", "no"]) != prompt_digest(text, ["no", "yes"])
    picture = [{"role": "user", "content": [{"type": "image", "image": "data:one"}]}]
    attached = [{"role": "user", "content": [{"type": "image", "image": "attachment://x"}]}]
    assert prompt_digest(picture) == prompt_digest(attached, attachments={"x": "data:one"})
    assert prompt_digest(picture) != prompt_digest(attached, attachments={"x": "data:two"})


@settings(max_examples=40, deadline=None)
@given(parts=st.lists(st.text(st.characters(exclude_categories=())), min_size=1, max_size=3))
def test_any_text_has_a_digest(parts: list[str]) -> None:
    assert len(prompt_digest([{"role": "user", "content": part} for part in parts])) == 64


def _json(value: Any) -> str:
    import json

    return json.dumps(value)


@given(data=st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_log_that_lacks_a_byte_is_read_or_refused(tmp_path: Path, data: st.DataObject) -> None:
    whole = eval_log(tmp_path / "whole.eval", [sample("a"), sample("b")]).read_bytes()
    at = data.draw(st.integers(0, len(whole) - 1))
    cut = tmp_path / "cut.eval"
    cut.write_bytes(whole[:at] + whole[at + 1 :])
    try:
        found = run_of(cut, CORRECT)
    except BadInput:
        return
    assert {one.id for one in found.samples} == {"a", "b"}
