"""Signing a record by its fields, and verifying it, beside the bare Ed25519 operation that it cannot do without."""

from collections.abc import Callable

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from benchmarks.rows import Row, cpu_seconds
from tocsin.kernel import TLP, EvidenceStatus, Fingerprint
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.signed_fields import sign, verify
from tocsin.wire.stix import canonical, make_indicator, make_relationship

ROUNDS = 2_000
WHEN = 1_780_000_000_000_000
ME = NodeIdentity(bytes(32))


def _indicator() -> bytes:
    return canonical(
        make_indicator(
            Fingerprint(bytes(range(256)), 200),
            author=ME.stix_identity,
            tlp=TLP.GREEN,
            category="fraud.scam",
            status=EvidenceStatus.OBSERVED,
            basis="terms of use, section 4",
            confidence=80,
            created=WHEN,
            modified=WHEN,
            valid_until=WHEN + 1_000_000,
        )
    )


def _relationship() -> bytes:
    return canonical(
        make_relationship(
            "indicates",
            "indicator--00000000-0000-4000-8000-000000000001",
            "campaign--00000000-0000-4000-8000-000000000002",
            author=ME.stix_identity,
            tlp=TLP.GREEN,
            created=WHEN,
            modified=WHEN,
        )
    )


def _rate(work: Callable[[], object]) -> float:
    started = cpu_seconds()
    for _ in range(ROUNDS):
        work()
    return ROUNDS / (cpu_seconds() - started)


def _rows(name: str, plain: bytes) -> list[Row]:
    value = msgspec.json.decode(plain)
    signed = sign(value, ME, bytes(32))
    message = bytes(300)
    key, signature = Ed25519PublicKey.from_public_bytes(ME.public), ME.sign(message)
    rates = {
        "sign": (_rate(lambda: sign(value, ME, bytes(32))), _rate(lambda: ME.sign(message))),
        "verify": (_rate(lambda: verify(signed)), _rate(lambda: key.verify(signature, message))),
    }
    size = f"against bare Ed25519; {len(plain):,} bytes, signed {len(canonical(signed)):,}"
    return [
        Row(f"{act} {name} by fields", ours, bare, ours / bare, "objects/CPU-s", None, size)
        for act, (ours, bare) in rates.items()
    ]


def run() -> list[Row]:
    """Objects a CPU-second."""
    return _rows("an indicator", _indicator()) + _rows("a relationship", _relationship())
