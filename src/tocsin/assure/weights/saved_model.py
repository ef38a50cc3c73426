"""TensorFlow's saved models and frozen graphs: programs, made of operators. Read here: every operator's name.

The operators that compute are a list; those that touch files, Python or compiled programs are named; the rest is not
known. Saving and restoring is in every saved model, in functions (or scopes) of the saver's own: there, and called by
nobody else, it is what it should be.
"""

import re
from collections.abc import Iterator

from tocsin.assure.examining import Piece, Told, finding
from tocsin.assure.weights.keras import told_of
from tocsin.assure.weights.onnx import leaves_the_folder
from tocsin.assure.weights.operators import operators
from tocsin.assure.weights.protobuf import BYTES, NUMBERS, VARINT, Reader, Schema
from tocsin.assure.weights.reading import Broken
from tocsin.assure.weights.telling import bounded
from tocsin.assure.weights.tensorflow_graphs import (
    GRAPH,
    NODE,
    SAVED_MODEL,
    Graphs,
    read_graph,
    read_saved_model,
)
from tocsin.kernel.artefacts import Fact

FORMAT = "saved-model"

SAVING = frozenset(
    {"SaveV2", "RestoreV2", "MergeV2Checkpoints", "Save", "SaveSlices", "Restore", "RestoreSlice"}
)
_SAVERS = re.compile(r"__inference__traced_(?:save|restore)_\d+|save(?:_\d+)?/")

PYTHON = frozenset({"PyFunc", "PyFuncStateless", "EagerPyFunc"})
COMPILED = frozenset(
    {"TRTEngineOp", "XlaCallModule", "XlaLaunch", "XlaLaunchV2", "XlaCustomCall", "XlaCustomCallV2"}
)
WRITES = re.compile(
    r"Save|Write(?:File|.*Summary)|Summary(?:Writer|Db)|Create.*Writer|DebugIdentity|DebugN|DumpTensor|DatasetToTFRecord"
    r"|Snapshot|CacheDataset"
)
READS = re.compile(
    r"ReadFile|MatchingFiles|Restore|Reader|InitializeTableFromTextFile|(?:TextLine|TFRecord|FixedLengthRecord|Sql|LMDB"
    r"|CSV|Load)\w*Dataset|Load(?!AllTPU|TPU)|(?:De|En)code[Pp]roto|RecordInput|FileSystem"
)
REMOTE = re.compile(
    r"Rpc|DataService|RemoteCall|Grpc|BigQuery|Kafka|Bigtable|^(?:_)?(?:Send|Recv|HostSend|HostRecv)$"
)

TABLE = "InitializeTableFromTextFileV2"
"""Reads a vocabulary. With an asset in the model that is what it reads: said as a note."""

_FINGERPRINT: Schema = {
    **dict.fromkeys((1, 2, 3, 4, 5), ("hash", VARINT)),
    6: ("version", BYTES),
    7: ("uuid", BYTES),
    8: ("numbers", NUMBERS),
}
FINGERPRINT = "fingerprint.pb"
MAX_FINGERPRINT_BYTES = 4096

_KERAS: Schema = {1: ("node", BYTES)}
_KERAS_NODE: Schema = {
    1: ("version", BYTES),
    2: ("node_id", VARINT),
    3: ("node_path", BYTES),
    4: ("identifier", BYTES),
    5: ("metadata", BYTES),
}
KERAS_METADATA = "keras_metadata.pb"
"""tf.keras 2.5 to 2.15 keep each layer's configuration in it, code of Lambdas included."""

MAX_METADATA_BYTES = 1 << 20


class SavedModelExaminer:
    """Tells of operators that do more than compute."""

    name = "saved-model"
    version = 1

    def recognises(self, piece: Piece) -> str:
        name = piece.path.lower().replace("!/", "/").rsplit("/", 1)[-1]
        if name in ("saved_model.pb", FINGERPRINT) or name.endswith((".pb", ".meta")):
            return FORMAT
        return FORMAT if _is_one(piece) else ""

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        return bounded(_examined(piece), piece.path)


def _is_one(piece: Piece) -> bool:
    """Whether the outermost message is a saved model's from the first byte to the last."""
    if piece.read(0, 3)[:1] != b"\x08" or piece.read(2, 1) != b"\x12":
        return False
    reader, seen = Reader(piece, FORMAT), set()
    try:
        for count, field in enumerate(reader.fields("SavedModel", SAVED_MODEL, 0, piece.size)):
            seen.add(field.name)
            if count > len(SAVED_MODEL) * 8:
                break
    except Broken:
        return False
    return "meta_graph" in seen and not reader.unknown


def _examined(piece: Piece) -> Iterator[Told]:
    path = piece.path
    if path.lower().endswith(FINGERPRINT) and piece.size <= MAX_FINGERPRINT_BYTES:
        reader = Reader(piece, FORMAT)
        try:
            list(reader.fields("FingerprintDef", _FINGERPRINT, 0, piece.size))
        except Broken as broken:
            yield broken.told(path)
        if not reader.unknown:
            return
    if path.lower().endswith(KERAS_METADATA):
        yield from _keras(piece)
        return
    try:
        graphs = read_graph(piece) if _is_bare(piece) else read_saved_model(piece)
    except Broken as broken:
        yield broken.told(path)
        return
    for field, at in sorted(graphs.unknown.items()):
        yield finding("saved-model.unknown-field", path, offset=at, field=field, name=field)
    for location in graphs.assets:
        if leaves_the_folder(location):
            yield finding("saved-model.asset-path", path, location=location)
    for stream, at in graphs.printed.items():
        if "file:" in stream:
            yield finding("saved-model.writes", path, offset=at, operator="PrintV2", where=stream)
    for operator, holders in sorted(graphs.operators.items()):
        yield from _operator(operator, holders, graphs, path)
    yield Fact("operator-set", path, {"tensorflow": graphs.version, "nodes": graphs.nodes})


def _keras(piece: Piece) -> Iterator[Told]:
    reader = Reader(piece, FORMAT)
    try:
        for node in reader.fields("SavedMetadata", _KERAS, 0, piece.size):
            for field in reader.fields("SavedObject", _KERAS_NODE, node.start, node.end):
                if field.name == "metadata":
                    data = reader.octets(field, MAX_METADATA_BYTES)
                    yield from (told for told in told_of(data, piece.path) if not isinstance(told, Fact))
    except Broken as broken:
        yield broken.told(piece.path)
    for field_name, at in sorted(reader.unknown.items()):
        yield finding("saved-model.unknown-field", piece.path, offset=at, field=field_name, name=field_name)


def _is_bare(piece: Piece) -> bool:
    """Whether this is a graph without a model around it: its first field is a node, with a name and an operator."""
    try:
        first = next(Reader(piece, FORMAT).fields("GraphDef", GRAPH, 0, piece.size), None)
        if first is None or first.name != "node":
            return False
        names = {
            field.name for field in Reader(piece, FORMAT).fields("NodeDef", NODE, first.start, first.end)
        }
    except Broken:
        return False
    return {"name", "op"} <= names


def _operator(operator: str, holders: dict[str, int], graphs: Graphs, path: str) -> Iterator[Told]:
    if operator in operators("tensorflow") or operator in ("Print", "PrintV2"):
        return
    holder, at = next(iter(holders.items()))
    if operator in SAVING:
        strange = [name for name in holders if not _SAVERS.fullmatch(name) or _is_called(name, graphs)]
        if not strange:
            return
        holder, at = strange[0], holders[strange[0]]
    rule = "unknown-operator"
    if operator in PYTHON:
        rule = "python"
    elif operator in COMPILED:
        rule = "compiled"
    elif operator == TABLE and graphs.assets:
        rule = "asset"
    elif REMOTE.search(operator):
        rule = "remote"
    elif WRITES.search(operator):
        rule = "writes"
    elif READS.search(operator):
        rule = "reads"
    elif operator in graphs.functions:  # TensorFlow 1 calls a function as if it were an operator
        return
    yield finding(
        f"saved-model.{rule}", path, offset=at, field=holder, operator=operator, where=holder or "the graph"
    )


def _is_called(name: str, graphs: Graphs) -> bool:
    """Whether another function calls the saver's: the graph alone does, in what TensorFlow writes."""
    return any(name in called for caller, called in graphs.calls.items() if caller and caller != name)
