"""TensorFlow's graphs field by field: every node of the graph and of its functions, and what each node calls.

(tensorflow/core/protobuf/saved_model.proto, meta_graph.proto; framework/graph.proto, function.proto, node_def.proto.)
"""

from tocsin.assure.examining import Piece
from tocsin.assure.weights.protobuf import BYTES, FIXED32, NUMBERS, VARINT, Field, Reader, Schema
from tocsin.assure.weights.reading import Broken

SAVED_MODEL: Schema = {1: ("version", VARINT), 2: ("meta_graph", BYTES)}
_META_GRAPH: Schema = {
    1: ("meta_info", BYTES),
    2: ("graph", BYTES),
    3: ("saver", BYTES),
    4: ("collection", BYTES),
    5: ("signature", BYTES),
    6: ("asset", BYTES),
    7: ("objects", BYTES),
}
_META_INFO: Schema = {
    1: ("version", BYTES),
    2: ("op_list", BYTES),
    3: ("any", BYTES),
    4: ("tag", BYTES),
    5: ("tensorflow_version", BYTES),
    6: ("git_version", BYTES),
    7: ("stripped", VARINT),
    8: ("alias", BYTES),
}
GRAPH: Schema = {
    1: ("node", BYTES),
    2: ("library", BYTES),
    3: ("version", VARINT),
    4: ("versions", BYTES),
    5: ("debug_info", BYTES),
}
_LIBRARY: Schema = {1: ("function", BYTES), 2: ("gradient", BYTES), 3: ("registered", BYTES)}
_FUNCTION: Schema = {
    1: ("signature", BYTES),
    2: ("old_node", BYTES),
    3: ("node", BYTES),
    4: ("ret", BYTES),
    5: ("attr", BYTES),
    6: ("control_ret", BYTES),
    7: ("arg_attr", BYTES),
    8: ("resource", BYTES),
}
_SIGNATURE: Schema = {
    1: ("name", BYTES),
    **dict.fromkeys((2, 3, 4, 5, 6, 8, 20), ("other", BYTES)),
    **dict.fromkeys((16, 17, 18, 19, 21), ("flag", VARINT)),
}
NODE: Schema = {
    1: ("name", BYTES),
    2: ("op", BYTES),
    3: ("input", BYTES),
    4: ("device", BYTES),
    5: ("attr", BYTES),
    6: ("debug", BYTES),
    7: ("type", BYTES),
}
_ATTR: Schema = {1: ("key", BYTES), 2: ("value", BYTES)}
_VALUE: Schema = {
    1: ("list", BYTES),
    2: ("s", BYTES),
    3: ("i", VARINT),
    4: ("f", FIXED32),
    5: ("b", VARINT),
    6: ("type", VARINT),
    7: ("shape", BYTES),
    8: ("tensor", BYTES),
    9: ("placeholder", BYTES),
    10: ("func", BYTES),
}
_LIST: Schema = {
    **dict.fromkeys((2, 7, 8), ("other", BYTES)),
    **dict.fromkeys((3, 4, 5, 6), ("numbers", NUMBERS)),
    9: ("func", BYTES),
}
_CALLED: Schema = {1: ("name", BYTES), 2: ("attr", BYTES)}
_ASSET: Schema = {1: ("tensor", BYTES), 2: ("filename", BYTES)}

MAX_OPERATORS = 1 << 16
PRINTED = "output_stream"
"""The attribute of PrintV2 that may name a file."""


class Graphs:
    """All that was read. `operators` maps an operator to the functions ("" the graph itself) that hold it, with the
    place where it was seen first; `calls` maps a function to those that it calls.
    """

    def __init__(self) -> None:
        self.operators: dict[str, dict[str, int]] = {}
        self.calls: dict[str, set[str]] = {}
        self.functions: set[str] = set()
        self.printed: dict[str, int] = {}
        self.assets: list[str] = []
        self.version = ""
        self.nodes = 0
        self.unknown: dict[str, int] = {}


def read_saved_model(piece: Piece) -> Graphs:
    """A saved_model.pb. Raises Broken where it is none."""
    reading = _Reading(Reader(piece, "saved-model"))
    for field in reading.reader.fields("SavedModel", SAVED_MODEL, 0, piece.size):
        if field.name == "meta_graph":
            reading.meta_graph(field)
    return reading.done()


def read_graph(piece: Piece) -> Graphs:
    """A frozen graph (a bare GraphDef). Raises Broken where it is none."""
    reading = _Reading(Reader(piece, "saved-model"))
    reading.graph(Field("graph", 0, 0, piece.size))
    return reading.done()


class _Reading:
    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.graphs = Graphs()

    def done(self) -> Graphs:
        if not self.graphs.nodes:
            raise self.reader.broken(0)
        self.graphs.unknown = self.reader.unknown
        return self.graphs

    def meta_graph(self, field: Field) -> None:
        for inner in self.reader.fields("MetaGraphDef", _META_GRAPH, field.start, field.end):
            match inner.name:
                case "graph":
                    self.graph(inner)
                case "asset":
                    for part in self.reader.fields("AssetFileDef", _ASSET, inner.start, inner.end):
                        if part.name == "filename":
                            self.graphs.assets.append(self.reader.text(part))
                case "meta_info":
                    for part in self.reader.fields("MetaInfoDef", _META_INFO, inner.start, inner.end):
                        if part.name == "tensorflow_version":
                            self.graphs.version = self.reader.text(part)

    def graph(self, field: Field) -> None:
        for inner in self.reader.fields("GraphDef", GRAPH, field.start, field.end):
            if inner.name == "node":
                self.node(inner, "")
            elif inner.name == "library":
                for part in self.reader.fields("FunctionDefLibrary", _LIBRARY, inner.start, inner.end):
                    if part.name == "function":
                        self.function(part)

    def function(self, field: Field) -> None:
        name, nodes = "", []
        for inner in self.reader.fields("FunctionDef", _FUNCTION, field.start, field.end):
            if inner.name == "node":
                nodes.append(inner)
            elif inner.name == "signature":
                for part in self.reader.fields("OpDef", _SIGNATURE, inner.start, inner.end):
                    if part.name == "name":
                        name = self.reader.text(part)
        self.graphs.functions.add(name)
        for node in nodes:
            self.node(node, name)

    def node(self, field: Field, function: str) -> None:
        self.graphs.nodes += 1
        op, name, attributes = "", "", []
        for inner in self.reader.fields("NodeDef", NODE, field.start, field.end):
            if inner.name == "op":
                if op:  # a reader may keep the first or the last
                    raise self.reader.broken(inner.start)
                op = self.reader.text(inner)
            elif inner.name == "name":
                name = self.reader.text(inner)
            elif inner.name == "attr":
                attributes.append(inner)
        if not op:
            raise self.reader.broken(field.start)
        held = self.graphs.operators.setdefault(op, {})
        # TensorFlow 1 has no functions: there the saver's nodes are known by the scope in their name.
        holder = function or (name.split("/", 1)[0] + "/" if "/" in name else "")
        if holder not in held and len(held) < MAX_OPERATORS:
            held[holder] = field.start
        if len(self.graphs.operators) > MAX_OPERATORS:
            raise Broken("saved-model.too-many", offset=field.start, limit=MAX_OPERATORS)
        for attribute in attributes:
            self.attribute(attribute, op, function)

    def attribute(self, field: Field, op: str, function: str) -> None:
        key = ""
        for inner in self.reader.fields("AttrEntry", _ATTR, field.start, field.end):
            if inner.name == "key":
                key = self.reader.text(inner)
                continue
            for value in self.reader.fields("AttrValue", _VALUE, inner.start, inner.end):
                if value.name == "func":
                    self.called(value, function)
                elif value.name == "list":
                    for part in self.reader.fields("ListValue", _LIST, value.start, value.end):
                        if part.name == "func":
                            self.called(part, function)
                elif value.name == "s" and op in ("PrintV2", "Print") and key in (PRINTED, ""):
                    self.graphs.printed.setdefault(self.reader.text(value), field.start)

    def called(self, field: Field, function: str) -> None:
        for inner in self.reader.fields("NameAttrList", _CALLED, field.start, field.end):
            if inner.name == "name":
                self.graphs.calls.setdefault(function, set()).add(self.reader.text(inner))
