"""Gzip: any cutting, bounded pieces, bounded total, every damage named."""

import gzip
import itertools
import zlib
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.ingest.gunzip import PIECE_BYTES, Gunzip
from tocsin.kernel import BadInput, TooLarge


def unpacked(chunks: list[bytes], limit: int = 1 << 20) -> bytes:
    gunzip = Gunzip(limit)
    pieces = [piece for chunk in chunks for piece in gunzip.feed(chunk)] + list(gunzip.finish())
    assert all(0 < len(piece) <= PIECE_BYTES for piece in pieces)
    return b"".join(pieces)


@given(
    st.lists(st.binary(max_size=3_000), min_size=1, max_size=4),
    st.integers(0, 600),
    st.lists(st.integers(0, 20_000), max_size=12),
)
def test_members_padding_and_cutting(parts: list[bytes], padding: int, at: list[int]) -> None:
    data = b"".join(map(gzip.compress, parts)) + bytes(padding)
    edges = [0, *sorted(edge % (len(data) + 1) for edge in at), len(data)]
    chunks = [data[start:end] for start, end in itertools.pairwise(edges)]
    assert unpacked(chunks) == b"".join(parts)


def zeros(megabytes: int) -> Iterator[bytes]:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    for _ in range(megabytes):
        yield packer.compress(bytes(1 << 20))
    yield packer.flush()


def test_a_bomb_ends_at_the_limit() -> None:
    gunzip = Gunzip(10 << 20)
    sizes: list[int] = []
    with pytest.raises(TooLarge):
        sizes.extend(len(piece) for chunk in zeros(40) for piece in gunzip.feed(chunk))
    assert sum(sizes) <= 10 << 20


def test_a_bomb_in_one_chunk_comes_in_pieces() -> None:
    packed = b"".join(zeros(30))
    assert sum(len(piece) for piece in Gunzip(1 << 30).feed(packed)) == 30 << 20


def test_many_empty_members_take_linear_time() -> None:
    assert unpacked([gzip.compress(b"") * 100_000]) == b""


@pytest.mark.parametrize("keep", [0, 1, 5, 15, -9, -4, -1])
def test_a_cut_stream_is_refused(keep: int) -> None:
    data = gzip.compress(b"lottery refund" * 10)
    with pytest.raises(BadInput, match=r"middle|empty"):
        unpacked([data[:keep]])


@pytest.mark.parametrize("data", [b"plain text", b"\x1f\x8b\x00", b"\x78\x9c" + b"x" * 20])
def test_what_is_not_gzip_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        unpacked([data])


def test_damage_and_trailing_garbage_are_refused() -> None:
    data = bytearray(gzip.compress(b"lottery refund" * 10))
    data[-6] ^= 1  # the checksum
    with pytest.raises(BadInput, match="damaged"):
        unpacked([bytes(data)])
    with pytest.raises(BadInput):
        unpacked([gzip.compress(b"a") + b"garbage"])
