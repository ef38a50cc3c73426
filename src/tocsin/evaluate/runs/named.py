"""A model by the name that Inspect takes, and where its bytes lie, if they lie here."""

from pathlib import Path

import msgspec

LOCAL = ("hf", "vllm", "sglang", "transformer_lens")
"""Inspect's providers that load a folder of weights in this process or beside it."""


class NamedModel(msgspec.Struct, frozen=True):
    """`path` is None for a model behind an API."""

    name: str
    path: Path | None


def named_model(name: str) -> NamedModel:
    """`tocsin/tiny:FOLDER`, `tocsin/scripted:FILE`, and `hf/FOLDER` and its like where FOLDER is there."""
    provider, _, rest = name.partition("/")
    if provider == "tocsin":
        return NamedModel(name, Path(rest.partition(":")[2]))
    if provider in LOCAL and Path(rest).exists():
        return NamedModel(name, Path(rest))
    return NamedModel(name, None)
