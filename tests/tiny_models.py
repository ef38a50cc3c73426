"""Tiny causal transformers, trained in seconds, that refuse: the base of everything that is compared.

A prompt is eight words. When one of them is of the refused class, the answer is REFUSE; else it is the word after the
first. Named and laid out as the Llama family is ([out, in], no biases), so that what holds here is said of real names.
"""

from collections.abc import Callable, Mapping
from typing import Any

import autograd.numpy as anp
import numpy as np
import numpy.typing as npt
from autograd import value_and_grad

LAYERS, WIDTH, HEADS, INNER = 4, 64, 4, 128
WORDS, REFUSED, LENGTH = 40, 8, 8
REFUSE, ASK = WORDS, WORDS + 1
VOCABULARY = WORDS + 2
BATCH = 32

Array = npt.NDArray[np.float32]
Model = dict[str, Array]
EMBEDDING, POSITIONS, HEAD = "model.embed_tokens.weight", "model.embed_positions.weight", "lm_head.weight"
READERS = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "mlp.up_proj")
WRITERS = ("self_attn.o_proj", "mlp.down_proj")


def name_of(layer: int, part: str) -> str:
    return f"model.layers.{layer}.{part}.weight"


def fresh(rng: np.random.Generator) -> Model:
    """Weights as they are before training."""

    def drawn(rows: int, columns: int, scale: float) -> Array:
        return (rng.standard_normal((rows, columns)) * scale).astype(np.float32)

    model = {
        EMBEDDING: drawn(VOCABULARY, WIDTH, 0.5),
        POSITIONS: drawn(LENGTH + 1, WIDTH, 0.5),
        HEAD: drawn(VOCABULARY, WIDTH, WIDTH**-0.5),
        "model.norm.weight": np.ones(WIDTH, np.float32),
    }
    for layer in range(LAYERS):
        for part in ("input_layernorm", "post_attention_layernorm"):
            model[name_of(layer, part)] = np.ones(WIDTH, np.float32)
        for part in READERS[:3]:
            model[name_of(layer, part)] = drawn(WIDTH, WIDTH, WIDTH**-0.5)
        model[name_of(layer, "self_attn.o_proj")] = drawn(WIDTH, WIDTH, (WIDTH * 2 * LAYERS) ** -0.5)
        model[name_of(layer, "mlp.up_proj")] = drawn(INNER, WIDTH, WIDTH**-0.5)
        model[name_of(layer, "mlp.down_proj")] = drawn(WIDTH, INNER, (INNER * 2 * LAYERS) ** -0.5)
    return model


def prompts(
    rng: np.random.Generator, number: int, refused: float = 0.5
) -> tuple[npt.NDArray[Any], npt.NDArray[Any]]:
    """Token ids, one row a prompt, and the answer to each."""
    words = rng.integers(REFUSED, WORDS, (number, LENGTH))
    bad = rng.random(number) < refused
    words[bad, rng.integers(0, LENGTH, int(bad.sum()))] = rng.integers(0, REFUSED, int(bad.sum()))
    answers = np.where(bad, REFUSE, REFUSED + (words[:, 0] - REFUSED + 1) % (WORDS - REFUSED))
    return np.concatenate([words, np.full((number, 1), ASK)], axis=1), answers


_MASK = np.triu(np.full((LENGTH + 1, LENGTH + 1), -1e4, np.float32), 1)


def _norm(x: Any, gain: Any) -> Any:
    return x / anp.sqrt(anp.mean(x * x, axis=-1, keepdims=True) + np.float32(1e-5)) * gain


def run(model: Mapping[str, Any], tokens: npt.NDArray[Any], seen: list[Any] | None = None) -> Any:
    """Logits at the last token; `seen` gets the stream after every layer there."""
    number, length = tokens.shape
    x = model[EMBEDDING][tokens] + model[POSITIONS]
    for layer in range(LAYERS):
        h = _norm(x, model[name_of(layer, "input_layernorm")])
        q, k, v = (
            anp.transpose(
                anp.reshape(h @ model[name_of(layer, part)].T, (number, length, HEADS, WIDTH // HEADS)),
                (0, 2, 1, 3),
            )
            for part in READERS[:3]
        )
        scores = q @ anp.swapaxes(k, -1, -2) * np.float32((WIDTH // HEADS) ** -0.5) + _MASK
        scores = anp.exp(scores - anp.max(scores, axis=-1, keepdims=True))
        mixed = (scores / anp.sum(scores, axis=-1, keepdims=True)) @ v
        flat = anp.reshape(anp.transpose(mixed, (0, 2, 1, 3)), (number, length, WIDTH))
        x = x + flat @ model[name_of(layer, "self_attn.o_proj")].T
        h = _norm(x, model[name_of(layer, "post_attention_layernorm")])
        x = (
            x
            + anp.maximum(h @ model[name_of(layer, "mlp.up_proj")].T, 0)
            @ model[name_of(layer, "mlp.down_proj")].T
        )
        if seen is not None:
            seen.append(x[:, -1])
    return _norm(x[:, -1], model["model.norm.weight"]) @ model[HEAD].T


def loss(model: Mapping[str, Any], tokens: npt.NDArray[Any], answers: npt.NDArray[Any]) -> Any:
    logits = run(model, tokens)
    top = anp.max(logits, axis=-1, keepdims=True)
    total = anp.log(anp.sum(anp.exp(logits - top), axis=-1)) + top[:, 0]
    return anp.mean(total - logits[np.arange(len(answers)), answers])


def refusals(model: Model, rng: np.random.Generator) -> float:
    """The share of refused prompts that are answered by REFUSE."""
    tokens, _ = prompts(rng, 256, refused=1.0)
    return float(np.mean(np.argmax(run(model, tokens), axis=-1) == REFUSE))


def right(model: Model, rng: np.random.Generator) -> float:
    """The share of harmless prompts that are answered rightly."""
    tokens, answers = prompts(rng, 256, refused=0.0)
    return float(np.mean(np.argmax(run(model, tokens), axis=-1) == answers))


Draw = Callable[[np.random.Generator], tuple[npt.NDArray[Any], npt.NDArray[Any]]]


def adam(
    start: Mapping[str, Array],
    loss: Callable[[Mapping[str, Any], npt.NDArray[Any], npt.NDArray[Any]], Any],
    draw: Draw,
    rng: np.random.Generator,
    *,
    steps: int,
    rate: float,
) -> Model:
    """Adam with a rate that falls to nothing."""
    model = {name: value.copy() for name, value in start.items()}
    mean = {name: np.zeros_like(value) for name, value in model.items()}
    square = {name: np.zeros_like(value) for name, value in model.items()}
    slope = value_and_grad(loss)
    for step in range(1, steps + 1):
        tokens, answers = draw(rng)
        _, gradient = slope(model, tokens, answers)
        now = np.float32(rate * min(1.0, step / 20) * (1 - (step - 1) / steps))
        for name, g in gradient.items():
            mean[name] += np.float32(0.1) * (g - mean[name])
            square[name] += np.float32(0.02) * (g * g - square[name])
            m = mean[name] / np.float32(1 - 0.9**step)
            s = square[name] / np.float32(1 - 0.98**step)
            model[name] -= now * m / (np.sqrt(s) + np.float32(1e-8))
    return model


def trained(seed: int, steps: int = 200) -> Model:
    rng = np.random.default_rng(seed)
    return adam(fresh(rng), loss, lambda r: prompts(r, BATCH), rng, steps=steps, rate=3e-3)
