"""What an ONNX model says, field by field: operators, functions, tensors, where their bytes lie (onnx.proto3)."""

import msgspec

from tocsin.assure.examining import Piece
from tocsin.assure.weights.protobuf import BYTES, FIXED32, MAX_DEPTH, NUMBERS, VARINT, Field, Reader, Schema
from tocsin.assure.weights.reading import Broken

MODEL: Schema = {
    1: ("ir_version", VARINT),
    2: ("producer_name", BYTES),
    3: ("producer_version", BYTES),
    4: ("domain", BYTES),
    5: ("model_version", VARINT),
    6: ("doc_string", BYTES),
    7: ("graph", BYTES),
    8: ("opset_import", BYTES),
    14: ("metadata_props", BYTES),
    20: ("training_info", BYTES),
    25: ("functions", BYTES),
    26: ("configuration", BYTES),
}
_GRAPH: Schema = {
    1: ("node", BYTES),
    2: ("name", BYTES),
    5: ("initializer", BYTES),
    10: ("doc_string", BYTES),
    11: ("input", BYTES),
    12: ("output", BYTES),
    13: ("value_info", BYTES),
    14: ("quantization_annotation", BYTES),
    15: ("sparse_initializer", BYTES),
    16: ("metadata_props", BYTES),
}
_NODE: Schema = {
    1: ("input", BYTES),
    2: ("output", BYTES),
    3: ("name", BYTES),
    4: ("op_type", BYTES),
    5: ("attribute", BYTES),
    6: ("doc_string", BYTES),
    7: ("domain", BYTES),
    8: ("overload", BYTES),
    9: ("metadata_props", BYTES),
    10: ("device_configurations", BYTES),
}
_ATTRIBUTE: Schema = {
    1: ("name", BYTES),
    2: ("f", FIXED32),
    3: ("i", VARINT),
    4: ("s", BYTES),
    5: ("tensor", BYTES),
    6: ("graph", BYTES),
    7: ("floats", NUMBERS),
    8: ("ints", NUMBERS),
    9: ("strings", BYTES),
    10: ("tensor", BYTES),
    11: ("graph", BYTES),
    13: ("doc_string", BYTES),
    14: ("type", BYTES),
    15: ("type", BYTES),
    20: ("kind", VARINT),
    21: ("ref_attr_name", BYTES),
    22: ("sparse", BYTES),
    23: ("sparse", BYTES),
}
_TENSOR: Schema = {
    1: ("dims", VARINT),
    2: ("data_type", VARINT),
    3: ("segment", BYTES),
    4: ("float_data", NUMBERS),
    5: ("int32_data", NUMBERS),
    6: ("string_data", BYTES),
    7: ("int64_data", NUMBERS),
    8: ("name", BYTES),
    9: ("raw_data", BYTES),
    10: ("double_data", NUMBERS),
    11: ("uint64_data", NUMBERS),
    12: ("doc_string", BYTES),
    13: ("external_data", BYTES),
    14: ("data_location", VARINT),
    16: ("metadata_props", BYTES),
}
_SPARSE: Schema = {1: ("tensor", BYTES), 2: ("tensor", BYTES), 3: ("dims", VARINT)}
_FUNCTION: Schema = {
    1: ("name", BYTES),
    4: ("input", BYTES),
    5: ("output", BYTES),
    6: ("attribute", BYTES),
    7: ("node", BYTES),
    8: ("doc_string", BYTES),
    9: ("opset_import", BYTES),
    10: ("domain", BYTES),
    11: ("attribute_proto", BYTES),
    12: ("value_info", BYTES),
    13: ("overload", BYTES),
    14: ("metadata_props", BYTES),
}
_TRAINING: Schema = {
    1: ("graph", BYTES),
    2: ("graph", BYTES),
    3: ("initialization_binding", BYTES),
    4: ("update_binding", BYTES),
}
_PAIR: Schema = {1: ("key", BYTES), 2: ("value", BYTES)}
_OPSET: Schema = {1: ("domain", BYTES), 2: ("version", VARINT)}

TYPES: dict[int, tuple[str, int]] = {
    1: ("FLOAT", 32),
    2: ("UINT8", 8),
    3: ("INT8", 8),
    4: ("UINT16", 16),
    5: ("INT16", 16),
    6: ("INT32", 32),
    7: ("INT64", 64),
    8: ("STRING", 0),
    9: ("BOOL", 8),
    10: ("FLOAT16", 16),
    11: ("DOUBLE", 64),
    12: ("UINT32", 32),
    13: ("UINT64", 64),
    14: ("COMPLEX64", 64),
    15: ("COMPLEX128", 128),
    16: ("BFLOAT16", 16),
    17: ("FLOAT8E4M3FN", 8),
    18: ("FLOAT8E4M3FNUZ", 8),
    19: ("FLOAT8E5M2", 8),
    20: ("FLOAT8E5M2FNUZ", 8),
    21: ("UINT4", 4),
    22: ("INT4", 4),
    23: ("FLOAT4E2M1", 4),
    24: ("FLOAT8E8M0", 8),
    25: ("UINT2", 2),
    26: ("INT2", 2),
    27: ("FLOAT6E2M3", 6),
    28: ("FLOAT6E3M2", 6),
}
"""`TensorProto.DataType` of onnx 1.23, with the bits of an element; a string has no width."""

EXTERNAL = 1
MAX_EXTENT = (1 << 63) - 1
MAX_KEPT = 1 << 17
"""Tensors, operators, functions or claims that are kept; large models have some thousands."""


class Tensor(msgspec.Struct, frozen=True):
    """One tensor. `raw` is the length of its bytes in the file, or None; `needs` that by type and extents, or None
    where there is none. `outside` is what it says of another file: location, offset, length and the like.
    """

    name: str
    dtype: str
    elements: int
    at: int
    raw: int | None
    needs: int | None
    outside: dict[str, str] | None
    twice: bool


class Model:
    """All that was read. `operators` and `functions` are (domain, name) and where each was first seen."""

    def __init__(self) -> None:
        self.operators: dict[tuple[str, str], int] = {}
        self.functions: dict[tuple[str, str], int] = {}
        self.opsets: dict[str, int] = {}
        self.metadata: dict[str, str] = {}
        self.tensors: list[Tensor] = []
        self.graphs = 0
        self.unknown: dict[str, int] = {}


def read_model(piece: Piece) -> Model:
    """The whole model but its numbers. Raises Broken where it is no ONNX or over a bound."""
    reading = _Reading(Reader(piece, "onnx"))
    reading.model_at(0, piece.size)
    return reading.model


class _Reading:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.model = Model()
        self.kept = 0

    def keep(self, at: int) -> None:
        self.kept += 1
        if self.kept > MAX_KEPT:
            raise Broken("onnx.too-many", offset=at, limit=MAX_KEPT)

    def model_at(self, start: int, end: int) -> None:
        for field in self.reader.fields("ModelProto", MODEL, start, end):
            match field.name:
                case "graph":
                    self.graph(field, 1)
                case "functions":
                    self.function(field)
                case "training_info":
                    for inner in self.reader.fields("TrainingInfoProto", _TRAINING, field.start, field.end):
                        if inner.name == "graph":
                            self.graph(inner, 1)
                case "opset_import":
                    self.opset(field)
                case "metadata_props":
                    key, value = self.pair(field)
                    self.keep(field.start)
                    self.model.metadata[key] = value
                case "producer_name" | "producer_version" | "domain":
                    self.model.metadata[field.name] = self.reader.text(field)
                case "ir_version" | "model_version":
                    self.model.metadata[field.name] = str(field.value)
        if not self.model.graphs and not self.model.functions:
            raise self.reader.broken(start)
        self.model.unknown = self.reader.unknown

    def graph(self, field: Field, depth: int) -> None:
        if depth > MAX_DEPTH:
            raise Broken("onnx.too-many", offset=field.start, limit=MAX_DEPTH)
        self.model.graphs += 1
        for inner in self.reader.fields("GraphProto", _GRAPH, field.start, field.end):
            match inner.name:
                case "node":
                    self.node(inner, depth)
                case "initializer":
                    self.tensor(inner)
                case "sparse_initializer":
                    self.sparse(inner)

    def node(self, field: Field, depth: int) -> None:
        named: dict[str, str] = {"domain": ""}
        for inner in self.reader.fields("NodeProto", _NODE, field.start, field.end):
            if inner.name == "attribute":
                self.attribute(inner, depth)
            elif inner.name in ("op_type", "domain"):
                if named.get(inner.name):  # a reader may keep the first or the last
                    raise self.reader.broken(inner.start)
                named[inner.name] = self.reader.text(inner)
        if "op_type" not in named:
            raise self.reader.broken(field.start)
        used = (named["domain"], named["op_type"])
        if used not in self.model.operators:
            self.keep(field.start)
            self.model.operators[used] = field.start

    def attribute(self, field: Field, depth: int) -> None:
        for inner in self.reader.fields("AttributeProto", _ATTRIBUTE, field.start, field.end):
            match inner.name:
                case "graph":
                    self.graph(inner, depth + 1)
                case "tensor":
                    self.tensor(inner)
                case "sparse":
                    self.sparse(inner)

    def sparse(self, field: Field) -> None:
        for inner in self.reader.fields("SparseTensorProto", _SPARSE, field.start, field.end):
            if inner.name == "tensor":
                self.tensor(inner)

    def function(self, field: Field) -> None:
        named = {"name": "", "domain": ""}
        for inner in self.reader.fields("FunctionProto", _FUNCTION, field.start, field.end):
            match inner.name:
                case "node":
                    self.node(inner, 1)
                case "attribute_proto":
                    self.attribute(inner, 1)
                case "opset_import":
                    self.opset(inner)
                case "name" | "domain":
                    named[inner.name] = self.reader.text(inner)
        self.keep(field.start)
        self.model.functions.setdefault((named["domain"], named["name"]), field.start)

    def opset(self, field: Field) -> None:
        domain, version = "", 0
        for inner in self.reader.fields("OperatorSetIdProto", _OPSET, field.start, field.end):
            if inner.name == "domain":
                domain = self.reader.text(inner)
            else:
                version = inner.value
        self.keep(field.start)
        self.model.opsets[domain or "ai.onnx"] = version

    def pair(self, field: Field) -> tuple[str, str]:
        found = {"key": "", "value": ""}
        for inner in self.reader.fields("StringStringEntryProto", _PAIR, field.start, field.end):
            found[inner.name] = self.reader.text(inner)
        return found["key"], found["value"]

    def tensor(self, field: Field) -> None:
        name, number, location, elements = "", 0, 0, 1
        raw: int | None = None
        segment, twice = False, False
        outside: dict[str, str] = {}
        for inner in self.reader.fields("TensorProto", _TENSOR, field.start, field.end):
            match inner.name:
                case "dims":
                    elements = min(elements * inner.value, MAX_EXTENT + 1)
                case "data_type":
                    number = inner.value
                case "data_location":
                    location = inner.value
                case "name":
                    name = self.reader.text(inner)
                case "raw_data":
                    raw = inner.end - inner.start
                case "segment":
                    segment = True
                case "external_data":
                    key, value = self.pair(inner)
                    twice = twice or key in outside
                    outside[key] = value
        self.keep(field.start)
        dtype, bits = TYPES.get(number, (f"type {number}", 0))
        self.model.tensors.append(
            Tensor(
                name=name,
                dtype=dtype,
                elements=elements,
                at=field.start,
                raw=raw,
                needs=None if segment or not bits else -(-(elements * bits) // 8),
                outside=outside if location == EXTERNAL or outside else None,
                twice=twice,
            )
        )
