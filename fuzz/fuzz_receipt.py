"""Receipts of peers: one that holds, or BadInput."""

import atheris

from fuzz.harness import fuzz

with atheris.instrument_imports(include=["tocsin.trust"]):
    from tocsin.kernel import BadInput
    from tocsin.trust.identity import NodeIdentity
    from tocsin.trust.receipts import check_receipt, read_receipt

THEIRS = NodeIdentity(b"\x02" * 32)
OURS = NodeIdentity(b"\x01" * 32).stix_identity
AT = 1_800_000_000_000_000


def one(data: bytes) -> None:
    """Read, and checked against a key that never signed anything but the seed."""
    try:
        receipt = read_receipt(data)
        check_receipt(receipt, to=OURS, by=THEIRS.stix_identity, key=THEIRS.public, latest=AT)
    except BadInput:
        return
    assert receipt.at <= AT


if __name__ == "__main__":
    fuzz(one)
