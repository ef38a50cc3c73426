"""Keras archives whose configuration names what it should not."""

import base64
import json
import marshal
from collections.abc import Iterator, Mapping
from typing import Any

from benchmarks.assure_corpus.carriers import zipped
from benchmarks.assure_corpus.pickling import stream
from benchmarks.assure_corpus.shape import CANARY, Shape
from benchmarks.assure_corpus.streams import OPEN

_METADATA = {"keras_version": "3.15.1", "date_saved": "2026-01-01@00:00:00"}
_H5 = b"\x89HDF\r\n\x1a\n" + b"\x00" * 88
_CODE = base64.b64encode(marshal.dumps(compile(f"open({CANARY!r}, 'w')", "x", "eval"))).decode()


def _layer(name: str, config: Mapping[str, Any], module: str = "keras.layers") -> dict[str, Any]:
    return {"module": module, "class_name": name, "config": config, "registered_name": None}


def _model(*layers: dict[str, Any]) -> dict[str, Any]:
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "sequential", "layers": list(layers)},
        "registered_name": None,
    }


def _by_value() -> dict[str, Any]:
    function = {"class_name": "__lambda__", "config": {"code": _CODE, "defaults": None, "closure": None}}
    return _layer("Lambda", {"name": "l", "function": function, "arguments": {}})


def _configurations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    runs = "runs code that lies in the configuration"
    calls = "has the loader import a module and call what the configuration names"
    dense = _layer("Dense", {"name": "d", "units": 1})
    yield "lambda-first", runs, _model(_by_value(), dense)
    yield "lambda-nested", runs, _model(dense, _model(dense, _model(_by_value())))
    wrapped = _layer("TimeDistributed", {"name": "t", "layer": _by_value()})
    yield "lambda-wrapped", runs, _model(wrapped)
    yield "foreign-module", calls, _model(_layer("run", {"args": ["mkdir", CANARY]}, "subprocess"))
    named = {"module": "os", "class_name": "function", "config": "mkdir", "registered_name": "mkdir"}
    yield (
        "function-of-os",
        calls,
        _model(_layer("Lambda", {"name": "l", "function": named, "arguments": {"path": CANARY}})),
    )
    yield "activation-of-os", calls, _model(_layer("Dense", {"name": "d", "units": 1, "activation": named}))
    pickled = base64.b64encode(stream(OPEN)).decode()
    torch = _layer(
        "TorchModuleWrapper", {"name": "t", "module": {"class_name": "__bytes__", "value": pickled}}
    )
    yield "torch-wrapper", "unpickles bytes of the configuration", _model(torch)
    vocabulary = _layer("StringLookup", {"name": "s", "vocabulary": "/etc/passwd"})
    yield "vocabulary-file", "reads a file of the machine into the model", _model(vocabulary)
    fetched = _layer("TextVectorization", {"name": "s", "vocabulary": "https://example.invalid/v.txt"})
    yield "vocabulary-address", "fetches a file when it is loaded", _model(fetched)
    legacy = _model(dense)
    legacy["config"]["layers"].append(
        {"class_name": "Lambda", "config": {"function": [_CODE, None, None], "function_type": "lambda"}}
    )
    yield "lambda-legacy-form", runs, legacy
    metric = _model(dense) | {
        "compile_config": {"loss": {"module": "builtins", "class_name": "function", "config": "exec"}}
    }
    yield "loss-of-builtins", calls, metric


def keras_shapes() -> Iterator[Shape]:
    """`.keras` files; the recorded ones beside them really load."""
    for name, does, config in _configurations():
        members = {
            "metadata.json": json.dumps(_METADATA).encode(),
            "config.json": json.dumps(config).encode(),
            "model.weights.h5": _H5,
        }
        yield Shape(f"keras-{name}", "keras", does, "", {"model.keras": zipped(members)})
    plain = {
        "metadata.json": json.dumps(_METADATA).encode(),
        "config.json": json.dumps(_model()).encode(),
        "model.weights.h5": _H5,
        "assets/../../../tocsin-canary": b"x",
    }
    yield Shape(
        "keras-asset-traversal",
        "keras",
        "writes outside where it is unpacked",
        "",
        {"model.keras": zipped(plain)},
    )
    doubled = {"config.json": json.dumps(_model()).encode()} | {
        "Config.json": json.dumps(_model(_by_value())).encode()
    }
    yield Shape(
        "keras-config-case", "keras", "two readers see two models", "", {"model.keras": zipped(doubled)}
    )
