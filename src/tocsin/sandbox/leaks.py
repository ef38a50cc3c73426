"""Counts raw values in captured bytes, however they are written.

A value counts when it stands there plain or with another case, in hex, base64 (standard or URL-safe, at any
of the three alignments), percent-encoded, with JSON escapes, in UTF-16, in a body that is chunked, or inside
gzip or deflate. Not found: encryption, other compressions, base64 of base64, a value cut into pieces.
Pure: bytes in, counts out.
"""

import base64
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec
from ahocorasick_rs import BytesAhoCorasick

MIN_VALUE_BYTES = 6
"""Shorter values would be found by chance in compressed bytes."""

MAX_INFLATED_BYTES = 64 << 20
"""All bodies inflated from one capture together; a capture that holds more is not ours."""

MAX_INFLATE_DEPTH = 2

_CHUNK = re.compile(rb"(\r\n\r\n)[0-9a-fA-F]{1,8}\r\n|\r\n[0-9a-fA-F]{1,8}\r\n")
_COMPRESSED = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]|(?<=\r\n\r\n)[^\r]", re.DOTALL)
_PERCENT = re.compile(rb"%([0-9a-fA-F]{2})")
_ESCAPE = re.compile(rb"(?:\\u[0-9a-fA-F]{4})+|\\[\"\\/bfnrt]")
_SHORT_ESCAPES = {
    b'\\"': b'"',
    b"\\\\": b"\\",
    b"\\/": b"/",
    b"\\b": b"\b",
    b"\\f": b"\f",
    b"\\n": b"\n",
    b"\\r": b"\r",
    b"\\t": b"\t",
}


class Leak(msgspec.Struct, frozen=True):
    """One value that was found, and how often."""

    value: str
    count: int


class LeakCounter:
    """Looks for a fixed set of values. Raises ValueError for a value too short to tell from chance."""

    def __init__(self, values: Iterable[str]) -> None:
        self._values = tuple(dict.fromkeys(values))
        for value in self._values:
            if len(value.encode("utf-8", "surrogatepass")) < MIN_VALUE_BYTES:
                raise ValueError(f"too short to look for: {value!r}; give at least {MIN_VALUE_BYTES} bytes")
        owners: dict[bytes, list[int]] = {}
        for number, value in enumerate(self._values):
            for pattern in _patterns(value):
                owners.setdefault(pattern, []).append(number)
        self._owners = tuple(tuple(numbers) for numbers in owners.values())
        self._automaton = BytesAhoCorasick(list(owners))

    def leaks(self, captured: bytes) -> tuple[Leak, ...]:
        """Every value found in `captured`, most frequent first."""
        total: Counter[int] = Counter()
        for layer in _layers(captured):
            best: Counter[int] = Counter()
            for view in _views(layer):
                best |= self._scan(view)
            total += best
        return tuple(Leak(self._values[number], count) for number, count in total.most_common())

    def count(self, captured: bytes) -> int:
        """How many raw values stand in `captured`, each as often as it stands there."""
        return sum(leak.count for leak in self.leaks(captured))

    def _scan(self, view: bytes) -> Counter[int]:
        hits = self._automaton.find_matches_as_indexes(view, overlapping=True)
        found = {(number, start) for index, start, _ in hits for number in self._owners[index]}
        return Counter(number for number, _ in found)


def _patterns(value: str) -> Iterator[bytes]:
    """Every form of one value, folded as `_views` folds what is searched."""
    for text in (value, value.casefold(), value.upper(), value.lower()):
        plain = text.encode("utf-8", "surrogatepass")
        wide = text.encode("utf-16-le", "surrogatepass")
        for raw in (plain, wide, text.encode("utf-16-be", "surrogatepass")):
            yield raw.lower()
            yield raw.hex().encode()
        yield from _base64_forms(plain)
        yield from _base64_forms(wide)


def _base64_forms(raw: bytes) -> Iterator[bytes]:
    """What base64 of anything that contains `raw` must contain: one core per alignment, two alphabets."""
    for shift in range(3):
        encoded = base64.b64encode(b"\0" * shift + raw)
        first = (0, 2, 3)[shift]
        # The last group mixes our bits with what follows, unless our bytes fill it.
        last = (shift + len(raw)) * 8 // 6
        core = encoded[first:last]
        yield core.lower()
        yield core.translate(bytes.maketrans(b"+/", b"-_")).lower()


def _layers(captured: bytes) -> Iterator[bytes]:
    """The capture, and every body inflated from it."""
    budget = MAX_INFLATED_BYTES
    pending = [(captured, 0)]
    while pending:
        layer, depth = pending.pop()
        yield layer
        if depth == MAX_INFLATE_DEPTH:
            continue
        for body in _inflated(_unchunked(layer), budget):
            budget -= len(body)
            pending.append((body, depth + 1))


def _unchunked(layer: bytes) -> bytes:
    return _CHUNK.sub(lambda mark: mark.group(1) or b"", layer)


def _inflated(data: bytes, budget: int) -> Iterator[bytes]:
    """Bodies that inflate, wherever a header stands; raw deflate is tried where an HTTP body begins."""
    for found in _COMPRESSED.finditer(data):
        head = found.group()
        window = 31 if head == b"\x1f\x8b\x08" else 15 if head[:1] == b"\x78" and len(head) == 2 else -15
        try:
            body = zlib.decompressobj(window).decompress(data[found.start() :], budget)
        except zlib.error:
            continue
        if body:
            yield body
            budget -= len(body)
        if budget <= 0:
            return


def _views(layer: bytes) -> Iterator[bytes]:
    """One layer as it is, unchunked, percent-decoded, with JSON escapes undone; each folded in two ways."""
    joined = _unchunked(layer)
    plain = _PERCENT.sub(lambda found: bytes((int(found.group(1), 16),)), joined)
    unescaped = _ESCAPE.sub(_unescape, joined), _ESCAPE.sub(_unescape, plain)
    for view in dict.fromkeys((layer, joined, plain, *unescaped)):
        yield view.lower()
        if not view.isascii():
            folded = view.decode("utf-8", "surrogateescape").casefold()
            yield folded.encode("utf-8", "surrogateescape")


def _unescape(found: re.Match[bytes]) -> bytes:
    escape = found.group()
    if escape in _SHORT_ESCAPES:
        return _SHORT_ESCAPES[escape]
    units = bytes.fromhex(escape.replace(b"\\u", b"").decode())
    return units.decode("utf-16-be", "surrogatepass").encode("utf-8", "surrogatepass")
