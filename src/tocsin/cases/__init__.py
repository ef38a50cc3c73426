"""A warning in human hands: what a disposition needs, and what a reviewer sees of a text.

Enters: warnings, a person's decision, opened samples. Leaves: reviews, masked samples. Refuses: a disposition
without a reason, a category that is not conduct, an unmasked identifier.
"""

from tocsin.cases.disposition import MAX_DISMISSAL_DAYS, disposition
from tocsin.cases.masking import holds_identifier, mask
from tocsin.cases.precision import Precision
from tocsin.cases.withdrawal import withdrawal

__all__ = ["MAX_DISMISSAL_DAYS", "Precision", "disposition", "holds_identifier", "mask", "withdrawal"]
