"""safetensors: eight bytes of length, a JSON header, tensors without holes. Read here: the header, and nothing else.

The rules are those of the format (huggingface/safetensors, README and `tensor.rs`): a reader may take a file that
breaks them, and then two readers see two models.
"""

import struct
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tocsin.assure.examining import Nested, Piece, Told, finding
from tocsin.assure.pieces import Held
from tocsin.assure.texts.json_files import looks_like_json
from tocsin.assure.weights.reading import Broken
from tocsin.assure.weights.telling import bounded, claims
from tocsin.assure.weights.tensors import TensorEntry, misplaced
from tocsin.kernel.artefacts import Fact
from tocsin.wire.strict_json import StrictJson, read_strictly

FORMAT = "safetensors"

LENGTH_BYTES = 8

MAX_HEADER = 100_000_000
"""The format's own bound (`MAX_HEADER_SIZE`): no reader takes a longer one."""

MAX_HEADER_READ = 8_000_000
"""Ours: some 60,000 tensors. Parsed it takes ten times its size; published shards have headers under 1 MB."""

MAX_ELEMENTS = (1 << 64) - 1
"""Readers count in 64 bits; a product beyond wraps in some of them to a small number."""

BITS = {
    "F4": 4,
    "F6_E2M3": 6,
    "F6_E3M2": 6,
    **dict.fromkeys(("BOOL", "U8", "I8", "F8_E5M2", "F8_E4M3", "F8_E8M0", "F8_E4M3FNUZ", "F8_E5M2FNUZ"), 8),
    **dict.fromkeys(("I16", "U16", "F16", "BF16"), 16),
    **dict.fromkeys(("I32", "U32", "F32"), 32),
    **dict.fromkeys(("I64", "U64", "F64", "C64"), 64),
}
"""Bits of an element, for every dtype of safetensors 0.8."""

_KEYS = {"dtype", "shape", "data_offsets"}

_MISPLACED = {"overlap": "overlap", "gap": "gap", "end": "uncovered", "bounds": "bounds"}


def recognises(piece: Piece) -> str:
    """By the first letter of the header where a length says one is; by name, so that a broken one is told of."""
    start = piece.read(0, LENGTH_BYTES + 1)
    if piece.path.lower().endswith(".safetensors"):
        return FORMAT
    if len(start) <= LENGTH_BYTES or start[LENGTH_BYTES:] != b"{":
        return ""
    (length,) = struct.unpack("<Q", start[:LENGTH_BYTES])
    return FORMAT if 2 <= length <= min(MAX_HEADER, piece.size - LENGTH_BYTES) else ""


class SafetensorsExaminer:
    """Tells of a header that two readers may read differently, and of bytes that belong to no tensor."""

    name = "safetensors"
    version = 2

    def recognises(self, piece: Piece) -> str:
        return recognises(piece)

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        return bounded(_examined(piece), piece.path)


def safetensors_tensors(piece: Piece) -> tuple[TensorEntry, ...]:
    """Every tensor of a safetensors file, in the header's order. Raises BadInput for a header that breaks the rules
    of a single entry; whether the tensors overlap is the examiner's to say.
    """
    text, data_start = _header(piece)
    parsed = _parsed(text)
    if parsed.twice:
        raise Broken(
            "safetensors.duplicate-key", offset=LENGTH_BYTES, field=parsed.twice[0], key=parsed.twice[0]
        )
    return tuple(
        _entry(name, value, data_start) for name, value in parsed.value.items() if name != "__metadata__"
    )


def _examined(piece: Piece) -> Iterator[Told]:
    try:
        text, data_start = _header(piece)
        parsed = _parsed(text)
    except Broken as broken:
        yield broken.told(piece.path)
        return
    yield from _around(text, parsed, piece.path)
    entries: list[TensorEntry] = []
    placed: list[TensorEntry] = []
    for name, value in parsed.value.items():
        if name == "__metadata__":
            yield from _metadata(value, piece.path)
            continue
        try:
            entry, _ = _said(name, value, data_start)
        except Broken as broken:
            yield broken.told(piece.path)
            continue
        if 0 <= entry.length <= MAX_ELEMENTS:  # whatever else is wrong with it, these bytes are its
            placed.append(entry)
        try:
            entries.append(_entry(name, value, data_start))
        except Broken as broken:
            yield broken.told(piece.path)
        for key in sorted(set(value) - _KEYS):
            yield finding("safetensors.unknown-key", piece.path, field=name, key=key)
    for where in misplaced(placed, data_start, piece.size):
        yield finding(
            f"safetensors.{_MISPLACED[where.how]}",
            piece.path,
            offset=where.offset,
            field=where.name,
            tensor=where.name,
            bytes=where.length,
        )
    yield _fact(entries, piece.path)


def _header(piece: Piece) -> tuple[str, int]:
    """The header's text, and where the tensors begin. Raises Broken."""
    start = piece.read(0, LENGTH_BYTES)
    if len(start) < LENGTH_BYTES:
        raise Broken("safetensors.truncated", offset=len(start), size=piece.size)
    (length,) = struct.unpack("<Q", start)
    if length > MAX_HEADER:
        raise Broken("safetensors.header-too-large", offset=0, length=length, limit=MAX_HEADER)
    if length > piece.size - LENGTH_BYTES:
        raise Broken("safetensors.truncated", offset=0, size=piece.size)
    if length > MAX_HEADER_READ:
        raise Broken("safetensors.header-unread", offset=0, length=length, limit=MAX_HEADER_READ)
    data = piece.read(LENGTH_BYTES, length)
    if len(data) < length:
        raise Broken("safetensors.truncated", offset=LENGTH_BYTES, size=piece.size)
    try:
        return data.decode("utf-8"), LENGTH_BYTES + length
    except UnicodeDecodeError as error:
        raise Broken("safetensors.not-json", offset=LENGTH_BYTES + error.start) from error


def _parsed(text: str) -> StrictJson:
    try:
        parsed = read_strictly(text)
    except ValueError as error:
        raise Broken("safetensors.not-json", offset=LENGTH_BYTES) from error
    if not isinstance(parsed.value, dict):
        raise Broken("safetensors.not-json", offset=LENGTH_BYTES)
    return parsed


def _around(text: str, parsed: StrictJson, path: str) -> Iterator[Told]:
    """What is wrong with the header as a text: how it begins, what follows it, keys that come twice."""
    if not text.startswith("{"):
        yield finding("safetensors.start", path, offset=LENGTH_BYTES)
    rest = text[parsed.end :]
    at = LENGTH_BYTES + len(text[: parsed.end].encode())
    if not parsed.whole:
        yield finding("safetensors.trailing", path, offset=at, bytes=len(rest.encode()))
    elif rest.strip(" "):
        yield finding("safetensors.padding", path, offset=at, bytes=len(rest))
    for key in parsed.twice:
        yield finding("safetensors.duplicate-key", path, offset=LENGTH_BYTES, field=key, key=key)


def _metadata(value: Any, path: str) -> Iterator[Told]:
    if not isinstance(value, dict):
        yield finding("safetensors.metadata-value", path, field="__metadata__", key="__metadata__")
        return
    for key, text in value.items():
        if not isinstance(text, str):
            yield finding("safetensors.metadata-value", path, field="__metadata__", key=key)
        elif looks_like_json(text.encode()):
            # some loaders build what a configuration kept here names (CVE-2025-23304)
            yield Nested(Held(f"{path}!/__metadata__/{key}", text.encode()))
    yield Fact("metadata", path, claims({key: text for key, text in value.items() if isinstance(text, str)}))


def _entry(name: str, value: Any, data_start: int) -> TensorEntry:
    """One tensor. Raises Broken when dtype, shape and offsets do not agree."""
    entry, (begin, end) = _said(name, value, data_start)
    if entry.dtype not in BITS:
        raise Broken("safetensors.dtype", offset=LENGTH_BYTES, field=name, tensor=name, dtype=entry.dtype)
    count = 1
    for extent in entry.shape:
        count *= extent
        if max(count, extent) * BITS[entry.dtype] > MAX_ELEMENTS:
            raise Broken("safetensors.overflow", offset=LENGTH_BYTES, field=name, tensor=name)
    if max(begin, end) > MAX_ELEMENTS:
        raise Broken("safetensors.overflow", offset=LENGTH_BYTES, field=name, tensor=name)
    if (end - begin) * 8 != count * BITS[entry.dtype]:
        needs = count * BITS[entry.dtype] // 8
        raise Broken(
            "safetensors.span", offset=entry.offset, field=name, tensor=name, bytes=end - begin, needs=needs
        )
    return entry


def _said(name: str, value: Any, data_start: int) -> tuple[TensorEntry, tuple[int, int]]:
    """One tensor as it says it is, and its offsets. Raises Broken when it does not say it."""
    dtype, shape, (begin, end) = _fields(name, value)
    return TensorEntry(name, dtype, tuple(shape), data_start + begin, end - begin), (begin, end)


def _fields(name: str, value: Any) -> tuple[str, list[int], list[int]]:
    """The three fields of an entry, by type alone. Raises Broken."""
    if isinstance(value, dict):
        dtype, shape, offsets = (
            value.get("dtype"),
            _whole(value.get("shape")),
            _whole(value.get("data_offsets")),
        )
        if isinstance(dtype, str) and shape is not None and offsets is not None and len(offsets) == 2:
            return dtype, shape, offsets
    raise Broken("safetensors.entry", offset=LENGTH_BYTES, field=name, tensor=name)


def _whole(values: Any) -> list[int] | None:
    """A list of whole numbers of at least 0, or None. (In Python, true is a number; in JSON it is none.)"""
    if isinstance(values, list) and all(type(value) is int and value >= 0 for value in values):
        return values
    return None


def _fact(entries: list[TensorEntry], path: str) -> Fact:
    return Fact(
        "tensors",
        path,
        {
            "count": len(entries),
            "parameters": sum(_elements(entry) for entry in entries),
            "bytes": sum(entry.length for entry in entries),
            "dtypes": dict(Counter(entry.dtype for entry in entries).most_common()),
        },
    )


def _elements(entry: TensorEntry) -> int:
    return entry.length * 8 // BITS[entry.dtype]
