"""What passes unread changes no number, and what changed in places is counted to the last row."""

from pathlib import Path

import numpy as np
import pytest

from tests.tiny_models import Array
from tests.weight_files import write_safetensors
from tocsin.assure.lineage import Change, compare
from tocsin.assure.lineage.encodings import ENCODINGS
from tocsin.assure.lineage.gguf_encodings import GGUF_ENCODINGS
from tocsin.assure.lineage.sampling import BLOCK, DRAWN, SEED, plan_of
from tocsin.assure.lineage.weights import opened

ROWS, COLUMNS = 2_000, 300
NAME = "model.layers.0.mlp.up_proj.weight"


@pytest.fixture
def matrix() -> Array:
    found = np.random.default_rng(1).standard_normal((ROWS, COLUMNS)).astype(np.float32)
    assert found.nbytes > 2 * BLOCK
    return found


def told(
    tmp_path: Path, old: Array, new: Array, seed: int = SEED
) -> tuple[Change, int | None, int, list[int]]:
    done: list[int] = []
    found = compare(
        write_safetensors(tmp_path / "old.safetensors", {NAME: old}),
        write_safetensors(tmp_path / "new.safetensors", {NAME: new}),
        told=lambda passed, _: done.append(passed),
        seed=seed,
    )
    (one,) = found.tensors
    return one.change, one.changed_rows, one.sampled, done


def test_rows_that_changed_are_counted_wherever_they_are(tmp_path: Path, matrix: Array) -> None:
    edited = matrix.copy()
    edited[[3, 700, ROWS - 1]] += 1
    _, rows, _, done = told(tmp_path, matrix, edited)
    assert rows == 3
    assert done[-1] == 2 * matrix.nbytes


def test_a_tensor_that_changed_everywhere_is_read_no_further_than_is_needed(
    tmp_path: Path, matrix: Array
) -> None:
    noise = np.random.default_rng(2).standard_normal(matrix.shape).astype(np.float32) * np.float32(0.01)
    change, rows, sampled, done = told(tmp_path, matrix, matrix + noise)
    assert (change, rows) == (Change.FINE_TUNED, None)
    assert sampled == DRAWN * COLUMNS
    assert done[-1] == 2 * matrix.nbytes


@pytest.mark.parametrize("row", [0, 1, 1_001, ROWS - 1])
def test_a_single_row_that_was_not_drawn_is_no_same(tmp_path: Path, matrix: Array, row: int) -> None:
    edited = matrix.copy()
    edited[row, 5] += np.float32(1e-3)
    change, rows, _, _ = told(tmp_path, matrix, edited)
    assert (change, rows) == (Change.FINE_TUNED, 1)


def test_who_knows_the_drawn_rows_hides_from_that_seed_alone(tmp_path: Path, matrix: Array) -> None:
    path = write_safetensors(tmp_path / "one.safetensors", {NAME: matrix})
    with opened(path) as weights:
        one = weights.tensors[0]
        known = plan_of(one, one, ROWS, columns=False).rows
    noise = np.random.default_rng(4).standard_normal(matrix.shape).astype(np.float32)
    faint = np.float32(1e-5) * noise
    hidden = matrix + noise
    hidden[known] = matrix[known] + faint[known]
    hidden[:DRAWN] = matrix[:DRAWN] + faint[:DRAWN]

    def delta(seed: int) -> float:
        derived = write_safetensors(tmp_path / "derived.safetensors", {NAME: hidden})
        return compare(path, derived, seed=seed).tensors[0].relative

    assert delta(SEED) < 1e-4
    assert delta(SEED + 1) > 0.5


def test_the_same_files_give_the_same_numbers(tmp_path: Path, matrix: Array) -> None:
    noise = np.random.default_rng(3).standard_normal(matrix.shape).astype(np.float32)
    old = write_safetensors(tmp_path / "old.safetensors", {NAME: matrix})
    new = write_safetensors(tmp_path / "new.safetensors", {NAME: matrix + noise})
    assert compare(old, new) == compare(old, new)


def test_samples_stay_small_whatever_the_shape(tmp_path: Path) -> None:
    path = write_safetensors(tmp_path / "one.safetensors", {"w": np.zeros((2, 4), np.float32)})
    with opened(path) as weights:
        small = weights.tensors[0]
        for rows, columns in ((100, 1 << 20), (16_384, 16_384), (152_064, 8_192), (4_096, 256), (128, 128)):
            for encoding in (ENCODINGS["BF16"], GGUF_ENCODINGS["Q8_0"], GGUF_ENCODINGS["Q4_K"]):
                if columns % encoding.grain:
                    continue
                one = small._replace(shape=(rows, columns), rows=rows, columns=columns, encoding=encoding)
                plan = plan_of(one, one, rows, columns=True)
                assert 0 < len(plan.rows) * columns <= 1 << 21
                assert rows * len(plan.columns) <= 1 << 22
