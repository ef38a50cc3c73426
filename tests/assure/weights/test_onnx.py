"""ONNX: what the library writes is clean; operators from elsewhere and tensors outside the folder are told."""

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings

from tests.assure.looks import clock, formats
from tests.assure.weights.looking import broken, found, held, look, rules, vector
from tests.assure.weights.wire import field, packed
from tocsin.assure import Held, inspect
from tocsin.assure.weights.onnx import OnnxDataExaminer, OnnxExaminer, leaves_the_folder, recognises
from tocsin.assure.weights.protobuf import Reader
from tocsin.assure.weights.reading import Broken
from tocsin.kernel.artefacts import ArtefactVerdict, Fact

EXAMINER = OnnxExaminer()
OPSET = field(8, field(2, 18))


def node(kind: str = "Relu", domain: str = "", *attributes: bytes) -> bytes:
    """A node of a graph."""
    return field(1, field(4, kind) + (field(7, domain) if domain else b"") + b"".join(attributes))


def model(*graph: bytes, more: bytes = b"") -> bytes:
    """A model with one graph."""
    return field(1, 8) + field(7, b"".join(graph)) + OPSET + more


def tensor(*parts: bytes, kind: int = 1, dims: tuple[int, ...] = (2,)) -> bytes:
    """An initializer of floats."""
    return field(
        5, b"".join(field(1, extent) for extent in dims) + field(2, kind) + field(8, "w") + b"".join(parts)
    )


def outside(location: str | None, **more: str) -> bytes:
    """Where a tensor's bytes are said to lie."""
    named = {**({} if location is None else {"location": location}), **more}
    return b"".join(field(13, field(1, key) + field(2, value)) for key, value in named.items()) + field(14, 1)


def in_attribute(graph: bytes) -> bytes:
    """A node with a graph of its own."""
    return node("If", "", field(5, field(1, "then_branch") + field(6, graph)))


def deep(levels: int) -> bytes:
    """Graphs in graphs."""
    graph = node("Evil", "x")
    for _ in range(levels):
        graph = in_attribute(graph)
    return graph


@pytest.mark.parametrize("name", ["plain.onnx", "outside.onnx"])
def test_what_the_library_writes_is_clean_and_told(name: str) -> None:
    told = look(EXAMINER, vector(name), name)
    facts = {fact.kind: fact.values for fact in told if isinstance(fact, Fact)}
    assert rules(told) == []
    assert facts["operator-set"] == {"ai.onnx": 18, "com.microsoft": 1, "local": 1}
    assert facts["metadata"]["license"] == "apache-2.0"
    assert facts["tensors"] == {"count": 3, "parameters": 17, "bytes": 68, "dtypes": {"FLOAT": 3}}


FUNCTION = field(25, field(1, "Relu") + field(7, field(4, "Add")))
LOCAL = field(25, field(1, "Mine") + field(10, "local") + field(7, field(4, "Add")))
TRAINING = field(20, field(2, node("Evil", "x")))


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (model(node("Evil", "com.example")), "custom-operator"),
        (model(node("Evil", "ai.onnx.contrib")), "custom-operator"),
        (model(node("PyCustomOp", "ai.onnx.contrib")), "python"),
        (model(node("PythonOp", "com.microsoft")), "python"),
        (model(node("EPContext", "com.microsoft")), "compiled"),
        (model(node("Evil")), "unknown-operator"),
        (model(node("Evil", "com.microsoft.nchwc")), "unknown-operator"),
        (model(deep(10)), "custom-operator"),
        (model(deep(80)), "too-many"),
        (model(node(), more=TRAINING), "custom-operator"),
        (
            model(node(), more=field(25, field(1, "F") + field(7, field(4, "E") + field(7, "x")))),
            "custom-operator",
        ),
        (model(node("Constant", "", field(5, field(5, tensor(field(9, b"1"))[2:])))), "span"),
        (model(node(), more=FUNCTION), "shadowed"),
        (model(node(), more=field(99, "hidden")), "unknown-field"),
        (model(tensor(field(9, b"1234"))), "span"),
        (model(tensor(kind=77)), "type"),
        (model(tensor(dims=(1 << 40, 1 << 40))), "overflow"),
        (model(tensor(outside("../w.bin"))), "external-path"),
        (model(tensor(outside("a/../../w.bin"))), "external-path"),
        (model(tensor(outside("/etc/hostname"))), "external-path"),
        (model(tensor(outside("C:\\w.bin"))), "external-path"),
        (model(tensor(outside(None))), "external-path"),
        (model(tensor(outside("w.bin", offset="-1"))), "external-unclear"),
        (model(tensor(outside("w.bin", length="0x10"))), "external-unclear"),
        (model(tensor(outside("w.bin") + outside("v.bin"))), "external-unclear"),
        (model(tensor(outside("w.bin"), field(9, b"12345678"))), "external-unclear"),
        (model(field(1, field(1, "x"))), "broken"),
        (model(field(1, field(4, "Relu") + field(4, "Evil"))), "broken"),
        (model(node())[:-1], "broken"),
        (field(1, 8) + OPSET, "broken"),
        (field(1, 8) + field(7, 5), "broken"),
        (b"\x08\x08\x3b", "broken"),
        (model(field(1, field(4, b"\xff"))), "broken"),
        (model(node("x" * 70_000)), "text-too-long"),
        (b"", "broken"),
    ],
)
def test_each_way_to_break_it_is_told(data: bytes, rule: str) -> None:
    assert f"onnx.{rule}" in found(EXAMINER, data, "model.onnx")


def test_a_function_of_the_model_itself_and_numbers_in_any_packing_are_clean() -> None:
    data = model(
        node("Mine", "local"),
        tensor(packed(1, [3]) + field(7, 5) + packed(7, [5, 6]), kind=7, dims=()),
        node("Gelu", "com.microsoft"),
        node("Scaler", "ai.onnx.ml"),
        more=LOCAL,
    )
    assert found(EXAMINER, data, "model.onnx") == []


@pytest.mark.parametrize(
    "location", ["w.bin", "sub/w.bin", "./w.bin", "model.onnx.data", "layer..1", "a b.bin"]
)
def test_paths_in_the_folder_stay(location: str) -> None:
    assert not leaves_the_folder(location)


@pytest.mark.parametrize(
    "location", ["", "/a", "\\\\host\\a", "..", "a\\..\\b", "file:a", "~/a", "*/_ORT_MEM_ADDR_/*"]
)
def test_paths_that_may_leave_the_folder_do(location: str) -> None:
    assert leaves_the_folder(location)


def test_a_model_is_known_without_its_name() -> None:
    assert recognises(held(vector("plain.onnx"), "weights")) == "onnx"
    assert recognises(held(b"\x08\x08 something else", "weights")) == ""
    assert recognises(held(b"\x08\x01" + field(2, field(1, "tag")), "saved_model.pb")) == ""


def test_the_files_that_a_model_names_are_told_as_tensor_data() -> None:
    told = list(
        OnnxDataExaminer().examine(
            {
                "a/outside.onnx": held(vector("outside.onnx")),
                "a/outside.onnx.data": held(vector("outside.onnx.data")),
            },
            {"a/outside.onnx": "onnx"},
        )
    )
    assert told == [Fact("tensor-data", "a/outside.onnx.data", {"named_by": "a/outside.onnx"})]


def test_a_folder_with_a_file_of_numbers_is_clean_and_one_with_a_script_in_its_place_is_not(
    tmp_path: Path,
) -> None:
    for name in ("outside.onnx", "outside.onnx.data"):
        (tmp_path / name).write_bytes(vector(name))
    seen = inspect(tmp_path, clock=clock)
    assert (seen.verdict, formats(seen)) == (
        ArtefactVerdict.CLEAN,
        {"outside.onnx": "onnx", "outside.onnx.data": "tensor-data"},
    )
    (tmp_path / "outside.onnx.data").write_bytes(b"echo lottery refund; " * 4)
    assert inspect(tmp_path, clock=clock).verdict is not ArtefactVerdict.CLEAN


@pytest.mark.parametrize(
    ("data", "rule"),
    [
        (model(tensor(outside("absent"))), "external-missing"),
        (model(tensor(outside("w", offset="4"))), "external-bounds"),
        (model(tensor(outside("w", offset="8", length="8"))), "external-bounds"),
        (model(tensor(outside("w", length="4"))), "span"),
    ],
)
def test_files_that_are_absent_or_short_are_told(data: bytes, rule: str) -> None:
    told = OnnxDataExaminer().examine(
        {"m.onnx": held(data), "w": held(struct.pack("<ff", 1, 2))}, {"m.onnx": "onnx", "w": ""}
    )
    assert [item.rule for item in told if not isinstance(item, Fact)] == [f"onnx.{rule}"]


@given(data=broken(vector("plain.onnx")))
@settings(max_examples=150)
def test_a_broken_model_is_told_of_and_raises_nothing(data: bytes) -> None:
    look(EXAMINER, data, "model.onnx")
    list(OnnxDataExaminer().examine({"m": held(data)}, {"m": "onnx"}))


def test_more_fields_than_a_graph_has_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tocsin.assure.weights.protobuf.MAX_FIELDS", 100)
    with pytest.raises(Broken) as broken:
        list(
            Reader(Held("m", b"\x08\x07" * 101), "onnx").fields("ModelProto", {1: ("ir_version", 0)}, 0, 202)
        )
    assert broken.value.told("m").rule == "onnx.too-many"
    long, short = b"\x88\x80\x00\x07", b"\x08\x87\x00"  # one value, written in more bytes and in fewer
    for data in (long, short, b"\x08\x07"):
        (field,) = Reader(Held("m", data), "onnx").fields("ModelProto", {1: ("ir_version", 0)}, 0, len(data))
        assert field.value == 7
