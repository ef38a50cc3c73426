"""STIX objects: checked, or problems; what is taken comes back equal; columns say what each object says."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.kernel import BadInput
    from tocsin.wire.stix import canonical, check, read_many, strictest
    from tocsin.wire.stix.labels import conduct_of


def one(data: bytes) -> None:
    """An object that is taken without a problem has a canonical form, and reads back from it."""
    found = check(data)
    assert found.item is not None or found.problems
    items, problems = read_many([data])
    assert (items[0] is None) == (found.item is None)
    assert tuple(problems) == found.problems
    if found.item is None:
        return
    text = canonical(found.item)
    again = check(text)
    assert again.item is not None
    assert canonical(again.item) == text
    strictest(found.item)
    try:
        conduct_of(found.item)
    except BadInput:
        return


if __name__ == "__main__":
    fuzz(one)
