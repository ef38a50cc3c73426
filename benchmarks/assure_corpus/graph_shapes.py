"""Graphs: ONNX that reads other files or asks for foreign operators, SavedModels that read, write and call Python.

Field numbers: onnx.proto3 and saved_model.proto, meta_graph.proto, graph.proto, function.proto, node_def.proto.
"""

from collections.abc import Iterator, Sequence

from benchmarks.assure_corpus.protobuf import Value, message
from benchmarks.assure_corpus.shape import CANARY, Shape

OUTSIDE = "a loader opens a file outside the model"
_FLOAT, _EXTERNAL = 1, 1
_GRAPH_ATTRIBUTE, _TENSOR_ATTRIBUTE = 5, 4


def external(name: str, location: str, **more: str) -> bytes:
    """A TensorProto whose data lie elsewhere."""
    entries = [(13, message((1, key), (2, value))) for key, value in {"location": location, **more}.items()]
    return message((1, 4), (2, _FLOAT), (8, name), *entries, (14, _EXTERNAL))


def onnx(
    *,
    initializers: Sequence[bytes] = (),
    nodes: Sequence[bytes] | None = None,
    domains: Sequence[str] = (),
    functions: Sequence[bytes] = (),
) -> bytes:
    """A ModelProto with one Identity, or the nodes given."""
    shape = message((1, message((1, _FLOAT), (2, message((1, message((1, 4))))))))
    value = message((1, "x"), (2, shape))
    chosen = [message((1, "x"), (2, "y"), (4, "Identity"))] if nodes is None else nodes
    graph: list[tuple[int, Value]] = [(1, node) for node in chosen]
    graph += [(2, "graph"), *((5, item) for item in initializers)]
    graph += [(11, value), (12, message((1, "y"), (2, shape)))]
    opsets = [(8, message((2, 17))), *((8, message((1, domain), (2, 1))) for domain in domains)]
    return message((1, 8), (2, "pytorch"), (7, message(*graph)), *opsets, *((25, one) for one in functions))


def _onnx_shapes() -> Iterator[Shape]:
    for name, location in (
        ("traversal", "../../../../etc/passwd"),
        ("absolute", "/etc/passwd"),
        ("hidden-traversal", "data/../../secret.bin"),
        ("backslash", "..\\..\\secret.bin"),
        ("uri", "file:///etc/passwd"),
        ("null-byte", "weights.bin\x00/../../etc/passwd"),
    ):
        content = onnx(initializers=[external("w", location)])
        yield Shape(f"onnx-external-{name}", "onnx", OUTSIDE, "", {"model.onnx": content})
    linked = onnx(initializers=[external("w", "weights.bin")])
    links = {"weights.bin": "/etc/hostname"}
    yield Shape("onnx-external-symlink", "onnx", OUTSIDE, "", {"model.onnx": linked}, "", links)
    beyond = onnx(initializers=[external("w", "weights.bin", offset="-8", length="9223372036854775807")])
    does = "a reader that trusts it reads outside the file"
    yield Shape("onnx-external-offset", "onnx", does, "", {"model.onnx": beyond, "weights.bin": b"\x00" * 16})
    constant = message((1, "value"), (5, external("w", "../../secret.bin")), (20, _TENSOR_ATTRIBUTE))
    node = message((2, "c"), (4, "Constant"), (5, constant))
    yield Shape("onnx-external-in-attribute", "onnx", OUTSIDE, "", {"model.onnx": onnx(nodes=[node])})
    branch = message((1, node), (2, "then"))
    attribute = message((1, "then_branch"), (6, branch), (20, _GRAPH_ATTRIBUTE))
    inside = onnx(nodes=[message((1, "x"), (2, "y"), (4, "If"), (5, attribute))])
    yield Shape("onnx-external-in-branch", "onnx", OUTSIDE, "", {"model.onnx": inside})
    foreign = "asks the runtime to load a library of operators"
    for name, domain, operator in (
        ("custom", "com.example.ops", "Run"),
        ("python", "ai.onnx.contrib", "PyOp"),
    ):
        node = message((1, "x"), (2, "y"), (4, operator), (7, domain))
        content = onnx(nodes=[node], domains=[domain])
        yield Shape(f"onnx-{name}-operator", "onnx", foreign, "", {"model.onnx": content})
    body = message(
        (1, "f"),
        (4, "x"),
        (5, "y"),
        (7, message((1, "x"), (2, "y"), (4, "PyOp"), (7, "ai.onnx.contrib"))),
        (10, "local"),
    )
    called = message((1, "x"), (2, "y"), (4, "f"), (7, "local"))
    content = onnx(nodes=[called], domains=["local"], functions=[body])
    yield Shape("onnx-operator-in-function", "onnx", foreign, "", {"model.onnx": content})


def saved_model(operators: Sequence[str], *, in_function: bool = False) -> bytes:
    """A SavedModel whose graph has a node of each operator, or a function that has them."""
    text = message((2, message((1, 7), (8, CANARY))))
    nodes = [
        message((1, f"n{n}"), (2, name), (5, message((1, "value"), (2, text))))
        for n, name in enumerate(operators)
    ]
    if in_function:
        signature = message((1, "__inference_call_7"))
        function = message((1, signature), *((3, node) for node in nodes))
        harmless = message((1, "x"), (2, "Placeholder"))
        graph = message((1, harmless), (2, message((1, function))))
    else:
        graph = message(*((1, node) for node in nodes))
    meta = message((1, message((4, "serve"))), (2, graph))
    return message((1, 1), (2, meta))


def _saved_model_shapes() -> Iterator[Shape]:
    for name, operators, does in (
        ("readfile", ["Placeholder", "ReadFile"], "reads a file when it is called"),
        ("writefile", ["Const", "WriteFile"], "writes a file when it is called"),
        ("pyfunc", ["Placeholder", "PyFunc"], "calls Python of the process"),
        ("eagerpyfunc", ["EagerPyFunc"], "calls Python of the process"),
        ("matchingfiles", ["MatchingFiles"], "lists files when it is called"),
        ("custom", ["com_example>Run"], "asks the runtime to load a library of operators"),
    ):
        files = {"saved_model.pb": saved_model(operators), "variables/variables.index": b""}
        yield Shape(f"savedmodel-{name}", "saved model", does, "", files)
    files = {"saved_model.pb": saved_model(["WriteFile"], in_function=True)}
    yield Shape("savedmodel-in-function", "saved model", "writes a file when it is called", "", files)
    files = {
        "saved_model.pb": saved_model(["Placeholder"]),
        "assets/vocab.pkl": b"cio\nopen\n(V" + CANARY.encode() + b"\nVw\ntR.",
    }
    yield Shape("savedmodel-pickle-asset", "saved model", "opens a file", "pickle", files, "assets/vocab.pkl")


def graph_shapes() -> Iterator[Shape]:
    """ONNX and SavedModel."""
    yield from _onnx_shapes()
    yield from _saved_model_shapes()
