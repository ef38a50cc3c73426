"""Release decision: how far a model may go out, by which rule, on what evidence, and what would change it."""

from enum import StrEnum

import msgspec

from tocsin.kernel.evaluations import Evaluation

DECISION_PREDICATE = "urn:tocsin:attestation:release-decision:1"
"""Of the signed statement of a decision in force, which `assure` reads and `gate` writes."""


class Tier(StrEnum):
    """From closed to open. A decision names the most open one that every rule allows: the least control that does."""

    WITHHELD = "withheld"
    RESTRICTED = "restricted"
    """Named end users whose identity was verified."""
    STAGED_API = "staged-api"
    """Behind an API, monitored, widened by steps."""
    LIMITED = "limited"
    """Weights or API for a class of users under terms."""
    OPEN_WEIGHTS = "open-weights"


OPENNESS = (Tier.WITHHELD, Tier.RESTRICTED, Tier.STAGED_API, Tier.LIMITED, Tier.OPEN_WEIGHTS)
"""Tiers in order; a decision is the least open of what each ground allows."""


class GroundKind(StrEnum):
    EVALUATION = "evaluation"
    ARTEFACT = "artefact"
    RED_LINE = "red-line"
    CONTEXT = "context"
    OVERLAY = "overlay"
    MISSING = "missing"
    """Evidence that a rule wants and nobody brought."""
    EXEMPTION = "exemption"


class Ground(msgspec.Struct, frozen=True):
    """One thing that bears on a decision. `most` is the most open tier it leaves.

    `evidence` names it by digest ("sha256:...") or id; `rule` the policy that read it; `values` fill the rule's
    sentence; `change` says what would lift it, as a rule's id with values ("rerun", "rate-below"...).
    """

    kind: GroundKind
    rule: str
    most: Tier
    evidence: str
    why: str
    change: str = ""
    values: dict[str, str | int | float] = {}


class Exemption(msgspec.Struct, frozen=True):
    """A rule set aside for one artefact by named people, until a moment, for a reason that everybody may read.

    It never lifts a veto, a red line or an overlay. `by` are the distinct users who signed. Times in microseconds.
    """

    id: str
    artefact: str
    rule: str
    reason: str
    by: tuple[str, ...]
    at: int
    until: int
    statement: bytes = b""


class Step(msgspec.Struct, frozen=True):
    """One thing that could be brought, by the id of its sentence, and what fills that."""

    id: str
    values: dict[str, str | int | float] = {}


class Way(msgspec.Struct, frozen=True):
    """What would change a decision: with all of these steps, and no fewer of them, the rules leave `tier`."""

    steps: tuple[Step, ...]
    tier: Tier


class ReleaseState(StrEnum):
    PROPOSED = "proposed"
    """Computed, and one approval or none."""
    IN_FORCE = "in-force"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class ReleaseDecision(msgspec.Struct, frozen=True):
    """What a gate said of exactly this artefact, by exactly these policies and overlays.

    `id` is the sha256, hex, of its canonical bytes without id, approvals, state, statement and why_ended. `closed` says
    that the weights are not to be published anyway: the same rules hold. `grounds` has every ground, the deciding
    first. `policies` is the digest of what decided. Times in microseconds, `review_by` and `expires` dates.
    """

    id: str
    artefact: str
    name: str
    tier: Tier
    wanted: Tier
    closed: bool
    grounds: tuple[Ground, ...]
    conditions: tuple[str, ...]
    jurisdictions: tuple[str, ...]
    policies: str
    at: int
    by: str
    review_by: str
    expires: str
    benefits: str = ""
    why_not_less: str = ""
    cites: tuple[str, ...] = ()
    """Earlier decisions of the register that it follows or departs from."""
    approvals: tuple[tuple[str, int], ...] = ()
    state: ReleaseState = ReleaseState.PROPOSED
    statement: bytes = b""
    """Not in `id`, as `state` and `approvals` are not."""
    ways: tuple[Way, ...] = ()
    """What would open more, found by asking the policies again; empty when nothing that could be brought would."""
    asked: dict[str, str | int | tuple[str, ...]] = {}
    """The question as the policies saw it: with the policies of this digest anybody gets the same tier."""
    red_lines: dict[str, str] = {}
    """Red lines in force at the time → "clear", "crossed" or "not-measured"."""
    why_ended: str = ""
    """Of a decision that expired before its day or was withdrawn. Not in `id`."""


class Told(msgspec.Struct, frozen=True):
    """What the proposer brought of their own and the node does not hold, kept so that the question can be asked again.

    `compute` in operations of training, `met` as "overlay/demand".
    """

    contexts: tuple[str, ...] = ()
    compute: float | None = None
    met: tuple[str, ...] = ()
    provenance: str = ""
    evaluations: tuple[Evaluation, ...] = ()
    keys: tuple[bytes, ...] = ()
    """Public keys in PEM that the proposer believes to have signed them."""
    unsigned: bool = False
    """Aloud: evaluations that nobody signed are taken on the proposer's word."""
