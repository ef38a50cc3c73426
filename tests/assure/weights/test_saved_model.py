"""TensorFlow's saved models: what it writes is clean as a folder; operators that do more than compute are told."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.assure.looks import clock, formats
from tests.assure.weights.looking import VECTORS, broken, found, held, look, vector
from tests.assure.weights.wire import field
from tocsin.assure import inspect
from tocsin.assure.weights.checkpoint import CheckpointExaminer
from tocsin.assure.weights.saved_model import SavedModelExaminer
from tocsin.kernel.artefacts import ArtefactVerdict

EXAMINER = SavedModelExaminer()
SAVER = "__inference__traced_save_12"


def node(op: str, name: str = "n", *attributes: bytes) -> bytes:
    """A node's message."""
    return field(1, name) + field(2, op) + b"".join(attributes)


def attribute(key: str, value: bytes) -> bytes:
    """One attribute."""
    return field(5, field(1, key) + field(2, value))


def calls(name: str) -> bytes:
    """The attribute of a node that calls a function."""
    return attribute("f", field(10, field(1, name)))


def function(name: str, *nodes: bytes) -> bytes:
    """A function of the library."""
    return field(1, field(1, field(1, name)) + b"".join(field(3, each) for each in nodes))


def model(*nodes: bytes, functions: bytes = b"", more: bytes = b"", top: bytes = b"") -> bytes:
    """A saved model with one graph."""
    graph = b"".join(field(1, each) for each in nodes) + field(2, functions)
    return field(1, 1) + field(2, field(2, graph) + more) + top


def test_a_folder_as_tensorflow_writes_it_is_clean(tmp_path: Path) -> None:
    shutil.copytree(VECTORS / "saved_model", tmp_path / "m")
    seen = inspect(tmp_path / "m", clock=clock)
    assert seen.verdict is ArtefactVerdict.CLEAN
    assert formats(seen) == {
        "fingerprint.pb": "saved-model",
        "saved_model.pb": "saved-model",
        "variables/variables.data-00000-of-00001": "tensor-data",
        "variables/variables.index": "tensor-data",
    }


@pytest.mark.parametrize(("name", "rule"), [("reads", "reads"), ("python", "python")])
def test_what_tensorflow_writes_of_files_and_python_is_told(name: str, rule: str) -> None:
    assert found(EXAMINER, vector(f"{name}.saved_model.pb"), "saved_model.pb") == [f"saved-model.{rule}"]


METADATA = {"class_name": "Lambda", "config": {}}


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (model(node("WriteFile")), "writes"),
        (model(node("DebugIdentityV3")), "writes"),
        (model(node("ReadFile")), "reads"),
        (model(node("TFRecordDatasetV2")), "reads"),
        (model(node("InitializeTableFromTextFileV2")), "reads"),
        (model(node("PyFunc")), "python"),
        (model(node("Recv")), "remote"),
        (model(node("RpcCall")), "remote"),
        (model(node("XlaCallModule")), "compiled"),
        (model(node("SomebodysOwn")), "unknown-operator"),
        (model(node("PrintV2", "p", attribute("output_stream", field(2, "file:///tmp/x")))), "writes"),
        (model(node("Const"), functions=function("f", node("WriteFile"))), "writes"),
        (model(node("Const"), functions=function("f", node("SaveV2"))), "writes"),
        (model(node("SaveV2")), "writes"),
        (model(node("RestoreV2", "other/RestoreV2")), "reads"),
        (
            model(
                node("Const"),
                functions=function(SAVER, node("SaveV2"))
                + function("f", node("PartitionedCall", "c", calls(SAVER))),
            ),
            "writes",
        ),
        (model(node("Const"), more=field(6, field(2, "../../x"))), "asset-path"),
        (model(node("Const"), top=field(9, "hidden")), "unknown-field"),
        (model(field(1, "n") + field(2, "Const") + field(2, "ReadFile")), "broken"),
        (model(field(1, "n")), "broken"),
        (model(node("Const"))[:-2], "broken"),
        (field(1, 1), "broken"),
        (b"", "broken"),
        (field(1, node("ReadFile")), "reads"),
    ],
)
def test_what_does_more_than_compute_is_told(data: bytes, rule: str) -> None:
    assert f"saved-model.{rule}" in found(EXAMINER, data, "saved_model.pb")


def test_saving_in_the_savers_own_function_or_scope_is_clean() -> None:
    data = model(
        node("StatefulPartitionedCall", "c", calls(SAVER)),
        node("RestoreV2", "save/RestoreV2"),
        node("Mine"),
        functions=function(SAVER, node("SaveV2"), node("MergeV2Checkpoints"))
        + function("Mine", node("Relu")),
    )
    assert found(EXAMINER, data, "saved_model.pb") == []


def test_a_vocabulary_in_the_models_own_assets_is_a_note() -> None:
    data = model(node("InitializeTableFromTextFileV2"), more=field(6, field(2, "vocab.txt")))
    assert found(EXAMINER, data, "saved_model.pb") == []


def test_a_frozen_graph_is_read_too() -> None:
    assert found(EXAMINER, field(1, node("Const")) + field(4, b""), "frozen.pb") == []


def test_configurations_that_old_keras_lays_beside_are_judged() -> None:
    data = field(1, field(2, 1) + field(5, json.dumps(METADATA)))
    assert found(EXAMINER, data, "keras_metadata.pb") == ["keras.lambda"]


def test_a_saved_model_is_known_without_its_name() -> None:
    assert EXAMINER.recognises(held(vector("saved_model/saved_model.pb"), "model")) == "saved-model"
    assert EXAMINER.recognises(held(vector("plain.onnx"), "model")) == ""


def test_numbers_without_their_index_are_not_known() -> None:
    data = held(b"\x00\x01", "v.data-00000-of-00001")
    for end in (b"", b"\x00" * 8):
        pieces = {"v.data-00000-of-00001": data, "v.index": held(end, "v.index")}
        assert list(CheckpointExaminer().examine(pieces, {})) == []


@given(data=broken(vector("saved_model/saved_model.pb")))
@settings(max_examples=50)
def test_a_broken_model_is_told_of_and_raises_nothing(data: bytes) -> None:
    look(EXAMINER, data, "saved_model.pb")
