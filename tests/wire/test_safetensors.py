"""safetensors of a few tensors: written and read back, and nothing else read."""

import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from tests.weight_files import write_safetensors
from tocsin.kernel import BadInput, TooLarge
from tocsin.wire import safetensors
from tocsin.wire.safetensors import pack, unpack

TENSOR = arrays(np.float32, array_shapes(max_dims=3, max_side=4), elements=st.floats(width=32))


@given(
    st.dictionaries(
        st.text(min_size=1, max_size=8).filter(lambda name: name != "__metadata__"), TENSOR, max_size=4
    )
)
def test_what_was_packed_comes_back(tensors: dict[str, Any]) -> None:
    found = unpack(pack(tensors))
    assert found.keys() == tensors.keys()
    for name, value in tensors.items():
        np.testing.assert_array_equal(found[name], value)


def test_it_reads_what_others_write(tmp_path: Path) -> None:
    value = np.arange(6, dtype=np.float32).reshape(2, 3)
    written = write_safetensors(tmp_path / "a.safetensors", {"a": value}, metadata={"format": "pt"})
    np.testing.assert_array_equal(unpack(written.read_bytes())["a"], value)


def header(**changes: Any) -> bytes:
    entry = {"dtype": "F32", "shape": [2], "data_offsets": [0, 8], **changes}
    text = json.dumps({"a": entry}).encode()
    return struct.pack("<Q", len(text)) + text + bytes(8)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        bytes(7),
        struct.pack("<Q", 1 << 60) + b"{}",
        struct.pack("<Q", 2) + b"[]",
        struct.pack("<Q", 2) + b"{}" + b"more",
        header(dtype="F16"),
        header(shape=[3]),
        header(shape=[-2]),
        header(shape=[1 << 70]),
        header(data_offsets=[4, 12]),
        header(data_offsets=[0, 1 << 40]),
        header(other=1),
    ],
)
def test_a_broken_file_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        unpack(data)


@pytest.mark.parametrize("shrink", [lambda: ("MAX_BYTES", 8), lambda: ("MAX_TENSORS", 0)])
def test_bounds_hold(monkeypatch: pytest.MonkeyPatch, shrink: Callable[[], tuple[str, int]]) -> None:
    monkeypatch.setattr(safetensors, *shrink())
    with pytest.raises(TooLarge):
        unpack(header())
