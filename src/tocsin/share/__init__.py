"""The only room where records leave, and where those that came are read.

Enters: reviewed warnings, records, peers. Leaves: records, a manifest of what goes to whom, and the very bytes.
Refuses: by default. What may leave is on closed tables, decided by policy, and checked again in its final bytes.
"""

from tocsin.share.approvals import PEOPLE, approvers, asked_by, may_approve
from tocsin.share.decision import Draft, Standing, decide, manifest_digest
from tocsin.share.describe import (
    describe,
    describe_dismissal,
    describe_rule,
    introduction,
    revoked,
    sighting_of,
)
from tocsin.share.explain import Explanation, Spoke, spoken
from tocsin.share.gate import Gate, candidates, never_leaves, publish, standing_of
from tocsin.share.promise import ReleaseStopped
from tocsin.share.reading import Unusable, dismissals_from, indicators_from, read_one, unusable_in
from tocsin.share.sightings import K_ACTORS

__all__ = [
    "K_ACTORS",
    "PEOPLE",
    "Draft",
    "Explanation",
    "Gate",
    "ReleaseStopped",
    "Spoke",
    "Standing",
    "Unusable",
    "approvers",
    "asked_by",
    "candidates",
    "decide",
    "describe",
    "describe_dismissal",
    "describe_rule",
    "dismissals_from",
    "indicators_from",
    "introduction",
    "manifest_digest",
    "may_approve",
    "never_leaves",
    "publish",
    "read_one",
    "revoked",
    "sighting_of",
    "spoken",
    "standing_of",
    "unusable_in",
]
