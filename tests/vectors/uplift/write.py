"""Writes made_up.csv: participants of studies that never were, a line for each kind of participant and level."""

import csv
from itertools import product
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
SETS = {"two-arms": (1, 1, (160,), 0.4), "strata": (2, 2, (40,), 0.6), "far": (1, 2, (30,), 1.6)}
CUTS = np.array([-0.3, 0.5, 1.4, 2.2])


def rows() -> list[tuple[object, ...]]:
    rng = np.random.default_rng(38)
    made: list[tuple[object, ...]] = []
    for name, (experience, language, (each,), effect) in SETS.items():
        for arm, skilled, tongue in product(range(2), range(experience), range(language)):
            reach = CUTS - effect * arm - 0.7 * skilled + 0.2 * tongue
            shares = np.diff(np.concatenate([[0], 1 / (1 + np.exp(-reach)), [1]]))
            for level, count in enumerate(rng.multinomial(each, shares)):
                made.append((name, arm, skilled, tongue, level, int(count)))
    return made


if __name__ == "__main__":
    with (HERE / "made_up.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(("set", "treatment", "experience", "language", "level", "count"))
        writer.writerows(rows())
