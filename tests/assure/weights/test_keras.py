"""Keras configurations: what Keras writes of its own is clean; code, strange modules and foreign files are told."""

import io
import json
import zipfile
from typing import Any

import pytest
from hypothesis import given, settings

from tests.assure.weights.looking import broken, found, held, look, rules, vector
from tocsin.assure.weights.keras import KerasExaminer
from tocsin.kernel.artefacts import Fact

EXAMINER = KerasExaminer()


def config_of(name: str) -> bytes:
    """The configuration in an archive that Keras wrote."""
    with zipfile.ZipFile(io.BytesIO(vector(name))) as archive:
        return archive.read("config.json")


def layer(name: str, config: Any = None, **more: Any) -> dict[str, Any]:
    """A layer as Keras 3 writes it."""
    module = {"module": "keras.layers", "registered_name": None}
    return {**module, "class_name": name, "config": {} if config is None else config, **more}


def model(*layers: Any) -> bytes:
    """A model with these layers, one model deep in another."""
    inner = {"module": "keras", "class_name": "Sequential", "config": {"layers": list(layers)}}
    return json.dumps({"module": "keras", "class_name": "Sequential", "config": {"layers": [inner]}}).encode()


@pytest.mark.parametrize("name", ["plain.keras", "nested.keras"])
def test_what_keras_writes_of_its_own_is_clean_and_told(name: str) -> None:
    told = look(EXAMINER, config_of(name), f"{name}!/config.json")
    assert rules(told) == []
    assert [item.kind for item in told if isinstance(item, Fact)] == ["architecture"]


@pytest.mark.parametrize(
    ("name", "rule"), [("lambda.keras", "lambda"), ("own.keras", "custom"), ("function.keras", "function")]
)
def test_what_keras_writes_of_somebodys_own_is_told(name: str, rule: str) -> None:
    assert set(found(EXAMINER, config_of(name))) == {f"keras.{rule}"}


@pytest.mark.parametrize(
    ("wrong", "rule"),
    [
        (layer("Lambda"), "lambda"),
        ({"class_name": "Lambda", "config": {"function": ["4wEA", None, None]}}, "lambda"),
        (layer("Dense", {"activation": {"class_name": "__lambda__", "config": {"code": "4wEA"}}}), "lambda"),
        (layer("FlaxLayer"), "lambda"),
        (layer("TorchModuleWrapper", {"module": "gAJ9"}), "pickle"),
        (layer("TFSMLayer", {"filepath": "other"}), "file"),
        (layer("StringLookup", {"vocabulary": "/etc/hostname"}), "file"),
        (layer("Dense", {"name": "https://example.org/x"}), "remote"),
        (layer("function", "system", module="os"), "module"),
        (layer("Popen", module="subprocess"), "module"),
        (layer("Dense", module="kerasx.layers"), "module"),
        (layer("function", "get_file", module="keras.utils"), "function"),
        (layer("function", "exec", module="builtins"), "function"),
        (layer("function", {"a": 1}), "function"),
        (layer("Mine", module=None, registered_name="Mine"), "custom"),
        (layer("Mine", registered_name="pkg>Mine"), "custom"),
        ({"class_name": "Mine", "config": {}}, "custom"),
        ({"class_name": "pkg>Mine", "config": {}}, "custom"),
        (layer("NotYetKnown"), "unknown"),
        ({"class_name": "TFOpLambda", "config": {"function": "io.write_file"}}, "tensorflow"),
        ({"class_name": "TFOpLambda", "config": {"function": "raw_ops.ReadFile"}}, "tensorflow"),
        ({"class_name": "TensorFlowOpLayer", "config": {"node_def": {}}}, "tensorflow"),
        ({"class_name": ["Lambda"]}, "unreadable"),
    ],
)
def test_what_is_not_of_keras_is_told_at_any_depth(wrong: Any, rule: str) -> None:
    assert set(found(EXAMINER, model(wrong))) == {f"keras.{rule}"}


@pytest.mark.parametrize(
    "fine",
    [
        layer("Dense", {"activation": layer("function", "relu", module="builtins")}),
        layer("Concatenate", module="keras.src.layers.merging.concatenate"),
        {"class_name": "Dense", "config": {}},
        {"class_name": "TFOpLambda", "config": {"function": "math.truediv"}},
        {"class_name": "SlicingOpLambda", "config": {}},
        layer("TextVectorization", {"vocabulary": ["a", "b"]}),
        {"class_name": "__tuple__", "items": [1]},
    ],
)
def test_what_computes_only_is_clean(fine: Any) -> None:
    assert found(EXAMINER, model(fine)) == []


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b'{"class_name": "Dense", "config": ', "unreadable"),
        (b'{"class_name": "Dense", "config": {}} x', "unreadable"),
        (b'{"class_name": "Dense", "config": {"a": "\xff"}}', "unreadable"),
        (b'{"class_name": "Dense", "class_name": "Lambda", "config": {}}', "duplicate-key"),
        (b'{"class_name": "Dense", "config": {}}' + b" " * (16 << 20), "too-large"),
        (b'{"class_name": "Dense", "config": [' + b"[]," * 100_000 + b"[]]}", "too-large"),
    ],
)
def test_what_is_no_plain_json_is_told(data: bytes, rule: str) -> None:
    assert f"keras.{rule}" in found(EXAMINER, data)


def test_it_is_known_by_what_it_says_or_by_where_it_lies() -> None:
    assert EXAMINER.recognises(held(b'{"keras_version": "3.15.1"}')) == "keras"
    assert EXAMINER.recognises(held(b'{"x": "' + b"y" * 5_000 + b'"}', "m.keras!/config.json")) == "keras"
    assert EXAMINER.recognises(held(b'{"model_type": "llama"}', "config.json")) == ""


@given(data=broken(config_of("nested.keras")))
@settings(max_examples=60)
def test_a_broken_configuration_is_told_of_and_raises_nothing(data: bytes) -> None:
    look(EXAMINER, data, "m.keras!/config.json")
