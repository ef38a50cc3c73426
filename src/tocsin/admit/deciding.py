"""The decision: may it be, by which rules, what would change that, and what it obliges to.

Enters: a question, the rules of one release decision. Leaves: an `AccessAnswer`. Refuses: everything without a release
decision in force. Pure: the same question under the same rules has the same answer.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from tocsin.admit.generating import conditions_of
from tocsin.admit.words import said
from tocsin.kernel.admission import (
    LEVELS,
    AccessAnswer,
    AccessChange,
    AccessQuestion,
    AccessReason,
    Obligation,
    ObligationKind,
    SubjectStanding,
    VerificationLevel,
)
from tocsin.kernel.release import ReleaseDecision
from tocsin.trust.admission_policy import OURS, OVERLAY, AdmissionPolicies

SHOWN = "shown"
"""What `AccessQuestion.control` says of a record that holds."""

ASK_AGAIN_SECONDS = 5
"""What a person let run is asked again this often, so that their stopping it stops it."""

NO_RELEASE = "admission.no-release"

_LEGAL = {
    "monitoring": ObligationKind.LOG,
    "rate-limits": ObligationKind.RATE,
}
"""Conditions of a release decision that bind whoever lets somebody in."""


class Ruled(msgspec.Struct, frozen=True):
    """One release decision with the policies made of it. `labels` are its conditions that ask for labelled output,
    `overlays` the ids of those that are on.
    """

    release: ReleaseDecision
    policies: AdmissionPolicies
    overlays: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    """What the overlays that are on ask for."""


def decide(question: AccessQuestion, ruled: Ruled) -> AccessAnswer:
    """1. The policies say. 2. Every rule that spoke, in a sentence. 3. What would change it. 4. What it obliges to."""
    decision = ruled.policies.admits(question)  # 1
    reasons = tuple(_reason(rule, ruled.policies) for rule in decision.rules)  # 2
    change = () if decision.allowed else _changes(question, ruled)  # 3
    obligations = (
        _obliged(question, ruled) if decision.allowed else _steps(change, reasons)  # 4
    )
    return AccessAnswer(
        granted=decision.allowed,
        reasons=reasons,
        change=change,
        obligations=obligations,
        overlays=ruled.overlays,
        policies=ruled.policies.digest,
        release=ruled.release.id,
    )


def without_release(overlays: Sequence[str] = ()) -> AccessAnswer:
    """The answer about a model that no release decision in force speaks of."""
    reason = AccessReason(NO_RELEASE, said(NO_RELEASE))
    return AccessAnswer(granted=False, reasons=(reason,), overlays=tuple(overlays))


def _reason(rule: str, policies: AdmissionPolicies) -> AccessReason:
    own = next((one.says for one in policies.described if one.id == rule), "")
    overlay = rule.removeprefix(OVERLAY).partition(".")[0] if rule.startswith(OVERLAY) else ""
    return AccessReason(rule, said(rule, otherwise=own), overlay)


def _changes(question: AccessQuestion, ruled: Ruled) -> tuple[tuple[AccessChange, ...], ...]:
    """The least that would do, found by asking again: everything that can be brought, and then each of it left out.

    Empty where all of it together would not do. Under rules that ask for more and never for less (those of ours),
    nothing smaller does.
    """
    steps = list(_possible(question))

    def granted(brought: Sequence[tuple[AccessChange, dict[str, Any]]]) -> bool:
        facts: dict[str, Any] = {}
        for _, given in brought:
            facts |= given
        facts["level"] = max([question.level, *(given.get("level", 0) for _, given in brought)])
        return ruled.policies.admits(msgspec.structs.replace(question, **facts)).allowed

    if not steps or not granted(steps):
        return ()
    for step in list(steps):
        rest = [one for one in steps if one is not step]
        if granted(rest):
            steps = rest
    return (tuple(change for change, _ in steps),)


def _possible(question: AccessQuestion) -> Iterator[tuple[AccessChange, dict[str, Any]]]:
    """What could be brought, the hardest first, so that it is left out first where something easier does."""
    if question.standing is not SubjectStanding.GOOD:
        yield AccessChange("appeal"), {"standing": SubjectStanding.GOOD}
    if question.purpose and question.purpose not in question.purposes:
        purposes = tuple(sorted({*question.purposes, question.purpose}))
        vetted = {"purposes": purposes, "level": LEVELS.index(VerificationLevel.VETTED)}
        yield AccessChange("vetting", {"purpose": question.purpose}), vetted
    for rank in reversed(range(question.level + 1, LEVELS.index(VerificationLevel.VETTED))):
        yield AccessChange("verify", {"level": LEVELS[rank].value}), {"level": rank}
    if not question.granted:
        yield AccessChange("grant", {"capability": question.capability}), {"granted": True}
    if question.human and question.control != SHOWN:
        yield AccessChange("human-control"), {"control": SHOWN}
    if not question.terms:
        yield AccessChange("terms"), {"terms": True}


def _obliged(question: AccessQuestion, ruled: Ruled) -> tuple[Obligation, ...]:
    found = [
        Obligation(_LEGAL[name], f"release.{name}") for name in conditions_of(ruled.release) if name in _LEGAL
    ]
    found += [Obligation(ObligationKind.LABEL, name) for name in ruled.labels]
    if question.labelled:
        found.append(Obligation(ObligationKind.LABEL, f"{OURS}labelled"))
    if question.human:
        again: dict[str, str | int] = {"ask_again_seconds": ASK_AGAIN_SECONDS}
        found.append(Obligation(ObligationKind.HUMAN, f"{OURS}no-person-in-the-loop", again))
    return tuple(found)


def _steps(
    change: Sequence[Sequence[AccessChange]], reasons: Sequence[AccessReason]
) -> tuple[Obligation, ...]:
    """Of a refusal: the level to step up to, and the person to bring in, where that is among what would change it."""
    found = []
    rule = reasons[0].rule
    for one in (one for together in change for one in together):
        if one.id == "verify":
            found.append(Obligation(ObligationKind.STEP_UP, rule, one.values))
        elif one.id == "vetting":
            values: dict[str, str | int] = {"level": VerificationLevel.VETTED.value, **one.values}
            found.append(Obligation(ObligationKind.STEP_UP, rule, values))
        elif one.id == "human-control":
            found.append(Obligation(ObligationKind.HUMAN, f"{OURS}no-person-in-the-loop"))
    return tuple(found)
