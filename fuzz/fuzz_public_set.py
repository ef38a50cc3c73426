"""Files of public sets that a user supplies: items with prompts, or BadInput."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.evaluate.families.adapters import known_sets, read_set
    from tocsin.kernel.errors import BadInput

KINDS = known_sets()


def one(data: bytes) -> None:
    """The first byte chooses the set."""
    if not data:
        return
    try:
        items = read_set(KINDS[data[0] % len(KINDS)], data[1:])
    except BadInput:
        return
    assert items
    assert all(item.prompt and item.cluster and item.wants for item in items)


if __name__ == "__main__":
    fuzz(one)
