"""How much likelier a share is in a campaign than in a crowd: beta-binomial log-likelihood ratios.

A crowd's members are alike without being coordinated (a class, a fandom, an office), so the share of them that
has some trait varies from crowd to crowd far more than independent people would. The beta-binomial says so in
one number, the concentration, and keeps sixty alike accounts from counting as sixty independent proofs.
"""

from functools import lru_cache
from math import lgamma
from typing import NamedTuple


class Shares(NamedTuple):
    """A trait's share in one kind of group: its mean over groups, and how alike groups are (pseudo-members)."""

    mean: float
    concentration: float


@lru_cache(maxsize=65_536)
def ratio(having: float, of: int, campaign: Shares, crowd: Shares) -> float:
    """ln of P(having | campaign) / P(having | crowd) among `of` members; 0 where nothing is known."""
    if of <= 0:
        return 0.0
    return _log(having, of, campaign) - _log(having, of, crowd)


def _log(having: float, of: int, shares: Shares) -> float:
    """ln of the beta-binomial without its binomial coefficient, which cancels."""
    a = shares.mean * shares.concentration
    b = shares.concentration - a
    return (
        lgamma(having + a)
        - lgamma(a)
        + lgamma(of - having + b)
        - lgamma(b)
        - lgamma(of + shares.concentration)
        + lgamma(shares.concentration)
    )


def shrunk(having: float, of: int, prior: float, weight: float) -> float:
    """A share pulled towards a prior that counts as `weight` members; rounded, so that equal evidence is equal."""
    return round(min(max((having + prior * weight) / (of + weight), 1e-4), 1 - 1e-4), 6)


def clip(value: float, low: float, high: float) -> float:
    return min(max(value, low), high)
