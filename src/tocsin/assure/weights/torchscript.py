"""TorchScript: the source in `code/` of a torch archive. It looks like Python and is run by torch's own interpreter.

What such a program can do beyond computing it does by operators, which it names: `torch.relu` (aten::relu),
`ops.quantized.add`, `__torch__.torch.classes.quantized.X`. So the source is cut into words, past texts and comments,
and every name that leads to an operator is looked up. Its debugging tables and constants are pickles, judged as such.
"""

import re
from collections.abc import Iterator

from tocsin.assure.examining import Piece, Told, finding
from tocsin.assure.weights.operators import operators
from tocsin.assure.weights.telling import bounded

FORMAT = "torchscript"

MAX_SOURCE_BYTES = 4 << 20
"""Of one file; the longest traced models have about 1 MB in one."""

FILES = frozenset({"save", "from_file", "load", "open", "read_file", "write_file"})
"""Operators that open a file by name, as functions or as methods of a value."""

METHODS = frozenset({"save", "from_file"})
"""Those of torch itself, which any value has as methods too."""

CALLS_OUT = frozenset({"rpc_async", "rpc_sync", "rpc_remote", "PythonOp", "IgnoredPythonOp"})
CLASSES = frozenset({"quantized", "sparse", "xnnpack", "rnn", "mkldnn"})
"""Namespaces of classes that torch itself brings."""

_PLACE = re.compile(r"(?:^|[/!])code/__torch__(?:/.+)?\.py$")
_WORDS = re.compile(
    r"""(?P<text>[rubRUB]{0,2}(?:\"\"\"(?:[^\\]|\\.)*?\"\"\"|'''(?:[^\\]|\\.)*?'''|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'))
    |(?P<comment>\#[^\n]*)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<number>[0-9](?:[0-9A-Za-z_.]|(?<=[eE])[+-])*)
    |(?P<space>[\s\\]+)
    |(?P<sign>.)""",
    re.VERBOSE | re.DOTALL,
)


class TorchscriptExaminer:
    """Tells of operators that open files, call out, or need somebody's library."""

    name = "torchscript"
    version = 1

    def recognises(self, piece: Piece) -> str:
        return FORMAT if _PLACE.search(piece.path) else ""

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        return bounded(_examined(piece), piece.path)


def _examined(piece: Piece) -> Iterator[Told]:
    path = piece.path
    if piece.size > MAX_SOURCE_BYTES:
        yield finding("torchscript.too-large", path, size=piece.size, limit=MAX_SOURCE_BYTES)
        return
    try:
        source = piece.read(0, MAX_SOURCE_BYTES).decode("utf-8")
    except UnicodeDecodeError as error:
        yield finding("torchscript.unreadable", path, offset=error.start)
        return
    if "\x00" in source:
        yield finding("torchscript.unreadable", path, offset=source.index("\x00"))
        return
    told: set[tuple[str, ...]] = set()
    for chain, at in _chains(source):
        key = chain[:5]
        if key in told:
            continue
        told.add(key)
        rule = _judged(chain)
        if rule:
            name = ".".join(chain)
            yield finding(
                f"torchscript.{rule}", path, offset=len(source[:at].encode()), field=name, name=name
            )


def _chains(source: str) -> Iterator[tuple[tuple[str, ...], int]]:
    """Every name with what follows it after dots, and where; a method of some value begins with an empty name."""
    chain: list[str] = []
    start, dotted, asked = 0, False, False
    for match in _WORDS.finditer(source):
        kind, word = match.lastgroup, match[0]
        if kind in ("space", "comment"):
            continue
        if word == "getattr":
            asked = True
        if kind == "text" and asked:  # the name of an attribute may come as a text
            yield ("getattr", word.strip("rubRUB\"'")), match.start()
        if kind == "name" and dotted:
            chain.append(word)
            dotted = False
        elif kind == "name":
            if chain:
                yield tuple(chain), start
            chain, start = [word], match.start()
        elif word == ".":
            if not chain:
                chain, start = [""], match.start()
            dotted = True
        else:
            if chain:
                yield tuple(chain), start
            chain, dotted = [], False
    if chain:
        yield tuple(chain), start


def _judged(chain: tuple[str, ...]) -> str:
    """The rule that a name breaks, without its family; "" when it only computes."""
    match chain:
        case ("torch", name) | ("torch", name, _):
            return _operator("aten", name)
        case ("torch", *_):
            return "unknown-operator"
        case ("ops", namespace, name, *_):
            return _operator(namespace, name)
        case ("__torch__", "torch", "classes", namespace, *_):
            return "" if namespace in CLASSES else "custom-class"
        case ("__torch__", *_) | ("self", _):  # a function or a method of the model itself
            return ""
        case (_, *inner) if not METHODS.isdisjoint(inner):
            return "file"
    return ""


def _operator(namespace: str, name: str) -> str:
    if name in CALLS_OUT:
        return "calls-out"
    if name in FILES:
        return "file"
    if f"{namespace}::{name}" in operators("torch"):
        return ""
    known = namespace in {listed.partition("::")[0] for listed in operators("torch")}
    return "unknown-operator" if known else "custom-operator"
