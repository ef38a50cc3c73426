"""Texts and pictures that lie beside the weights: read through, and run by no loader.

Only under a name that people read (README, licence, vocabulary): a loader goes by the name it is given, and bytes that
are a text may be a program or a pickle under another name. A text that would do something as a pickle is not claimed.
"""

import codecs
import io
import re
import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING

from tocsin.assure.examining import Piece, Told, finding
from tocsin.assure.pieces import through

if TYPE_CHECKING:  # heavy: only a text needs it
    import pickletools

MAX_TEXT_BYTES = 256 << 20
"""The largest vocabularies have some 10 MB, the largest tables beside a model 100."""

HEAD_BYTES = 4096
MAX_PICKLE_BYTES = 16 << 20
"""How far a text that begins like a pickle is followed."""

MAX_OPCODES = 2_000
"""A text that is a pickle by chance ends after a handful."""

_READ_BY_PEOPLE = re.compile(
    r"(?:.*\.(?:txt|text|md|markdown|rst|csv|tsv|log|bib|srt|license|licence)|.*licen[cs]e.*\.?|copying|notice|readme|authors"
    r"|contributors|changelog|changes|citation|version|acknowledg[e]?ments|use_policy"
    r"|\.gitattributes|\.gitignore|\.gitkeep"
    r"|byteorder|\.format_version|\.storage_alignment|serialization_id)",  # what torch.save lays beside its storages
    re.IGNORECASE,
)
_READ_BY_PROGRAMS = re.compile(
    r"(?:.*requirements.*|constraints.*|.*chat_template.*|.*template.*|.*\.py.*)", re.IGNORECASE
)
"""Names that others examine, whatever their ending."""

_NO_TEXT = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_CALLS = frozenset({"REDUCE", "INST", "OBJ", "NEWOBJ", "NEWOBJ_EX", "BUILD"})
_NAMES = frozenset({"GLOBAL", "STACK_GLOBAL", "INST"})


class Texts:
    """Plain texts. Clean when every byte is a text's."""

    name = "text"
    version = 1

    def recognises(self, piece: Piece) -> str:
        last = piece.path.rsplit("!/", 1)[-1].rsplit("/", 1)[-1]
        if not _READ_BY_PEOPLE.fullmatch(last) or _READ_BY_PROGRAMS.fullmatch(last):
            return ""
        head = piece.read(0, HEAD_BYTES)
        if not head or _NO_TEXT.search(head) or _acts_as_pickle(piece):
            return ""
        return "text"

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        if piece.size > MAX_TEXT_BYTES:
            yield finding("walker.no-text", piece.path, why="it is too large")
            return
        decoder = codecs.getincrementaldecoder("utf-8")()
        at = 0
        for chunk in through(piece):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                yield finding("walker.no-text", piece.path, offset=at, why="it is not UTF-8")
                return
            if found := _NO_TEXT.search(chunk):
                yield finding(
                    "walker.no-text", piece.path, offset=at + found.start(), why="control characters"
                )
                return
            at += len(chunk)
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            yield finding("walker.no-text", piece.path, offset=at, why="it ends within a character")


def _acts_as_pickle(piece: Piece) -> bool:
    """Whether it would, as a pickle, name something and call it, or reads too long to know. It runs nothing."""
    import pickletools

    for most in (HEAD_BYTES, MAX_PICKLE_BYTES):
        stream = io.BytesIO(piece.read(0, most))
        named, depth, marks = False, 0, [0]
        try:
            for count, (opcode, _, _) in enumerate(pickletools.genops(stream)):
                depth = _depth(opcode, depth, marks)
                if depth < marks[-1]:
                    return False  # it would stop here, before anything is called
                named = named or opcode.name in _NAMES
                if (named and opcode.name in _CALLS) or count > MAX_OPCODES:
                    return True
        except Exception:  # noqa: BLE001  # pickletools raises what it happens to meet: no pickle from there on
            if stream.tell() < most or piece.size <= most:
                return False
        else:
            return named
    return True


def _depth(opcode: "pickletools.OpcodeInfo", depth: int, marks: list[int]) -> int:
    """The height of the stack after an opcode; below the last mark when the opcode takes what is not there."""
    import pickletools

    if pickletools.markobject in opcode.stack_before:
        if len(marks) == 1:
            return -1
        depth = marks.pop() - opcode.stack_before.index(pickletools.markobject)
    elif opcode.name == "POP" and len(marks) > 1 and depth == marks[-1]:
        marks.pop()  # it takes the mark itself
    else:
        depth -= len(opcode.stack_before)
    if depth < marks[-1]:
        return -1
    if opcode.name == "MARK":
        marks.append(depth)
        return depth
    return depth + len(opcode.stack_after)


class Images:
    """PNG, JPEG, GIF and WebP. Clean when the picture is the whole file: its last block ends where the file does."""

    name = "image"
    version = 1

    def recognises(self, piece: Piece) -> str:
        head = piece.read(0, 12)
        known = head.startswith((b"\x89PNG\r\n\x1a\n", b"GIF87a", b"GIF89a", b"\xff\xd8\xff"))
        known = known or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
        return "image" if known else ""

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        head = piece.read(0, 12)
        if head.startswith(b"\x89PNG"):
            end = _png_end(piece)
        elif head.startswith(b"GIF"):
            end = _gif_end(piece)
        elif head.startswith(b"RIFF"):
            size = int(struct.unpack_from("<I", head, 4)[0])
            end = 8 + size + size % 2
        else:
            end = _jpeg_end(piece)
        if not 0 < end <= piece.size:
            yield finding("walker.broken", piece.path, why="the picture is cut short")
        elif end < piece.size:
            yield finding("walker.image-trailing", piece.path, offset=end, size=piece.size - end)


MAX_BLOCKS = 200_000
"""Blocks of one picture; an animation has thousands."""

MAX_SUB_BLOCKS = 1_000_000
"""Of one GIF. They have up to 255 bytes, and are full but for the last of each picture: 200 MB of them."""


def _png_end(piece: Piece) -> int:
    at = 8
    for _ in range(MAX_BLOCKS):
        head = piece.read(at, 8)
        if len(head) < 8:
            return 0
        at += 12 + int(struct.unpack_from(">I", head)[0])
        if head[4:] == b"IEND":
            return at
    return 0


def _gif_end(piece: Piece) -> int:
    left = MAX_SUB_BLOCKS
    flags = piece.read(10, 1)
    at = 13 + (3 << ((flags[0] & 7) + 1) if flags and flags[0] & 0x80 else 0)
    for _ in range(MAX_BLOCKS):
        kind = piece.read(at, 1)
        if kind == b"\x3b":
            return at + 1
        if kind == b"\x21":
            at += 2
        elif kind == b"\x2c":
            local = piece.read(at + 9, 1)
            if not local:
                return 0
            at += 11 + (3 << ((local[0] & 7) + 1) if local[0] & 0x80 else 0)
        else:
            return 0
        while length := piece.read(at, 1):  # sub-blocks, up to one of no length
            at += 1 + length[0]
            left -= 1
            if not length[0]:
                break
            if left < 0:
                return 0
        else:
            return 0
    return 0


def _jpeg_end(piece: Piece) -> int:
    """After the segments that say their length, the end marker is the first that is no restart and no stuffed byte."""
    at = 2
    for _ in range(MAX_BLOCKS):
        head = piece.read(at, 4)
        if len(head) < 2 or head[0] != 0xFF:
            return 0
        if head[1] == 0xFF:
            at += 1
        elif head[1] == 0xD9:
            return at + 2
        elif head[1] == 0xDA:
            at = _scan_end(piece, at + 2)
            if not at:
                return 0
        elif len(head) < 4:
            return 0
        else:
            at += 2 + int(struct.unpack_from(">H", head, 2)[0])
    return 0


_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]", re.DOTALL)


def _scan_end(piece: Piece, at: int) -> int:
    length = piece.read(at, 2)
    if len(length) < 2:
        return 0
    at += int(struct.unpack(">H", length)[0])
    kept = b""
    for chunk in through(piece, at):
        if found := _MARKER.search(kept + chunk):
            return at - len(kept) + found.start()
        kept = chunk[-1:]
        at += len(chunk)
    return 0
