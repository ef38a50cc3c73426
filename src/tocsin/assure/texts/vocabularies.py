"""Vocabularies in formats of their own: SentencePiece's message, tiktoken's lines. Read to the last piece.

SentencePiece's normaliser is a compiled table of replacements that nothing shows in words; under a known name it is
taken for what the name says (docs/inventory.md), and a table for the way back is inconclusive.
Source: sentencepiece, `sentencepiece_model.proto`; tiktoken, `load.py`.
"""

import re
from collections.abc import Iterator

from tocsin.assure.examining import Piece, Told, finding
from tocsin.assure.pieces import through
from tocsin.assure.weights.protobuf import BYTES, FIXED32, VARINT, Field, Reader
from tocsin.assure.weights.reading import Broken
from tocsin.kernel.artefacts import Fact

FORMAT = "tokenizer"
MAX_VOCABULARY_BYTES = 67_108_864
"""A million pieces of some twenty bytes take 30 MB."""

_MODEL = {
    1: ("pieces", BYTES),
    2: ("trainer_spec", BYTES),
    3: ("normalizer_spec", BYTES),
    4: ("self_test_data", BYTES),
    5: ("denormalizer_spec", BYTES),
}
_PIECE = {1: ("piece", BYTES), 2: ("score", FIXED32), 3: ("type", VARINT)}
_NORMALIZER = {
    1: ("name", BYTES),
    2: ("precompiled_charsmap", BYTES),
    3: ("add_dummy_prefix", VARINT),
    4: ("remove_extra_whitespaces", VARINT),
    5: ("escape_whitespaces", VARINT),
    6: ("normalization_rule_tsv", BYTES),
}
_KNOWN_NORMALIZERS = frozenset({"", "identity", "nfkc", "nfkc_cf", "nmt_nfkc", "nmt_nfkc_cf"})
_NORMAL = 1
_LINE = re.compile(rb"[A-Za-z0-9+/]+={0,2} \d{1,7}")


class Vocabularies:
    """By the first piece, or the first line."""

    name = "vocabularies"
    version = 1

    def recognises(self, piece: Piece) -> str:
        head = piece.read(0, 128)
        return FORMAT if _is_sentencepiece(head) or _first_line(head) else ""

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        if piece.size > MAX_VOCABULARY_BYTES:
            yield finding("text.too-large", piece.path, size=piece.size, bound=MAX_VOCABULARY_BYTES)
        elif _is_sentencepiece(piece.read(0, 128)):
            yield from _sentencepiece(piece)
        else:
            yield from _lines(piece)


def _first_line(head: bytes) -> bool:
    line, end, _ = head.partition(b"\n")
    return bool(end) and _LINE.fullmatch(line.rstrip(b"\r")) is not None


def _is_sentencepiece(head: bytes) -> bool:
    """A message whose first field is a message whose first two are a text and a score."""
    if len(head) < 8 or head[0] != 0x0A or head[2] != 0x0A:
        return False
    end = 4 + head[3]
    return head[1] >= head[3] + 7 and end < len(head) and head[end] == 0x15


def _sentencepiece(piece: Piece) -> Iterator[Told]:
    reader = Reader(piece, FORMAT)
    pieces = 0
    try:
        for part in reader.fields("ModelProto", _MODEL, 0, piece.size):
            if part.name == "pieces":
                pieces += 1
                yield from _piece(reader, part, piece.path)
            elif part.name in {"normalizer_spec", "denormalizer_spec"}:
                yield from _normalizer(reader, part, piece.path)
    except Broken as broken:
        yield broken.told(piece.path)
        return
    for name, at in sorted(reader.unknown.items()):
        yield finding("tokenizer.unknown-field", piece.path, offset=at, name=name)
    yield Fact("tokenizer", piece.path, {"model": "sentencepiece", "pieces": pieces})


def _piece(reader: Reader, part: Field, path: str) -> Iterator[Told]:
    from tocsin.assure.texts.template_words import foreign_address
    from tocsin.assure.texts.tokenizers import is_sentence

    text, kind = "", _NORMAL
    for field in reader.fields("SentencePiece", _PIECE, part.start, part.end):
        if field.name == "piece":
            text = reader.text(field)
        elif field.name == "type":
            kind = field.value
    if kind != _NORMAL and (is_sentence(text.replace("▁", " ")) or foreign_address(text)):
        yield finding("tokenizer.added-text", path, offset=part.start, content=text[:60])


def _normalizer(reader: Reader, part: Field, path: str) -> Iterator[Told]:
    name, table = "", 0
    for field in reader.fields("NormalizerSpec", _NORMALIZER, part.start, part.end):
        if field.name == "name":
            name = reader.text(field)
        elif field.name in {"precompiled_charsmap", "normalization_rule_tsv"}:
            table += field.end - field.start
    if part.name == "denormalizer_spec" and table:
        yield finding("tokenizer.own-table", path, offset=part.start, what="denormaliser", size=table)
    elif table and name not in _KNOWN_NORMALIZERS:
        yield finding("tokenizer.own-table", path, offset=part.start, what="normaliser", size=table)


def _lines(piece: Piece) -> Iterator[Told]:
    kept, at, count = b"", 0, 0
    for chunk in through(piece):
        *lines, kept = (kept + chunk).split(b"\n")
        for line in lines:
            if line and not _LINE.fullmatch(line.rstrip(b"\r")):
                yield finding("tokenizer.broken", piece.path, offset=at)
                return
            at += len(line) + 1
            count += 1
    if kept and not _LINE.fullmatch(kept):
        yield finding("tokenizer.broken", piece.path, offset=at)
        return
    yield Fact("tokenizer", piece.path, {"model": "tiktoken", "pieces": count + bool(kept)})
