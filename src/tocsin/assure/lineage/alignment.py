"""Which tensor of the base each of the derived model comes from: by name, by content where names tell nothing."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from tocsin.assure.lineage.comparison import Aligned
from tocsin.assure.lineage.encodings import Floats
from tocsin.assure.lineage.names import canonical
from tocsin.assure.lineage.tensors import Tensor

PROBE_ROWS, PROBE = 16, 1024
"""Rows and entries that stand for a tensor when it is looked for by content: chance cosines are 0.03."""

FOUND = 0.3
"""Cosine of two probes from which their tensors are kin: ten times what chance gives."""

MAX_PROBED = 20_000
"""Tensors looked for by content on either side: their probes take 80 MB."""


class Pair(NamedTuple):
    derived: Tensor
    base: Tensor
    aligned: Aligned


def by_name(base: Sequence[Tensor], derived: Sequence[Tensor]) -> tuple[list[Pair], list[Tensor]]:
    """Pairs whose canonical names and columns are the same, and what found none."""
    named = {canonical(tensor.name): tensor for tensor in base}
    pairs, rest = [], []
    for tensor in derived:
        found = named.get(canonical(tensor.name))
        if found is not None and comparable(found, tensor):
            pairs.append(Pair(tensor, found, Aligned.NAME))
        else:
            rest.append(tensor)
    return pairs, rest


def comparable(base: Tensor, derived: Tensor) -> bool:
    """Whether rows can lie beside rows. A vocabulary may have grown: matrices may differ in their number of rows."""
    if base.columns != derived.columns or not base.entries or not derived.entries:
        return False
    return base.rows == derived.rows or (base.is_matrix and derived.is_matrix)


def by_content(base: Iterable[Tensor], derived: Sequence[Tensor]) -> list[Pair]:
    """The base's tensor of the same shape that each is most like, if it is like it at all.

    One of the base may serve several: layers are duplicated. Vectors are looked for by what varies in them.
    """
    wanted = Counter((tensor.rows, tensor.columns) for tensor in derived)
    shaped: dict[tuple[int, int], list[Tensor]] = defaultdict(list)
    for tensor in list(base)[:MAX_PROBED]:
        if (tensor.rows, tensor.columns) in wanted:
            shaped[tensor.rows, tensor.columns].append(tensor)
    probes = {shape: np.stack([probe(tensor) for tensor in tensors]) for shape, tensors in shaped.items()}
    pairs = []
    for tensor in derived[:MAX_PROBED]:
        shape = (tensor.rows, tensor.columns)
        if shape in probes:
            cosines = np.abs(probes[shape] @ probe(tensor))
            best = int(np.argmax(cosines))
            if cosines[best] >= FOUND:
                pairs.append(Pair(tensor, shaped[shape][best], Aligned.CONTENT))
    return pairs


def probe(tensor: Tensor) -> Floats:
    """A few stretches of a tensor, centred, of length one."""
    rows = np.linspace(0, tensor.rows - 1, min(PROBE_ROWS, tensor.rows)).astype(int)
    grain = tensor.encoding.grain
    units = max(1, min(tensor.columns // grain, PROBE // (len(rows) * grain)))
    taken = []
    for row in rows.tolist():
        raw = tensor.raw(tensor.read_rows(row, row + 1))
        taken.append(tensor.encoding.decoded(raw[:, :units]).ravel())
    values = np.concatenate(taken)
    values = values[np.isfinite(values)]
    values = np.resize(values - values.mean(), PROBE) if values.size else np.zeros(PROBE, np.float32)
    return (values / (np.linalg.norm(values) or 1.0)).astype(np.float32)


def stream_width(tensors: Iterable[Tensor]) -> int:
    """The width of the residual stream: the length that most sides of matrices have, in most matrices."""
    sides = Counter(side for tensor in tensors if tensor.is_matrix for side in {tensor.rows, tensor.columns})
    return max(sides, key=lambda side: (sides[side], side), default=0)


def duplicated(pairs: Iterable[Pair], layer_of: Mapping[str, int]) -> tuple[int, ...]:
    """Layers of the base that serve more than one layer of the derived model."""
    served: dict[int, set[int]] = defaultdict(set)
    for pair in pairs:
        if pair.base.is_matrix and layer_of[pair.base.name] >= 0:
            served[layer_of[pair.base.name]].add(layer_of[pair.derived.name])
    return tuple(sorted(layer for layer, by in served.items() if len(by) > 1))
