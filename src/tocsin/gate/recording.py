"""A decision in the words of the published record (`wire.stix.ReleaseDecisionExtension`); others send it."""

from tocsin.gate.evidence import PEOPLE
from tocsin.kernel import BadInput, at_micros
from tocsin.kernel.release import ReleaseDecision, Tier
from tocsin.wire.stix.kinds_actor import Basis
from tocsin.wire.stix.kinds_model import MAX_LINES, LineAnswer, ReleaseDecisionExtension

_WORDS = {
    Tier.WITHHELD: ("withheld", "none"),
    Tier.RESTRICTED: ("restricted", "research"),
    Tier.STAGED_API: ("staged", "limited"),
    Tier.LIMITED: ("staged", "broad"),
    Tier.OPEN_WEIGHTS: ("open", "broad"),
}
"""The record knows four words for a decision and four for access; a tier is a pair of them."""

_CONDITIONS = (
    "identity-verification",
    "use-terms",
    "monitoring",
    "rate-limits",
    "no-fine-tuning",
    "api-only",
    "incident-reporting",
    "labelling",
)
_ORDER = ("crossed", "not-measured", "clear")


def extension_of(decision: ReleaseDecision, basis: Basis) -> ReleaseDecisionExtension:
    """The extension's fields; what it has no word for (grounds, overlays, who) stays here.

    Where the register holds more red lines than a record takes, those that were crossed come first.
    Raises BadInput for a decision that fewer than two approved, or that names no benefits.
    """
    if len(decision.approvals) < PEOPLE:
        raise BadInput(
            f"a record of a decision needs {PEOPLE} approvals: `tocsin model approve {decision.id[:12]}`"
        )
    if not decision.benefits:
        raise BadInput(
            "a record of a decision says what use is lost or kept by it: propose it with --benefits"
        )
    word, access = _WORDS[decision.tier]
    lines = sorted(decision.red_lines.items(), key=lambda item: (_ORDER.index(item[1]), item[0]))
    return ReleaseDecisionExtension(
        model=f"sha256:{decision.artefact}",
        decision=word,  # type: ignore[arg-type]  # the table above holds its words
        access=access,  # type: ignore[arg-type]
        conditions=[one for one in decision.conditions if one in _CONDITIONS],  # type: ignore[misc]
        red_lines=[LineAnswer(line=line, outcome=outcome) for line, outcome in lines[:MAX_LINES]],  # type: ignore[arg-type]
        why_not_less=decision.why_not_less,
        benefits=decision.benefits,
        approvals=len(decision.approvals),
        decided=_moment(at_micros(decision.at).isoformat(timespec="milliseconds")),
        review_by=f"{decision.review_by}T00:00:00.000Z",
        basis=basis,
    )


def _moment(text: str) -> str:
    return text.replace("+00:00", "Z")
