"""A study to try things on."""

from itertools import product
from typing import Any

import msgspec
import numpy as np

from tocsin.evaluate.uplift.power import shifted
from tocsin.evaluate.uplift.study_file import read_study, template
from tocsin.kernel.studies import OutcomeRow, Outcomes, Study


def study(**changes: Any) -> Study:
    """The template's, with fields changed."""
    return msgspec.structs.replace(read_study(template().encode()), **changes)


def outcomes(plan: Study, ratio: float, seed: int = 1) -> Outcomes:
    """What graders might have found: shares as expected, moved by the odds ratio, in all strata alike."""
    rng = np.random.default_rng(seed)
    rows = []
    names = sorted(plan.strata)
    cells = list(product(*(plan.strata[name] for name in names)))
    shares = {plan.control.name: plan.expected, plan.treatment.name: shifted(plan.expected, ratio)}
    for number in range(plan.participants_per_arm):
        for arm, spread in shares.items():
            strata = dict(zip(names, cells[number % len(cells)], strict=True))
            level = int(rng.choice(plan.levels, p=spread))
            rows.append(OutcomeRow(f"{number:05}-{arm}", arm, strata, level))
    return Outcomes(tuple(rows), 1.0)
