"""Where each input of a set stands among its padding, and under which blind: drawn once, before anything is hashed.

A session draws its own layout; one that somebody may audit afterwards is laid out by a seed (`accountable`).
"""

from collections.abc import Sequence
from typing import NamedTuple

from tocsin.trust import ristretto
from tocsin.trust.matching.messages import Question
from tocsin.trust.matching.sizes import PAD_BYTES, shuffled, split
from tocsin.trust.seal import Entropy


class Place(NamedTuple):
    """One position: the value that is hashed, whether it is an input or padding, and its blind; b"" for a server."""

    value: bytes
    real: bool
    blind: bytes


def laid_out(
    values: Sequence[bytes], points: int, question: Question | None, entropy: Entropy
) -> list[Place]:
    """A set filled up to `points`, in an order that tells nothing; `question` is None for a server, who blinds nothing.

    Padding is random inputs that go all the way, so that the time it takes does not tell how much of it there is.
    """
    missing = points - len(values)
    padding = split(entropy(missing * PAD_BYTES), PAD_BYTES)
    if question is Question.WHICH:
        blinds = [ristretto.draw_scalar(entropy) for _ in range(points)]
    else:  # one blind for all: the answers come in another order, and any of them must come open
        one = b"" if question is None else ristretto.draw_scalar(entropy)
        blinds = [one] * points
    real = len(values)
    places = [
        Place(value, at < real, blind)
        for at, (value, blind) in enumerate(zip((*values, *padding), blinds, strict=True))
    ]
    return shuffled(places, entropy)
