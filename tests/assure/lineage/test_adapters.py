"""An adapter that was not merged is named as one: it is not unrelated, and it is not unreadable."""

import json
from pathlib import Path

import numpy as np
import pytest

from tests.tiny_models import Array
from tests.weight_files import write_safetensors
from tocsin.assure.lineage import Change, compare
from tocsin.kernel.errors import BadInput

MATRIX = "model.layers.0.self_attn.q_proj"


def factors(pattern: str, ranks: tuple[int, ...] = (8, 8)) -> dict[str, Array]:
    rng = np.random.default_rng(1)
    made = {}
    for layer, rank in enumerate(ranks):
        first, second = (pattern.format(layer=layer, side=side) for side in ("A", "B"))
        made[first] = rng.standard_normal((rank, 64)).astype(np.float32)
        made[second] = rng.standard_normal((64, rank)).astype(np.float32)
    return made


@pytest.fixture
def base(tmp_path: Path) -> Path:
    matrix = np.random.default_rng(2).standard_normal((64, 64)).astype(np.float32)
    return write_safetensors(tmp_path / "base.safetensors", {f"{MATRIX}.weight": matrix})


@pytest.mark.parametrize(
    "pattern",
    [
        "base_model.model.model.layers.{layer}.self_attn.q_proj.lora_{side}.weight",
        "base_model.model.model.layers.{layer}.self_attn.q_proj.lora_{side}.default.weight",
    ],
)
def test_it_says_rank_and_claimed_base(tmp_path: Path, base: Path, pattern: str) -> None:
    folder = tmp_path / "adapter"
    folder.mkdir()
    write_safetensors(folder / "adapter_model.safetensors", factors(pattern))
    with pytest.raises(BadInput, match="rank 8 for a model that it does not name"):
        compare(base, folder)
    told = {"base_model_name_or_path": "aurora/aurora-7b", "r": 99}
    (folder / "adapter_config.json").write_text(json.dumps(told), "utf-8")
    with pytest.raises(BadInput, match=r"rank 8 for aurora/aurora-7b \(claimed, not measured\)"):
        compare(base, folder)


def test_ranks_may_differ(tmp_path: Path, base: Path) -> None:
    path = write_safetensors(
        tmp_path / "a.safetensors", factors("layers.{layer}.lora_{side}.weight", (4, 16))
    )
    with pytest.raises(BadInput, match="rank 4 to 16"):
        compare(base, path)


def test_whole_weights_that_keep_a_factor_are_compared(tmp_path: Path, base: Path) -> None:
    matrix = np.random.default_rng(2).standard_normal((64, 64)).astype(np.float32)
    more = {f"{MATRIX}.weight": matrix, "a.weight": matrix, "b.weight": matrix, "c.lora_A.weight": matrix[:8]}
    path = write_safetensors(tmp_path / "whole.safetensors", more)
    assert compare(base, path).tensors[0].change is Change.SAME
