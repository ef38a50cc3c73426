"""Exported programs of torch: its own operators are clean; paths that lead elsewhere in torch are told."""

import json

import pytest
from hypothesis import given, settings

from tests.assure.weights.looking import broken, found, held, look, vector
from tocsin.assure.weights.torch_export import TorchExportExaminer

EXAMINER = TorchExportExaminer()


def program(target: str) -> bytes:
    """A graph whose branch has one node."""
    inner = {"graph": {"nodes": [{"target": target, "inputs": [], "outputs": []}]}}
    node = {"target": "torch.ops.higher_order.cond", "inputs": [{"arg": {"as_graph": inner}}], "outputs": []}
    return json.dumps({"graph_module": {"graph": {"nodes": [node]}}}).encode()


def test_what_torch_writes_is_clean() -> None:
    assert found(EXAMINER, vector("torch_export/model.json"), "m.pt2!/m/models/model.json") == []


@pytest.mark.parametrize(
    ("target", "rule"),
    [
        ("torch.os.system", "target"),
        ("torch.load", "target"),
        ("torch.ops.aten.from_file.default", "target"),
        ("torch.ops.load_library", "target"),
        ("_operator.methodcaller", "target"),
        ("builtins.exec", "target"),
        ("torch.ops.mylib.run.default", "custom-operator"),
        ("torch.ops.aten.not_yet_known.default", "unknown-operator"),
    ],
)
def test_a_path_that_leads_elsewhere_is_told(target: str, rule: str) -> None:
    assert found(EXAMINER, program(target)) == [f"torch-export.{rule}"]


@pytest.mark.parametrize(
    "target", ["torch.ops.aten.add.Tensor", "_operator.getitem", "math.trunc", "torch.sym_max"]
)
def test_what_computes_only_is_clean(target: str) -> None:
    assert found(EXAMINER, program(target)) == []


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (b'{"graph_module": ', "unreadable"),
        (b'{"graph_module": {}} x', "unreadable"),
        (b'{"graph_module": {}, "graph_module": {}}', "duplicate-key"),
        (b'{"graph_module": {}}' + b" " * (16 << 20), "too-large"),
    ],
)
def test_what_is_no_plain_json_is_told(data: bytes, rule: str) -> None:
    assert found(EXAMINER, data) == [f"torch-export.{rule}"]


def test_the_marks_of_the_archive_are_known_by_place_and_content() -> None:
    assert found(EXAMINER, b"pt2", "m.pt2!/m/archive_format") == []
    assert found(EXAMINER, b"0", "m.pt2!/m/archive_version") == []
    assert EXAMINER.recognises(held(b"cposix\nsystem\n", "m.pt2!/m/archive_version")) == ""


@given(data=broken(vector("torch_export/model.json")))
@settings(max_examples=60)
def test_a_broken_program_is_told_of_and_raises_nothing(data: bytes) -> None:
    look(EXAMINER, data, "m.pt2!/m/models/model.json")
