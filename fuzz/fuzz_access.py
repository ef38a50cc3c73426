"""Questions of access as gateways send them, and records of a person in the loop: bounded questions, or BadInput."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin.wire.authzen", "tocsin.admit.control"]):
    from tocsin.admit.control import read_control
    from tocsin.kernel import BadInput, TooLarge
    from tocsin.wire.authzen import MAX_EVALUATIONS, MAX_ID_CHARS, read_evaluation, read_evaluations


def one(data: bytes) -> None:
    """A batch says of each question what the question says alone, attributes come through by name only, and no bytes
    are a record of a key that is not there.
    """
    assert isinstance(read_control(data, ()), str)
    try:
        batch = read_evaluations(data)
    except (BadInput, TooLarge):
        return
    assert 0 < len(batch.requests) <= MAX_EVALUATIONS
    for each in batch.requests:
        assert not each.attributes
        assert 0 < len(each.subject) <= MAX_ID_CHARS
    try:
        single = read_evaluation(data, ("service_country",))
    except (BadInput, TooLarge):
        return
    assert [name for name, _ in single.attributes] == ["service_country"]


if __name__ == "__main__":
    fuzz(one)
