"""What a plan may say of a family's judge."""

import json

import pytest
from typer.testing import CliRunner

from tocsin.cli.main import app
from tocsin.evaluate.families import families
from tocsin.evaluate.families.calibrating import judge_agreement, labelled_digest
from tocsin.kernel.errors import BadInput


def test_agreement_is_by_language_and_bound_to_the_labels() -> None:
    found = judge_agreement(families()["persuasion-markers"])
    assert set(found) == {"en", "zh", "es"}
    assert found["zh"].alpha == 1
    assert found["en"].alpha is not None
    assert 0.67 <= found["en"].alpha < 1
    digests = {labelled_digest(family) for family in families().values()}
    assert len(digests) == len(families())


def test_the_command_prints_what_a_plan_may_say_of_a_familys_judge() -> None:
    done = CliRunner().invoke(app, ["evaluation", "calibrate", "refusal", "--json"])
    judge = json.loads(done.stdout)["judge"]
    family = families()["refusal"]
    assert judge["labelled"] == labelled_digest(family)
    assert judge["agreement"] == {language: one.alpha for language, one in judge_agreement(family).items()}


@pytest.mark.parametrize("more", [("refusal", "--again"), ("provider/model",)])
def test_who_brings_no_labels_must_be_given_some(more: tuple[str, ...]) -> None:
    done = CliRunner().invoke(app, ["evaluation", "calibrate", *more])
    assert isinstance(done.exception, BadInput)
    assert "--labelled FILE" in str(done.exception)
