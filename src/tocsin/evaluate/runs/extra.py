"""Whether Inspect AI is here: it is an extra, 325 MB, which only those need who run evaluations."""

from importlib.util import find_spec

from tocsin.kernel.errors import Unavailable


def inspect_is_here() -> bool:
    """Whether it can be imported; it is not."""
    return find_spec("inspect_ai") is not None


def require_inspect() -> None:
    """Raises Unavailable, saying how to get it."""
    if not inspect_is_here():
        raise Unavailable("running evaluations needs Inspect AI: pip install 'tocsin[evaluate]'")
