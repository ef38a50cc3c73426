"""safetensors of a few float tensors, whole in memory: written, and read back. Large models are `assure`'s to read.

Eight bytes of length, a JSON header, tensors without holes (huggingface/safetensors, README, "Format"). The header is
padded by spaces to a multiple of eight, as the format's own writer does.
"""

import struct
from collections.abc import Mapping
from math import prod

import msgspec
import numpy as np
import numpy.typing as npt

from tocsin.kernel.errors import BadInput, TooLarge

Floats = npt.NDArray[np.float32]

MAX_BYTES = 64 << 20
"""Of one file that is read whole here: a hundred times what a tiny model takes."""

MAX_TENSORS = 1_024
MAX_SIDES = 4
_LENGTH = struct.Struct("<Q")


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    dtype: str
    shape: list[int]
    data_offsets: tuple[int, int]


def pack(tensors: Mapping[str, Floats]) -> bytes:
    """The bytes of a file that holds these, as F32, in their order."""
    header: dict[str, object] = {}
    parts, at = [], 0
    for name, value in tensors.items():
        data = np.ascontiguousarray(value, dtype="<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(value.shape), "data_offsets": [at, at + len(data)]}
        parts.append(data)
        at += len(data)
    text = msgspec.json.encode(header)
    text += b" " * (-len(text) % 8)
    return b"".join((_LENGTH.pack(len(text)), text, *parts))


def unpack(data: bytes) -> dict[str, Floats]:
    """The tensors of a file. Raises BadInput for what is no such file or holds other types than F32, TooLarge."""
    if len(data) > MAX_BYTES:
        raise TooLarge(f"more than {MAX_BYTES:,} bytes of weights: this reader is for tiny models")
    if len(data) < _LENGTH.size:
        raise BadInput("no safetensors file: it ends before its header")
    (length,) = _LENGTH.unpack_from(data)
    start = _LENGTH.size + length
    if start > len(data):
        raise BadInput("no safetensors file: its header is longer than the file")
    try:
        raw = msgspec.json.decode(data[_LENGTH.size : start], type=dict[str, msgspec.Raw])
        raw.pop("__metadata__", None)
        if len(raw) > MAX_TENSORS:
            raise TooLarge(f"more than {MAX_TENSORS:,} tensors: this reader is for tiny models")
        entries = {name: msgspec.json.decode(entry, type=_Entry) for name, entry in raw.items()}
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(f"the header of the safetensors file is broken: {error}") from None
    at = 0
    for name, entry in sorted(entries.items(), key=lambda pair: pair[1].data_offsets):
        begin, end = entry.data_offsets
        sides = entry.shape
        if entry.dtype != "F32":
            raise BadInput(f"tensor {name[:80]} is {entry.dtype[:16]}; only F32 is read here")
        if (
            len(sides) > MAX_SIDES
            or min(sides, default=0) < 0
            or begin != at
            or end - begin != 4 * prod(sides)
        ):
            raise BadInput(f"tensor {name[:80]} does not lie where its shape says")
        at = end
    if at != len(data) - start:
        raise BadInput("the safetensors file has bytes that belong to no tensor, or lacks some")
    return {
        name: np.frombuffer(data, dtype="<f4", count=prod(entry.shape), offset=start + entry.data_offsets[0])
        .reshape(entry.shape)
        .astype(np.float32)
        for name, entry in entries.items()
    }
