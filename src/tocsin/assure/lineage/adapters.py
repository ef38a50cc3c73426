"""Adapters that were not merged: two thin factors for each matrix, which are weights of no model by themselves."""

import re

from tocsin.assure.lineage.weights import Weights

_FACTOR = re.compile(
    r"(?:^|\.)lora_(?:(?P<first>A|embedding_A|down)|B|embedding_B|up)(?:\.[A-Za-z0-9_-]+)?(?:\.weight)?$"
)
"""PEFT's names, with the adapter's own in between or without, and those of kohya's tools."""

MOST = 0.5
"""Share of a model's tensors that are factors for it to be an adapter: heads may be saved beside them."""


def adapter_of(weights: Weights) -> str:
    """What adapter this is, in words; "" for whole weights. Its rank is read off the shapes, its base claimed."""
    factors = [found for one in weights.tensors if (found := _FACTOR.search(one.name))]
    if not factors or len(factors) < MOST * len(weights.tensors):
        return ""
    ranks = sorted(
        {
            min(one.rows, one.columns)
            for one in weights.tensors
            if (found := _FACTOR.search(one.name)) and found["first"]
        }
    )
    told = " to ".join(str(rank) for rank in dict.fromkeys((ranks[0], ranks[-1]))) if ranks else "unknown"
    base = next((said for key, said in weights.claims.items() if key.startswith("adapter_config.json")), "")
    named = f"{base} (claimed, not measured)" if base else "a model that it does not name"
    return f"an adapter of rank {told} for {named}, which was not merged"
