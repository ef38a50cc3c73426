"""Models in shards: what an index names, what lies beside it, and what of the two does not fit. Every shard is judged.

The indexes are transformers' and diffusers' (`model.safetensors.index.json`, `pytorch_model.bin.index.json`):
{"metadata": ..., "weight_map": {tensor: file}}.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping

import msgspec

from tocsin.assure.examining import Piece, finding
from tocsin.kernel.artefacts import Fact, Finding

MAX_INDEX_BYTES = 16 << 20
"""A model of 60,000 tensors has an index of 6 MB."""

_INDEX = re.compile(r"(?:^|/)[^/]+\.index\.json$")
_SHARD = re.compile(r"(?P<stem>.+)-(?P<number>\d{5,6})-of-(?P<count>\d{5,6})(?P<ending>\.[A-Za-z0-9.]+)")


class _Index(msgspec.Struct, frozen=True):
    weight_map: dict[str, str]


class Shards:
    """Looks at each index of a folder, and at the files that its shards should be."""

    name = "shard-index"
    version = 1

    def examine(self, pieces: Mapping[str, Piece], formats: Mapping[str, str]) -> Iterator[Finding | Fact]:
        for path in sorted(pieces):
            if _INDEX.search(path):
                yield from _index(path, pieces)


def _index(path: str, pieces: Mapping[str, Piece]) -> Iterator[Finding]:
    piece = pieces[path]
    if piece.size > MAX_INDEX_BYTES:
        yield finding("walker.shard-index", path, why="it is too large")
        return
    try:
        index = msgspec.json.decode(piece.read(0, piece.size), type=_Index)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        yield finding("walker.shard-index", path, why="it maps no tensors to files")
        return
    folder = posixpath.dirname(path)
    named = sorted(set(index.weight_map.values()))
    for shard in named:
        where = posixpath.normpath(posixpath.join(folder, shard))
        if posixpath.dirname(where) != folder or shard.startswith("/") or "\\" in shard or "\0" in shard:
            yield finding("walker.shard-path", path, field=shard, shard=shard)
        elif where not in pieces:
            yield finding("walker.shard-missing", path, field=shard, shard=shard)
        elif (found := _SHARD.fullmatch(shard)) and _wrong(found, len(named)):
            yield finding("walker.shard-misnamed", path, field=shard, shard=shard, count=len(named))
    yield from _surplus(path, folder, frozenset(named), pieces)


def _wrong(shard: re.Match[str], count: int) -> bool:
    return int(shard["count"]) != count or not 1 <= int(shard["number"]) <= count


def _surplus(path: str, folder: str, named: frozenset[str], pieces: Mapping[str, Piece]) -> Iterator[Finding]:
    """Files that by their name are shards of this very set, and that the index leaves out."""
    sets = {(found["stem"], found["ending"]) for shard in named if (found := _SHARD.fullmatch(shard))}
    for where in sorted(pieces):
        if posixpath.dirname(where) != folder:
            continue
        last = posixpath.basename(where)
        found = _SHARD.fullmatch(last)
        if found and last not in named and (found["stem"], found["ending"]) in sets:
            yield finding("walker.shard-surplus", path, field=last, shard=last)
