"""ONNX: a graph of operators, and tensors that may lie in other files. Read here: all of it but the numbers.

An operator computes what its runtime's library says. Those of the standard and of onnxruntime are known by name;
every other one needs somebody's library, and nobody can say from the model what that does. Tensors in other files are
named by paths, which a loader opens: they must stay in the model's own folder.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from tocsin.assure.examining import Piece, Told, finding
from tocsin.assure.weights.onnx_reading import MAX_EXTENT, MODEL, Model, Tensor, read_model
from tocsin.assure.weights.operators import operators
from tocsin.assure.weights.protobuf import Reader
from tocsin.assure.weights.reading import Broken
from tocsin.assure.weights.telling import bounded, claims
from tocsin.kernel.artefacts import Fact, Finding

FORMAT = "onnx"
NAMES = (".onnx",)

MAX_IR_VERSION = 100
"""For knowing a model without its name: the newest is 13."""

MAX_TOP_FIELDS = 256
"""Read of the outermost message to know a model without its name."""

DOMAINS: dict[str, tuple[str, ...]] = {
    "": ("onnx",),
    "ai.onnx": ("onnx",),
    "ai.onnx.ml": ("onnx_ml",),
    "ai.onnx.preview": ("onnx_ml",),
    "ai.onnx.training": ("onnx_ml",),
    "ai.onnx.preview.training": ("onnx_ml",),
    "com.microsoft": ("onnx_microsoft",),
    "com.ms.internal.nhwc": ("onnx", "onnx_microsoft"),  # the same in another order of axes
}
"""Which lists of operators a domain has."""

BLOCKED_LAYOUT = frozenset(
    [
        "Conv",
        "MaxPool",
        "AveragePool",
        "GlobalMaxPool",
        "GlobalAveragePool",
        "ReorderInput",
        "ReorderOutput",
        "Upsample",
    ]
)
"""com.microsoft.nchwc: what onnxruntime's optimiser writes for its own kernels."""

NAMED = {
    ("com.microsoft", "PythonOp"): "onnx.python",
    ("com.microsoft", "PythonOpGrad"): "onnx.python",
    ("ai.onnx.contrib", "PyOp"): "onnx.python",
    ("ai.onnx.contrib", "PyCustomOp"): "onnx.python",
    ("com.microsoft", "EPContext"): "onnx.compiled",
    ("com.microsoft", "Snpe"): "onnx.compiled",
}
"""Operators of known runtimes that do more than compute."""

HEAD_BYTES = 4096
_PRINTED = bytes([9, 10, 13, *range(32, 127)])

_DRIVE_OR_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")
_IN_MEMORY = "_ORT_MEM_ADDR_"
"""onnxruntime's mark that a tensor lies at an address in memory; in a file it makes it read where it should not."""


def recognises(piece: Piece) -> str:
    """By its name; else by an outermost message that is one of ONNX from the first byte to the last."""
    if piece.path.lower().endswith(NAMES):
        return FORMAT
    start = piece.read(0, 3)
    if len(start) < 3 or start[0] != 0x08 or not 0 < start[1] <= MAX_IR_VERSION:
        return ""
    reader, seen = Reader(piece, FORMAT), set()
    try:
        for count, field in enumerate(reader.fields("ModelProto", MODEL, 0, piece.size)):
            seen.add(field.name)
            if count > MAX_TOP_FIELDS:
                break
    except Broken:
        return FORMAT if "graph" in seen and "opset_import" in seen else ""
    return FORMAT if "graph" in seen and not reader.unknown else ""


class OnnxExaminer:
    """Tells of operators that are not known to compute only, and of tensors that lie elsewhere."""

    name = "onnx"
    version = 1

    def recognises(self, piece: Piece) -> str:
        return recognises(piece)

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        return bounded(_examined(piece), piece.path)


class OnnxDataExaminer:
    """Follows the paths of tensors in other files: there, long enough, in the model's own folder.

    Tells a fact "tensor-data" of every file that a model names, so that a file of mere numbers, which has no magic, is
    known for what it is.
    """

    name = "onnx-data"
    version = 1

    def examine(self, pieces: Mapping[str, Piece], formats: Mapping[str, str]) -> Iterator[Finding | Fact]:
        for path, piece in sorted(pieces.items()):
            if formats.get(path) == FORMAT:
                for told in bounded(_followed(path, piece, pieces), path):
                    if isinstance(told, Finding | Fact):
                        yield told


def _examined(piece: Piece) -> Iterator[Told]:
    try:
        model = read_model(piece)
    except Broken as broken:
        yield broken.told(piece.path)
        return
    for field, at in sorted(model.unknown.items()):
        yield finding("onnx.unknown-field", piece.path, offset=at, field=field, name=field)
    yield from _operators(model, piece.path)
    for tensor in model.tensors:
        yield from _tensor(tensor, piece.path)
    yield from _facts(model, piece.path)


def _operators(model: Model, path: str) -> Iterator[Told]:
    for (domain, name), at in model.functions.items():
        if _computes(domain, name):
            yield finding("onnx.shadowed", path, offset=at, field=name, operator=name, domain=domain)
    for (domain, name), at in model.operators.items():
        if (domain, name) in model.functions or _computes(domain, name):
            continue
        known = domain in DOMAINS or domain == "com.microsoft.nchwc"
        rule = NAMED.get((domain, name), "onnx.unknown-operator" if known else "onnx.custom-operator")
        yield finding(rule, path, offset=at, field=name, operator=name, domain=domain or "ai.onnx")


def _computes(domain: str, name: str) -> bool:
    if domain == "com.microsoft.nchwc":
        return name in BLOCKED_LAYOUT
    return any(name in operators(listed) for listed in DOMAINS.get(domain, ()))


def _tensor(tensor: Tensor, path: str) -> Iterator[Told]:
    if tensor.dtype.startswith("type "):
        yield finding(
            "onnx.type", path, offset=tensor.at, field=tensor.name, tensor=tensor.name, type=tensor.dtype
        )
    if tensor.elements > MAX_EXTENT:
        yield finding("onnx.overflow", path, offset=tensor.at, field=tensor.name, tensor=tensor.name)
    elif tensor.raw is not None and tensor.needs is not None and tensor.raw != tensor.needs:
        yield finding(
            "onnx.span",
            path,
            offset=tensor.at,
            field=tensor.name,
            tensor=tensor.name,
            bytes=tensor.raw,
            needs=tensor.needs,
        )
    if tensor.outside is None:
        return
    location = tensor.outside.get("location", "")
    if leaves_the_folder(location):
        yield finding("onnx.external-path", path, offset=tensor.at, field=tensor.name, location=location)
    if tensor.twice or tensor.raw is not None or _numbers(tensor) is None:
        yield finding("onnx.external-unclear", path, offset=tensor.at, field=tensor.name, tensor=tensor.name)


def leaves_the_folder(location: str) -> bool:
    """Whether a path may name something outside the model's folder, on any system, or nothing at all."""
    parts = location.replace("\\", "/").split("/")
    return (
        not location
        or location.startswith(("/", "\\", "~"))
        or ".." in parts
        or "\\" in location
        or "\x00" in location
        or _IN_MEMORY in location
        or bool(_DRIVE_OR_SCHEME.match(location))
    )


def _numbers(tensor: Tensor) -> tuple[int, int | None] | None:
    """Offset and length as the tensor says them; None when they are no numbers."""
    outside = tensor.outside or {}
    offset, length = outside.get("offset", "0"), outside.get("length")
    if not _is_number(offset) or not (length is None or _is_number(length)):
        return None
    return int(offset), None if length is None else int(length)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= len(str(MAX_EXTENT))


def _followed(path: str, piece: Piece, pieces: Mapping[str, Piece]) -> Iterator[Told]:
    try:
        model = read_model(piece)
    except Broken:  # the examiner of the file has told of it
        return
    folder = path.rpartition("/")[0]
    told: set[str] = set()
    for tensor in model.tensors:
        location = (tensor.outside or {}).get("location", "")
        if tensor.outside is None or leaves_the_folder(location):
            continue
        clean = "/".join(part for part in location.split("/") if part not in ("", "."))
        target = f"{folder}/{clean}" if folder else clean
        if target not in pieces:
            if target not in told:
                yield finding("onnx.external-missing", path, field=tensor.name, location=location)
            told.add(target)
            continue
        if target not in told and not begins_like_text(pieces[target]):
            yield Fact("tensor-data", target, {"named_by": path})
        told.add(target)
        numbers = _numbers(tensor)
        if numbers is not None:
            offset, length = numbers
            needed = tensor.needs if length is None else length
            if offset + (needed or 0) > pieces[target].size:
                yield finding(
                    "onnx.external-bounds", path, field=tensor.name, tensor=tensor.name, location=location
                )
            elif length is not None and tensor.needs is not None and length != tensor.needs:
                yield finding(
                    "onnx.span", path, field=tensor.name, tensor=tensor.name, bytes=length, needs=tensor.needs
                )


def begins_like_text(piece: Piece) -> bool:
    """Whether a file that should hold numbers begins like a text: a model may name anything as its numbers."""
    start = piece.read(0, HEAD_BYTES)
    return bool(start) and not start.translate(None, _PRINTED)


def _facts(model: Model, path: str) -> Iterator[Told]:
    yield Fact("operator-set", path, claims(dict(sorted(model.opsets.items()))))
    if model.metadata:
        yield Fact("metadata", path, claims(dict(model.metadata)))
    yield Fact(
        "tensors",
        path,
        {
            "count": len(model.tensors),
            "parameters": sum(min(tensor.elements, MAX_EXTENT) for tensor in model.tensors),
            "bytes": sum(tensor.needs or 0 for tensor in model.tensors),
            "dtypes": dict(Counter(tensor.dtype for tensor in model.tensors).most_common()),
        },
    )
