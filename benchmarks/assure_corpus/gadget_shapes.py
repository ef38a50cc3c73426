"""One pickle a gadget, at protocol 4, nothing disguised."""

from collections.abc import Iterator

from benchmarks.assure_corpus.gadgets import BY_OTHERS, DIRECT, EVALUATORS, OF_TORCH, WALKS
from benchmarks.assure_corpus.pickling import Node, stream
from benchmarks.assure_corpus.shape import Shape

_FAMILIES: tuple[tuple[str, str, dict[str, Node]], ...] = (
    ("callables", "calls what makes a file", DIRECT),
    ("callables", "has a text or a program run", EVALUATORS),
    ("callables", "hands one callable to another", BY_OTHERS),
    ("allowed modules", "walks from an allowed module or class to what it wants", WALKS),
    ("allowed modules", "uses the framework that loads it", OF_TORCH),
)


def gadget_shapes() -> Iterator[Shape]:
    """The callables, beyond any list of forbidden ones."""
    for family, does, nodes in _FAMILIES:
        for name, node in nodes.items():
            needs = name.partition("-")[0] if nodes is OF_TORCH else ""
            yield Shape(f"call-{name}", family, does, "pickle", {"model.pkl": stream(node)}, needs=needs)
