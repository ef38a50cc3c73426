"""Weights that are no pickles, and the programs beside them: graphs, configurations, chat templates.

Enters: a `Piece`. Leaves: findings, facts, nested pieces. Refuses: to read tensors, to load anything, to call clean a
header of which two readers may see two things. What is read of each format, and what is not: docs/formats.md.
"""

from tocsin.assure.weights.gguf import gguf_tensors
from tocsin.assure.weights.safetensors import safetensors_tensors
from tocsin.assure.weights.tensors import TensorEntry

__all__ = ["TensorEntry", "gguf_tensors", "safetensors_tensors"]
