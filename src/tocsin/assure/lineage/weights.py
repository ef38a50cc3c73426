"""A model's tensors wherever they lie: a file of safetensors, GGUF or torch, or a folder of shards.

What a file says of its origin is handed on as a claim. What cannot be read is named, and never counted as compared.
"""

import os
import re
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import msgspec

from tocsin.assure.examining import Piece
from tocsin.assure.folders import Listed, TooMany, listed
from tocsin.assure.lineage.encodings import ENCODINGS, Encoding
from tocsin.assure.lineage.gguf_encodings import GGUF_ENCODINGS
from tocsin.assure.lineage.tensors import Tensor, tensor
from tocsin.assure.pickles.tensors import torch_tensors
from tocsin.assure.pieces import Held, Opened, open_file
from tocsin.assure.weights import gguf_tensors, safetensors_tensors
from tocsin.assure.weights.gguf_header import MAGIC, Header, read_header
from tocsin.kernel.errors import BadInput, TocsinError

MAX_FILES = 10_000
"""Entries of a folder. The largest model published has some hundreds of shards."""

MAX_PICKLE_BYTES = 64 << 20
"""The pickle of a torch zip: names and shapes, some hundred bytes a tensor."""

MAX_CONFIG_BYTES = 1 << 20
MAX_CLAIM_CHARS = 200

_SAFETENSORS, _GGUF, _TORCH = ".safetensors", ".gguf", (".pt", ".pth", ".bin", ".ckpt")
MAX_HEAD = 1024
"""Rows of an attention head: 64 to 256 are used."""

_INTERLEAVED = re.compile(r"\.attn_[qk]\.weight$")
_LOCAL_HEADER = struct.Struct("<26xHH")
"""Lengths of the name and of the extra field, before a zip member's bytes (APPNOTE 4.3.7)."""

_CONFIGS = {
    "adapter_config.json": ("base_model_name_or_path",),
    "config.json": ("_name_or_path", "base_model_name_or_path"),
}
_CLAIMED_BY_GGUF = ("general.name", "general.base_model.0.name", "general.base_model.0.repo_url")


class Weights:
    """The open files of one model. `tensors` in the order of the files; `unread` says what and why."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.tensors: tuple[Tensor, ...] = ()
        self.unread: tuple[str, ...] = ()
        self.claims: dict[str, str] = {}
        self._descriptors: list[int] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """The files; reading a tensor is over."""
        while self._descriptors:
            os.close(self._descriptors.pop())

    def add(self, where: str, path: str) -> None:
        """One file's tensors and claims. Raises BadInput for one that is broken."""
        descriptor = open_file(where)
        self._descriptors.append(descriptor)
        piece = Opened(path, descriptor, os.fstat(descriptor).st_size)
        found = [*_tensors(piece, where)]
        self.tensors += tuple(one for one in found if isinstance(one, Tensor))
        self.unread += tuple(one for one in found if isinstance(one, str))

    def claim(self, path: str, named: str, value: object) -> None:
        """What a file says of where it comes from."""
        if isinstance(value, str) and value:
            self.claims[f"{path}: {named}"[:MAX_CLAIM_CHARS]] = value[:MAX_CLAIM_CHARS]


def opened(path: Path) -> Weights:
    """A file, or the weights in a folder. Raises BadInput when there is nothing to read, or it is broken."""
    weights = Weights(str(path))
    try:
        if path.is_dir():
            _open_folder(weights, path)
        else:
            weights.add(os.path.realpath(path), path.name)
            if path.suffix.lower() == _GGUF:
                _gguf_claims(weights, path.name)
    except OSError as error:
        weights.close()
        raise BadInput(
            f"{path} cannot be opened ({error.strerror}): name a file of weights, or a folder"
        ) from error
    except TocsinError:
        weights.close()
        raise
    return weights


def _open_folder(weights: Weights, folder: Path) -> None:
    """All of safetensors; only where there is none, of torch; only where there is neither, of GGUF: one model is often
    published in several forms.
    """
    try:
        files = [entry for entry in listed(folder, MAX_FILES) if isinstance(entry, Listed)]
    except TooMany as error:
        raise BadInput(
            f"{folder} has more than {MAX_FILES:,} entries: name the model's own folder"
        ) from error
    for endings in ((_SAFETENSORS,), _TORCH, (_GGUF,)):
        chosen = [entry for entry in files if entry.path.lower().endswith(endings) and "/" not in entry.path]
        if chosen:
            for entry in chosen:
                weights.add(entry.where, entry.path)
            break
    else:
        raise BadInput(f"{folder} holds no safetensors, torch or GGUF file: name the folder of the weights")
    for entry in files:
        if entry.path in _CONFIGS and entry.size <= MAX_CONFIG_BYTES:
            _config_claims(weights, entry)


def _config_claims(weights: Weights, entry: Listed) -> None:
    try:
        config = msgspec.json.decode(Path(entry.where).read_bytes())
    except (msgspec.DecodeError, OSError):
        return  # `tocsin model inspect` tells of a broken configuration; here it claims nothing
    if isinstance(config, dict):
        for key in _CONFIGS[entry.path]:
            weights.claim(entry.path, key, config.get(key))


def _gguf_claims(weights: Weights, path: str) -> None:
    header = read_header(weights.tensors[0].piece) if weights.tensors else None
    for key in _CLAIMED_BY_GGUF if header else ():
        weights.claim(path, key, header.values.get(key) if header else None)


def _tensors(piece: Piece, where: str) -> Iterator[Tensor | str]:
    """By magic: the name of a file promises nothing."""
    start = piece.read(0, 8)
    if start.startswith(MAGIC):
        header = read_header(piece)
        for entry in gguf_tensors(piece):
            found = _known(entry.name, entry.dtype, entry.shape, GGUF_ENCODINGS, piece, entry.offset)
            head = _head(header, entry.name) if isinstance(found, Tensor) and not found.rows % 2 else 0
            whole = head and isinstance(found, Tensor) and not found.rows % head
            yield found._replace(head=head) if whole and isinstance(found, Tensor) else found
    elif start.startswith(b"PK"):
        yield from _torch_zip(piece, where)
    elif piece.path.lower().endswith(_SAFETENSORS) or piece.read(8, 1) == b"{":
        for entry in safetensors_tensors(piece):
            yield _known(entry.name, entry.dtype, entry.shape, ENCODINGS, piece, entry.offset)
    else:
        raise BadInput(f"{piece.path} is neither safetensors, GGUF nor a torch zip: save it as safetensors")


def _head(header: Header, name: str) -> int:
    """The rows of a head that llama.cpp's converter has interleaved in this tensor (`LlamaModel.permute`), or 0."""
    if header.values.get("general.architecture") != "llama" or not _INTERLEAVED.search(name):
        return 0
    width, heads = (header.values.get(f"llama.{key}") for key in ("embedding_length", "attention.head_count"))
    rows = header.values.get("llama.attention.key_length")
    if isinstance(rows, int):
        return rows if 0 < rows <= MAX_HEAD and rows % 2 == 0 else 0
    if isinstance(width, int) and isinstance(heads, int) and heads > 0 and width % (2 * heads) == 0:
        return width // heads if 0 < width // heads <= MAX_HEAD else 0
    return 0


def _known(
    name: str, dtype: str, shape: tuple[int, ...], encodings: dict[str, Encoding], piece: Piece, offset: int
) -> Tensor | str:
    encoding = encodings.get(dtype)
    found = None if encoding is None else tensor(name, shape, encoding, piece, offset)
    return f"{name} ({dtype}, {'x'.join(map(str, shape))})" if found is None else found


def _torch_zip(piece: Piece, where: str) -> Iterator[Tensor | str]:
    """The tensors of a state dictionary, read where its stored members lie. Nothing is unpickled."""
    try:
        with zipfile.ZipFile(where) as archive:
            members = {info.filename: info for info in archive.infolist()}
            pickled = next((name for name in members if name.endswith("data.pkl")), "")
            if not pickled or members[pickled].file_size > MAX_PICKLE_BYTES:
                raise BadInput(
                    f"{piece.path} is a zip without a torch pickle of at most {MAX_PICKLE_BYTES:,} bytes"
                )
            data = archive.read(pickled)
    except zipfile.BadZipFile as error:
        raise BadInput(f"{piece.path} is a broken zip: fetch the file again") from error
    for entry in torch_tensors(Held(f"{piece.path}!/{pickled}", data)):
        member = members.get(pickled.removesuffix("data.pkl") + f"data/{entry.key}")
        encoding = ENCODINGS.get(entry.dtype)
        if (
            member is None
            or encoding is None
            or member.compress_type != zipfile.ZIP_STORED
            or entry.strides != _row_major(entry.shape)
        ):
            yield f"{entry.name} ({entry.dtype or 'no type'}, strides {entry.strides})"
            continue
        header = piece.read(member.header_offset, _LOCAL_HEADER.size)
        if len(header) < _LOCAL_HEADER.size:
            raise BadInput(f"{piece.path} is a broken zip: fetch the file again")
        start = member.header_offset + _LOCAL_HEADER.size + sum(_LOCAL_HEADER.unpack(header))
        yield _known(
            entry.name,
            entry.dtype,
            entry.shape,
            ENCODINGS,
            piece,
            start + entry.offset * encoding.unit.itemsize,
        )


def _row_major(shape: tuple[int, ...]) -> tuple[int, ...]:
    strides, step = [], 1
    for side in reversed(shape):
        strides.append(step)
        step *= side
    return tuple(reversed(strides))
