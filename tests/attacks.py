"""Attacks on what was on the line, over a domain of 1,000 values that the attacker has in full.

One harness for every protocol here, given what each attacker knows. Each attack returns the values, or the share of
guesses, that it got; beside each protocol a build that is broken on purpose is attacked by the same functions.
"""

from collections.abc import Callable, Iterable, Sequence
from math import log
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tocsin.kernel import BadInput
from tocsin.trust import oprf, ristretto

DOMAIN = [f"refund-{number}".encode() for number in range(1000)]
TWO = b"\x02" + bytes(31)

Images = Callable[[bytes], Iterable[bytes]]
"""All that an attacker can compute of a guess."""

Hashed = Callable[[bytes], bytes]
"""The point to which the protocol hashes a guess."""


class Batch(NamedTuple):
    """Points that were sent, their answers, and the proof for them under a public key."""

    public: bytes
    sent: list[bytes]
    answers: list[bytes]
    proof: bytes


def by_equality(seen: Iterable[bytes], images: Images) -> set[bytes]:
    """The values of which something that the attacker can compute was on the line."""
    kept = set(seen)
    return {value for value in DOMAIN if not kept.isdisjoint(images(value))}


def by_proof(batch: Batch, at: int, hashed: Hashed) -> set[bytes]:
    """The values to which the recorded proof fits with the answer at a place (DLEQ against each guess)."""
    found = set()
    for value in DOMAIN:
        try:
            oprf.require_one_key(batch.public, [hashed(value)], [batch.answers[at]], batch.proof)
        except BadInput:
            continue
        found.add(value)
    return found


def by_relation(batch: Batch, hashed: Hashed, sample: int = 4) -> set[bytes]:
    """The values whose point takes one recorded point to another, by sum or double."""
    known, some = set(batch.sent + batch.answers), batch.sent[:sample]
    found = set()
    for value in DOMAIN:
        point = hashed(value)
        images = [ristretto.multiply(TWO, point), *(ristretto.add(point, one) for one in some)]
        if not known.isdisjoint(images):
            found.add(value)
    return found


def correlation(order: Sequence[int]) -> float:
    """Of places and values that are a permutation of as many numbers."""
    middle = (len(order) - 1) / 2
    total = sum((at - middle) * (value - middle) for at, value in enumerate(order))
    return total / sum((at - middle) ** 2 for at in range(len(order)))


def by_best_bit(present: Sequence[bytes], absent: Sequence[bytes]) -> float:
    """How often the best bit tells the two kinds apart: chosen on one half of them, judged on the other."""
    one, other = (_bits(each) for each in (present, absent))
    half, rest = len(one) // 2, len(other) // 2
    apart = one[:half].mean(axis=0) - other[:rest].mean(axis=0)
    best = int(np.abs(apart).argmax())
    right = one[half:, best].mean() + 1 - other[rest:, best].mean()
    return float(right / 2 if apart[best] > 0 else 1 - right / 2)


def by_threshold(present: Sequence[int], absent: Sequence[int]) -> float:
    """How often the best threshold on a number tells the two apart: chosen on one half, judged on the other."""
    one, other = np.array(present), np.array(absent)
    half, rest = len(one) // 2, len(other) // 2
    tried = np.unique(np.concatenate((one[:half], other[:rest])))
    best = max(tried.tolist(), key=lambda cut: (one[:half] >= cut).mean() + (other[:rest] < cut).mean())
    return float(((one[half:] >= best).mean() + (other[rest:] < best).mean()) / 2)


def limits(hits: int, trials: int, risk: float) -> tuple[float, float]:
    """Clopper and Pearson (1934): the binomial's exact limits, each wrong with probability `risk` at most."""
    k = np.arange(trials + 1)
    choose = np.concatenate(([0.0], np.cumsum(np.log(trials + 1 - k[1:]) - np.log(k[1:]))))

    def tail(p: float, which: slice) -> float:
        return float(np.exp(choose[which] + k[which] * log(p) + (trials - k[which]) * np.log1p(-p)).sum())

    def solved(wrong: Callable[[float], bool]) -> float:
        low, high = 1e-12, 1 - 1e-12
        for _ in range(40):
            middle = (low + high) / 2
            low, high = (middle, high) if wrong(middle) else (low, middle)
        return low

    lower = 0.0 if hits == 0 else solved(lambda p: tail(p, slice(hits, None)) < risk)
    upper = 1.0 if hits == trials else solved(lambda p: tail(p, slice(None, hits + 1)) > risk)
    return lower, upper


def least_epsilon(present: Sequence[int], absent: Sequence[int], risk: float) -> float:
    """What the draws of a number prove of epsilon at least: 25 thresholds, both directions."""
    one, other = np.array(present), np.array(absent)
    cuts = np.unique(np.quantile(np.concatenate((one, other)), np.linspace(0.02, 0.98, 25)))
    best = 0.0
    for cut in cuts:
        for first, second in ((one >= cut, other >= cut), (other < cut, one < cut)):
            lower, _ = limits(int(first.sum()), len(first), risk / (4 * len(cuts)))
            _, upper = limits(int(second.sum()), len(second), risk / (4 * len(cuts)))
            best = max(best, log(lower / upper) if lower > 0 else 0.0)
    return best


def _bits(kept: Sequence[bytes]) -> npt.NDArray[np.float64]:
    raw = np.frombuffer(b"".join(kept), np.uint8).reshape(len(kept), -1)
    return np.unpackbits(raw, axis=1).astype(np.float64)
