"""Exclusion lists, and values of strangers held against them: an answer, or BadInput."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.kernel import BadInput
    from tocsin.taxonomy.exclusions import Values, read_list, shipped_lists

VALUES = Values(shipped_lists())


def one(data: bytes) -> None:
    """The same bytes as a file and as a value."""
    VALUES.of(data.decode("utf-8", "replace"))
    try:
        made = read_list(data, "fuzz")
    except BadInput:
        return
    Values([made]).of("lottery.example")


if __name__ == "__main__":
    fuzz(one)
