"""Studies, ledgers and what is entered into them: values, or a reason."""

import tempfile
from datetime import UTC, datetime
from pathlib import Path

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin.evaluate.uplift"]):
    from tocsin.evaluate.uplift.ledger import LEDGER, Ledger, Secrets, read_ledger
    from tocsin.evaluate.uplift.recording import entries_of, registered
    from tocsin.evaluate.uplift.study_file import read_study, study_digest, template
    from tocsin.kernel.errors import BadInput, Conflict
    from tocsin.kernel.studies import StudyPower

FOLDER = Path(tempfile.mkdtemp())
SECRETS = Secrets(b"s" * 32, b"e" * 32, b"k" * 32)
STUDY = read_study(template().encode())
BEGUN = Ledger(FOLDER, (), "").add(
    [registered(STUDY, StudyPower(440, 0.9, 0.9, 0.8, 400, 390, 1600, 2000), SECRETS, "ada")],
    datetime(2026, 11, 22, tzinfo=UTC),
)


def one(data: bytes) -> None:
    """The first byte says which of the three it is."""
    try:
        if data[:1] == b"s":
            study_digest(read_study(data[1:]))
        elif data[:1] == b"l":
            (FOLDER / LEDGER).write_bytes(data[1:])
            read_ledger(FOLDER)
        else:
            entries_of(BEGUN, data[1:].splitlines())
    except (BadInput, Conflict):
        return


if __name__ == "__main__":
    fuzz(one)
