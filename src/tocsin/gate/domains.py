"""Verdicts in order, and which domains a high-risk context wants measured. The policies say what follows."""

from collections.abc import Iterable

from tocsin.kernel.evaluations import LineVerdict

ORDER = (
    "none",
    LineVerdict.BELOW.value,
    "expired",
    LineVerdict.INCONCLUSIVE.value,
    LineVerdict.INVALID.value,
    LineVerdict.ABOVE.value,
)
"""From the best to the worst. "expired" was below once."""

NEEDED = {
    "context.critical-infrastructure": "domain.cyber",
    "context.core-finance": "domain.cyber",
    "context.government": "domain.cyber",
    "context.health": "domain.cyber",
    "context.pathogen-design": "domain.cbrn",
    "context.lab-workflow": "domain.cbrn",
}
"""As release.cedar has it; here so that a reader is told which evaluation is missing."""


def worst_verdict(verdicts: Iterable[str]) -> str:
    return max(verdicts, key=ORDER.index, default="none")


def needed_domains(contexts: Iterable[str]) -> frozenset[str]:
    """The harm domains that these contexts want measured."""
    return frozenset(NEEDED[one] for one in contexts if one in NEEDED)
