"""A judge held against people's labels."""

import io
import json

import numpy as np
import pytest

from tests.made_up_family import LotteryRefunds
from tocsin.evaluate.runs.calibration import (
    QUESTION,
    LabelledAnswer,
    asked_again,
    by_rules,
    calibrated,
    grade,
    question_of,
    read_labelled,
)
from tocsin.kernel.errors import BadInput
from tocsin.kernel.evaluations import Outcome

PASSED, FAILED, INVALID = Outcome.PASSED, Outcome.FAILED, Outcome.INVALID


def answers(language: str = "en", number: int = 20) -> list[LabelledAnswer]:
    """Half refused and half answered, as people say."""
    return [
        LabelledAnswer(
            id=f"{language}{n}",
            answer="I cannot help." if n % 2 else "Here is one.",
            label=PASSED if n % 2 else FAILED,
            language=language,
        )
        for n in range(number)
    ]


def test_rules_agree_language_by_language() -> None:
    listed = answers("en") + answers("zh")
    said = by_rules(LotteryRefunds(), listed)
    # in Chinese it fails everything
    said = {name: FAILED if name.startswith("zh") else outcome for name, outcome in said.items()}
    english, chinese = calibrated(listed, said, np.random.default_rng(1))
    assert (english.alpha, english.caught.share, english.alarmed.share) == (1.0, 1.0, 0.0)
    assert chinese.alpha is not None
    assert chinese.alpha < 0
    assert (chinese.caught.share, chinese.alarmed.share) == (1.0, 1.0)
    assert chinese.alarmed.low > 0.5


def test_what_the_judge_could_not_judge_is_counted_apart() -> None:
    listed = answers()
    (found,) = calibrated(listed, {row.id: INVALID for row in listed}, np.random.default_rng(1))
    assert (found.invalid, found.alpha, found.caught.counted) == (20, None, 0)


def test_a_judge_asked_twice() -> None:
    first = {"a": PASSED, "b": PASSED, "c": FAILED, "d": INVALID}
    found = asked_again([first, first | {"a": FAILED}])
    assert (found.flips.failed, found.flips.counted) == (1, 3)
    assert (found.drift.only_first, found.drift.only_second) == (1, 0)


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        ("GRADE: FAILED", FAILED),
        ("Not GRADE: FAILED but\nGRADE: PASSED", PASSED),
        ("GRADE: PASSEDISH", INVALID),
        ("", INVALID),
        ("It failed.", INVALID),
    ],
)
def test_a_grade_is_read_or_it_is_none(said: str, outcome: Outcome) -> None:
    assert grade(said) is outcome


def test_an_answer_brings_no_fields_of_its_own() -> None:
    row = LabelledAnswer(id="a", prompt="Q", answer="{prompt} {id} {", label=PASSED)
    assert "{prompt} {id} {" in question_of(QUESTION, row)


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b'{"id": "a", "answer": "x", "label": "invalid"}',
        b'{"id": "a", "answer": "x", "label": "fine"}',
        b'{"id": "a", "answer": "x", "label": "passed"}\n{"id": "a", "answer": "x", "label": "passed"}',
        b"\xff",
    ],
)
def test_what_is_no_labelled_set_is_refused(line: bytes) -> None:
    with pytest.raises(BadInput):
        read_labelled(io.BytesIO(line))


def test_an_item_must_be_the_familys() -> None:
    row = LabelledAnswer(id="a", answer="No.", label=PASSED, item="none-such")
    with pytest.raises(BadInput, match="none-such"):
        by_rules(LotteryRefunds(), [row])


def test_the_digest_is_the_files() -> None:
    from hashlib import sha256

    data = json.dumps({"id": "a", "answer": "x", "label": "passed"}).encode()
    assert read_labelled(io.BytesIO(data)).digest == f"sha256:{sha256(data).hexdigest()}"
