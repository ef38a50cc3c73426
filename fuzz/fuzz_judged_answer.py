"""Answers of models, which are foreign bytes: every family's judge has a word on any of them."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.evaluate.families import families
    from tocsin.kernel.evaluations import Outcome

# bandit writes a file for each answer: it has its own tests
FAMILIES = [family for name, family in families().items() if name != "code-flaws"]
ASKED = [(family, next(iter(family.items()))) for family in FAMILIES]


def one(data: bytes) -> None:
    """The same text for every judge; a reason with all but passes."""
    answer = data.decode("utf-8", "replace")
    for family, item in ASKED:
        found = family.judge(item, answer)
        assert (found.reason == "") == (found.outcome is Outcome.PASSED)


if __name__ == "__main__":
    fuzz(one)
