"""Records about models as peers give them: what each says, or BadInput."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin"]):
    from tocsin.kernel import TLP, BadInput, Origin, Record
    from tocsin.share.describe_agreed import commitment_in, red_line_in, stance_in
    from tocsin.share.describe_models import decision_in, evaluation_in

TYPES = ("course-of-action", "opinion", "note", "report")


def one(data: bytes) -> None:
    """The bytes as a record of each type, signed as far as anybody says."""
    for kind in TYPES:
        record = Record(
            id=f"{kind}--5d2c6f1e-8a34-5b7d-9c60-3f1b7a0e4d28",
            type=kind,
            version=0,
            stix=data,
            origin=Origin.PEER,
            author="identity--5d2c6f1e-8a34-5b7d-9c60-3f1b7a0e4d28",
            tlp=TLP.GREEN,
            category="",
            added=0,
            root=b"signed",
        )
        for read in (red_line_in, commitment_in, evaluation_in, decision_in):
            try:
                read(record)
            except BadInput:
                continue
        try:
            stance_in(record, record)
        except BadInput:
            continue


if __name__ == "__main__":
    fuzz(one)
