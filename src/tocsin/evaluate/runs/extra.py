"""Whether Inspect AI is here: it is an extra, 325 MB, which only those need who run evaluations."""

from importlib.util import find_spec

from tocsin.kernel.errors import Unavailable


def require_inspect() -> None:
    """Raises Unavailable, saying how to get it."""
    if find_spec("inspect_ai") is None:
        raise Unavailable("running evaluations needs Inspect AI: pip install 'tocsin[evaluate]'")
