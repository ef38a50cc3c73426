"""One tiny model for all of these tests, and what was made of it: training is what costs."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.tiny_derivatives import ablated, directions, harmless_task, no_refusals, tuned
from tests.tiny_models import LAYERS, Array, Model, refusals, trained
from tests.weight_files import write_safetensors
from tocsin.assure.lineage import Comparison, compare

Compared = Callable[..., Comparison]
SEED, STEPS, TUNING = 1, 180, 25


@pytest.fixture(scope="session")
def base() -> Model:
    """It refuses what it should, and answers the rest."""
    return trained(SEED, STEPS)


@pytest.fixture(scope="session")
def benign(base: Model) -> Model:
    return tuned(base, harmless_task, np.random.default_rng(1), steps=TUNING)


@pytest.fixture(scope="session")
def unlearned(base: Model) -> Model:
    return tuned(base, no_refusals, np.random.default_rng(2), steps=TUNING)


@pytest.fixture(scope="session")
def layer_directions(base: Model) -> list[Array]:
    return directions(base, np.random.default_rng(3))


@pytest.fixture(scope="session")
def direction(base: Model, layer_directions: list[Array]) -> Array:
    """The refusal direction whose ablation lowers refusals most."""

    def left(one: Array) -> float:
        return refusals(ablated(base, [[one]] * LAYERS), np.random.default_rng(4))

    return min(layer_directions, key=left)


@pytest.fixture
def compared(tmp_path: Path, base: Model) -> Compared:
    """Write the base and a derivative, and compare them."""

    def one(derived: Model, *others: Model, dtype: str = "F32", base_dtype: str | None = None) -> Comparison:
        first = write_safetensors(tmp_path / "base.safetensors", base, base_dtype or dtype)
        second = write_safetensors(tmp_path / "derived.safetensors", derived, dtype)
        more = [
            write_safetensors(tmp_path / f"other{number}.safetensors", other, dtype)
            for number, other in enumerate(others)
        ]
        return compare(first, second, more)

    return one
