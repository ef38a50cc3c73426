"""A model's tensors wherever they lie: one file, or a folder of shards."""

import json, os, struct
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self
from tocsin.assure.lineage.encodings import ENCODINGS
from tocsin.assure.lineage.tensors import FilePiece, Tensor


class Weights:
    def __init__(self, name, tensors, pieces, unread, claims):
        self.name, self.tensors, self._pieces, self.unread, self.claims = name, tensors, pieces, unread, claims
    def close(self):
        for p in self._pieces: p.close()
    def __enter__(self): return self
    def __exit__(self, *a): self.close()

def opened(path):
    files = sorted(path.glob("*.safetensors")) if path.is_dir() else [path]
    tensors, pieces = [], []
    for f in files:
        p = FilePiece(f, f.name); pieces.append(p)
        (n,) = struct.unpack("<Q", p.read(0, 8))
        for name, e in json.loads(p.read(8, n)).items():
            if name == "__metadata__": continue
            shape = tuple(e["shape"]); rows = shape[0] if len(shape) > 1 else 1
            total = 1
            for x in shape: total *= x
            tensors.append(Tensor(name, shape, rows, total // rows, ENCODINGS[e["dtype"]], p, 8 + n + e["data_offsets"][0]))
    return Weights(str(path), tuple(tensors), pieces, (), {})
