"""`compare`: two models' files in, what their weights say of each other out."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from tocsin.assure.lineage.adapters import adapter_of
from tocsin.assure.lineage.alignment import Pair, by_content, by_name, comparable, duplicated, stream_width
from tocsin.assure.lineage.comparison import Change, Comparison, Confidence, TensorChange
from tocsin.assure.lineage.kinds import change_of
from tocsin.assure.lineage.measuring import Measured, measure
from tocsin.assure.lineage.names import canonical, stream_side
from tocsin.assure.lineage.sampling import DRAWN, SEED
from tocsin.assure.lineage.signatures import Candidate, layer_of, signature_of
from tocsin.assure.lineage.weights import Weights, opened
from tocsin.kernel.errors import BadInput

THREADS = 2
"""Reading and computing overlap; more only wait for the memory."""

KEPT_BYTES = 24 << 20
"""glibc gives freed memory back to the system above twice the largest block that it has mapped and freed (mallopt(3),
M_MMAP_THRESHOLD, dynamic). Without such a block it would give every megabyte back and fetch it again, cleared: a fifth
of the time. Never touched, it takes no memory.
"""

DESCENDS = 0.05
"""Share of the derived model's entries that must be kin of the base's for the whole to be called its descendant."""

MOST = 0.9
"""Share of the changed entries of matrices that one change must cover to name the whole: one tensor that was tuned
densely makes a merged adapter into a tuned model."""

Told = Callable[[int, int], None]


def compare(
    base: Path,
    derived: Path,
    others: Sequence[Path] = (),
    told: Told = lambda _done, _all: None,
    *,
    seed: int = SEED,
) -> Comparison:
    """What the weights of `derived` say of their descent from `base` (and `others`). Raises BadInput for files that
    cannot be read as weights, or that have nothing to compare.

    `told` hears bytes done with, and all bytes. `seed` draws what is sampled: a fresh one where a stranger made the
    files, for who knows it can leave alone what will be looked at.
    """
    with opened(base) as old, opened(derived) as new:
        held = [opened(other) for other in others]
        try:
            return _compared(old, new, held, told, seed)
        finally:
            for other in held:
                other.close()


def _compared(old: Weights, new: Weights, others: Sequence[Weights], told: Told, seed: int) -> Comparison:
    """1. Align by name; measure.  2. Look by content for what has no kin by its name; measure.  3. Judge the whole."""
    if not old.tensors or not new.tensors:
        empty = old if not old.tensors else new
        raise BadInput(
            f"{empty.name} holds no tensor that can be compared: {'; '.join(empty.unread) or 'none at all'}"
        )
    for one in (old, new, *others):
        if adapter := adapter_of(one):
            raise BadInput(f"{one.name} is {adapter}: merge it into its base, and compare what comes of it")
    run = _Run(old, new, others, told, seed)
    pairs, rest = by_name(old.tensors, new.tensors)
    measured = run.measure(pairs)
    strangers = [pair.derived for pair, told_of in measured if run.is_stranger(told_of)]
    again = run.measure(by_content(old.tensors, [*strangers, *rest]))
    found = {pair.derived.name: (pair, told_of) for pair, told_of in measured}
    found |= {pair.derived.name: (pair, told_of) for pair, told_of in again if not run.is_stranger(told_of)}
    return run.whole([found[tensor.name] for tensor in new.tensors if tensor.name in found])


class _Run:
    """One comparison under way."""

    def __init__(self, old: Weights, new: Weights, others: Sequence[Weights], told: Told, seed: int) -> None:
        self._old, self._new, self._others = old, new, others
        self._named = [{canonical(tensor.name): tensor for tensor in other.tensors} for other in others]
        self._stream = stream_width(old.tensors)
        self._told, self._done, self._seed = told, 0, seed
        self._all = sum(tensor.size for tensor in (*old.tensors, *new.tensors))

    def measure(self, pairs: Sequence[Pair]) -> list[tuple[Pair, Measured]]:
        """In the order given; THREADS at once."""
        np.empty(KEPT_BYTES, np.uint8)
        with ThreadPoolExecutor(THREADS) as pool:
            return list(zip(pairs, pool.map(self._one, pairs), strict=True))

    def _one(self, pair: Pair) -> Measured:
        name = canonical(pair.base.name)
        others = [
            named[name] for named in self._named if name in named and comparable(pair.base, named[name])
        ]
        return measure(
            pair.base, pair.derived, self._stream, stream_side(name), others, self._heard, self._seed
        )

    def _heard(self, passed: int) -> None:
        self._done += passed
        self._told(min(self._done, self._all), self._all)

    @staticmethod
    def is_stranger(measured: Measured) -> bool:
        return change_of(measured, 1)[0] is Change.UNRELATED

    def whole(self, found: Sequence[tuple[Pair, Measured]]) -> Comparison:
        changes = tuple(_tensor_change(pair, measured) for pair, measured in found)
        kin = [one for one in changes if one.change is not Change.UNRELATED]
        entries = sum(tensor.entries for tensor in self._new.tensors)
        shares = Counter[str]()
        for one in changes:
            shares[one.change] += one.entries
        related = sum(one.entries for one in kin if len(one.shape) > 1) / (
            sum(tensor.entries for tensor in self._new.tensors if tensor.is_matrix) or 1
        )
        change, confidence = _whole(kin, related)
        pairs = [pair for pair, _ in found]
        layers = {
            tensor.name: layer_of(canonical(tensor.name))
            for tensor in (*self._old.tensors, *self._new.tensors)
        }
        named = {pair.derived.name for pair in pairs}
        used = {pair.base.name for pair in pairs}
        return Comparison(
            base=self._old.name,
            derived=self._new.name,
            change=change,
            confidence=confidence,
            related=related,
            shares={kind: count / entries for kind, count in sorted(shares.items())},
            tensors=changes,
            signature=signature_of(_candidates(found)) if change is not Change.UNRELATED else None,
            added=tuple(tensor.name for tensor in self._new.tensors if tensor.name not in named),
            missing=tuple(tensor.name for tensor in self._old.tensors if tensor.name not in used),
            unread=(*self._old.unread, *self._new.unread),
            duplicated_layers=duplicated((pair for pair in pairs), layers),
            added_rows=max((one.added_rows for one in kin), default=0),
            others=tuple(other.name for other in self._others),
            claims=self._new.claims,
            seed=self._seed,
        )


def _candidates(found: Iterable[tuple[Pair, Measured]]) -> list[Candidate]:
    return [
        Candidate(canonical(pair.base.name), side)
        for pair, measured in found
        if not _Run.is_stranger(measured)
        for side in measured.sides
    ]


def _tensor_change(pair: Pair, measured: Measured) -> TensorChange:
    base, derived = pair.base, pair.derived
    rows = min(base.rows, derived.rows)
    change, confidence = change_of(measured, min(rows, base.columns, DRAWN) if base.is_matrix else 1)
    return TensorChange(
        name=derived.name,
        base=base.name,
        aligned=pair.aligned,
        shape=derived.shape,
        entries=derived.entries,
        sampled=measured.sampled,
        change=change,
        confidence=confidence,
        relative=(measured.delta_energy / (measured.base_energy or 1e-30)) ** 0.5,
        cosine=measured.cosine,
        changed=measured.changed,
        changed_rows=measured.changed_rows,
        rank=measured.rank,
        rank_share=measured.rank_share,
        zeroed=measured.zeroed,
        bits=measured.grid.bits,
        group=measured.grid.group,
        over_grid=measured.delta_energy / measured.grid.energy if measured.grid.energy else 0.0,
        added_rows=max(0, derived.rows - base.rows),
        weights=measured.weights,
    )


def _whole(kin: Sequence[TensorChange], related: float) -> tuple[Change, Confidence]:
    """What most of the changed entries of matrices are; a mixture of changes is fine-tuned, or quantised and more."""
    if related < DESCENDS:
        return Change.UNRELATED, Confidence.HIGH if related == 0 else Confidence.MEDIUM
    changed = [change for change in kin if change.change is not Change.SAME]
    if not changed:
        return Change.SAME, Confidence.HIGH
    matrices = [change for change in changed if len(change.shape) > 1] or changed
    total = sum(change.entries for change in matrices)
    counted = Counter[Change]()
    sure = Counter[Change]()
    for change in matrices:
        counted[change.change] += change.entries
        sure[change.change] += change.entries * (change.confidence is not Confidence.LOW)
    kind, most = counted.most_common(1)[0]
    on_grid = counted[Change.QUANTISED] + counted[Change.TUNED_QUANTISED]
    if most < MOST * total:
        kind = Change.TUNED_QUANTISED if on_grid >= MOST * total else Change.FINE_TUNED
        return kind, Confidence.MEDIUM
    return kind, Confidence.HIGH if sure[kind] >= MOST * most else Confidence.MEDIUM
