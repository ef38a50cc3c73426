"""A release decision as Cedar: the one permit there is, and what its tier and conditions ask.

Enters: a release decision. Leaves: policies of exactly its artefact. Refuses: to permit anything that the tier does
not leave; nobody else writes a permit.
"""

import re

from tocsin.kernel import BadInput
from tocsin.kernel.admission import LEVELS, AccessAct, VerificationLevel
from tocsin.kernel.release import ReleaseDecision, Tier

FILE = "release decision"

_WITHOUT_WEIGHTS = (AccessAct.USE, AccessAct.OPERATE)
"""Who trains a model further meets it changed, so that goes with the weights (ADR 41 judges both together)."""

ACTS = {
    Tier.WITHHELD: (),
    Tier.RESTRICTED: _WITHOUT_WEIGHTS,
    Tier.STAGED_API: _WITHOUT_WEIGHTS,
    Tier.LIMITED: tuple(AccessAct),
    Tier.OPEN_WEIGHTS: tuple(AccessAct),
}

API_ONLY = "api-only"
CONDITIONS = {
    Tier.WITHHELD: (),
    Tier.RESTRICTED: ("identity-verification", "use-terms", "monitoring"),
    Tier.STAGED_API: (API_ONLY, "use-terms", "monitoring", "rate-limits"),
    Tier.LIMITED: ("use-terms",),
    Tier.OPEN_WEIGHTS: (),
}
"""What a tier asks here, whatever the decision lists: a decision may list more, never less."""

_ARTEFACT = re.compile(r"[0-9a-f]{64}")
_IDENTITY = LEVELS.index(VerificationLevel.LEGAL_IDENTITY)
_SOMEBODY = LEVELS.index(VerificationLevel.EMAIL)

RULES = {
    "identity-verification": ("identity-not-verified", f"when {{ principal.level < {_IDENTITY} }}"),
    "use-terms": ("terms-not-accepted", "unless { context.terms }"),
    "rate-limits": ("nobody-to-count", f"when {{ principal.level < {_SOMEBODY} }}"),
}
"""Conditions of a decision that are asked of each subject: rule and clause."""

_NAMED = (
    ("not-named", "unless { principal.granted }"),
    ("not-vetted", "unless { principal.purposes.contains(context.purpose) }"),
)
"""What the tier `restricted` is: named end users, each for a purpose."""


def acts_left(release: ReleaseDecision) -> tuple[AccessAct, ...]:
    """What may be done with the artefact at all."""
    acts = ACTS[release.tier]
    return (
        tuple(act for act in acts if act in _WITHOUT_WEIGHTS) if API_ONLY in conditions_of(release) else acts
    )


def conditions_of(release: ReleaseDecision) -> tuple[str, ...]:
    """What the tier asks, and what the decision lists beside it."""
    return tuple(dict.fromkeys((*CONDITIONS[release.tier], *release.conditions)))


def generated(release: ReleaseDecision) -> str:
    """The policies of one decision in force. Raises BadInput for one that names no artefact."""
    if not _ARTEFACT.fullmatch(release.artefact):
        raise BadInput("the release decision names no artefact by its digest: it grants nothing")
    left = acts_left(release)
    if not left:
        return _forbid("withheld", "action", "")
    permit = f'@id("admission.released")\npermit (principal, {_among(left)}, resource)\n'
    written = [permit + f'when {{ resource.artefact == "{release.artefact}" }};']
    if closed := tuple(act for act in AccessAct if act not in left):
        written.append(_forbid("act-not-left", _among(closed), ""))
    asked = [RULES[name] for name in conditions_of(release) if name in RULES]
    if release.tier is Tier.RESTRICTED:
        asked += _NAMED
    if release.tier is not Tier.OPEN_WEIGHTS:  # what everybody has is kept from nobody
        asked.append(("standing", 'when { principal.standing != "good" }'))
    return "\n\n".join([*written, *(_forbid(rule, "action", clause) for rule, clause in asked)])


def _among(acts: tuple[AccessAct, ...]) -> str:
    named = ", ".join(f'Action::"access.{act.value}"' for act in acts)
    return f"action in [{named}]"


def _forbid(rule: str, action: str, clause: str) -> str:
    return f'@id("admission.{rule}")\nforbid (principal, {action}, resource){" " if clause else ""}{clause};'
