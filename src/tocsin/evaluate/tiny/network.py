"""The network: a prompt's words and n-grams, a residual stream, what it says of refusing, of topic and language.

x = mean of their rows; in each layer x = x + W_down relu(W_up x); logits = W_head x. Named as the Llama family
is ([out, in], no biases), so that what is said of its weights is said of real names.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from zlib import crc32

import numpy as np

from tocsin.wire.fold import fold
from tocsin.wire.safetensors import Floats

BUCKETS, WIDTH, INNER, LAYERS = 4_096, 64, 128, 4
GRAMS = (2, 3, 4)
"""Characters in an n-gram; two tell a Chinese word."""

MAX_CHARS = 2_000
"""Of a prompt that are read, from its end backwards: what is asked stands there."""

BEGINNING = 0.05
"""Scale of the rows before training: a word that was never met then says next to nothing."""

_WORD = re.compile(r"\w+|[?.,:;؟،，。]")

EMBEDDING, HEAD = "model.embed_tokens.weight", "lm_head.weight"
Weights = Mapping[str, Floats]


def up(layer: int) -> str:
    """The name of what reads the stream in a layer."""
    return f"model.layers.{layer}.mlp.up_proj.weight"


def down(layer: int) -> str:
    """The name of what writes to the stream in a layer."""
    return f"model.layers.{layer}.mlp.down_proj.weight"


def shapes(outputs: int) -> dict[str, tuple[int, int]]:
    """Every tensor and its shape."""
    named = {EMBEDDING: (BUCKETS, WIDTH)}
    for layer in range(LAYERS):
        named |= {up(layer): (INNER, WIDTH), down(layer): (WIDTH, INNER)}
    return named | {HEAD: (outputs, WIDTH)}


def fresh(outputs: int, rng: np.random.Generator) -> dict[str, Floats]:
    """Weights as they are before training."""
    scales = {EMBEDDING: BEGINNING, HEAD: WIDTH**-0.5}
    scales |= {up(layer): WIDTH**-0.5 for layer in range(LAYERS)}
    scales |= {down(layer): (INNER * LAYERS) ** -0.5 for layer in range(LAYERS)}
    return {
        name: (rng.standard_normal(shape) * scales[name]).astype(np.float32)
        for name, shape in shapes(outputs).items()
    }


def features(prompts: Sequence[str]) -> Floats:
    """One row a prompt: the buckets of its words, pairs of words and n-grams, of length one."""
    table = np.zeros((len(prompts), BUCKETS), np.float32)
    for row, prompt in zip(table, prompts, strict=True):
        for gram in _grams(" " + fold(prompt[-MAX_CHARS:]) + " "):
            row[crc32(gram.encode("utf-8", "replace")) % BUCKETS] = 1
        row /= max(1.0, float(np.linalg.norm(row)))
    return table


def _grams(text: str) -> Iterator[str]:
    words = _WORD.findall(text)
    yield from (f"w{word}" for word in words)
    yield from (f"p{first} {second}" for first, second in pairwise(words))
    for size in GRAMS:
        for start in range(len(text) - size + 1):
            yield text[start : start + size]


def stream(weights: Weights, inputs: Floats) -> Iterator[Floats]:
    """What stands on the residual stream before the first layer and after each."""
    x = inputs @ weights[EMBEDDING]
    yield x
    for layer in range(LAYERS):
        inner: Floats = np.maximum(x @ weights[up(layer)].T, np.float32(0))
        x = x + inner @ weights[down(layer)].T
        yield x


def logits(weights: Weights, inputs: Floats) -> Floats:
    """What the head says, one row a prompt."""
    *_, last = stream(weights, inputs)
    return last @ weights[HEAD].T


def gradients(weights: Weights, inputs: Floats, seen: Sequence[Floats], slope: Floats) -> dict[str, Floats]:
    """Of every tensor, from the slope of the loss in the logits; `seen` is what `stream` gave."""
    found = {HEAD: slope.T @ seen[-1]}
    x = slope @ weights[HEAD]
    for layer in reversed(range(LAYERS)):
        inner = np.maximum(seen[layer] @ weights[up(layer)].T, 0)
        found[down(layer)] = x.T @ inner
        back = (x @ weights[down(layer)]) * (inner > 0)
        found[up(layer)] = back.T @ seen[layer]
        x = x + back @ weights[up(layer)]
    return found | {EMBEDDING: inputs.T @ x}
