"""What a comparison of two models' weights says: a change for each tensor, one for the whole, and signatures."""

from enum import StrEnum

import msgspec


class Change(StrEnum):
    """What a delta looks like. It says how weights differ, never why somebody changed them."""

    SAME = "same"
    """The same bytes, or the same values in another type."""
    FINE_TUNED = "fine-tuned"
    """Still correlated, and the delta is dense and of many ranks."""
    ADAPTER_MERGED = "adapter-merged"
    """The delta is of low rank, as a merged adapter leaves it, and so does any edit along few directions."""
    QUANTISED = "quantised"
    """The values lie on a grid, and the delta is as large as rounding to it makes it."""
    TUNED_QUANTISED = "tuned-quantised"
    """The values lie on a grid, and the delta is larger than rounding to it explains."""
    PRUNED = "pruned"
    """Values became zero."""
    MERGED = "merged"
    """The delta is a combination of the deltas of the other models given."""
    UNRELATED = "unrelated"
    """No correlation beyond chance."""


class Confidence(StrEnum):
    """How far the deciding number lies from where the answer would be another (docs/compare.md)."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class Aligned(StrEnum):
    """How a tensor of the derived model found its counterpart."""

    NAME = "name"
    CONTENT = "content"


class TensorChange(msgspec.Struct, frozen=True):
    """One tensor of the derived model beside its counterpart in the base.

    `relative` is the delta's norm over the base's; `cosine` that of the two tensors; `changed` the share of sampled
    entries that differ; `changed_rows` counts all rows (None where the two are stored in other types, or where all
    changed from the first on); `rank` counts singular values above the noise, which hold `rank_share` of the delta's
    energy. `bits` and `group` name the grid (`group` 0: a whole row), `over_grid` the delta's energy over what rounding
    to it gives; `weights` the shares of the other models in it. `sampled` entries were measured of `entries`.
    """

    name: str
    base: str
    aligned: Aligned
    shape: tuple[int, ...]
    entries: int
    sampled: int
    change: Change
    confidence: Confidence
    relative: float
    cosine: float
    changed: float
    changed_rows: int | None = None
    rank: int = 0
    rank_share: float = 0.0
    zeroed: float = 0.0
    bits: int = 0
    group: int = 0
    over_grid: float = 0.0
    added_rows: int = 0
    weights: tuple[float, ...] = ()


class Spread(StrEnum):
    """Whether the directions that were projected out are one across layers."""

    SHARED = "shared-direction"
    PER_LAYER = "direction-per-layer"


class Signature(msgspec.Struct, frozen=True):
    """Directions of the residual stream that the derived weights no longer write, or write less.

    `tensors` carry it, in `layers` layers, of `candidates` that write or read the stream; `directions` are shared by
    them. `cosine` is the mean between their leading directions, `energy` the share of the delta's energy along
    them, `projected` how nearly the delta is minus the projection of the base (1: it is nothing else along them),
    `removed` the share of the base's amplitude along them that is gone (1: all), and `left` the energy still there.
    """

    spread: Spread
    confidence: Confidence
    tensors: int
    candidates: int
    layers: int
    directions: int
    cosine: float
    energy: float
    projected: float
    removed: float
    left: float
    names: tuple[str, ...] = ()


class Comparison(msgspec.Struct, frozen=True):
    """The whole. `change` is what most of the changed weights are; `shares` gives each change's share of the derived
    model's entries; `related` the share that descends. `claims` are what metadata says, measured by nothing.
    """

    base: str
    derived: str
    change: Change
    confidence: Confidence
    related: float
    shares: dict[str, float]
    tensors: tuple[TensorChange, ...]
    signature: Signature | None = None
    added: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    duplicated_layers: tuple[int, ...] = ()
    added_rows: int = 0
    others: tuple[str, ...] = ()
    claims: dict[str, str] = {}
    seed: int = 0
