"""Reports of garak: samples, or a reason."""

import io

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin.evaluate"]):
    from tocsin.evaluate.garak import GarakReport
    from tocsin.evaluate.tally import Tally
    from tocsin.kernel.errors import BadInput


def one(data: bytes) -> None:
    """A whole report, counted."""
    report, tally = GarakReport(io.BytesIO(data)), Tally()
    try:
        for _, sample in report.samples():
            tally.add(sample)
    except BadInput:
        return
    found = tally.rate
    assert 0 <= found.low <= found.share <= found.high <= 1


if __name__ == "__main__":
    fuzz(one)
