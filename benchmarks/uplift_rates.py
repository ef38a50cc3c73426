"""Coverage, false alarms and calibration of the analysis of uplift studies, by simulation.

`python -m benchmarks.uplift_rates [--rounds N] [--page docs/uplift-rates.md]`: two CPU minutes.
"""

import argparse
from itertools import product
from math import exp, log
from pathlib import Path
from typing import NamedTuple

import numpy as np

from tocsin.evaluate.statistics.distributions import chi_squared_beyond
from tocsin.evaluate.uplift.analysis import MIN_TELLING
from tocsin.evaluate.uplift.effect import decided, quantile
from tocsin.evaluate.uplift.odds import Array
from tocsin.evaluate.uplift.posterior import STRATUM_SD, log_grid
from tocsin.evaluate.uplift.power import shifted

SPREADS = {
    "even over five": (0.2, 0.2, 0.2, 0.2, 0.2),
    "half at nothing": (0.5, 0.2, 0.15, 0.09, 0.06),
    "rarely anything": (0.9, 0.05, 0.03, 0.015, 0.005),
    "reached or not": (0.93, 0.07),
}
PER_ARM = (30, 100, 400)
RATIOS = (1.0, 1.5, 3.0)
LOOKS = (1, 2, 4)
BINS = 10
HEAD = Path(__file__).with_name("uplift_rates.head.md")
TWO = np.array([[0.0], [1.0]])


class Cell(NamedTuple):
    """One point of the grid."""

    spread: str
    per_arm: int
    ratio: float
    held: float
    apart: float
    told: float
    """Share of studies that are not at one level nearly all, so that something can be decided."""
    held_told: float


def draw(
    spread: tuple[float, ...], per_arm: int, ratio: float, rounds: int, rng: np.random.Generator
) -> Array:
    arms = (spread, shifted(spread, ratio))
    return np.stack([rng.multinomial(per_arm, shares, size=rounds) for shares in arms], axis=1).astype(float)


def cell(name: str, per_arm: int, ratio: float, rounds: int, rng: np.random.Generator) -> Cell:
    tables = draw(SPREADS[name], per_arm, ratio, rounds, rng)
    _, (at_truth, at_one) = decided(tables, TWO, np.array([log(ratio), 0.0]))
    limit = quantile(0.95)
    holds = at_truth <= limit
    by_level = tables.sum(axis=1)
    told = by_level.sum(axis=1) - by_level.max(axis=1) >= MIN_TELLING
    held_told = float(holds[told].mean()) if told.any() else float("nan")
    apart = float((told & (at_one > limit)).mean())
    return Cell(name, per_arm, ratio, float(holds.mean()), apart, float(told.mean()), held_told)


def looked(looks: int, per_arm: int, rounds: int, rng: np.random.Generator) -> tuple[float, float]:
    """How often any look sees an effect that is not there: with the level shared as registered, and with it not."""
    parts = draw(SPREADS["half at nothing"], per_arm // looks, 1.0, rounds * looks, rng)
    parts = parts.reshape(looks, rounds, *parts.shape[1:])
    wrong = np.zeros((2, rounds), dtype=bool)
    for look in range(1, looks + 1):
        _, (falls,) = decided(parts[:look].sum(axis=0), TWO, np.zeros(1))
        wrong[0] |= falls > quantile(1 - 0.05 / looks)
        wrong[1] |= falls > quantile(0.95)
    return float(wrong[0].mean()), float(wrong[1].mean())


def calibration(
    per_arm: int, levels: int, strata: int, rounds: int, rng: np.random.Generator, sd: float = 0.7
) -> Array:
    """Where truths drawn from the prior fall in their posteriors: shares that are uniform when these are right."""
    ranks = np.zeros(rounds)
    cells = np.array([[arm, skilled] for arm in (0.0, 1.0) for skilled in ((0.0, 1.0) if strata else (0.0,))])
    design = cells if strata else cells[:, :1]
    # as the prior has it: the shares are of somebody midway
    design = design - 0.5
    for number in range(rounds):
        truth = rng.normal(0, sd)
        slopes = np.array([truth, rng.normal(0, STRATUM_SD)])[: design.shape[1]]
        under = np.cumsum(rng.dirichlet(np.full(levels, 2.0)))[:-1]
        cuts = np.log(under / (1 - under))
        reach = 1 / (1 + np.exp(-(cuts[None, :] - (design @ slopes)[:, None])))
        shares = np.diff(np.column_stack([np.zeros(len(design)), reach, np.ones(len(design))]), axis=1)
        counts = rng.multinomial(per_arm // (1 + strata), np.clip(shares, 0, 1)).astype(float)
        points, density = log_grid(counts, design, sd)
        cumulative = np.concatenate([[0.0], np.cumsum((density[1:] + density[:-1]) / 2)])
        ranks[number] = np.interp(truth, points, cumulative / cumulative[-1])
    return ranks


def uniform(ranks: Array) -> float:
    """The probability of bins as uneven as these, if the ranks are uniform."""
    counted, _ = np.histogram(ranks, BINS, (0, 1))
    expected = len(ranks) / BINS
    return chi_squared_beyond(float(((counted - expected) ** 2 / expected).sum()), BINS - 1)


def page(rounds: int, seed: int) -> str:
    rng = np.random.default_rng(seed)
    cells = [cell(*point, rounds, rng) for point in product(SPREADS, PER_ARM, RATIOS)]
    usual = [one for one in cells if one.told >= 0.5]
    sure = 1.96 * (0.05 * 0.95 / rounds) ** 0.5
    lines = [
        HEAD.read_text("utf-8").rstrip(),
        "",
        f"{len(cells)} points, {rounds} studies each (so a cell is sure to about {sure:.1%}).",
        "",
        f"Held where something is decided: mean **{sum(one.held_told for one in usual) / len(usual):.1%}**, worst"
        f" {min(one.held_told for one in usual):.1%} over the",
        f" {len(usual)} points where at least half of the studies are.",
        f"Held by all intervals: mean {sum(one.held for one in cells) / len(cells):.1%},"
        f" worst {min(one.held for one in cells):.1%}.",
        "",
        "| control arm | an arm | odds ratio | held | decided | held, where decided | sees an effect |",
        "|---|---|---|---|---|---|---|",
    ]
    for one in cells:
        shown = f"{one.apart:.1%}" + (" (there is none)" if one.ratio == 1 else "")
        held = "-" if one.told == 0 else f"{one.held_told:.1%}"
        lines.append(
            f"| {one.spread} | {one.per_arm} | {one.ratio:g} | {one.held:.1%} | {one.told:.0%} | {held} | {shown} |"
        )
    lines += [
        "",
        "## Looks",
        "",
        "400 an arm, half of the control arm at nothing. The last column is what happens when looks are not counted.",
        "",
        "| looks | seen though none | if each look took 5 % |",
        "|---|---|---|",
    ]
    for looks in LOOKS:
        ours, naive = looked(looks, 400, rounds, rng)
        lines.append(f"| {looks} | {ours:.1%} | {naive:.1%} |")
    lines += [
        "",
        "## The posterior",
        "",
        "Truths are drawn from the prior, data from the truths; where a truth falls in its posterior is uniform when",
        "the posterior is right (simulation-based calibration). *p* is of a chi-squared test over ten bins; *inside*",
        "is the share of central 95 % intervals with the truth in them.",
        "",
        "| an arm | levels | strata | p | inside |",
        "|---|---|---|---|---|",
    ]
    for per_arm, levels, strata in ((30, 5, 0), (100, 5, 1), (400, 5, 1), (60, 2, 0)):
        ranks = calibration(per_arm, levels, strata, rounds, rng)
        inside = float(((ranks > 0.025) & (ranks < 0.975)).mean())
        lines.append(
            f"| {per_arm} | {levels} | {'two' if strata else 'none'} | {uniform(ranks):.2f} | {inside:.1%} |"
        )
    lines += [
        "",
        f"The prior of the log odds ratio is normal around 0 with deviation 0.7: {exp(-1.37):.2f} to {exp(1.37):.1f}.",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=1_000)
    parser.add_argument("--seed", type=int, default=38)
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    text = page(options.rounds, options.seed)
    if options.page:
        options.page.write_text(text, "utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
