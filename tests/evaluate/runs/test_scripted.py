"""The model that is a file."""

from pathlib import Path

import pytest

from tocsin.evaluate.runs.scripted import GARBLED, Broken, Faults, Said, Script, ScriptedModel, load
from tocsin.kernel.errors import BadInput

PROMPTS = [f"refund {number}" for number in range(400)]


def model(**faults: float) -> ScriptedModel:
    said = (Said(when="(?i)REFUND 1", say=("No.", "Never.")), Said(say="Yes."))
    return ScriptedModel(Script(said, Faults(**faults)))  # type: ignore[arg-type]


def test_the_first_pattern_answers() -> None:
    assert model().answer("refund 2") == "Yes."
    assert {model().answer(prompt) for prompt in PROMPTS if prompt.startswith("refund 1")} == {
        "No.",
        "Never.",
    }


def test_the_same_prompt_and_seed_have_the_same_answer() -> None:
    faulty = model(silent=0.3)
    again = model(silent=0.3)
    answers = [faulty.answer(prompt, seed=1) for prompt in PROMPTS]
    assert answers == [again.answer(prompt, seed=1) for prompt in reversed(PROMPTS)][::-1]
    assert answers != [again.answer(prompt, seed=2) for prompt in PROMPTS]


def test_faults_come_as_often_as_declared() -> None:
    assert 0.2 < sum(model(silent=0.3).answer(prompt) == "" for prompt in PROMPTS) / 400 < 0.4
    assert all(model(garbled=1).answer(prompt) == GARBLED for prompt in PROMPTS)
    with pytest.raises(Broken):
        model(error=1).answer("refund")


def test_an_endpoint_goes_silent() -> None:
    silent = model(silent_after=2)
    assert [silent.answer("x") for _ in range(4)] == ["Yes.", "Yes.", "", ""]


@pytest.mark.parametrize(
    "text",
    [
        "answers: 3",
        "answers: [{say: x}]\nfaults: {silent: 2}",
        "answers: [{say: x}]\nfaults: {silent: .nan}",
        "answers: [{say: x}]\nfaults: {seconds: -1}",
        "answers: [{when: '('}]",
        "answers: [{says: x}]",
        ": [",
        "\x00",
    ],
)
def test_what_is_no_script_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "script.yaml"
    file.write_text(text)
    with pytest.raises(BadInput):
        load(file)


def test_a_script_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot read"):
        load(tmp_path / "none.yaml")
