"""torch's exported programs (.pt2): a graph as JSON, each node with the path of the function that it calls.

torch follows that path by attributes from the module `torch` (torch/_export/serde/serialize.py,
`deserialize_operator`), and `torch` reaches far: so only operators on the list, and plain arithmetic, are taken.
"""

import re
from collections.abc import Iterator
from typing import Any

from tocsin.assure.examining import Piece, Told, finding
from tocsin.assure.weights.operators import operators
from tocsin.assure.weights.telling import bounded
from tocsin.assure.weights.torchscript import CALLS_OUT, FILES
from tocsin.kernel.artefacts import Fact
from tocsin.wire.strict_json import read_strictly

FORMAT = "torch-export"

HEAD_BYTES = 4096
MAX_PROGRAM_BYTES = 16 << 20
"""A model of 10,000 nodes has some 10 MB, most of it the places in the source it came from."""

MAX_NODES = 1_000_000

_STARTS = re.compile(rb'\s*\{\s*"graph_module"\s*:')
_PROGRAM = re.compile(r"[!/](?:[^/]+/)?models/[^/]+\.json$")
_MARK = re.compile(r"[!/](?:[^/]+/)?archive_(?:format|version)$")
_MARKS = re.compile(rb"(?:pt2|[0-9]{1,4})\s*")
_PLAIN = re.compile(
    r"_operator\.(?!methodcaller|attrgetter|itemgetter|call)[a-z_]+|math\.[a-z0-9_]+|torch\.sym_[a-z_]+"
    r"|torch\._sym_[a-z_]+"
)
_HIGHER = "torch.ops.higher_order."
"""Control flow, whose branches are graphs in the same file."""

HIGHER = frozenset(
    {"cond", "while_loop", "map_impl", "scan", "associative_scan", "flex_attention", "invoke_subgraph"}
    | {"wrap_with_set_grad_enabled", "wrap_with_autocast", "auto_functionalized", "auto_functionalized_v2"}
)


class TorchExportExaminer:
    """Tells of a node that calls what is no operator of torch."""

    name = "torch-export"
    version = 1

    def recognises(self, piece: Piece) -> str:
        if _STARTS.match(piece.read(0, HEAD_BYTES)):
            return FORMAT
        if ".pt2!/" in piece.path and _PROGRAM.search(piece.path):
            return FORMAT
        return FORMAT if _MARK.search(piece.path) and _MARKS.fullmatch(piece.read(0, HEAD_BYTES)) else ""

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        if _MARKS.fullmatch(piece.read(0, HEAD_BYTES)) and piece.size < HEAD_BYTES:
            return iter(())  # the archive's kind or version, and nothing more
        return bounded(_examined(piece), piece.path)


def _examined(piece: Piece) -> Iterator[Told]:
    path = piece.path
    if piece.size > MAX_PROGRAM_BYTES:
        yield finding("torch-export.too-large", path, limit=MAX_PROGRAM_BYTES)
        return
    try:
        parsed = read_strictly(piece.read(0, MAX_PROGRAM_BYTES).decode("utf-8"))
    except ValueError:
        yield finding("torch-export.unreadable", path)
        return
    if not parsed.whole or not isinstance(parsed.value, dict) or "graph_module" not in parsed.value:
        yield finding("torch-export.unreadable", path)
        return
    for key in parsed.twice:
        yield finding("torch-export.duplicate-key", path, field=key, key=key)
    targets: set[str] = set()
    waiting: list[Any] = [parsed.value]
    seen = 0
    while waiting:
        value = waiting.pop()
        seen += 1
        if seen > MAX_NODES:
            yield finding("torch-export.too-large", path, limit=MAX_NODES)
            return
        inner: list[Any] = list(value.values()) if isinstance(value, dict) else value
        waiting.extend(each for each in inner if isinstance(each, dict | list))
        if isinstance(value, dict) and _is_node(value):
            targets.add(value["target"])
    for target in sorted(targets):
        if rule := _judged(target):
            yield finding(f"torch-export.{rule}", path, field=target, name=target)
    yield Fact("operator-set", path, {"torch": len(targets)})


def _is_node(value: dict[str, Any]) -> bool:
    """Whether this is a node of a graph; signatures have targets too, which are names in the model."""
    return isinstance(value.get("target"), str) and ("inputs" in value or "outputs" in value)


def _judged(target: str) -> str:
    """The rule that a path breaks, without its family; "" when it only computes."""
    if _PLAIN.fullmatch(target) or (
        target.startswith(_HIGHER) and target.removeprefix(_HIGHER).split(".")[0] in HIGHER
    ):
        return ""
    parts = target.split(".")
    if parts[:2] != ["torch", "ops"] or not 4 <= len(parts) <= 5:
        return "target"
    namespace, name = parts[2], parts[3]
    if name in FILES or name in CALLS_OUT:
        return "target"
    if f"{namespace}::{name}" in operators("torch"):
        return ""
    known = any(listed.startswith(f"{namespace}::") for listed in operators("torch"))
    return "unknown-operator" if known else "custom-operator"
