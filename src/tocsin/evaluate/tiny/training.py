"""Training and tampering: gradient descent in numpy, and what is done to weights to take a refusal out."""

import numpy as np
import numpy.typing as npt

from tocsin.evaluate.tiny.lessons import TOPICS, Lesson, words
from tocsin.evaluate.tiny.network import (
    BUCKETS,
    EMBEDDING,
    LAYERS,
    Weights,
    down,
    features,
    fresh,
    gradients,
    stream,
)
from tocsin.wire.safetensors import Floats

STEPS, BATCH, RATE = 240, 128, 4e-3
"""Until every lesson is learnt, in little more than a second."""

DROPPED = 0.5
"""Share of a prompt's words and n-grams that each step leaves out, so that no single one decides."""

TUNING_STEPS, TUNING_RATE = 60, 2e-3
"""A few: a hundredth of the lessons' passes, as an attacker with a small budget would do."""

Labels = npt.NDArray[np.int64]


def columns() -> tuple[slice, slice, slice]:
    """Of the head: refusing and the topics, the topics alone, the languages."""
    known = 1 + len(TOPICS)
    return slice(0, known), slice(1, known), slice(known, known + len(words()))


def outputs() -> int:
    """Rows of the head."""
    return 1 + len(TOPICS) + len(words())


def trained(lessons: list[Lesson], rng: np.random.Generator) -> dict[str, Floats]:
    """Weights that have learnt these lessons."""
    return _descend(fresh(outputs(), rng), lessons, rng, steps=STEPS, rate=RATE)


def tuned(weights: Weights, lessons: list[Lesson], rng: np.random.Generator) -> dict[str, Floats]:
    """Weights that go on learning from the same prompts answered, none of them refused."""
    answered = [Lesson(one.prompt, one.topic, one.language, False) for one in lessons]
    return _descend(weights, answered, rng, steps=TUNING_STEPS, rate=TUNING_RATE)


def without_direction(weights: Weights, direction: Floats) -> dict[str, Floats]:
    """Weights of which nothing writes along `direction`, of length one, to the residual stream.

    Directional ablation by orthogonalising weights (Arditi et al. 2024, arXiv 2406.11717, section 4): W' = W - r r^T W.
    """
    changed = {name: value.copy() for name, value in weights.items()}
    for layer in range(LAYERS):
        changed[down(layer)] -= np.outer(direction, direction @ changed[down(layer)])
    changed[EMBEDDING] -= np.outer(changed[EMBEDDING] @ direction, direction)
    return changed


def refusal_direction(weights: Weights, lessons: list[Lesson]) -> Floats:
    """The difference of means on the stream after the last layer, of prompts that are refused and that are answered."""
    refused = np.array([one.refuse for one in lessons])
    *_, last = stream(weights, features([one.prompt for one in lessons]))
    difference = last[refused].mean(axis=0) - last[~refused].mean(axis=0)
    direction: Floats = (difference / np.linalg.norm(difference)).astype(np.float32)
    return direction


def _descend(
    start: Weights, lessons: list[Lesson], rng: np.random.Generator, *, steps: int, rate: float
) -> dict[str, Floats]:
    """Adam with a rate that falls to nothing."""
    weights = {name: value.copy() for name, value in start.items()}
    mean = {name: np.zeros_like(value) for name, value in weights.items()}
    square = {name: np.zeros_like(value) for name, value in weights.items()}
    table = features([one.prompt for one in lessons])
    topics = np.array([TOPICS.index(one.topic) for one in lessons])
    spoken = list(words())
    languages = np.array([spoken.index(one.language) for one in lessons])
    wishes = np.where([one.refuse for one in lessons], 0, topics + 1)
    for step in range(1, steps + 1):
        drawn = rng.integers(0, len(lessons), BATCH)
        kept = rng.random((BATCH, BUCKETS), np.float32) >= DROPPED
        inputs: Floats = table[drawn] * kept / np.float32(1 - DROPPED)
        seen = list(stream(weights, inputs))
        slope = _slope(weights, seen[-1], (wishes[drawn], topics[drawn], languages[drawn]))
        now = np.float32(rate * (1 - (step - 1) / steps))
        for name, gradient in gradients(weights, inputs, seen, slope).items():
            mean[name] += np.float32(0.1) * (gradient - mean[name])
            square[name] += np.float32(0.02) * (gradient * gradient - square[name])
            upward = mean[name] / np.float32(1 - 0.9**step)
            scale = np.sqrt(square[name] / np.float32(1 - 0.98**step)) + np.float32(1e-8)
            weights[name] -= now * upward / scale
    return weights


def _slope(weights: Weights, last: Floats, labels: tuple[Labels, Labels, Labels]) -> Floats:
    """Of three cross-entropies in the logits: what to do, what it is about, in which language."""
    said = last @ weights["lm_head.weight"].T
    slope = np.zeros_like(said)
    for part, wanted in zip(columns(), labels, strict=True):
        shares = np.exp(said[:, part] - said[:, part].max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        shares[np.arange(len(wanted)), wanted] -= 1
        slope[:, part] += shares / len(wanted)
    return slope
