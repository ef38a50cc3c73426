"""GGUF, versions 1 to 3 and both byte orders. Read here: the header with all its metadata, and the padding.

A chat template in the metadata is code (Jinja) that a server runs for every request: it is handed on as a piece of
its own, for whoever judges templates.
"""

from collections import Counter
from collections.abc import Iterator, Mapping

from tocsin.assure.examining import Nested, Piece, Told, finding
from tocsin.assure.pieces import Held
from tocsin.assure.weights.gguf_header import MAGIC, Header, read_header, twice
from tocsin.assure.weights.gguf_types import FILE_TYPES
from tocsin.assure.weights.reading import STRETCH, Broken
from tocsin.assure.weights.telling import bounded, claims
from tocsin.assure.weights.tensors import Misplaced, TensorEntry, misplaced
from tocsin.kernel.artefacts import Fact
from tocsin.kernel.errors import BadInput

FORMAT = "gguf"
TEMPLATE = "chat-template"
TEMPLATE_KEY = "tokenizer.chat_template"


class GgufExaminer:
    """Tells of a header that readers take differently, of bytes that are nobody's, and of every chat template."""

    name = "gguf"
    version = 2

    def recognises(self, piece: Piece) -> str:
        return FORMAT if piece.read(0, len(MAGIC)) == MAGIC else ""

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        if format_name != FORMAT:  # a template of ours that no examiner of templates was there for
            return iter((finding("gguf.template-unread", piece.path),))
        return bounded(_examined(piece), piece.path)


def gguf_tensors(piece: Piece) -> tuple[TensorEntry, ...]:
    """Every tensor of a GGUF file, in the header's order. Raises BadInput for a header that cannot be read, or a
    tensor whose length cannot be told from its type and extents.
    """
    header = read_header(piece)
    for entry in header.tensors:
        if entry.length < 0:
            raise BadInput(
                f"no length follows from type and extents of {entry.name!r}: inspect the file first"
            )
    return header.tensors


def _examined(piece: Piece) -> Iterator[Told]:
    try:
        header = read_header(piece)
    except Broken as broken:
        yield broken.told(piece.path)
        return
    yield from header.wrong
    for name in twice(header.tensors):
        yield finding("gguf.duplicate-tensor", piece.path, field=name, tensor=name)
    yield from _layout(piece, header)
    yield from _facts(header, piece.path)
    yield from _templates(header, piece.path)


def _layout(piece: Piece, header: Header) -> Iterator[Told]:
    entries = [entry for entry in header.tensors if entry.length >= 0]
    unknown = len(entries) < len(header.tensors)  # then a hole may be the tensor whose length is not known
    start = min(header.data_start, piece.size)
    yield from _padding(piece, header.header_end, start)
    for where in misplaced(entries, start, piece.size):
        if where.how in ("gap", "end"):
            if where.length < header.alignment:
                yield from _padding(piece, where.offset, where.offset + where.length)
            elif not unknown:
                yield _told("gguf.gap", where, piece.path)
        else:
            yield _told(f"gguf.{where.how}", where, piece.path)


def _told(rule: str, where: Misplaced, path: str) -> Told:
    return finding(rule, path, offset=where.offset, field=where.name, tensor=where.name, bytes=where.length)


def _padding(piece: Piece, start: int, end: int) -> Iterator[Told]:
    """Bytes that only align: writers set them to zero."""
    for at in range(start, end, STRETCH):
        if piece.read(at, min(STRETCH, end - at)).strip(b"\x00"):
            yield finding("gguf.padding", piece.path, offset=at, bytes=end - start)
            return


def _facts(header: Header, path: str) -> Iterator[Told]:
    values = header.values
    known = [entry for entry in header.tensors if entry.length >= 0]
    yield Fact(
        "tensors",
        path,
        {
            "count": len(header.tensors),
            "parameters": sum(_elements(entry) for entry in header.tensors),
            "bytes": sum(entry.length for entry in known),
            "dtypes": dict(Counter(entry.dtype for entry in header.tensors).most_common()),
        },
    )
    kept = {key: value for key, value in values.items() if not key.startswith(TEMPLATE_KEY)}
    yield Fact("metadata", path, claims(kept))
    if isinstance(architecture := values.get("general.architecture"), str):
        said = {
            "model_type": architecture,
            "hidden_size": values.get(f"{architecture}.embedding_length"),
            "num_hidden_layers": values.get(f"{architecture}.block_count"),
        }
        yield Fact("architecture", path, claims({key: value for key, value in said.items() if value}))
    if isinstance(licence := values.get("general.license"), str):
        named = {
            "id": licence,
            "name": values.get("general.license.name"),
            "link": values.get("general.license.link"),
        }
        yield Fact("licence", path, claims({key: value for key, value in named.items() if value}))
    if isinstance(number := values.get("general.file_type"), int):
        name = FILE_TYPES.get(number, f"file type {number}")
        yield Fact("quantisation", path, {"quant_method": "gguf", "name": name})
    for kind, stem in (("base-model", "general.base_model."), ("dataset", "general.dataset.")):
        yield from _origins(kind, stem, values, path)


def _origins(kind: str, stem: str, values: Mapping[str, object], path: str) -> Iterator[Told]:
    """The models or data sets that a file says it comes from: "general.base_model.0.repo_url" and the like."""
    found: dict[str, dict[str, object]] = {}
    for key, value in values.items():
        number, _, field = key.removeprefix(stem).partition(".")
        if key.startswith(stem) and number.isdecimal() and field and isinstance(value, str):
            found.setdefault(number, {})[field] = value
    for _, origin in sorted(found.items()):
        yield Fact(kind, path, claims({**origin, "said_by": stem.removesuffix(".")}))


def _templates(header: Header, path: str) -> Iterator[Told]:
    for key, text in header.values.items():
        if isinstance(text, str) and (key == TEMPLATE_KEY or key.startswith(TEMPLATE_KEY + ".")):
            yield Nested(Held(f"{path}!/{key}", text.encode()), TEMPLATE)


def _elements(entry: TensorEntry) -> int:
    count = 1
    for extent in entry.shape:
        count *= extent
    return count
