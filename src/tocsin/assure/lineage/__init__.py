"""Lineage: what two models' weights say of each other.

Enters: two models as files, and others that may be in the mixture. Leaves: a `Comparison`, every number measured.
Refuses: to load or run a model, to believe a name or a metadata field, and to say why somebody changed weights.
"""

from tocsin.assure.lineage.comparison import (
    Aligned,
    Change,
    Comparison,
    Confidence,
    Signature,
    Spread,
    TensorChange,
)
from tocsin.assure.lineage.service import compare
from tocsin.assure.lineage.signatures import layer_of

__all__ = [
    "Aligned",
    "Change",
    "Comparison",
    "Confidence",
    "Signature",
    "Spread",
    "TensorChange",
    "compare",
    "layer_of",
]
