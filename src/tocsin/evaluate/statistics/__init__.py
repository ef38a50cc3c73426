"""What may be said from how many samples: rates, comparisons, agreement, and how many it takes.

Enters: counts. Leaves: numbers with how sure they are. Refuses: to decide by fewer clusters than MIN_CLUSTERS.
"""

from tocsin.evaluate.statistics.agreement import Agreement, Scale, agreement, agreement_by_language
from tocsin.evaluate.statistics.heterogeneity import Heterogeneity, heterogeneity, heterogeneity_of_rates
from tocsin.evaluate.statistics.pairs import Pairs, compare_pairs, holm, mcnemar, paired_interval
from tocsin.evaluate.statistics.power import power_below, samples_below, samples_per_arm
from tocsin.evaluate.statistics.rates import (
    CONFIDENCE,
    MAX_INVALID_SHARE,
    MIN_CLUSTERS,
    clustered_rate,
    rate,
    verdict,
)
from tocsin.evaluate.statistics.repeats import Repeats, repeats

__all__ = [
    "CONFIDENCE",
    "MAX_INVALID_SHARE",
    "MIN_CLUSTERS",
    "Agreement",
    "Heterogeneity",
    "Pairs",
    "Repeats",
    "Scale",
    "agreement",
    "agreement_by_language",
    "clustered_rate",
    "compare_pairs",
    "heterogeneity",
    "heterogeneity_of_rates",
    "holm",
    "mcnemar",
    "paired_interval",
    "power_below",
    "rate",
    "repeats",
    "samples_below",
    "samples_per_arm",
    "verdict",
]
