"""The draw: a vector made without this code, and what makes it a fair one."""

import json
from collections import Counter
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.evaluation_plans import PLAN, TASK, registered, sheet
from tocsin.evaluate.recognition.drawing import (
    draw,
    joint_seed,
    nonce_commitment,
    outcomes_commitment,
    population,
    subset_digest,
)
from tocsin.kernel import BadInput
from tocsin.kernel.evaluations import Outcome, SampleOutcome
from tocsin.trust import merkle

VECTOR = json.loads((Path(__file__).parents[2] / "vectors" / "recognition" / "draw.json").read_text("utf-8"))


def test_the_vector() -> None:
    nonce = bytes.fromhex(VECTOR["nonce"])
    assert nonce_commitment(nonce) == VECTOR["commitment"]
    seed = joint_seed(VECTOR["challenge"], bytes.fromhex(VECTOR["theirs"]), nonce)
    assert seed.hex() == VECTOR["seed"]
    drawn = draw(VECTOR["ids"], seed, VECTOR["samples"])
    assert list(drawn) == VECTOR["drawn"]
    assert subset_digest(seed, drawn) == VECTOR["subset"]
    outcomes = [SampleOutcome(one, "", Outcome.PASSED, answer=VECTOR["answer"]) for one in drawn]
    assert outcomes_commitment(bytes.fromhex(VECTOR["salt"]), [outcomes]) == VECTOR["outcomes"]


def test_each_sample_is_drawn_as_often_as_any_other() -> None:
    ids = [f"s{n}" for n in range(20)]
    drawn = Counter(one for n in range(2_000) for one in draw(ids, n.to_bytes(32, "big"), 5))
    # 500 expected, standard deviation 19
    assert all(400 < drawn[one] < 600 for one in ids)


@given(st.binary(min_size=32, max_size=32), st.sets(st.text(min_size=1), max_size=30), st.integers(0, 40))
def test_a_draw_depends_on_nothing_but_seed_and_ids(seed: bytes, ids: set[str], samples: int) -> None:
    listed = sorted(ids)
    drawn = draw(listed, seed, samples)
    assert drawn == draw(listed[::-1], seed, samples)
    assert len(set(drawn)) == len(drawn) == min(samples, len(ids))
    assert set(drawn) <= ids


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=40), st.data())
def test_paths_are_the_path_of_each(lines: list[bytes], data: st.DataObject) -> None:
    places = data.draw(st.lists(st.integers(0, len(lines) - 1), max_size=5))
    assert merkle.paths(lines, places) == tuple(merkle.path(lines, one) for one in places)
    with pytest.raises(IndexError):
        merkle.paths(lines, [len(lines)])


def test_a_place_that_depends_on_the_outcome_is_refused() -> None:
    spaced = tuple(msgspec.structs.replace(one, id=f"a {one.id}") for one in sheet())
    with pytest.raises(BadInput, match="spaces"):
        population(registered(PLAN, {TASK: spaced}), TASK)
    with pytest.raises(BadInput, match="no task"):
        population(registered(), "tocsin/other")
    assert population(registered(), TASK)[:2] == ("s000", "s001")
