"""Directions are counted above noise, and none is seen in noise alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.assure.lineage.encodings import ENCODINGS
from tocsin.assure.lineage.grids import grid_of
from tocsin.assure.lineage.measuring import SKETCH, sketched
from tocsin.assure.lineage.spectra import spectrum


@settings(max_examples=40, deadline=None)
@given(
    rows=st.integers(48, 300),
    columns=st.integers(48, 80),
    rank=st.integers(1, 8),
    seed=st.integers(0, 1 << 30),
)
def test_a_low_rank_in_noise_is_counted(rows: int, columns: int, rank: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    left = np.linalg.qr(rng.standard_normal((rows, rank)))[0]
    right = np.linalg.qr(rng.standard_normal((columns, rank)))[0]
    noise = rng.standard_normal((rows, columns))
    strength = 6 * (rows**0.5 + columns**0.5)
    found = spectrum((strength * left @ right.T + noise).astype(np.float32))
    assert found.rank == rank
    held = np.sum(np.square(found.left[: min(rank, len(found.left))] @ left))
    assert held > 0.9 * min(rank, len(found.left))


@settings(max_examples=40, deadline=None)
@given(rows=st.integers(48, 300), columns=st.integers(48, 80), seed=st.integers(0, 1 << 30))
def test_noise_has_no_directions(rows: int, columns: int, seed: int) -> None:
    noise = np.random.default_rng(seed).standard_normal((rows, columns)).astype(np.float32)
    assert spectrum(noise).rank == 0


def test_sketches_keep_angles() -> None:
    rng = np.random.default_rng(2)
    one, two = rng.standard_normal((2, 8192)).astype(np.float32)
    mixed = one + two
    rows = np.stack([row / np.linalg.norm(row) for row in (one, two, mixed)])
    kept = sketched(rows)
    assert kept.shape == (3, SKETCH)
    np.testing.assert_allclose(kept @ kept.T, rows @ rows.T, atol=0.08)


@pytest.mark.parametrize("group", [32, 64, 128, 0])
@pytest.mark.parametrize(("bits", "levels"), [(4, 7), (5, 15), (8, 127)])
def test_a_grid_is_found_with_its_group(group: int, bits: int, levels: int) -> None:
    values = np.random.default_rng(3).standard_normal((16, 512)).astype(np.float32)
    grouped = values.reshape(-1, group or 512)
    step = np.abs(grouped).max(axis=1, keepdims=True) / np.float32(levels)
    on_grid = (np.rint(grouped / step) * step).reshape(values.shape)
    found = grid_of(on_grid, ENCODINGS["F32"])
    assert (found.bits, found.group) == (bits, group)
    assert found.energy == pytest.approx(float(np.sum(np.square(on_grid - values))), rel=0.1)
    assert grid_of(values, ENCODINGS["F32"]).bits == 0
