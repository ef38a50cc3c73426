"""A JSON file as `wire.strict_json` reads it, or the finding that says why not; large vocabularies are left out."""

from collections.abc import Iterator
from typing import Any

import msgspec

from tocsin.assure.examining import Piece, finding
from tocsin.assure.texts.reading import bytes_of
from tocsin.kernel.artefacts import Finding
from tocsin.kernel.limits import MAX_JSON_DEPTH
from tocsin.wire.strict_json import TooDeep, TooMany, read_strictly, values_in

MAX_JSON_BYTES = 16_777_216
MAX_VALUES = 400_000
"""Counted by what separates them: decoded, a value takes up to some 200 bytes. A vocabulary of words has 250,000."""

MAX_TOKENIZER_BYTES = 67_108_864
"""tokenizer.json with a vocabulary of 256,000 pieces and its merges has 33 MB; those two lists are cut out first."""

_BOM = b"\xef\xbb\xbf"


def decoded(data: bytes, path: str) -> tuple[Any, Finding | None]:
    """The value, or None and the finding. NaN and Infinity are taken: Python's own encoder writes them."""
    try:
        read = read_strictly(data.removeprefix(_BOM).decode("utf-8"), values=MAX_VALUES, as_python=True)
    except UnicodeDecodeError as error:
        return None, finding("text.not-utf-8", path, offset=error.start)
    except TooDeep:
        return None, finding("json.too-deep", path, bound=MAX_JSON_DEPTH)
    except TooMany:
        return None, finding("text.too-large", path, size=len(data), bound=MAX_JSON_BYTES)
    except ValueError as error:
        return None, finding("json.not-parsed", path, why=str(error))
    if not read.whole:
        return None, finding("json.not-parsed", path, why=f"more follows at character {read.end}")
    if read.twice:
        return None, finding("json.key-twice", path, field=read.twice[0][:200], key=read.twice[0])
    return read.value, None


class _Vocabulary(msgspec.Struct):
    vocab: msgspec.Raw = msgspec.Raw(b"")
    merges: msgspec.Raw = msgspec.Raw(b"")


class _Large(msgspec.Struct):
    model: msgspec.Raw = msgspec.Raw(b"")
    weight_map: msgspec.Raw = msgspec.Raw(b"")


def read_json(piece: Piece) -> tuple[Any, Finding | None]:
    """The value of a whole piece; of a large one without a tokenizer's vocabulary and an index's list of shards."""
    data, wrong = bytes_of(piece, MAX_TOKENIZER_BYTES)
    if wrong is not None:
        return None, wrong
    if not _within(data):
        try:
            data = _without(data.removeprefix(_BOM))
        except msgspec.ValidationError:
            pass  # another shape: too large as it is
        except (ValueError, RecursionError) as error:
            return None, finding("json.not-parsed", piece.path, why=str(error))
        if not _within(data):
            return None, finding("text.too-large", piece.path, size=piece.size, bound=MAX_JSON_BYTES)
    return decoded(data, piece.path)


def _within(data: bytes) -> bool:
    return len(data) <= MAX_JSON_BYTES and values_in(data) <= MAX_VALUES


def _without(data: bytes) -> bytes:
    """The text with the long lists cut out. They are skipped by msgspec, which reads them as JSON and keeps nothing."""
    large = msgspec.json.decode(data, type=_Large)
    data = _put(data, bytes(large.weight_map), b"null")
    model = bytes(large.model)
    if not model.startswith(b"{"):
        return data
    words = msgspec.json.decode(model, type=_Vocabulary)
    shorter = _put(_put(model, bytes(words.vocab), b"null"), bytes(words.merges), b"null")
    return _put(data, model, shorter)


def _put(data: bytes, old: bytes, new: bytes) -> bytes:
    return data.replace(old, new, 1) if len(old) > len(new) else data


def objects_in(value: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in a decoded value, with where it stands ("a.b[2]"), without recursion."""
    waiting: list[tuple[str, Any]] = [("", value)]
    while waiting:
        place, item = waiting.pop()
        if isinstance(item, dict):
            yield place, item
            waiting.extend(
                (f"{place}.{key}".lstrip(".")[:120], inner)
                for key, inner in item.items()
                if isinstance(inner, dict | list)
            )
        elif isinstance(item, list):
            waiting.extend(
                (f"{place}[{at}]"[:120], inner)
                for at, inner in enumerate(item)
                if isinstance(inner, dict | list)
            )
