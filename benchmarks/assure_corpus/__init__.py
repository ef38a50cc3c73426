"""The generated corpus that judges our scanner and its peers: malicious shapes, benign files, and a referee.

Payloads are canaries: they make one file, whose name is `CANARY`, in the directory they run in, and nothing else.
Written apart from the examiners, and not tuned to them: a shape that is missed stays, and is listed as missed.
"""

from benchmarks.assure_corpus.benign import benign
from benchmarks.assure_corpus.carriers import carrier_shapes
from benchmarks.assure_corpus.gadget_shapes import gadget_shapes
from benchmarks.assure_corpus.graph_shapes import graph_shapes
from benchmarks.assure_corpus.keras_shapes import keras_shapes
from benchmarks.assure_corpus.rebuilders import rebuilder_shapes
from benchmarks.assure_corpus.recorded import recorded_shapes
from benchmarks.assure_corpus.second_look import second_look
from benchmarks.assure_corpus.shape import CANARY, Benign, Shape, write
from benchmarks.assure_corpus.streams import stream_shapes
from benchmarks.assure_corpus.text_shapes import text_shapes
from benchmarks.assure_corpus.torch_shapes import torch_shapes
from benchmarks.assure_corpus.weight_shapes import weight_shapes

__all__ = ["CANARY", "Benign", "Shape", "benign", "malicious", "write"]


def malicious() -> tuple[Shape, ...]:
    """Every malicious shape, in a fixed order. Ids are distinct."""
    return (
        *gadget_shapes(),
        *stream_shapes(),
        *rebuilder_shapes(),
        *torch_shapes(),
        *carrier_shapes(),
        *recorded_shapes(),
        *keras_shapes(),
        *weight_shapes(),
        *graph_shapes(),
        *text_shapes(),
        *second_look(),
    )
