"""The signature shows where a direction was taken out, in every form tried; and not where refusals were unlearned."""

import numpy as np
import pytest

from tests.assure.lineage.conftest import Compared
from tests.tiny_derivatives import ablated, norm_preserving, quantised, renamed, tuned
from tests.tiny_models import BATCH, LAYERS, WIDTH, Array, Model, prompts, refusals, right
from tocsin.assure.lineage import Change, Comparison, Signature, Spread

CARRIERS = 2 * LAYERS + 2
"""Two matrices a layer write to the stream, and two tables before them."""


def shared(found: Comparison) -> Signature:
    assert found.signature is not None
    assert found.signature.spread is Spread.SHARED
    return found.signature


@pytest.mark.parametrize("dtype", ["F32", "BF16"])
def test_an_ablation_that_ends_refusals_is_seen(
    compared: Compared, base: Model, direction: Array, dtype: str
) -> None:
    without = ablated(base, [[direction]] * LAYERS)
    rng = np.random.default_rng(5)
    assert refusals(without, rng) < 0.2 < 0.9 < refusals(base, rng)
    assert right(without, rng) > 0.8
    found = shared(compared(without, dtype=dtype))
    assert (found.tensors, found.candidates, found.layers, found.directions) == (
        CARRIERS,
        CARRIERS,
        LAYERS,
        1,
    )
    assert min(found.cosine, found.energy, found.projected) > 0.99
    assert found.removed == pytest.approx(1, abs=0.02)
    assert found.left < 0.01


def test_a_partial_ablation_tells_its_share(compared: Compared, base: Model, direction: Array) -> None:
    found = shared(compared(ablated(base, [[direction]] * LAYERS, 0.4)))
    assert found.removed == pytest.approx(0.4, abs=0.02)
    assert found.left == pytest.approx(0.36, abs=0.03)


def test_two_directions_are_counted(compared: Compared, base: Model, layer_directions: list[Array]) -> None:
    pair = [layer_directions[0], layer_directions[-1]]
    assert shared(compared(ablated(base, [pair] * LAYERS))).directions == 2


@pytest.mark.parametrize(("bits", "share"), [(8, 1.0), (4, 1.0), (4, 0.5)])
def test_rounding_does_not_hide_it(
    compared: Compared, base: Model, direction: Array, bits: int, share: float
) -> None:
    found = compared(quantised(ablated(base, [[direction]] * LAYERS, share), bits), dtype="BF16")
    assert found.change is Change.TUNED_QUANTISED
    assert shared(found).cosine > 0.9
    assert shared(found).removed == pytest.approx(share, abs=0.05)


def test_neither_do_lengths_that_are_kept_nor_other_names(
    compared: Compared, base: Model, direction: Array
) -> None:
    assert shared(compared(norm_preserving(base, direction))).tensors == CARRIERS
    assert shared(compared(renamed(ablated(base, [[direction]] * LAYERS)))).tensors >= 2 * LAYERS


def test_nor_does_a_little_training_afterwards(compared: Compared, base: Model, direction: Array) -> None:
    without = ablated(base, [[direction]] * LAYERS)
    rng = np.random.default_rng(6)
    on = tuned(without, lambda draw: prompts(draw, BATCH), rng, steps=10, rate=3e-4)
    assert shared(compared(on)).tensors >= LAYERS


def test_a_direction_of_each_layer_is_another_signature(compared: Compared, base: Model) -> None:
    drawn = np.linalg.qr(np.random.default_rng(7).standard_normal((WIDTH, LAYERS)))[0].astype(np.float32)
    found = compared(ablated(base, [[drawn[:, layer]] for layer in range(LAYERS)])).signature
    assert found is not None
    assert found.spread is Spread.PER_LAYER
    assert found.cosine < 0.5


def test_the_signature_does_not_say_what_the_direction_carried(compared: Compared, base: Model) -> None:
    drawn = np.random.default_rng(8).standard_normal(WIDTH).astype(np.float32)
    drawn /= np.linalg.norm(drawn)
    without = ablated(base, [[drawn]] * LAYERS)
    assert refusals(without, np.random.default_rng(5)) > 0.9
    assert shared(compared(without)).tensors == CARRIERS


def test_refusals_that_were_unlearned_leave_none(compared: Compared, unlearned: Model) -> None:
    assert refusals(unlearned, np.random.default_rng(5)) < 0.3
    assert compared(unlearned).signature is None


def test_weights_that_shrink_alike_are_no_projection(compared: Compared, benign: Model) -> None:
    shrunk = {name: value * np.float32(0.7) if value.ndim > 1 else value for name, value in benign.items()}
    assert compared(shrunk).signature is None
