"""One file as its JSON documents: one, an array of them, or one a line; each bounded before it is believed."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from tocsin.kernel import TooLarge
from tocsin.kernel.limits import MAX_JSON_DEPTH
from tocsin.wire.json_bounds import MAX_SAFE_INTEGER, bad_json, deeper_than, has_nul, numbers_in
from tocsin.wire.stix.problems import Code, Problem

MAX_FILE_BYTES = 256 << 20
"""The whole of AIID with its press reports is some 100 MB; a bundle of STIX may be as large."""

MAX_DOCUMENTS = 100_000
"""Entries in one file: AVID has 1,600, AIID 1,500 incidents and 8,000 reports."""

MAX_DOCUMENT_BYTES = 4 << 20
"""One entry as it comes: AIID carries whole articles, which are not kept."""

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_LOOSELY = msgspec.json.Decoder().decode
_PATH = re.compile(r" - at `\$\.?([^`]*)`\Z")
_MISSING = re.compile(r"missing required field `([A-Za-z_ ]+)`")


class Entry(msgspec.Struct, frozen=True):
    """A JSON object and its place in the file, from 0."""

    index: int
    value: dict[str, Any]


def entries(data: bytes, what: str) -> Iterator[Entry | Problem]:
    """The objects of a file, or what is wrong with one. Raises TooLarge over a bound, BadInput for no JSON.

    `what` is the noun that an error names.
    """
    if len(data) > MAX_FILE_BYTES:
        raise TooLarge(f"{what} is larger than {MAX_FILE_BYTES} bytes; split it")
    texts = _texts(data, what)
    if len(texts) > MAX_DOCUMENTS:
        raise TooLarge(f"{what} has more than {MAX_DOCUMENTS} entries; split it")
    for index, text in enumerate(texts):
        yield _entry(index, text)


def _texts(data: bytes, what: str) -> list[bytes]:
    if data.lstrip()[:1] == b"[":
        try:
            return [bytes(raw) for raw in msgspec.json.decode(data, type=list[msgspec.Raw])]
        except _UNREADABLE:
            raise bad_json(data, what) from None
    lines = [line for line in data.splitlines() if line.strip()]
    if not lines:
        raise bad_json(data, what)
    if len(lines) > 1 and not _is_json(lines[0]):
        lines = [data]  # one document over several lines
    if len(lines) == 1 and not _is_json(lines[0]):
        raise bad_json(lines[0], what)
    return lines


def _is_json(text: bytes) -> bool:
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except _UNREADABLE:
        return False
    return True


def _entry(index: int, text: bytes) -> Entry | Problem:
    def wrong(code: Code, reason: str) -> Problem:
        return Problem("", "", code, reason, index=index)

    if len(text) > MAX_DOCUMENT_BYTES:
        return wrong(Code.SIZE, f"is larger than {MAX_DOCUMENT_BYTES} bytes")
    try:
        value = _LOOSELY(text)
    except RecursionError:
        return wrong(Code.DEPTH, f"nests deeper than {MAX_JSON_DEPTH} levels")
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return wrong(Code.JSON, "is not valid JSON; send one complete JSON object")
    if not isinstance(value, dict):
        return wrong(Code.TYPE, "is not a JSON object")
    if deeper_than(value, MAX_JSON_DEPTH // 2):
        # half, for what is kept of it lies some levels down in an object that has the whole bound
        return wrong(Code.DEPTH, f"nests deeper than {MAX_JSON_DEPTH // 2} levels")
    if any(isinstance(number, int) and abs(number) > MAX_SAFE_INTEGER for number in numbers_in(value)):
        return wrong(Code.NUMBER, "holds an integer beyond 2^53, which would change; send it as text")
    if has_nul(value):
        return wrong(Code.CHARACTER, "holds a NUL character")
    return Entry(index, value)


def why(error: msgspec.ValidationError) -> tuple[Code, str, str]:
    """Code, property and reason of a struct that does not fit, without its value."""
    message = str(error)
    path = _PATH.search(message)
    field = path[1] if path else ""
    missing = _MISSING.search(message)
    if missing:
        return Code.MISSING, f"{field}.{missing[1]}" if field else missing[1], "is needed"
    return Code.TYPE, field, "has the wrong type or a value that is not allowed"
