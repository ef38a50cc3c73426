"""Formats that are known and not read here: said by name, so that nobody takes silence for a clean bill.

And programs for a machine: a library beside weights is what custom operators are loaded from.
"""

import re
from collections.abc import Iterator

from tocsin.assure.examining import Piece, Told, finding

HEAD_BYTES = 4096

_MAGIC: tuple[tuple[str, int, bytes, str], ...] = (
    ("native", 0, b"\x7fELF", "a program or library for Linux (ELF)"),
    ("native", 0, b"\xfe\xed\xfa\xce", "a program or library for macOS (Mach-O)"),
    ("native", 0, b"\xfe\xed\xfa\xcf", "a program or library for macOS (Mach-O)"),
    ("native", 0, b"\xce\xfa\xed\xfe", "a program or library for macOS (Mach-O)"),
    ("native", 0, b"\xcf\xfa\xed\xfe", "a program or library for macOS (Mach-O)"),
    ("native", 0, b"\xca\xfe\xba\xbe", "a Java class or a universal program (Mach-O)"),
    ("native", 0, b"MZqFpD", "a program for every system at once (llamafile)"),
    ("native", 0, b"\x00asm", "WebAssembly"),
    ("native", 0, b"dex\n", "a program for Android"),
    ("compiled", 0, b"BC\xc0\xde", "LLVM bitcode"),
    ("compiled", 0, b"ML\xefR", "MLIR bytecode"),
    ("compiled", 0, b"ptrt", "a TensorRT engine"),
    ("compiled", 0, b"ftrt", "a TensorRT engine"),
    ("compiled", 4, b"ET12", "an ExecuTorch program"),
    ("unread", 0, b"lmgg", "GGML from before GGUF"),
    ("unread", 0, b"fmgg", "GGML from before GGUF"),
    ("unread", 0, b"tjgg", "GGML from before GGUF"),
    ("unread", 0, b"algg", "a GGML adapter from before GGUF"),
    ("unread", 0, b"CBM1", "a CatBoost model"),
    ("unread", 0, b"binf", "an XGBoost model of the old binary form"),
    ("unread", 0, b"RDX", "data of R"),
    ("unread", 0, b"PAR1", "a Parquet table"),
    ("unread", 0, b"ARROW1", "an Arrow table"),
    ("unread", 0, b"SQLite format 3\x00", "a SQLite database"),
    ("unread", 0, b"%PDF-", "a PDF document"),
)
_NAMES: tuple[tuple[str, str, str], ...] = (
    (".msgpack", "unread", "a MessagePack checkpoint (Flax)"),
    (".mlmodel", "unread", "a Core ML model"),
    (".pdmodel", "unread", "a Paddle model"),
    (".pdiparams", "unread", "Paddle weights"),
    (".caffemodel", "unread", "a Caffe model"),
    (".engine", "compiled", "a TensorRT engine"),
    (".plan", "compiled", "a TensorRT engine"),
    (".trt", "compiled", "a TensorRT engine"),
    (".rknn", "compiled", "a Rockchip program"),
    (".hef", "compiled", "a Hailo program"),
    (".mnn", "unread", "an MNN model"),
    (".so", "native", "a library, by its name"),
    (".dll", "native", "a library, by its name"),
    (".dylib", "native", "a library, by its name"),
    (".exe", "native", "a program, by its name"),
)
_DOCUMENTS = (
    (re.compile(rb"<PMML[\s>]"), "a PMML model"),
    (re.compile(rb"<net\s[^>]*name="), "an OpenVINO graph"),
)
_PORTABLE = re.compile(rb"PE\x00\x00")
FORMATS = {"native": "native-code", "compiled": "compiled-program", "unread": "other-model"}


class OpaqueExaminer:
    """Tells of what is known by its magic or name and has no examiner: never clean."""

    name = "opaque"
    version = 1

    def recognises(self, piece: Piece) -> str:
        kind, _ = _known(piece)
        return FORMATS.get(kind, "")

    def examine(self, piece: Piece, format_name: str) -> Iterator[Told]:
        kind, what = _known(piece)
        if kind:
            yield finding(f"opaque.{kind}", piece.path, what=what, size=piece.size)


def _known(piece: Piece) -> tuple[str, str]:
    """Which rule, and what it is; two empty texts for what is not known."""
    head = piece.read(0, HEAD_BYTES)
    for kind, offset, magic, what in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return kind, what
    if head[:2] == b"MZ" and _PORTABLE.search(head):
        return "native", "a program or library for Windows (PE)"
    if head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<":
        for pattern, what in _DOCUMENTS:
            if pattern.search(head):
                return "unread", what
    name = piece.path.lower()
    for ending, kind, what in _NAMES:
        if name.endswith(ending):
            return kind, what
    return "", ""
