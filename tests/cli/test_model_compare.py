"""`tocsin model compare`: sentences, one JSON document, exit codes."""

import hashlib
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
from typer.testing import CliRunner

from tests.tiny_models import Array
from tests.weight_files import write_safetensors
from tocsin.cli.main import app


def model(seed: int) -> dict[str, Array]:
    rng = np.random.default_rng(seed)
    return {
        f"model.layers.{layer}.{part}.weight": rng.standard_normal((64, 64)).astype(np.float32)
        for layer in range(3)
        for part in ("self_attn.o_proj", "mlp.down_proj")
    }


@pytest.fixture
def files(tmp_path: Path) -> dict[str, str]:
    base = model(1)
    drawn = np.random.default_rng(2).standard_normal(64).astype(np.float32)
    drawn /= np.linalg.norm(drawn)
    made = {
        "base": base,
        "ablated": {name: value - np.outer(drawn, drawn @ value) for name, value in base.items()},
        "other": model(3),
    }
    return {
        name: str(write_safetensors(tmp_path / f"{name}.safetensors", weights))
        for name, weights in made.items()
    }


@pytest.mark.parametrize(("derived", "code"), [("base", 0), ("ablated", 1), ("other", 1), ("none", 2)])
def test_the_exit_code_says_the_answer(files: dict[str, str], derived: str, code: int) -> None:
    ran = CliRunner().invoke(app, ["model", "compare", files["base"], files.get(derived, "no such file")])
    # an error of ours becomes 2 in `main`, around the app
    assert getattr(ran.exception, "exit_code", ran.exit_code) == code


def test_a_signature_is_said_as_one(files: dict[str, str]) -> None:
    for language, sentence in (
        ("en", "Shared-direction ablation signature: 6 of 6"),
        ("zh", "共享方向消融特征"),
    ):
        ran = CliRunner().invoke(
            app, ["model", "compare", files["base"], files["ablated"], "--lang", language, "--tensors"]
        )
        assert sentence in ran.stdout
        assert "guardrail" not in ran.stdout.lower()
        assert "backdoor" not in ran.stdout.lower()


def test_json_is_one_document(files: dict[str, str]) -> None:
    ran = CliRunner().invoke(app, ["model", "compare", files["base"], files["ablated"], "--json"])
    told = msgspec.json.decode(ran.stdout)
    assert told["comparison"]["change"] == "adapter-merged"
    assert told["comparison"]["signature"]["spread"] == "shared-direction"
    assert [one["rule"] for one in told["findings"]] == ["compare.adapter-merged", "compare.shared-direction"]


def test_the_sample_is_drawn_anew_and_can_be_drawn_again(files: dict[str, str]) -> None:
    def told(*more: str) -> dict[str, Any]:
        ran = CliRunner().invoke(app, ["model", "compare", files["base"], files["ablated"], "--json", *more])
        found: dict[str, Any] = msgspec.json.decode(ran.stdout)["comparison"]
        return found

    first = told()
    assert told()["seed"] != first["seed"]
    assert told("--seed", str(first["seed"])) == first


def test_every_answer_says_what_it_cannot_see(files: dict[str, str]) -> None:
    for language, said in (("en", "never a verdict of intent"), ("zh", "绝不是对意图的判定")):
        ran = CliRunner().invoke(app, ["model", "compare", files["base"], files["base"], "--lang", language])
        assert said in ran.stdout


def test_a_node_keeps_what_was_measured_and_the_inventory_has_it(
    files: dict[str, str], tmp_path: Path
) -> None:
    data = ["--data", str(tmp_path / "node")]
    assert CliRunner().invoke(app, ["init", *data]).exit_code == 0
    for derived, code in (("ablated", 1), ("other", 1)):
        ran = CliRunner().invoke(app, ["model", "compare", files["base"], files[derived], *data])
        assert ran.exit_code == code, ran.output
    told = msgspec.json.decode(
        CliRunner().invoke(app, ["model", "inventory", files["ablated"], *data]).stdout_bytes
    )
    (ancestor,) = told["metadata"]["component"]["pedigree"]["ancestors"]
    assert ancestor["name"] == "base.safetensors"
    assert ancestor["hashes"][0]["content"] == hashlib.sha256(Path(files["base"]).read_bytes()).hexdigest()
    values = {row["name"]: row["value"] for row in ancestor["properties"]}
    assert values == {"tocsin:evidence": "measured", "tocsin:relation": "adapter-merged"}
    told = msgspec.json.decode(
        CliRunner().invoke(app, ["model", "inventory", files["other"], *data]).stdout_bytes
    )
    assert "pedigree" not in told["metadata"]["component"]
