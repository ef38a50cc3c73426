"""The tensors of a state dictionary, by a symbolic run alone: names, shapes, and where their elements lie."""

from collections.abc import Iterator

import msgspec

from tocsin.assure.examining import Piece
from tocsin.assure.pickles.streams import TORCH_MAGIC, TORCH_OBJECT, TORCH_STREAMS, run_piece
from tocsin.assure.pickles.values import Made, Tensor, Value

MAX_NAME_DEPTH = 32
"""Dictionaries in dictionaries that are walked; a model's modules nest less."""

MAX_TENSORS = 1_000_000
"""A shared dictionary can be reached under many names."""

_MODULE_PARTS = frozenset({"_parameters", "_buffers", "_modules"})
"""Where torch's modules keep what a state dictionary names without them."""


class StoredTensor(msgspec.Struct, frozen=True):
    """One tensor as a view of a storage, whose bytes lie elsewhere: in a torch zip the member data/KEY.

    `dtype` as safetensors writes it ("F32", "BF16"), "" where the storage has none. `offset` and `strides` count
    elements in the storage `key`.
    """

    name: str
    dtype: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    key: str
    offset: int
    elements: int
    """In the whole storage; bytes of the storage when `dtype` stands beside an untyped one."""


def torch_tensors(piece: Piece) -> tuple[StoredTensor, ...]:
    """What a torch pickle (data.pkl of a zip, or a file of torch before 1.6) names; () when it holds no dictionary.

    Nested dictionaries are joined by ".". Judges nothing: the pickle examiner does, of the same bytes.
    """
    values = run_piece(piece).values
    if not values:
        return ()
    legacy = len(values) == TORCH_STREAMS and values[0] == TORCH_MAGIC
    return tuple(_walk(values[TORCH_OBJECT] if legacy else values[0]))


def _walk(value: Value) -> Iterator[StoredTensor]:
    """In the order written; a stack of our own, for the nesting is the file's."""
    waiting: list[tuple[str, Value, int]] = [("", value, 0)]
    told = 0
    while waiting and told < MAX_TENSORS:
        name, found, depth = waiting.pop()
        told += 1
        if not isinstance(found, Made):
            continue
        if isinstance(found.detail, Tensor):
            yield _entry(name, found.detail)
        elif found.items is not None and depth < MAX_NAME_DEPTH:
            inner = [(_joined(name, key), item, depth + 1) for key, item in found.items.items()]
            waiting.extend(reversed(inner))


def _joined(name: str, key: str) -> str:
    if key in _MODULE_PARTS:
        return name
    return f"{name}.{key}" if name else key


def _entry(name: str, tensor: Tensor) -> StoredTensor:
    storage = tensor.storage
    return StoredTensor(
        name,
        storage.dtype,
        tensor.shape,
        tensor.strides,
        storage.key,
        tensor.offset,
        storage.elements,
    )
