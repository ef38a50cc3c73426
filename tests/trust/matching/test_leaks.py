"""No bit of an input survives blinding, for any kind; a mapping that is known to leak fails the same test.

A set intersection library's default mapping took SHA-256 of an input as the x-coordinate of its point. Whether such an
x is on the curve, or on its twin, shows in every multiple of the point: one bit of each input, in every session. What
is tested: an attacker knows two inputs and sees many blinded points of one of them; of no feature of a point's bytes
does it learn which.
"""

import secrets
from hashlib import sha256

import pytest

from tocsin.kernel import ObservableType
from tocsin.trust import oprf, ristretto
from tocsin.trust.matching import MatchKind
from tocsin.trust.matching.tags import bound
from tocsin.wire.observables import canonical

P = 2**255 - 19
MONTGOMERY_A = 486662
TRIALS = 80
"""Points of each of two inputs; half of all are for choosing the feature, half for judging it."""
ALLOWED = 0.8
"""Share of right guesses. Chance reaches it once in thirty million tests; a bit that survives gives 1.0."""

PAIRS = {
    MatchKind.HANDLE: ("refund-one", "refund-two"),
    MatchKind.EMAIL: ("one@example.org", "two@example.org"),
    MatchKind.PHONE: ("+4930100001", "+4930100002"),
    MatchKind.DOMAIN: ("one.example", "two.example"),
    MatchKind.ADDRESS_PREFIX: ("198.51.100.0/24", "203.0.113.0/24"),
    MatchKind.WALLET: ("0x" + "a1" * 20, "0x" + "b2" * 20),
    MatchKind.FILE_HASH: ("a1" * 32, "b2" * 32),
    MatchKind.BAND: ("", ""),
    MatchKind.END_USER: ("", ""),
}


def jacobi(number: int) -> int:
    """1 for a square modulo P, 0 for none."""
    return int(pow(number % P, (P - 1) // 2, P) in (0, 1))


def features(field: int) -> list[int]:
    """All bits, and quadratic characters of what Elligator and the curve's forms make of the field element."""
    square = field * field % P
    forms = (
        field,
        square * field + MONTGOMERY_A * square + field,  # on Curve25519, or on its twist
        -2 * field * (field + MONTGOMERY_A),  # has a preimage under Elligator 2, or none
        1 - square,
        1 + square,
    )
    bits = [field >> at & 1 for at in range(256)]
    return [
        *bits,
        field.bit_count() & 1,
        *(field % small % 2 for small in (3, 5, 7, 11)),
        *map(jacobi, forms),
    ]


def best(one: list[int], other: list[int]) -> float:
    """The share of right guesses of the best feature, chosen on half of the points and judged on the rest."""
    rows = [(features(field), side) for side, fields in enumerate((one, other)) for field in fields]
    learnt, judged = rows[::2], rows[1::2]

    def right(feature: int, some: list[tuple[list[int], int]]) -> float:
        return sum(seen[feature] == side for seen, side in some) / len(some)

    scores = [(right(feature, learnt), feature) for feature in range(len(rows[0][0]))]
    score, feature = max(scores, key=lambda pair: abs(pair[0] - 0.5))
    found = right(feature, judged)
    return found if score > 0.5 else 1 - found


def inputs_of(kind: MatchKind) -> tuple[bytes, bytes]:
    if kind is MatchKind.BAND:
        return b"\x03" + bytes(8), b"\x03" + b"\xff" * 8
    if kind is MatchKind.END_USER:
        return sha256(b"one").digest(), sha256(b"two").digest()
    one, other = (canonical(ObservableType(kind.value), value).encode() for value in PAIRS[kind])
    return one, other


@pytest.mark.parametrize("kind", MatchKind)
def test_no_bit_of_an_input_survives_blinding(kind: MatchKind) -> None:
    context = secrets.token_bytes(32)
    seen = [
        [
            int.from_bytes(point, "little")
            for point in oprf.blind(
                oprf.Mode.VOPRF, [bound(context, value)] * TRIALS, secrets.token_bytes
            ).points
        ]
        for value in inputs_of(kind)
    ]
    assert best(*seen) < ALLOWED


def test_a_blinded_input_looks_like_a_uniform_point() -> None:
    uniform = [int.from_bytes(ristretto.draw_point(secrets.token_bytes), "little") for _ in range(TRIALS)]
    points = oprf.blind(oprf.Mode.VOPRF, [b"refund"] * TRIALS, secrets.token_bytes).points
    assert best(uniform, [int.from_bytes(point, "little") for point in points]) < ALLOWED


def _raw(value: bytes) -> int:
    return int.from_bytes(sha256(value).digest(), "little") % P


def _ladder(scalar: int, x: int) -> int:
    """A multiple of the point of this x on Curve25519 or its twist (RFC 7748): for the control alone."""
    x2, z2, x3, z3 = 1, 0, x, 1
    for at in range(254, -1, -1):
        bit = scalar >> at & 1
        if bit:
            x2, z2, x3, z3 = x3, z3, x2, z2
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        aa, bb, da, cb = a * a % P, b * b % P, d * a % P, c * b % P
        e = aa - bb
        x3, z3 = (da + cb) ** 2 % P, x * (da - cb) ** 2 % P
        x2, z2 = aa * bb % P, e * (aa + 121665 * e) % P
        if bit:
            x2, z2, x3, z3 = x3, z3, x2, z2
    return x2 * pow(z2, -1, P) % P


def _on_curve(value: bytes) -> int:
    x = _raw(value)
    return jacobi(x**3 + MONTGOMERY_A * x * x + x)


def test_the_mapping_that_leaks_fails_this_test() -> None:
    """The control: if `best` found nothing here, its finding nothing above would mean nothing."""
    values = [b"refund %d" % number for number in range(40)]
    one = next(value for value in values if _on_curve(value))
    other = next(value for value in values if not _on_curve(value))
    seen = [
        [_ladder(8 * secrets.randbelow(2**251), _raw(value)) for _ in range(TRIALS // 2)]
        for value in (one, other)
    ]
    assert best(*seen) == 1.0
