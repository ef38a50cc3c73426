"""The operators that compute and do nothing else, by name: a list of what is known, never of what is bad."""

from functools import cache
from importlib import resources


@cache
def operators(name: str) -> frozenset[str]:
    """The names in `name`.txt of this folder; lines that begin with # say where they are from."""
    text = resources.files(__package__).joinpath(f"{name}.txt").read_text("utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
