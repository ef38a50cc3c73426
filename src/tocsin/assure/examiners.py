"""Every examiner that this node has, in the order they are asked. One more is one more row.

Rows are makers that import when called, so that a look at a safetensors file does not load what reads archives.
"""

from collections.abc import Callable

from tocsin.assure.examining import Examiner, TreeExaminer

EXAMINERS: tuple[Callable[[], Examiner], ...] = ()

TREE_EXAMINERS: tuple[Callable[[], TreeExaminer], ...] = ()
