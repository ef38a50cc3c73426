"""Keras models as JSON: `config.json` and `metadata.json` of a .keras archive (whose members the walker brings), and
the JSON that older ones lay beside the weights. Known by what they say, since any archive can hold them.
"""

import re
from collections.abc import Iterator
from typing import Any

from tocsin.assure.examining import Piece, Told, finding
from tocsin.assure.weights.keras_config import judge
from tocsin.assure.weights.telling import bounded, claims
from tocsin.kernel.artefacts import Fact
from tocsin.wire.strict_json import read_strictly

FORMAT = "keras"

HEAD_BYTES = 4096
MAX_CONFIG_BYTES = 16 << 20
"""A configuration of a thousand layers has some 2 MB."""

_STARTS = re.compile(
    rb'\s*\{\s*"(?:module|class_name|config|registered_name|keras_version|date_saved|backend)"\s*:'
)
_SAYS = re.compile(rb'"(?:class_name|keras_version)"\s*:')
_METADATA = frozenset({"keras_version", "date_saved", "backend"})


class KerasExaminer:
    """Tells of layers that hold code, and of classes and functions that are not Keras' own."""

    name = "keras"
    version = 1

    def recognises(self, piece: Piece) -> str:
        head = piece.read(0, HEAD_BYTES)
        if _STARTS.match(head) and _SAYS.search(head):
            return FORMAT
        # Keys in another order, or a long one first: by its place, where the loader looks.
        inside = piece.path.lower().rpartition("!/")
        if inside[0].endswith(".keras") and inside[2] in ("config.json", "metadata.json"):
            return FORMAT
        return FORMAT if head.lstrip()[:1] == b"{" and b'"class_name"' in head and b'"config"' in head else ""

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        return bounded(_examined(piece), piece.path)


def _examined(piece: Piece) -> Iterator[Told]:
    if piece.size > MAX_CONFIG_BYTES:
        yield finding("keras.too-large", piece.path, limit=MAX_CONFIG_BYTES)
        return
    yield from told_of(piece.read(0, MAX_CONFIG_BYTES), piece.path)


def told_of(data: bytes, path: str, field: str | None = None) -> Iterator[Told]:
    """What a configuration says, given its bytes: of a file, or of an attribute (`field`) in an HDF5 file."""
    try:
        parsed = read_strictly(data.decode("utf-8"))
    except ValueError:
        yield finding("keras.unreadable", path, field=field)
        return
    if not parsed.whole or not isinstance(parsed.value, dict):
        yield finding("keras.unreadable", path, field=field)
        return
    for key in parsed.twice:
        yield finding("keras.duplicate-key", path, field=key, key=key)
    yield from judge(parsed.value, path)
    yield from _facts(parsed.value, path)


def _facts(config: dict[str, Any], path: str) -> Iterator[Told]:
    if set(config) <= _METADATA:
        yield Fact("metadata", path, claims({key: str(value) for key, value in config.items()}))
    elif isinstance(name := config.get("class_name"), str):
        inner = config.get("config")
        named = inner.get("name") if isinstance(inner, dict) else None
        yield Fact("architecture", path, claims({"architectures": [name[:100]], "name": str(named or "")}))
