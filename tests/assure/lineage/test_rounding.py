"""Rounding to nearest moves no value past half a step; what was moved before it shows as values that lie farther."""

from pathlib import Path

import numpy as np
import pytest

from tests.tiny_derivatives import quantised
from tests.tiny_models import Array, Model
from tests.weight_files import write_safetensors
from tocsin.assure.lineage import Change, TensorChange, compare

NAME = "model.layers.0.mlp.up_proj.weight"


@pytest.fixture
def matrix() -> Array:
    return np.random.default_rng(1).standard_normal((256, 512)).astype(np.float32)


def told(tmp_path: Path, old: Array, new: Array, dtype: str = "BF16") -> TensorChange:
    (one,) = compare(
        write_safetensors(tmp_path / "old.safetensors", {NAME: old}, "BF16"),
        write_safetensors(tmp_path / "new.safetensors", {NAME: new}, dtype),
    ).tensors
    return one


def rounded(value: Array, bits: int, group: int) -> Array:
    made: Model = quantised({NAME: value}, bits, group)
    return made[NAME]


def clipped(value: Array) -> Array:
    """Rounded with steps for all but the largest values, as quantisers that weigh the error do."""
    grouped = value.reshape(-1, 32)
    step = 0.8 * np.abs(grouped).max(axis=1, keepdims=True) / np.float32(7)
    made: Array = (np.clip(np.rint(grouped / step), -7, 7) * step).reshape(value.shape).astype(np.float32)
    return made


@pytest.mark.parametrize("dtype", ["BF16", "F16", "F32"])
@pytest.mark.parametrize(("bits", "group"), [(4, 32), (4, 128), (4, 512), (5, 32), (8, 32)])
def test_rounding_alone_is_rounding(tmp_path: Path, matrix: Array, bits: int, group: int, dtype: str) -> None:
    assert told(tmp_path, matrix, rounded(matrix, bits, group), dtype).change is Change.QUANTISED


@pytest.mark.parametrize("dtype", ["BF16", "F16"])
def test_what_moved_before_four_bits_shows_though_its_energy_does_not(
    tmp_path: Path, matrix: Array, dtype: str
) -> None:
    moved = matrix + np.random.default_rng(2).standard_normal(matrix.shape).astype(np.float32) * np.float32(
        0.01
    )
    found = told(tmp_path, matrix, rounded(moved, 4, 32), dtype)
    assert found.change is Change.TUNED_QUANTISED
    assert found.over_grid < 1.1


def test_values_cut_off_at_the_ends_are_not_taken_for_moved_ones(tmp_path: Path, matrix: Array) -> None:
    from tocsin.assure.lineage.grids import Grid, beyond_rounding

    assert beyond_rounding(matrix, clipped(matrix), Grid(4, 32, 1.0, 0.0, 7.0), (24, 24)) == 0


@pytest.mark.parametrize(("rank", "change"), [(24, Change.ADAPTER_MERGED), (64, Change.FINE_TUNED)])
def test_an_adapter_of_middle_rank_is_low_rank(
    tmp_path: Path, matrix: Array, rank: int, change: Change
) -> None:
    rng = np.random.default_rng(3)
    up, down = rng.standard_normal((256, rank)), rng.standard_normal((rank, 512))
    found = told(tmp_path, matrix, (matrix + 0.05 * up @ down).astype(np.float32))
    assert found.change is change
