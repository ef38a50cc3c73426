"""Revealed registrations and proofs of samples: what holds, or a reason."""

import contextlib
import io

import atheris
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin.evaluate.plans", "tocsin.wire"]):
    from tocsin.evaluate.plans.attesting import verify_evaluation
    from tocsin.evaluate.plans.proofs import read_proof
    from tocsin.evaluate.plans.registration import open_revealed, whole
    from tocsin.evaluate.plans.sheets import read_sheet
    from tocsin.kernel.errors import BadInput, Conflict

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
"""The key that signed the seeds."""


def one(data: bytes) -> None:
    """Each reader of foreign bytes that a plan has."""
    with contextlib.suppress(BadInput, Conflict):
        assert whole(open_revealed(data, [KEY]).registered)
    for read in (read_proof, _evaluation, _sheet):
        with contextlib.suppress(BadInput, Conflict):
            read(data)


def _evaluation(data: bytes) -> None:
    verify_evaluation(data, [KEY])


def _sheet(data: bytes) -> None:
    read_sheet(io.BytesIO(data))


if __name__ == "__main__":
    fuzz(one)
