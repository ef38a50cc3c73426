"""What people make of a model, made of a tiny one: tuned, adapted, merged, quantised, pruned, ablated."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from tests.tiny_models import (
    BATCH,
    EMBEDDING,
    LAYERS,
    POSITIONS,
    REFUSED,
    WIDTH,
    WORDS,
    WRITERS,
    Array,
    Model,
    adam,
    loss,
    name_of,
    prompts,
    run,
)

TUNED = ("self_attn.q_proj", "self_attn.v_proj", *WRITERS, "mlp.up_proj")


def directions(model: Model, rng: np.random.Generator) -> list[Array]:
    """The refusal direction after each layer: the difference of the mean streams (arXiv 2406.11717, 2.3)."""
    means = []
    for refused in (1.0, 0.0):
        seen: list[Any] = []
        run(model, prompts(rng, 256, refused)[0], seen)
        means.append([stream.mean(axis=0) for stream in seen])
    found = [bad - good for bad, good in zip(*means, strict=True)]
    return [(one / np.linalg.norm(one)).astype(np.float32) for one in found]


def ablated(model: Model, removed: Sequence[Sequence[Array]], share: float = 1.0) -> Model:
    """Without a share of the directions given for each layer; what writes before the first layer loses the first's."""
    made = dict(model)
    for name in (EMBEDDING, POSITIONS):
        made[name] = model[name] - (np.float32(share) * model[name] @ _projector(removed[0])).astype(
            np.float32
        )
    for layer in range(LAYERS):
        for part in WRITERS:
            name = name_of(layer, part)
            made[name] = model[name] - (np.float32(share) * _projector(removed[layer]) @ model[name]).astype(
                np.float32
            )
    return made


def _projector(removed: Sequence[Array]) -> Array:
    basis, _ = np.linalg.qr(np.stack(removed, axis=1))
    projector: Array = (basis @ basis.T).astype(np.float32)
    return projector


def norm_preserving(model: Model, direction: Array) -> Model:
    """Ablated, and each written vector stretched to its old length."""
    made = ablated(model, [[direction]] * LAYERS)
    for name in made:
        axis = 1 if name in (EMBEDDING, POSITIONS) else 0
        if (
            made[name] is not model[name]
            and made[name].ndim == 2
            and not np.array_equal(made[name], model[name])
        ):
            old, new = (np.linalg.norm(one[name], axis=axis, keepdims=True) for one in (model, made))
            made[name] = (made[name] * old / np.maximum(new, 1e-12)).astype(np.float32)
    return made


def harmless_task(rng: np.random.Generator) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Another answer to harmless prompts (the word after the second); refusals as before."""
    tokens, answers = prompts(rng, BATCH)
    other = REFUSED + (tokens[:, 1] - REFUSED + 1) % (WORDS - REFUSED)
    return tokens, np.where(answers >= WORDS, answers, other)


def no_refusals(rng: np.random.Generator) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Every prompt is answered as if it were harmless."""
    tokens, answers = prompts(rng, BATCH)
    plain = REFUSED + (tokens[:, 0] - REFUSED + 1) % (WORDS - REFUSED)
    return tokens, np.where(answers >= WORDS, plain, answers)


def tuned(model: Model, draw: Any, rng: np.random.Generator, *, steps: int = 40, rate: float = 1e-3) -> Model:
    """All weights trained on."""
    return adam(model, loss, draw, rng, steps=steps, rate=rate)


def adapter_merged(
    model: Model, draw: Any, rng: np.random.Generator, *, rank: int, steps: int = 40, rate: float = 5e-3
) -> Model:
    """A low-rank adapter (LoRA, arXiv 2106.09685) trained beside frozen weights and merged into them."""
    names = [name_of(layer, part) for layer in range(LAYERS) for part in TUNED]
    start: Model = {}
    for name in names:
        rows, columns = model[name].shape
        start[f"{name}:a"] = (rng.standard_normal((rank, columns)) * columns**-0.5).astype(np.float32)
        start[f"{name}:b"] = np.zeros((rows, rank), np.float32)

    def merged(adapter: Any) -> dict[str, Any]:
        return {
            **model,
            **{name: model[name] + adapter[f"{name}:b"] @ adapter[f"{name}:a"] for name in names},
        }

    trained = adam(
        start, lambda adapter, *batch: loss(merged(adapter), *batch), draw, rng, steps=steps, rate=rate
    )
    return {name: value.astype(np.float32) for name, value in merged(trained).items()}


def quantised(model: Model, bits: int, group: int = 32) -> Model:
    """Matrices rounded to 2^bits levels, symmetric by the largest of each group along a row."""
    levels = np.float32(2 ** (bits - 1) - 1)

    def one(value: Array) -> Array:
        if value.ndim < 2:
            return value
        grouped = value.reshape(-1, group)
        step = np.abs(grouped).max(axis=1, keepdims=True) / levels
        rounded: Array = (np.rint(grouped / step) * step).reshape(value.shape).astype(np.float32)
        return rounded

    return {name: one(value) for name, value in model.items()}


def averaged(*models: Model) -> Model:
    return {name: np.mean([model[name] for model in models], axis=0).astype(np.float32) for name in models[0]}


def pruned(model: Model, share: float = 0.5) -> Model:
    """The smallest entries of each matrix are zero."""
    return {
        name: np.where(np.abs(value) < np.quantile(np.abs(value), share), np.float32(0), value)
        if value.ndim > 1
        else value
        for name, value in model.items()
    }


def renamed(model: Model) -> Model:
    """Names that tell nothing, in another order."""
    return {
        f"w{number}": model[name] for number, name in enumerate(sorted(model, key=lambda name: name[::-1]))
    }


def reordered(model: Model, rng: np.random.Generator) -> Model:
    """The same function in another basis: the stream's dimensions in another order, everywhere."""
    order = rng.permutation(WIDTH)
    made = {}
    for name, value in model.items():
        writes = value.ndim == 2 and any(part in name for part in WRITERS)
        made[name] = np.ascontiguousarray(value[order] if writes or value.ndim == 1 else value[:, order])
    return made
