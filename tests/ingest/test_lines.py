"""Lines: however a stream is cut, the same answer, in bounded memory."""

import itertools
import json
import tracemalloc
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import NOW, event_lines
from tocsin.ingest import Batch, Lines
from tocsin.kernel import EventLine, Refusal, TooLarge
from tocsin.kernel.limits import MAX_LINE_BYTES
from tocsin.wire.events import decode_line


def clock() -> datetime:
    return NOW


def good(number: int, text: str = "hello") -> bytes:
    line = {
        "id": f"e{number}",
        "time": "2026-11-20T11:00:00Z",
        "source": "s",
        "kind": "content.post",
        "actor": "a",
        "text": text,
    }
    return json.dumps(line).encode()


def taken(chunks: list[bytes], max_lines: int | None = None) -> Batch:
    lines = Lines(clock, max_lines=max_lines)
    batches = [*map(lines.feed, chunks), lines.finish()]
    return Batch(
        tuple(line for batch in batches for line in batch.lines),
        tuple(refusal for batch in batches for refusal in batch.refused),
    )


def cut(data: bytes, at: list[int]) -> list[bytes]:
    edges = [0, *sorted(edge % (len(data) + 1) for edge in at), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


@given(
    st.lists(
        event_lines().map(lambda item: json.dumps(item).encode())
        | st.sampled_from([b"", b"  ", b"junk", b"\xff"]),
        max_size=6,
    ),
    st.sampled_from([b"\n", b"\r\n"]),
    st.booleans(),
    st.lists(st.integers(0, 5_000), max_size=12),
)
def test_any_cutting_gives_the_same(lines: list[bytes], ending: bytes, last: bool, at: list[int]) -> None:
    data = ending.join(lines) + (ending if last else b"")
    whole = taken([data])
    assert taken(cut(data, at)) == whole
    one_by_one = [decode_line(n, line, now=NOW) for n, line in enumerate(lines, 1) if line.strip()]
    assert whole.lines == tuple(item for item in one_by_one if isinstance(item, EventLine))
    assert whole.refused == tuple(item for item in one_by_one if isinstance(item, Refusal))


def test_blank_lines_count_but_say_nothing() -> None:
    found = taken([good(1) + b"\n\n \r\n" + b"junk\n" + good(2)])
    assert [line.id for line in found.lines] == ["e1", "e2"]
    assert [refusal.line for refusal in found.refused] == [4]


def test_a_byte_order_mark_before_the_first_line_is_passed_over() -> None:
    found = taken([b"\xef", b"\xbb\xbf" + good(1) + b"\n\xef\xbb\xbf" + good(2)])
    assert len(found.lines) == 1
    assert found.refused[0].line == 2
    assert "byte order mark" in found.refused[0].reason


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b""])
@pytest.mark.parametrize("step", [1 << 16, (1 << 16) + 7, MAX_LINE_BYTES * 3])
def test_the_bound_is_exact(ending: bytes, step: int) -> None:
    fits = good(1, "x").replace(b"x", b"x", 1)
    fits += b" " * (MAX_LINE_BYTES - len(fits))
    for line, count in ((fits, 1), (fits + b" ", 0)):
        data = line + ending
        found = taken([data[start : start + step] for start in range(0, len(data), step)])
        assert (len(found.lines), len(found.refused)) == (count, 1 - count)


def test_a_hundred_megabytes_of_one_line_are_not_kept() -> None:
    lines = Lines(clock)
    chunk = b"x" * 65_536
    tracemalloc.start()
    for _ in range(1_600):
        assert lines.feed(chunk) == Batch()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 4 * MAX_LINE_BYTES
    found = lines.feed(b"\n" + good(2) + b"\n")
    assert [refusal.line for refusal in found.refused] == [1]
    assert [line.id for line in found.lines] == ["e2"]


def test_a_drip_of_single_bytes_keeps_few_objects() -> None:
    lines = Lines(clock)
    for byte in good(1):
        lines.feed(bytes([byte]))
    assert [line.id for line in lines.finish().lines] == ["e1"]
    assert lines.finish() == Batch()


def test_more_lines_than_allowed_is_413() -> None:
    lines = Lines(clock, max_lines=2)
    assert len(lines.feed(good(1) + b"\n\n\n" + b"junk\n").lines) == 1
    with pytest.raises(TooLarge, match="more than 2 lines"):
        lines.feed(good(3) + b"\n")
