"""Evaluations that a proposer brings: signed, or bare and said to be so; what is read has the id of its content."""

import contextlib

import atheris
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from fuzz.harness import fuzz

with atheris.instrument_imports(
    include=["tocsin.app.evidence_files", "tocsin.evaluate.plans", "tocsin.wire"]
):
    from tocsin.app.evidence_files import read_evaluation
    from tocsin.evaluate.plans.canonical import evaluation_id
    from tocsin.kernel.errors import BadInput, Conflict

KEY = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
"""The key that signed the seeds."""


def one(data: bytes) -> None:
    """Never a signature that was not checked, nor an id of other content."""
    for unsigned in (False, True):
        with contextlib.suppress(BadInput, Conflict):
            found = read_evaluation(data, [KEY], unsigned=unsigned)
            assert found.id == evaluation_id(found)
            assert found.statement or unsigned


if __name__ == "__main__":
    fuzz(one)
