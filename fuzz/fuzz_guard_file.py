"""Guard files of operators: a guard, or BadInput."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin.taxonomy.guard_files"]):
    from tocsin.kernel import BadInput
    from tocsin.taxonomy import category
    from tocsin.taxonomy.guard_files import read_guard


def one(data: bytes) -> None:
    """No label leads to anything but conduct or nothing."""
    try:
        guard = read_guard(data, "fuzz.yaml")
    except BadInput:
        return
    assert all(meant is None or category(meant) for meant in guard.template.categories.values())


if __name__ == "__main__":
    fuzz(one)
