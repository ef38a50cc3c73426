"""Every examiner that this node has, in the order they are asked. One more is one more row.

Rows are makers that import when called, so that a look at a safetensors file does not load what reads archives.
"""

from collections.abc import Callable

from tocsin.assure.examining import Examiner, TreeExaminer


def _safetensors() -> Examiner:
    from tocsin.assure.weights.safetensors import SafetensorsExaminer

    return SafetensorsExaminer()


def _gguf() -> Examiner:
    from tocsin.assure.weights.gguf import GgufExaminer

    return GgufExaminer()


EXAMINERS: tuple[Callable[[], Examiner], ...] = (
    _safetensors,
    _gguf,
)

TREE_EXAMINERS: tuple[Callable[[], TreeExaminer], ...] = ()
