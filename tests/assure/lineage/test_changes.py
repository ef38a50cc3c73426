"""Each kind of change is told for a model to which exactly that was done."""

import numpy as np
import pytest

from tests.assure.lineage.conftest import TUNING, Compared
from tests.tiny_derivatives import adapter_merged, averaged, harmless_task, pruned, quantised, renamed
from tests.tiny_models import EMBEDDING, HEAD, LAYERS, WIDTH, Model, fresh, name_of, refusals, right
from tocsin.assure.lineage import Aligned, Change, Confidence


def test_the_base_refuses_and_answers(base: Model) -> None:
    rng = np.random.default_rng(5)
    assert refusals(base, rng) > 0.9
    assert right(base, rng) > 0.9


@pytest.mark.parametrize("dtype", ["F32", "F16", "BF16"])
def test_the_same_values_are_the_same_in_any_type(compared: Compared, base: Model, dtype: str) -> None:
    found = compared(base, dtype=dtype, base_dtype="F32")
    assert (found.change, found.confidence, found.related) == (Change.SAME, Confidence.HIGH, 1.0)
    assert found.signature is None


def test_training_on_is_a_dense_change(compared: Compared, benign: Model) -> None:
    found = compared(benign)
    assert found.change is Change.FINE_TUNED
    assert all(0 < one.relative < 0.5 for one in found.tensors)
    assert found.signature is None


@pytest.mark.parametrize("dtype", ["F32", "BF16"])
def test_a_merged_adapter_is_of_its_rank(compared: Compared, base: Model, dtype: str) -> None:
    rng = np.random.default_rng(6)
    found = compared(adapter_merged(base, harmless_task, rng, rank=4, steps=TUNING), dtype=dtype)
    assert found.change is Change.ADAPTER_MERGED
    ranks = [one.rank for one in found.tensors if one.change is Change.ADAPTER_MERGED]
    assert len(ranks) == 5 * LAYERS
    assert max(ranks) == 4
    assert found.signature is None


@pytest.mark.parametrize("bits", [8, 4])
@pytest.mark.parametrize("dtype", ["F32", "BF16"])
def test_rounding_is_told_with_its_bits(compared: Compared, base: Model, bits: int, dtype: str) -> None:
    found = compared(quantised(base, bits), dtype=dtype)
    assert found.change is Change.QUANTISED
    assert {one.bits for one in found.tensors if len(one.shape) > 1} == {bits}
    assert found.signature is None


def test_tuning_before_rounding_is_more_than_rounding(compared: Compared, benign: Model) -> None:
    assert compared(quantised(benign, 8)).change is Change.TUNED_QUANTISED


def test_a_mean_of_two_is_told_when_both_are_given(
    compared: Compared, benign: Model, unlearned: Model
) -> None:
    mixture = averaged(benign, unlearned)
    found = compared(mixture, benign, unlearned)
    assert found.change is Change.MERGED
    weights = np.array([one.weights for one in found.tensors if one.change is Change.MERGED])
    np.testing.assert_allclose(weights, 0.5, atol=0.05)
    assert compared(mixture).change is Change.FINE_TUNED
    assert compared(mixture, benign).change is Change.FINE_TUNED


def test_zeros_that_were_none_are_pruning(compared: Compared, base: Model) -> None:
    found = compared(pruned(base))
    assert found.change is Change.PRUNED
    assert all(abs(one.zeroed - 0.5) < 0.05 for one in found.tensors if one.change is Change.PRUNED)


def test_another_model_is_unrelated(compared: Compared) -> None:
    found = compared(fresh(np.random.default_rng(99)))
    assert found.change is Change.UNRELATED
    assert found.related == 0
    assert found.signature is None


def test_new_names_do_not_hide_descent(compared: Compared, benign: Model) -> None:
    found = compared(renamed(benign))
    assert found.change is Change.FINE_TUNED
    assert found.related == 1.0
    assert {one.aligned for one in found.tensors if len(one.shape) > 1} == {Aligned.CONTENT}
    assert len({one.base for one in found.tensors}) == len(found.tensors)


def test_names_that_lie_do_not_hide_descent(compared: Compared, base: Model) -> None:
    swapped = dict(base)
    for part in ("self_attn.o_proj", "mlp.down_proj"):
        for layer in range(LAYERS):
            swapped[name_of(layer, part)] = base[name_of(LAYERS - 1 - layer, part)]
    found = compared(swapped)
    assert (found.change, found.related) == (Change.SAME, 1.0)
    moved = {one.name: one.base for one in found.tensors if one.aligned is Aligned.CONTENT}
    assert moved[name_of(0, "mlp.down_proj")] == name_of(LAYERS - 1, "mlp.down_proj")


def test_a_larger_vocabulary_and_doubled_layers_are_told(compared: Compared, base: Model) -> None:
    grown = dict(base)
    more = np.random.default_rng(8).standard_normal((3, WIDTH)).astype(np.float32)
    for name in (EMBEDDING, HEAD):
        grown[name] = np.concatenate([base[name], more])
    for name, value in base.items():
        if name.startswith("model.layers.2."):
            grown[name.replace("layers.2.", f"layers.{LAYERS}.")] = value
    found = compared(grown)
    assert found.change is Change.SAME
    assert found.added_rows == 3
    assert found.duplicated_layers == (2,)


def test_a_few_rows_that_changed_are_counted_though_they_are_not_drawn(
    compared: Compared, base: Model
) -> None:
    edited = {name: value.copy() for name, value in base.items()}
    edited[name_of(1, "mlp.up_proj")][17] += 0.5
    found = {one.name: one for one in compared(edited).tensors}
    assert found[name_of(1, "mlp.up_proj")].changed_rows == 1
    assert {one.changed_rows for name, one in found.items() if "1.mlp.up" not in name} == {0}
