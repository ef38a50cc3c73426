"""Both digests in one pass, in bounded memory, and what was unpacked in a file that goes with its end."""

import hashlib
import os
import tracemalloc
from pathlib import Path

import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from tocsin.assure import hashing
from tocsin.assure.spool import IN_MEMORY_BYTES, Spool


@given(data=st.binary(max_size=4_000), buffer=st.integers(1, 1_500))
def test_both_are_those_of_the_bytes(data: bytes, buffer: int) -> None:
    heard: list[int] = []
    with Spool() as spool, pytest.MonkeyPatch.context() as patch:
        patch.setattr("tocsin.assure.spool.IN_MEMORY_BYTES", 0)
        patch.setattr(hashing, "BUFFER_BYTES", buffer)
        spool.write(data or b"\0")
        assert spool.descriptor is not None
        digests = hashing.of_file(spool.descriptor, spool.size, heard.append)
    whole = data or b"\0"
    assert (
        digests == (hashlib.sha256(whole).hexdigest(), blake3(whole).hexdigest()) == hashing.of_bytes(whole)
    )
    assert sum(heard) == len(whole)


def test_a_large_file_takes_two_buffers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "BUFFER_BYTES", 64 << 10)
    path = tmp_path / "zeros"
    with path.open("wb") as file:
        file.truncate(32 << 20)
    descriptor = os.open(path, os.O_RDONLY)
    tracemalloc.start()
    try:
        digests = hashing.of_file(descriptor, 32 << 20)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        os.close(descriptor)
    assert digests.sha256 == hashlib.sha256(bytes(32 << 20)).hexdigest()
    assert peak < 1 << 20


def test_a_file_that_ends_early_ends_the_pass(tmp_path: Path) -> None:
    path = tmp_path / "short"
    path.write_bytes(b"soup")
    descriptor = os.open(path, os.O_RDONLY)
    assert hashing.of_file(descriptor, 100).sha256 == hashlib.sha256(b"soup").hexdigest()
    os.close(descriptor)


def test_a_spool_is_in_memory_and_then_on_disk_without_a_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with Spool() as spool:
        spool.write(b"soup")
        assert spool.descriptor is None
        assert spool.piece("a").read(1, 9) == b"oup"
        spool.write(bytes(IN_MEMORY_BYTES))
        assert spool.descriptor is not None
        piece = spool.piece("a")
        assert (piece.size, piece.read(0, 5), piece.read(piece.size - 1, 5)) == (
            IN_MEMORY_BYTES + 4,
            b"soup\0",
            b"\0",
        )
        assert list(tmp_path.iterdir()) == []
    assert spool.descriptor is None
