"""Invented series of counts with known outbreaks, from a seed: what early warning is judged on.

A day's mean is level x year x week x trend; counts are negative binomial about it, so that they scatter more than
chance alone. An outbreak adds events in one of three shapes; its size is in standard deviations of its peak day.
Reports of a day may come late. Refuses: events, texts, people.
"""

from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

SHAPES = ("step", "ramp", "burst")
"""Even from the first day; growing to its last; most on the first day and halving."""

F64 = npt.NDArray[np.float64]
I64 = npt.NDArray[np.int64]


class World(msgspec.Struct, frozen=True):
    """One kind of series. `season` and `weekend` are shares of the level; `growth` is what a year multiplies by."""

    level: float
    dispersion: float
    season: float = 0.2
    weekend: float = 0.25
    growth: float = 1.0


class Outbreak(NamedTuple):
    """`start` is a day of the series, `size` the peak day's excess in standard deviations."""

    start: int
    days: int
    size: float
    shape: str


def means(world: World, days: int, *, phase: float = 0.0) -> F64:
    """The quiet mean of each day."""
    day = np.arange(days)
    year = 1 + world.season * np.cos(2 * np.pi * (day / 365.25 + phase))
    week = np.where(day % 7 >= 5, 1 - world.weekend, 1 + world.weekend * 2 / 5)
    return np.asarray(world.level * year * week * world.growth ** (day / 365.25), np.float64)


def draw(
    world: World, days: int, rng: np.random.Generator, outbreak: Outbreak | None = None
) -> tuple[I64, I64]:
    """Counts by day, and of those what the outbreak added."""
    mean = means(world, days, phase=float(rng.random()))
    if world.dispersion > 1:
        quiet = rng.negative_binomial(mean / (world.dispersion - 1), 1 / world.dispersion)
    else:
        quiet = rng.poisson(mean)
    added = np.zeros(days, np.int64)
    if outbreak is not None:
        span = slice(outbreak.start, min(outbreak.start + outbreak.days, days))
        peak = outbreak.size * np.sqrt(world.dispersion * mean[outbreak.start])
        added[span] = rng.poisson(peak * _shape(outbreak)[: span.stop - span.start])
    return quiet.astype(np.int64) + added, added


def delayed(counts: I64, shares: tuple[float, ...], rng: np.random.Generator) -> I64:
    """Counts (days, delays): each day's events by how many days late they were heard of."""
    parts = np.array(shares) / sum(shares)
    return np.stack([rng.multinomial(count, parts) for count in counts])


def _shape(outbreak: Outbreak) -> F64:
    day = np.arange(outbreak.days)
    if outbreak.shape == "ramp":
        return np.asarray((day + 1) / outbreak.days, np.float64)
    if outbreak.shape == "burst":
        return np.asarray(0.5 ** (day / max(1.0, outbreak.days / 4)), np.float64)
    return np.ones(outbreak.days)
