"""A Keras configuration: which classes and functions a loader would make and call. An allowlist; nothing is imported.

What the loader does with each name is in keras `saving/serialization_lib.py`. Code comes in as a Lambda (marshalled
bytecode), as a function by its module's path (CVE-2025-1550: any module; CVE-2025-8747: Keras' own downloader), as a
pickled torch module, or as another file (a saved model, a vocabulary).
"""

import re
from collections.abc import Iterator
from typing import Any

from tocsin.assure.examining import finding
from tocsin.assure.weights.operators import operators
from tocsin.kernel.artefacts import Finding

MAX_NODES = 100_000
"""Objects and lists in one configuration. Large models have some 20,000."""

CODE = frozenset({"Lambda", "__lambda__"})
OPENERS = {
    "TorchModuleWrapper": "keras.pickle",
    "JaxLayer": "keras.lambda",
    "FlaxLayer": "keras.lambda",
    "TFSMLayer": "keras.file",
}
"""Layers that unpickle, run functions given to them, or load another file."""

MARKERS = frozenset(
    {"__tensor__", "__numpy__", "__bytes__", "__ellipsis__", "__keras_tensor__", "__tuple__", "__complex__"}
    | {"__slice__", "__typespec__", "TensorShape"}
)
"""Plain values that JSON lacks, as Keras writes them."""

MODULES = re.compile(r"(?:tf_keras|keras|tensorflow\.(?:python\.)?keras)(?:\.[a-z_0-9]+)*")
"""Modules of Keras. What is asked for in them must be in the list of classes or functions all the same."""

TF_FUNCTIONS = re.compile(
    r"(?:tf\.)?(?:(?:compat\.v[12]|math|nn|linalg|image|__operators__|keras\.backend|strings|random|signal|bitwise)\.)*"
    r"(?!read_file|write_file|py_function|numpy_function|decode_|eval|load)[a-z_0-9]+"
)
_TF_BARRED = re.compile(
    r"(?:io|raw_ops|saved_model|load|py_function|numpy_function|import)\b|\.(?:io|raw_ops|load)\b"
)

_ELSEWHERE = re.compile(r"(?:https?|ftp|gs|s3|hf|hdfs|file|data)://?", re.IGNORECASE)
_FILE_KEYS = frozenset(
    {"vocabulary", "filepath", "filename", "file_path", "vocabulary_file", "vocab_file", "path"}
)


def judge(config: Any, path: str) -> Iterator[Finding]:
    """Every finding in a configuration that was read from JSON, at any depth."""
    waiting: list[tuple[Any, str]] = [(config, "")]
    seen = 0
    while waiting:
        value, where = waiting.pop()
        seen += 1
        if seen > MAX_NODES:
            yield finding("keras.too-large", path, limit=MAX_NODES)
            return
        if isinstance(value, dict):
            if isinstance(value.get("class_name"), str):
                yield from _object(value, path, where)
            elif "class_name" in value:
                yield finding("keras.unreadable", path, field=where)
            for key, inner in value.items():
                yield from _entry(key, inner, path, where)
                if isinstance(inner, dict | list):
                    waiting.append((inner, f"{where}/{key}"[-200:]))
        else:
            for number, inner in enumerate(value if isinstance(value, list) else ()):
                if isinstance(inner, dict | list):
                    waiting.append((inner, f"{where}/{number}"[-200:]))


def _entry(key: str, value: Any, path: str, where: str) -> Iterator[Finding]:
    """A key whose value names a file, or anything that names a place on a network."""
    if not isinstance(value, str):
        return
    if _ELSEWHERE.match(value):
        yield finding("keras.remote", path, field=f"{where}/{key}", key=key, value=value)
    elif key in _FILE_KEYS and value:
        yield finding("keras.file", path, field=f"{where}/{key}", layer=key, value=value)


def _object(value: dict[str, Any], path: str, where: str) -> Iterator[Finding]:
    """Something that the loader would make: by its class, the module it is said to be in, and how it is registered."""
    name, module, registered = value["class_name"], value.get("module"), value.get("registered_name")
    inner = value.get("config")
    if name in CODE:
        yield finding("keras.lambda", path, field=where, name=name)
    elif name in OPENERS:
        yield finding(OPENERS[name], path, field=where, layer=name, value="")
    elif name == "function":
        yield from _function(inner, module, path, where)
    elif name in ("TFOpLambda", "SlicingOpLambda", "TensorFlowOpLayer"):
        yield from _tensorflow(name, inner, path, where)
    elif name in MARKERS:
        return
    elif isinstance(module, str) and not MODULES.fullmatch(module):
        yield finding("keras.module", path, field=where, name=name, module=module)
    elif (
        (isinstance(registered, str) and ">" in registered) or ">" in name or (module is None and registered)
    ):
        yield finding("keras.custom", path, field=where, name=str(registered or name))
    elif name not in operators("keras_classes"):
        rule = "keras.unknown" if isinstance(module, str) else "keras.custom"
        yield finding(rule, path, field=where, name=name)


def _function(given: Any, module: Any, path: str, where: str) -> Iterator[Finding]:
    """A function that is asked for by its name in a module."""
    name = given if isinstance(given, str) else str(given)
    if isinstance(module, str) and module != "builtins" and not MODULES.fullmatch(module):
        yield finding("keras.module", path, field=where, name=name, module=module)
    elif name not in operators("keras_functions"):
        yield finding("keras.function", path, field=where, name=name, module=str(module))


def _tensorflow(layer: str, given: Any, path: str, where: str) -> Iterator[Finding]:
    """A TensorFlow function as a layer, by its name (tf.keras 2)."""
    inner = given if isinstance(given, dict) else {}
    name = inner.get("function") if layer == "TFOpLambda" else None
    if layer == "SlicingOpLambda":
        name = inner.get("function", "__operators__.getitem")
    if not isinstance(name, str) or _TF_BARRED.match(name) or not TF_FUNCTIONS.fullmatch(name):
        yield finding("keras.tensorflow", path, field=where, name=str(name or layer))
