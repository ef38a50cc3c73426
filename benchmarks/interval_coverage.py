"""How often the intervals of `tocsin.evaluate.statistics` hold the truth, over a grid.

`python -m benchmarks.interval_coverage [--rounds N] [--page docs/evaluation-statistics.md]`: one CPU minute.
"""

import argparse
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tocsin.evaluate.statistics import MIN_CLUSTERS, clustered_rate
from tocsin.kernel.intervals import wilson

RATES = (0.02, 0.05, 0.1, 0.2, 0.35, 0.5)
CLUSTERS = (MIN_CLUSTERS, 20, 40, 100, 300)
SIZES = (1, 5, 20)
LIKENESS = (0.0, 0.05, 0.2, 0.5)
FLOOR = 0.94
HEAD = Path(__file__).with_name("interval_coverage.head.md")


class Cell(NamedTuple):
    """One point of the grid, and what the intervals covered there."""

    rate: float
    clusters: int
    size: int
    likeness: float
    covered: float
    naive: float


def grid() -> Iterator[tuple[float, int, int, float]]:
    """Every point; clusters of one sample cannot be alike within."""
    for rate, clusters, size, likeness in product(RATES, CLUSTERS, SIZES, LIKENESS):
        if size > 1 or likeness == 0:
            yield rate, clusters, size, likeness


def draw(
    rate: float, clusters: int, size: int, likeness: float, rng: np.random.Generator
) -> NDArray[np.int64]:
    """One evaluation: a row a cluster, (failed, counted)."""
    counted = rng.integers((size + 1) // 2, size + size // 2, endpoint=True, size=clusters)
    shares = np.full(clusters, rate)
    if likeness:
        strength = 1 / likeness - 1
        shares = rng.beta(rate * strength, (1 - rate) * strength, size=clusters)
    return np.column_stack((rng.binomial(counted, shares), counted))


def cell(point: tuple[float, int, int, float], rounds: int, rng: np.random.Generator) -> Cell:
    covered = naive = 0
    for _ in range(rounds):
        table = draw(*point, rng)
        found = clustered_rate([(int(failed), int(counted)) for failed, counted in table])
        covered += found.low <= point[0] <= found.high
        low, high = wilson(found.failed, found.counted)
        naive += low <= point[0] <= high
    return Cell(*point, covered / rounds, naive / rounds)


def measure(rounds: int, seed: int) -> list[Cell]:
    rng = np.random.default_rng(seed)
    return [cell(point, rounds, rng) for point in grid()]


def mean(cells: list[Cell]) -> float:
    return sum(one.covered for one in cells) / len(cells)


def page(cells: list[Cell], rounds: int) -> str:
    by_worst = sorted(cells, key=lambda one: one.covered)
    lines = [
        HEAD.read_text("utf-8").rstrip(),
        "",
        f"{len(cells)} points, {rounds} evaluations each (so a cell is sure to about"
        f" {1.96 * (0.05 * 0.95 / rounds) ** 0.5:.1%}).",
        "",
        "| | clustered | naive |",
        "|---|---|---|",
        f"| mean | **{mean(cells):.1%}** | {sum(one.naive for one in cells) / len(cells):.1%} |",
        f"| worst | {by_worst[0].covered:.1%} | {min(one.naive for one in cells):.1%} |",
        f"| points under 94 % | {sum(one.covered < FLOOR for one in cells)} "
        f"| {sum(one.naive < FLOOR for one in cells)} |",
        "",
        "## The worst points",
        "",
        "| rate | clusters | samples a cluster | likeness | failures expected | clustered | naive |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {one.rate:.0%} | {one.clusters} | {one.size} | {one.likeness} "
        f"| {one.rate * one.clusters * one.size:.0f} | {one.covered:.1%} | {one.naive:.1%} |"
        for one in by_worst[:12]
    ]
    for name, field in (
        ("clusters", "clusters"),
        ("likeness", "likeness"),
        ("rate", "rate"),
        ("samples", "size"),
    ):
        lines += ["", f"## By {name}", "", f"| {name} | mean | worst | naive, mean |", "|---|---|---|---|"]
        for value in sorted({getattr(one, field) for one in cells}):
            those = [one for one in cells if getattr(one, field) == value]
            naive = sum(one.naive for one in those) / len(those)
            lines.append(
                f"| {value} | {mean(those):.1%} | {min(one.covered for one in those):.1%} | {naive:.1%} |"
            )
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=2_000)
    parser.add_argument("--seed", type=int, default=31)
    parser.add_argument("--page", type=Path)
    options = parser.parse_args()
    text = page(measure(options.rounds, options.seed), options.rounds)
    if options.page:
        options.page.write_text(text, "utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
