"""safetensors files of arrays, as a test writes them."""

import json
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from tests.tiny_models import Array


def to_bf16(value: Array) -> bytes:
    """Rounded to nearest, ties to even."""
    bits = value.astype(np.float32).view(np.uint32).astype(np.uint64)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16).astype("<u2").tobytes()


def write_safetensors(
    path: Path, model: Mapping[str, Array], dtype: str = "F32", metadata: Mapping[str, str] | None = None
) -> Path:
    """`dtype`: F32, F16 or BF16, for all of them."""
    header: dict[str, object] = {"__metadata__": dict(metadata)} if metadata else {}
    parts, at = [], 0
    for name, value in model.items():
        data = (
            to_bf16(value) if dtype == "BF16" else value.astype({"F16": "<f2", "F32": "<f4"}[dtype]).tobytes()
        )
        header[name] = {"dtype": dtype, "shape": list(value.shape), "data_offsets": [at, at + len(data)]}
        parts.append(data)
        at += len(data)
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(parts))
    return path
