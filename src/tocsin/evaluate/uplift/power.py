"""How many participants a study takes, before anybody takes part: by simulation, with a formula as a check."""

from math import ceil, log

import numpy as np

from tocsin.evaluate.statistics.distributions import normal_quantile
from tocsin.evaluate.statistics.power import samples_per_arm
from tocsin.evaluate.uplift.effect import decided, quantile
from tocsin.evaluate.uplift.odds import Array
from tocsin.kernel.studies import Study, StudyPower

ROUNDS = 2_000
"""Simulated studies: a power of 80 % is then sure to 1.8 points."""

LEVEL = 0.05

MAX_PER_ARM = 100_000
"""No study of people is as large; an effect that needs more is not worth knowing of."""

_DESIGN = np.array([[0.0], [1.0]])


def shifted(shares: tuple[float, ...], ratio: float) -> tuple[float, ...]:
    """Shares of the levels in an arm whose odds of reaching more are `ratio` times as high."""
    reached = np.cumsum(np.array(shares)[::-1])[::-1][1:] / sum(shares)
    odds = ratio * reached / (1 - reached)
    moved = np.concatenate([[1.0], odds / (1 + odds), [0.0]])
    return tuple(float(one) for one in -np.diff(moved))


def whitehead(shares: tuple[float, ...], ratio: float, power: float, level: float = LEVEL) -> int:
    """Participants an arm for a two-sided test (Whitehead 1993, Statistics in Medicine 12:2257)."""
    mean = (np.array(shares) / sum(shares) + np.array(shifted(shares, ratio))) / 2
    wanted = normal_quantile(1 - level / 2) + normal_quantile(power)
    return ceil(6 * wanted**2 / (log(ratio) ** 2 * (1 - float((mean**3).sum()))))


def confidence(study: Study) -> float:
    """Of each look's interval: 95 %, its 5 % shared among the looks that were registered (Bonferroni)."""
    return 1 - LEVEL / len(study.looks)


def simulated(
    study: Study, per_arm: int, rng: np.random.Generator, rounds: int = ROUNDS
) -> tuple[float, float]:
    """How often the interval lies above 1 at the smallest effect, and below the line without an effect; the last look,
    strata left out, `per_arm` being those who were graded.
    """
    limit, line = quantile(confidence(study)), log(study.line)
    effect = _draw(study, per_arm, study.smallest_effect, rng, rounds)
    slopes, (falls,) = decided(effect, _DESIGN, np.zeros(1))
    sees = float(((falls > limit) & (slopes > 0)).mean())
    nothing = _draw(study, per_arm, 1.0, rng, rounds)
    slopes, (falls,) = decided(nothing, _DESIGN, np.array([line]))
    return sees, float(((falls > limit) & (slopes < line)).mean())


def study_power(study: Study, rng: np.random.Generator, rounds: int = ROUNDS) -> StudyPower:
    """What the study can tell, and how many participants it takes.

    The fewest are searched for on common random numbers. Raises ValueError when MAX_PER_ARM would not do.
    """
    seed = rng.integers(2**63)

    def least(per_arm: int) -> float:
        return min(simulated(study, per_arm, np.random.default_rng(seed), rounds))

    formula = whitehead(study.expected, study.smallest_effect, study.power, LEVEL / len(study.looks))
    high = max(formula, 4)
    while least(high) < study.power:
        high *= 2
        if high > MAX_PER_ARM:
            raise ValueError(f"more than {MAX_PER_ARM:,} an arm: ask for a larger effect, or move the line")
    low = 1
    while high - low > max(1, high // 100):
        middle = (low + high) // 2
        low, high = (low, middle) if least(middle) >= study.power else (middle, high)
    sees, clears = simulated(study, graded(study), np.random.default_rng(seed), rounds)
    last = study.expected[-1] / sum(study.expected)
    raised = shifted((1 - last, last), study.smallest_effect)[1]
    binary = samples_per_arm(last, raised, study.power, LEVEL / len(study.looks))
    stay = 1 - study.dropout
    return StudyPower(
        participants_per_arm=study.participants_per_arm,
        sees=sees,
        clears=clears,
        wanted=study.power,
        needed=ceil(high / stay),
        formula=ceil(formula / stay),
        binary=ceil(binary / stay),
        rounds=rounds,
    )


def graded(study: Study) -> int:
    """Participants an arm who are expected to stay."""
    return max(1, round(study.participants_per_arm * (1 - study.dropout)))


def _draw(study: Study, per_arm: int, ratio: float, rng: np.random.Generator, rounds: int) -> Array:
    control = np.array(study.expected) / sum(study.expected)
    arms = (control, np.array(shifted(study.expected, ratio)))
    return np.stack([rng.multinomial(per_arm, shares, size=rounds) for shares in arms], axis=1).astype(float)
