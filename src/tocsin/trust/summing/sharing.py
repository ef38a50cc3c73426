"""A key in shares: Shamir's over the scalars of ristretto255, with Feldman's commitments. Unaudited.

Places are whole numbers from 1, public; nothing here branches on a secret. The arithmetic on secrets is libsodium's.
"""

from collections.abc import Sequence
from typing import NamedTuple

from tocsin.kernel import BadInput
from tocsin.trust import ristretto
from tocsin.trust.ristretto import ORDER, SCALAR_BYTES, in_parts
from tocsin.trust.seal import Entropy


class Polynomial(NamedTuple):
    """Secret coefficients, the shared secret first, and the points that commit to them."""

    coefficients: list[bytes]
    commitments: list[bytes]


def scalar(number: int) -> bytes:
    """A public whole number as a scalar."""
    return (number % ORDER).to_bytes(SCALAR_BYTES, "little")


def draw(threshold: int, entropy: Entropy) -> Polynomial:
    """A fresh secret, of which `threshold` shares tell everything and fewer tell nothing."""
    coefficients = [ristretto.draw_scalar(entropy) for _ in range(threshold)]
    return Polynomial(coefficients, [ristretto.multiply_base(one) for one in coefficients])


def share(coefficients: Sequence[bytes], place: int) -> bytes:
    """The secret polynomial at a place (Horner)."""
    at = scalar(place)
    value = coefficients[-1]
    for coefficient in reversed(coefficients[:-1]):
        value = ristretto.scalar_sum(ristretto.scalar_product(value, at), coefficient)
    return value


def committed(commitments: Sequence[bytes], place: int) -> bytes:
    """A share at a place times the generator. Raises BadInput for what is no element, or comes to the identity."""
    at = scalar(place)
    point = ristretto.checked_point(commitments[-1])
    for commitment in reversed(commitments[:-1]):
        point = ristretto.add(ristretto.multiply(at, point), ristretto.checked_point(commitment))
    return ristretto.checked_point(point)


def require_share(value: bytes, commitments: Sequence[bytes], place: int) -> None:
    """That a share is the one its dealer committed to. Raises BadInput."""
    if ristretto.multiply_base(ristretto.checked_scalar(value)) != committed(commitments, place):
        raise BadInput("a share is not the one that its dealer committed to")


def weights(places: Sequence[int]) -> list[bytes]:
    """Lagrange's coefficients at 0 for these places. Raises BadInput for none, a place below 1, or one twice."""
    if not places or min(places) < 1 or len(set(places)) != len(places):
        raise BadInput("shares are combined at different places, from 1")
    found = []
    for own in places:
        above = below = 1
        for other in places:
            if other != own:
                above = above * other % ORDER
                below = below * (other - own) % ORDER
        found.append(scalar(above * pow(below, -1, ORDER)))
    return found


def combined(places: Sequence[int], answers: Sequence[Sequence[bytes]], workers: int = 1) -> list[bytes]:
    """Points under the whole key, from the same points under the shares at `places`, each checked before.

    Raises BadInput where answers differ in number.
    """
    by = weights(places)
    if len(answers) != len(places) or len({len(one) for one in answers}) != 1:
        raise BadInput("there are not as many answers as questions; the peer's program is broken or hostile")

    def work(part: Sequence[tuple[bytes, ...]]) -> list[bytes]:
        found = []
        for points in part:
            point = ristretto.multiply(by[0], points[0])
            for weight, one in zip(by[1:], points[1:], strict=True):
                point = ristretto.add(point, ristretto.multiply(weight, one))
            found.append(ristretto.checked_point(point))
        return found

    return in_parts(work, list(zip(*answers, strict=True)), workers)
