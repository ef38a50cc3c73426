"""Whatever way a raw value is written, it is counted; what is not there is not."""

import base64
import gzip
import json
import random
import urllib.parse
import zlib
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.sandbox.leaks import MIN_VALUE_BYTES, Leak, LeakCounter

Encode = Callable[[str], bytes]

VALUES = st.text(
    alphabet=st.characters(exclude_categories=("Cs", "Cc")), min_size=MIN_VALUE_BYTES, max_size=40
).filter(lambda value: value.isprintable() and value.strip() == value)

ENCODINGS: dict[str, Encode] = {
    "plain": lambda value: value.encode(),
    "upper": lambda value: value.upper().encode(),
    "case-folded": lambda value: value.casefold().encode(),
    "hex": lambda value: value.encode().hex().encode(),
    "HEX": lambda value: value.encode().hex().upper().encode(),
    "percent": lambda value: urllib.parse.quote(value).encode(),
    "percent all": lambda value: "".join(f"%{byte:02X}" for byte in value.encode()).encode(),
    "json": lambda value: json.dumps(value).encode(),
    "json all": lambda value: "".join(
        f"\\u{int.from_bytes(value.encode('utf-16-be')[at : at + 2], 'big'):04x}"
        for at in range(0, len(value.encode("utf-16-be")), 2)
    ).encode(),
    "utf-16-le": lambda value: value.encode("utf-16-le"),
    "utf-16-be": lambda value: value.encode("utf-16-be"),
    "gzip": lambda value: gzip.compress(b"before " + value.encode() + b" after", mtime=0),
    "deflate": lambda value: zlib.compress(value.encode()),
    "gzip of json": lambda value: gzip.compress(json.dumps({"x": value}).encode(), mtime=0),
}


@given(
    value=VALUES,
    before=st.binary(max_size=60),
    after=st.binary(max_size=60),
    name=st.sampled_from(sorted(ENCODINGS)),
)
def test_any_value_in_any_encoding_is_found(value: str, before: bytes, after: bytes, name: str) -> None:
    # a fence keeps the surroundings from joining with an escape or a hexadecimal digit of ours
    captured = before + b" | " + ENCODINGS[name](value) + b" | " + after
    if name.startswith("utf-16"):
        captured = ENCODINGS[name](value)
    assert value in {leak.value for leak in LeakCounter([value]).leaks(captured)}


@given(value=VALUES, before=st.binary(max_size=7), after=st.binary(max_size=7), url_safe=st.booleans())
def test_base64_is_found_at_every_alignment(value: str, before: bytes, after: bytes, url_safe: bool) -> None:
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    assert LeakCounter([value]).count(b'{"x":"' + encode(before + value.encode() + after) + b'"}') >= 1


@pytest.mark.parametrize("window", [-15, 15, 31])
def test_a_compressed_chunked_body_is_opened(window: int) -> None:
    packer = zlib.compressobj(wbits=window)
    body = packer.compress(b"x" * 300 + b"zorvaquelimb" + b"y" * 300) + packer.flush()
    half = len(body) // 2
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:]))
    # the first chunk mark follows the blank line at once, the last one is empty
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks + b"0\r\n\r\n"
    assert LeakCounter(["zorvaquelimb"]).count(answer) == 1


def test_a_value_cut_by_a_chunk_mark_is_found() -> None:
    answer = b"HTTP/1.1 200 OK\r\n\r\n6\r\nzorvaq\r\n6\r\nuelimb\r\n0\r\n\r\n"
    assert LeakCounter(["zorvaquelimb"]).count(answer) == 1


@given(seed=st.integers(0, 2**32), size=st.integers(0, 20_000))
def test_random_bytes_hold_nothing(seed: int, size: int) -> None:
    counter = LeakCounter(["zorvaquelimb", "2001:db8:c17::/48", "退款服务台彩票"])
    assert counter.count(random.Random(seed).randbytes(size)) == 0


def test_each_occurrence_counts_once() -> None:
    counter = LeakCounter(["zorvaquelimb", "other value", "Other Value"])
    captured = b"zorvaquelimb ZORVAQUELIMB %7Aorvaquelimb"
    assert counter.leaks(captured) == (Leak("zorvaquelimb", 3),)
    assert counter.count(b"") == 0


def test_a_short_value_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        LeakCounter(["abc"])
