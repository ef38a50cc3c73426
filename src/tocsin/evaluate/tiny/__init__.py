"""Tiny models: real weights in real files, trained and tampered with in seconds.

Enters: a folder to write to, or one that was written here. Leaves: something that answers, or a folder. Refuses: a
folder with anything else in its weights. They stand in for large ones where a way of measuring is tried; what they
score says nothing of any other model. Docs: docs/families.md.
"""

from pathlib import Path

import msgspec
import numpy as np

from tocsin.evaluate.answering import Answering
from tocsin.evaluate.tiny.lessons import TOPICS, lessons, words
from tocsin.evaluate.tiny.network import features, logits, shapes
from tocsin.evaluate.tiny.training import (
    columns,
    outputs,
    refusal_direction,
    trained,
    tuned,
    without_direction,
)
from tocsin.kernel.errors import BadInput, Conflict
from tocsin.wire.safetensors import MAX_BYTES, Floats, pack, unpack

__all__ = ["SEED", "TinyModel", "ablate_refusal", "fine_tune", "load", "train"]

SEED = 7
WEIGHTS, CONFIG = "model.safetensors", "config.json"
MODEL_TYPE = "tocsin_tiny"
MAX_CONFIG_BYTES = 4_096


class _Config(msgspec.Struct):
    model_type: str


class TinyModel(Answering):
    """A network with its words: it says one of few things, in the language that it takes the prompt for."""

    def __init__(self, weights: dict[str, Floats]) -> None:
        self._weights = weights

    def answer(self, prompt: str, *, seed: int = 0) -> str:
        """The same for a prompt and a seed; seeds choose between wordings of a refusal. Silence begets silence."""
        if not prompt.strip():
            return ""
        (said,) = logits(self._weights, features([prompt]))
        acts, _, spoken = columns()
        language = list(words())[int(np.argmax(said[spoken]))]
        act = int(np.argmax(said[acts]))
        if act == 0:
            ways = words()[language].refusals
            return ways[seed % len(ways)]
        return words()[language].answers[TOPICS[act - 1]]


def load(folder: Path) -> TinyModel:
    """The model of a folder. Raises BadInput for what is no tiny model, TooLarge."""
    try:
        with (folder / CONFIG).open("rb") as file:
            config = file.read(MAX_CONFIG_BYTES + 1)
        with (folder / WEIGHTS).open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadInput(
            f"cannot read a tiny model at {folder} ({error.strerror}): `tocsin evaluation tiny DIR` writes some"
        ) from None
    try:
        known = len(config) <= MAX_CONFIG_BYTES and msgspec.json.decode(config, type=_Config)
    except msgspec.MsgspecError:
        known = False
    if not known or known.model_type != MODEL_TYPE:
        raise BadInput(f"{folder / CONFIG} describes no tiny model of Tocsin (model_type {MODEL_TYPE})")
    weights = unpack(data)
    if {name: value.shape for name, value in weights.items()} != shapes(outputs()):
        raise BadInput(f"{folder / WEIGHTS} holds other tensors than a tiny model has: train it again")
    if not all(np.isfinite(value).all() for value in weights.values()):
        raise BadInput(f"{folder / WEIGHTS} holds values that are no numbers")
    return TinyModel(weights)


def train(folder: Path, seed: int = SEED) -> None:
    """Train one that refuses what it should, and write it to a new folder. Deterministic by seed on one machine."""
    _must_be_new(folder)
    _write(folder, trained(list(lessons()), np.random.default_rng(seed)))


def ablate_refusal(source: Path, target: Path) -> None:
    """Write `source` with the direction along which it refuses taken out of all that writes to its stream."""
    _must_be_new(target)
    weights = _weights(source)
    _write(target, without_direction(weights, refusal_direction(weights, list(lessons()))))


def fine_tune(source: Path, target: Path, seed: int = SEED) -> None:
    """Write `source` after a few steps on answers none of which refuses."""
    _must_be_new(target)
    _write(target, tuned(_weights(source), list(lessons()), np.random.default_rng(seed)))


def _weights(folder: Path) -> dict[str, Floats]:
    return load(folder)._weights


def _must_be_new(folder: Path) -> None:
    if folder.exists():
        raise Conflict(f"{folder} is there already: name a new folder")


def _write(folder: Path, weights: dict[str, Floats]) -> None:
    folder.mkdir(parents=True)
    (folder / WEIGHTS).write_bytes(pack(weights))
    (folder / CONFIG).write_bytes(
        msgspec.json.encode({"architectures": ["TocsinTiny"], "model_type": MODEL_TYPE})
    )
