"""Plan files: a plan whose canonical form reads back as the same, or a reason."""

import atheris

from fuzz.harness import NOW, fuzz

with atheris.instrument_imports(include=["tocsin.evaluate.plans", "yaml"]):
    from tocsin.evaluate.plans.canonical import canonical_bytes
    from tocsin.evaluate.plans.checking import check_plan
    from tocsin.evaluate.plans.reading import read_plan
    from tocsin.kernel.errors import BadInput


def one(data: bytes) -> None:
    """Read, checked, written, read."""
    try:
        plan = read_plan(data)
        written = canonical_bytes(plan)
    except BadInput:
        return
    check_plan(plan, today=NOW.date(), red_lines=())
    assert canonical_bytes(read_plan(written)) == written


if __name__ == "__main__":
    fuzz(one)
