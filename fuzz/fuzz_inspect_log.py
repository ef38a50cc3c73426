"""Logs of Inspect, zipped or one document: outcomes, or a reason."""

import io

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin.evaluate"]):
    from tocsin.evaluate.runs.logs import InspectLog
    from tocsin.evaluate.runs.outcomes import LogReading, failed_when, run_of_reading
    from tocsin.evaluate.tally import Tally
    from tocsin.kernel.errors import BadInput
    from tocsin.kernel.evaluations import Outcome

RULES = (None, failed_when({"value": "C"}), failed_when({"at_least": 0.5}))


def one(data: bytes) -> None:
    """A whole log, by our own scorer's word and by two rules."""
    for rule in RULES:
        tally = Tally()
        try:
            log = InspectLog(io.BytesIO(data))
            run = run_of_reading(log, LogReading(log, rule))
        except BadInput:
            return
        for sample in run.samples:
            tally.add(sample)
            assert (sample.outcome is Outcome.INVALID) == bool(sample.reason)
        assert len({sample.id for sample in run.samples}) <= len(run.samples)


if __name__ == "__main__":
    fuzz(one)
