"""Sigma rules: a rule whose travelling form reads as the same rule, or an error with a sentence."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin", "sigma"]):
    from tocsin.kernel import BadInput
    from tocsin.store.sigma import compiled
    from tocsin.wire.sigma import read_rule, travel_form


def one(data: bytes) -> None:
    try:
        rule = read_rule(data, "fuzz")
    except BadInput:
        return
    for base in rule.bases:
        condition = compiled(base.condition)
        assert condition.sql.count("?") == len(condition.values)
    try:
        again = travel_form(rule.text, "5f0c1d1e-0f0c-4f62-8f0e-0a1b2c3d4e5f")
    except BadInput:
        return
    assert [base.condition for base in read_rule(again.encode(), "fuzz").bases] == [
        base.condition for base in rule.bases
    ]


if __name__ == "__main__":
    fuzz(one)
