"""Pickles in what carries them: compression, archives, arrays, other files; under their names and wrong ones."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from benchmarks.assure_corpus.pickling import Call, Global, stream
from benchmarks.assure_corpus.shape import CANARY, Shape
from benchmarks.assure_corpus.streams import MKDIR, OPEN
from benchmarks.assure_corpus.zips import ENCRYPTED, Entry, archive

PLAIN = stream(OPEN, 3)


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 6, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\x00" * 5))
    + _chunk(b"IEND", b"")
)
"""One transparent pixel."""


def tarred(members: Mapping[str, bytes], mode: str = "w") -> bytes:
    """A tar archive of `members`; gzip is put around without the time."""
    if mode == "w:gz":
        return gzip.compress(tarred(members), mtime=0)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as tar:  # type: ignore[call-overload]
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return out.getvalue()


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip archive of `members`."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as packed:
        for name, content in members.items():
            packed.writestr(zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0)), content, compress_type=method)
    return out.getvalue()


class _Item:
    def __reduce__(self) -> tuple[Any, ...]:
        return (open, (CANARY, "w"))


def _npy(version: tuple[int, int] = (1, 0)) -> bytes:
    out = io.BytesIO()
    np.lib.format.write_array(out, np.array([_Item(), 1], dtype=object), version=version)
    return out.getvalue()


def _npy_around(payload: bytes) -> bytes:
    out = io.BytesIO()
    header = {"descr": "|O", "fortran_order": False, "shape": (1,)}
    np.lib.format.write_array_header_1_0(out, header)
    return out.getvalue() + payload


def _joblib() -> Iterator[tuple[str, str, bytes]]:
    yield "joblib-plain", "model.joblib", PLAIN
    yield "joblib-zlib", "model.joblib", zlib.compress(PLAIN)
    yield "joblib-zlib-fast", "model.joblib", zlib.compress(PLAIN, 1)
    yield "joblib-zlib-stored", "model.joblib", zlib.compress(PLAIN, 0)
    yield "joblib-gzip", "model.joblib", gzip.compress(PLAIN, mtime=0)
    yield "joblib-bz2", "model.joblib", bz2.compress(PLAIN)
    yield "joblib-lzma", "model.joblib", lzma.compress(PLAIN, lzma.FORMAT_ALONE)
    yield "joblib-xz", "model.joblib", lzma.compress(PLAIN, lzma.FORMAT_XZ)
    yield "joblib-zlib-named-pkl", "model.pkl", zlib.compress(stream(MKDIR, 4))
    yield "joblib-gzip-named-json", "scaler.json", gzip.compress(PLAIN, mtime=0)
    yield "joblib-zlib-truncated-after", "model.joblib", zlib.compress(PLAIN + b"\x00" * 4000)[:-6]


def _numpy() -> Iterator[tuple[str, str, bytes]]:
    yield "npy-object", "embeddings.npy", _npy()
    yield "npy-object-2", "embeddings.npy", _npy((2, 0))
    yield "npy-object-3", "embeddings.npy", _npy((3, 0))
    yield "npy-protocol-0", "embeddings.npy", _npy_around(stream(MKDIR, 0))
    yield "npy-named-bin", "weights.bin", _npy_around(PLAIN)
    yield "npy-is-pickle", "embeddings.npy", PLAIN
    header = b"\x93NUMPY\x01\x00"
    text = b"{'descr':[('f0','<f4'),('f1','|O')],'fortran_order':False,'shape':(1,)}"
    structured = text + b" " * (117 - len(text)) + b"\n"
    yield "npy-structured", "table.npy", header + len(structured).to_bytes(2, "little") + structured + PLAIN
    arrays = {"weights.npy": _plain_array(), "labels.npy": _npy()}
    yield "npz-object", "data.npz", zipped(arrays, zipfile.ZIP_STORED)
    yield "npz-deflated", "data.npz", zipped(arrays)
    yield "npz-no-extension-inside", "data.npz", zipped({"weights": _npy()})
    yield "npz-named-safetensors", "model.safetensors", zipped(arrays)
    yield "npz-bzip2", "data.npz", zipped(arrays, zipfile.ZIP_BZIP2)


def _plain_array() -> bytes:
    out = io.BytesIO()
    np.save(out, np.arange(8, dtype=np.float32))
    return out.getvalue()


def _archives() -> Iterator[tuple[str, str, bytes]]:
    inner = {"model.pkl": PLAIN, "readme.txt": b"weights"}
    yield "tar", "model.tar", tarred(inner)
    yield "tar-gz", "model.tar.gz", tarred(inner, "w:gz")
    yield "tar-bz2", "model.tar.bz2", tarred(inner, "w:bz2")
    yield "tar-xz", "model.tar.xz", tarred(inner, "w:xz")
    yield "tar-gz-named-nemo", "model.nemo", tarred(inner, "w:gz")
    yield "zip", "model.zip", zipped(inner)
    yield "zip-lzma", "model.zip", zipped(inner, zipfile.ZIP_LZMA)
    yield "zip-in-zip", "model.zip", zipped({"a/inner.zip": zipped({"b/inner.zip": zipped(inner)})})
    yield "tar-in-zip", "model.zip", zipped({"inner.tar": tarred(inner)})
    yield "zip-in-tar-gz", "model.tgz", tarred({"inner.zip": zipped(inner)}, "w:gz")
    yield "zip-named-txt", "notes.txt", zipped(inner)
    yield "zip-prefix", "model.zip", b"#!/bin/sh\nexit 0\n" + zipped(inner)
    yield "zip-prefix-adjusted", "model.zip", archive([Entry("model.pkl", PLAIN)], prefix=b"x" * 100)
    yield "zip-local-flag", "model.zip", archive([Entry("model.pkl", PLAIN, local_flags=ENCRYPTED)])
    yield "zip-png", "picture.png", PNG + zipped(inner)
    yield "zip-gguf", "model.gguf", b"GGUF\x03\x00\x00\x00" + b"\x00" * 16 + zipped(inner)
    harmless = b'{"__metadata__":{"format":"pt"}}'
    yield (
        "zip-safetensors",
        "model.safetensors",
        len(harmless).to_bytes(8, "little") + harmless + zipped(inner),
    )
    yield "zip-after-zip", "model.zip", archive([Entry("readme.txt", b"hello")], comment=b"") + zipped(inner)


def _compressed() -> Iterator[tuple[str, str, bytes]]:
    yield "gz", "model.pkl.gz", gzip.compress(PLAIN, mtime=0)
    yield "bz2", "model.pkl.bz2", bz2.compress(PLAIN)
    yield "xz", "model.pkl.xz", lzma.compress(PLAIN)
    yield (
        "gz-members",
        "model.pkl.gz",
        gzip.compress(PLAIN[:20], mtime=0) + gzip.compress(PLAIN[20:], mtime=0),
    )
    frame = Call(Global("pandas.io.common", "os.mkdir"), (CANARY,))
    yield "gz-frame", "frame.pkl.gz", gzip.compress(stream(frame), mtime=0)


def carrier_shapes() -> Iterator[Shape]:
    """Pickles under wraps."""
    groups = (
        ("joblib", _joblib, "joblib"),
        ("numpy arrays", _numpy, "numpy"),
        ("archives", _archives, "archive"),
        ("compressed pickles", _compressed, "pandas"),
    )
    for family, made, loader in groups:
        for name, file, content in made():
            yield Shape(name, family, "opens a file for writing", loader, {file: content})
    for name in (
        "notes.txt",
        "config.json",
        "model.safetensors",
        "picture.png",
        "weights",
        "model.gguf",
        "README.md",
    ):
        yield Shape(
            f"pickle-named-{name}", "wrong names", "opens a file for writing", "pickle", {name: PLAIN}
        )
    yield Shape(
        "pickle-and-zip",
        "polyglots",
        "opens a file",
        "pickle",
        {"model.pkl": PLAIN + zipped({"a.txt": b"a"})},
    )
    yield Shape(
        "pickle-text-named-txt", "wrong names", "opens a file", "pickle", {"vocab.txt": stream(OPEN, 0)}
    )
    does = "hides a pickle that a loader with an offset reads"
    yield Shape("png-and-pickle", "polyglots", does, "", {"picture.png": PNG + PLAIN})
