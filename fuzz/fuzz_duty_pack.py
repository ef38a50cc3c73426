"""Packs of duties that an organisation wrote: a pack whose every clock can be reckoned, or BadInput."""

import atheris

from fuzz.harness import NOW, fuzz

with atheris.instrument_imports(include=["tocsin.cases.duties.reading", "tocsin.cases.duties.checking"]):
    from tocsin.cases.duties import deadlines, grade, read_own
    from tocsin.kernel import BadInput, micros
    from tocsin.kernel.duties import ClockStart, Incident

MOMENTS = {moment: micros(NOW) for moment in ClockStart}
INCIDENT = Incident(id="i", case="c", opened=0, updated=0, moments=MOMENTS)


def one(data: bytes) -> None:
    """What is read is sourced, and its clocks run without a surprise."""
    try:
        pack = read_own(data, "fuzz.yaml")
    except BadInput:
        return
    for duty in pack.duties:
        assert all(row.source and row.confirmed for row in grade(duty, INCIDENT).thresholds)
        for found in deadlines(duty, INCIDENT, {step.id: micros(NOW) for step in duty.steps}, micros(NOW)):
            assert found.due is None or found.started is None or found.due > found.started


if __name__ == "__main__":
    fuzz(one)
