"""JSON that every reader reads alike: bounded, one value, no key given twice; or the finding that says why not."""

import json
from collections.abc import Iterator
from typing import Any

import msgspec

from tocsin.assure.examining import Piece, finding
from tocsin.assure.texts.reading import bytes_of
from tocsin.kernel.artefacts import Finding
from tocsin.wire.json_bounds import deeper_than

MAX_JSON_BYTES = 16_777_216
"""Decoded it takes some four times that; the largest genuine index of shards is under 10 MB."""

MAX_TOKENIZER_BYTES = 67_108_864
"""tokenizer.json with a vocabulary of 256,000 pieces and its merges has 33 MB; those two lists are not kept."""

MAX_DEPTH = 64
_BOM = b"\xef\xbb\xbf"


class _Twice(ValueError):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise _Twice(key)
            seen.add(key)
    return found


def decoded(data: bytes, path: str) -> tuple[Any, Finding | None]:
    """The value, or None and the finding. NaN and Infinity are taken: Python's own encoder writes them."""
    try:
        value = json.loads(data.removeprefix(_BOM).decode("utf-8"), object_pairs_hook=_once)
    except _Twice as error:
        return None, finding("json.key-twice", path, field=str(error)[:200], key=str(error))
    except UnicodeDecodeError as error:
        return None, finding("text.not-utf-8", path, offset=error.start)
    except RecursionError:
        return None, finding("json.too-deep", path, bound=MAX_DEPTH)
    except ValueError as error:
        return None, finding("json.not-parsed", path, why=str(error))
    if deeper_than(value, MAX_DEPTH):
        return None, finding("json.too-deep", path, bound=MAX_DEPTH)
    return value, None


def read_json(piece: Piece) -> tuple[Any, Finding | None]:
    """The value of a whole piece; of a tokenizer over MAX_JSON_BYTES all but its vocabulary and merges."""
    data, wrong = bytes_of(piece, MAX_TOKENIZER_BYTES)
    if wrong is not None:
        return None, wrong
    if len(data) <= MAX_JSON_BYTES:
        return decoded(data, piece.path)
    return _without_vocabulary(data, piece.path)


def _without_vocabulary(data: bytes, path: str) -> tuple[Any, Finding | None]:
    too_large = finding("text.too-large", path, size=len(data), bound=MAX_JSON_BYTES)
    try:
        top = msgspec.json.decode(data, type=dict[str, msgspec.Raw])
        model = msgspec.json.decode(top.pop("model", msgspec.Raw(b"{}")), type=dict[str, msgspec.Raw])
    except (ValueError, RecursionError) as error:
        return None, finding("json.not-parsed", path, why=str(error))
    model.pop("vocab", None)
    model.pop("merges", None)
    found: dict[str, Any] = {"model": {}}
    kept = [(found, key, raw) for key, raw in top.items()]
    kept += [(found["model"], key, raw) for key, raw in model.items()]
    for into, key, raw in kept:
        part = bytes(raw)
        if len(part) > MAX_JSON_BYTES:
            return None, too_large
        into[key], wrong = decoded(part, path)
        if wrong is not None:
            return None, wrong
    return found, None


def objects_in(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in a decoded value, with where it stands ("a.b[2]"), without recursion."""
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        place, item = waiting.pop()
        if isinstance(item, dict):
            yield place, item
            waiting.extend((f"{place}.{key}".lstrip(".")[:120], inner) for key, inner in item.items())
        elif isinstance(item, list):
            waiting.extend((f"{place}[{at}]", inner) for at, inner in enumerate(item))
