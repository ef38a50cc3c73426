"""The decision: the most open tier that no rule forbids, with every ground, and what would change it.

Enters: what was brought, the policies. Leaves: a proposed `ReleaseDecision`. Refuses: to open anything for want of
evidence, and to weigh how likely a catastrophe is.
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from tocsin.gate.changing import lifts, ways
from tocsin.gate.evidence import Brought, Weighed, plain_digest, weigh
from tocsin.gate.lines import Source
from tocsin.gate.words import said
from tocsin.kernel import BadInput, at_micros, micros
from tocsin.kernel.evaluations import LineVerdict
from tocsin.kernel.release import OPENNESS, Ground, GroundKind, ReleaseDecision, Tier
from tocsin.trust.release_policy import ReleasePolicies, ReleaseQuestion
from tocsin.wire.stix.canonical_form import canonical

MAX_DAYS = 365
"""A decision ends after a year at the latest: what people can do with a model grows."""

REVIEW_DAYS = 180
MAX_GROUNDS = 200
MAX_TEXT_CHARS = 2_000

CLOSED_OFFERS = (Tier.WITHHELD, Tier.RESTRICTED, Tier.STAGED_API, Tier.LIMITED)
"""Weights that are not to be published anyway: one tier less is offered, and no rule reads it."""

CONDITIONS = {
    Tier.WITHHELD: (),
    Tier.RESTRICTED: ("identity-verification", "use-terms", "monitoring", "incident-reporting"),
    Tier.STAGED_API: ("api-only", "use-terms", "monitoring", "rate-limits"),
    Tier.LIMITED: ("use-terms",),
    Tier.OPEN_WEIGHTS: (),
}
"""In the words of the record's schema. What nothing stands against goes out with no control at all."""

RULES_TAMPERING = frozenset({"release.tampering-not-measured", "release.line-over-when-changed"})
"""Where one of them leaves `limited`, the weights stay."""

_NOT_IN_ID = {"id": "", "approvals": [], "state": "", "statement": "", "why_ended": ""}


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """How the question is put. `by` asks; `benefits` says what use is lost or kept by the decision."""

    by: str
    wanted: Tier = Tier.OPEN_WEIGHTS
    closed: bool = False
    jurisdictions: tuple[str, ...] = ()
    benefits: str = ""
    cites: tuple[str, ...] = ()

    @property
    def offered(self) -> tuple[Tier, ...]:
        return CLOSED_OFFERS if self.closed else OPENNESS


def decide(brought: Brought, asked: Asked, policies: ReleasePolicies, now: datetime) -> ReleaseDecision:
    """1. The evidence is weighed. 2. The policies say how far. 3. Every ground, deciding first. 4. What would change
    it. 5. Conditions and days.

    `brought.overlays` are those of the jurisdictions, chosen. Raises BadInput.
    """
    if asked.wanted not in asked.offered:
        raise BadInput(
            "a closed release publishes no weights: want `limited` at most, or leave --closed away"
        )
    if len(asked.benefits) > MAX_TEXT_CHARS:
        raise BadInput(f"say the benefits in {MAX_TEXT_CHARS} characters")
    weighed = weigh(brought, now)  # 1
    answer = policies.how_far(weighed.question)  # 2
    tier = min(answer.tier, asked.offered[-1], key=OPENNESS.index)
    grounds = _against(weighed, policies) + _exempted(weighed, policies) + _held(weighed)  # 3
    grounds = sorted(grounds, key=_order)[:MAX_GROUNDS]
    conditions = _conditions(tier, weighed, grounds)
    review_by, expires = _days(weighed, now)
    decision = ReleaseDecision(
        id="",
        artefact=plain_digest(brought.artefact),
        name=brought.name,
        tier=tier,
        wanted=asked.wanted,
        closed=asked.closed,
        grounds=tuple(grounds),
        conditions=conditions,
        jurisdictions=tuple(sorted(set(asked.jurisdictions))),
        policies=policies.digest,
        at=micros(now),
        by=asked.by,
        review_by=review_by,
        expires=expires,
        benefits=asked.benefits,
        why_not_less=_why_not_less(tier, grounds),
        cites=asked.cites,
        ways=ways(weighed, policies, tier=tier, wanted=asked.wanted, offered=asked.offered),  # 4
        asked=question_row(weighed.question),
        red_lines={one.id: one.outcome for one in weighed.red_lines},
    )
    return msgspec.structs.replace(decision, id=decision_id(decision))


def decision_id(decision: ReleaseDecision) -> str:
    """sha256, hex, of the canonical bytes (JCS) of all that does not change once it was decided."""
    row = msgspec.to_builtins(decision)
    for name in _NOT_IN_ID:
        del row[name]
    return hashlib.sha256(canonical(row)).hexdigest()


def question_row(question: ReleaseQuestion) -> dict[str, str | int | tuple[str, ...]]:
    """The question as a decision carries it."""
    return {name: getattr(question, name) for name in question.__struct_fields__}


def question_of(decision: ReleaseDecision) -> ReleaseQuestion:
    """The question that a decision answers. Raises BadInput when it is not one of ours."""
    try:
        return msgspec.convert(msgspec.to_builtins(decision.asked), ReleaseQuestion)
    except msgspec.ValidationError as error:
        raise BadInput(f"the decision's question is not one that is asked here: {error}") from None


def standing_in_the_way(decision: ReleaseDecision) -> tuple[Ground, ...]:
    """The grounds that leave less than was wanted, deciding first."""
    wanted = OPENNESS.index(decision.wanted)
    return tuple(one for one in decision.grounds if OPENNESS.index(one.most) < wanted)


def undecided(decision: ReleaseDecision) -> bool:
    """Less than was wanted, and only for want of evidence: nothing speaks against it yet."""
    between = standing_in_the_way(decision)
    return not given(decision) and all(one.kind is GroundKind.MISSING for one in between)


def given(decision: ReleaseDecision) -> bool:
    """Whether what was wanted may be."""
    return OPENNESS.index(decision.tier) >= OPENNESS.index(decision.wanted)


def _against(weighed: Weighed, policies: ReleasePolicies) -> list[Ground]:
    """A ground for each piece of evidence behind each rule that forbids any tier."""
    found = []
    for name, most in policies.how_far(weighed.question).most.items():
        rule = policies.by_id.get(name)
        step = None if rule is None or rule.veto else lifts(weighed, policies, name)
        kind = rule.kind if rule else GroundKind.MISSING  # no permit, or a policy that erred
        for source in _behind(weighed, name, rule.reads if rule else "evaluations"):
            values = {**source.values, "at": source.at}
            found.append(
                Ground(
                    kind=kind,
                    rule=name,
                    most=most,
                    evidence=source.evidence,
                    why=said(name, values, otherwise=rule.says if rule else ""),
                    change=step.id if step else "",
                    values={**values, **({f"step_{k}": v for k, v in step.values.items()} if step else {})},
                )
            )
    return found


def _behind(weighed: Weighed, rule: str, reads: str) -> Sequence[Source]:
    """The evidence that makes the rule speak: of an attribute the worst of it, where it has worse and better."""
    sources = weighed.sources.get(reads, ())
    worst = getattr(weighed.question, reads, None)
    if reads in ("catastrophic", "block", "restrict", "tampered", "red_line", "recognition"):
        sources = tuple(one for one in sources if one.at == worst)
    elif rule == "release.line-unproven":
        sources = tuple(one for one in sources if one.at != "not-measured")
    elif reads == "overlay":
        least = OPENNESS[weighed.question.overlay]
        sources = tuple(one for one in sources if one.at == least.value)
    elif reads == "evaluations" and rule == "release.nothing-measured":
        sources = ()
    elif reads == "agreement":
        sources = tuple(one for one in sources if float(one.values["agreement"]) < _LEAST_AGREEMENT)
    return sources or (Source("", ""),)


_LEAST_AGREEMENT = 0.667
"""As release.cedar has it: Krippendorff's lowest for tentative conclusions."""


def _exempted(weighed: Weighed, policies: ReleasePolicies) -> list[Ground]:
    """A ground for each exemption that made a difference: without it the rule would leave less."""
    found = []
    for one in weighed.exemptions:
        rest = tuple(rule for rule in weighed.question.exempt if rule != one.rule)
        without = policies.how_far(msgspec.structs.replace(weighed.question, exempt=rest))
        if one.rule in without.most:
            values: dict[str, str | int | float] = {
                "rule": one.rule,
                "by": ", ".join(one.by),
                "reason": one.reason,
                "until": _date(one.until),
                "else": without.most[one.rule].value,
            }
            why = said("held.exemption", values)
            found.append(
                Ground(GroundKind.EXEMPTION, one.rule, Tier.OPEN_WEIGHTS, one.id, why, values=values)
            )
    return found


def _held(weighed: Weighed) -> list[Ground]:
    """What speaks for it, and lines for a person to look at: shown beside what speaks against."""
    kinds = {
        "files": GroundKind.ARTEFACT,
        "red_line": GroundKind.RED_LINE,
        "untested": GroundKind.RED_LINE,
    }
    rows = [
        (name, one, rule)
        for name, at, rule in (
            ("catastrophic", LineVerdict.BELOW.value, "held.line"),
            ("block", LineVerdict.BELOW.value, "held.line"),
            ("restrict", LineVerdict.BELOW.value, "held.line"),
            ("red_line", "clear", "held.red-line"),
            ("untested", "", "held.red-line-without-test"),
            ("files", "clean", "held.files"),
            ("recognition", "reproduced", "held.recognised"),
            ("recognition", "compatible", "held.recognised"),
            ("recognition", "accepted", "held.recognised"),
            ("peers", "", "held.not-recognised"),
            ("review", "", "held.review"),
        )
        for one in weighed.sources.get(name, ())
        if not at or one.at == at
    ]
    return [
        Ground(
            kinds.get(name, GroundKind.EVALUATION),
            rule,
            Tier.OPEN_WEIGHTS,
            one.evidence,
            said(rule, {**one.values, "at": one.at}),
            values={**one.values, "at": one.at},
        )
        for name, one, rule in rows
    ]


def _order(ground: Ground) -> tuple[int, bool, str, str]:
    """Least open first; of equal ones what speaks against before what is missing."""
    return OPENNESS.index(ground.most), ground.kind is GroundKind.MISSING, ground.rule, ground.evidence


def _conditions(tier: Tier, weighed: Weighed, grounds: Sequence[Ground]) -> tuple[str, ...]:
    own = list(CONDITIONS[tier])
    if tier is Tier.LIMITED and any(one.rule in RULES_TAMPERING for one in grounds):
        own.append("api-only")
    demanded = [f"{borne.overlay.id}/{demand.id}" for borne in weighed.borne for demand in borne.demands]
    return (*own, *demanded)


def _days(weighed: Weighed, now: datetime) -> tuple[str, str]:
    """The day by which somebody looks again, and the first on which it no longer counts."""
    today = now.date()
    expires = min([*weighed.ends, today + timedelta(days=MAX_DAYS)])
    return min(expires, today + timedelta(days=REVIEW_DAYS)).isoformat(), expires.isoformat()


def _why_not_less(tier: Tier, grounds: Sequence[Ground]) -> str:
    """Why the next lesser control would not do: the deciding ground's own words."""
    if tier is Tier.OPEN_WEIGHTS:
        return said("tier.nothing-less")
    deciding = next((one for one in grounds if one.most is tier), None)
    return deciding.why if deciding else said("tier.closed")


def _date(at: int) -> str:
    return at_micros(at).date().isoformat()
