"""The names of classes that stand under `auto_map` or `custom_pipelines` of a configuration, however they nest."""

from collections.abc import Iterator


def names_in(held: object, *, alone: str = "") -> Iterator[str]:
    """Every string within lists and mappings. Of a mapping that has a string under `alone`, that one only."""
    waiting = [held]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, dict):
            named = one.get(alone) if alone else None
            waiting.extend([named] if isinstance(named, str) else one.values())
        elif isinstance(one, list):
            waiting.extend(one)
