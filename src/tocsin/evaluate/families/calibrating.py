"""How well a family's judge does on the answers that were labelled for it: what a plan says of its judge."""

from collections.abc import Mapping
from hashlib import sha256

import msgspec
import numpy as np

from tocsin.evaluate.families.sheets import SheetFamily
from tocsin.evaluate.statistics import Agreement, agreement_by_language


def judge_agreement(family: SheetFamily, rng: np.random.Generator | None = None) -> Mapping[str, Agreement]:
    """The judge with the labels, by language; with `rng` also intervals. The labels are ours, see docs/families.md."""
    pairs = (
        (family.item(one.item).language, (one.outcome.value, family.tried(one).outcome.value))
        for one in family.calibration
    )
    return agreement_by_language(pairs, rng=rng)


def labelled_digest(family: SheetFamily) -> str:
    """sha256, hex, of the labelled answers: a plan's `PlannedJudge.labelled`."""
    return sha256(msgspec.json.encode(family.calibration)).hexdigest()
