"""Random worlds of access: what a release decision forbids, said again without a line of the code that decides.

A world is a release decision, an operator's own rules, overlays, and events in a random order; a question is asked
between any two of them. The oracle knows the events alone.
"""

import random
from collections.abc import Sequence
from functools import cache
from typing import Any

import msgspec

from tests.admission import released
from tests.gate.making import ARTEFACT
from tocsin.admit import GENERATED, Known, Ruled, decide, generated, question_of
from tocsin.kernel import BadInput
from tocsin.kernel.admission import (
    AccessAct,
    AccessAnswer,
    AccessRequest,
    Capability,
    Grant,
    Held,
    Subject,
    SubjectStanding,
    VerificationLevel,
)
from tocsin.kernel.release import ReleaseDecision, Tier
from tocsin.trust.admission_policy import AdmissionPolicies, admission_schema, admission_texts, overlay_text
from tocsin.trust.policy import check_forbids_only

PURPOSES = ("teaching", "defence")
CAPABILITIES = ("chat", "tools")
CONDITIONS = ("identity-verification", "use-terms", "api-only", "rate-limits", "monitoring")
RANK = {"none": 0, "e-mail": 1, "organisation": 2, "legal-identity": 3, "vetted": 4}

OWN = (
    "",
    '@id("ours.no-tools") forbid (principal, action, resource) when { resource.name == "tools" };',
    '@id("ours.teachers") forbid (principal, action, resource) unless { context.purpose == "teaching" };',
    '@id("ours.open") permit (principal, action, resource);',
    '@id("ours.anyway") permit (principal, action, resource) when { context.terms };',
    '@id("admission.released") forbid (principal, action, resource) when { false };',
    '@id("ours.two") @two_person forbid (principal, action, resource) when { true };',
)
"""The last four are refused when they are read."""

OVERLAYS = (
    "",
    '@id("overlay.law.where") forbid (principal, action, resource) when { context.service_country == "XX" };',
    '@id("overlay.law.open") permit (principal, action, resource);',
)


@cache
def policies(own: str, overlay: str, text: str) -> AdmissionPolicies:
    """As the node reads them. Raises BadInput."""
    texts = admission_texts()
    if own:
        check_forbids_only("own", own)
        for rule in AdmissionPolicies({"own": own}, admission_schema()).described:
            if rule.id.startswith("admission."):
                raise BadInput("an id of ours")
    if overlay:
        overlay = overlay_text("law", overlay, ("service_country",))
    asked = ("service_country",) if overlay else ()
    texts |= {name: text for name, text in (("own", own), ("overlay/law", overlay)) if text}
    return AdmissionPolicies({**texts, GENERATED: text}, admission_schema(asked))


class World:
    """What is so in a world, as the node knows it, and beside that a plain list of what happened."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self.now = 0
        self.release: ReleaseDecision | None = None
        self.own = self.draw.choice(OWN) if self.draw.random() < 0.3 else ""
        self.overlay = self.draw.choice(OVERLAYS) if self.draw.random() < 0.3 else ""
        self.subject = Subject("ps_ada")
        self.grants: tuple[Grant, ...] = ()
        self.human = False
        self.happened: list[tuple[str, int, tuple[Any, ...]]] = []

    def step(self) -> None:
        """One event."""
        self.now += self.draw.randrange(1, 4)
        events = (
            self.decides,
            self.verifies,
            self.grants_one,
            self.revokes,
            self.behaves,
            self.asks_more,
        )
        self.draw.choices(events, weights=(2, 4, 4, 1, 1, 1))[0]()

    def decides(self) -> None:
        tier = self.draw.choices(list(Tier), weights=(1, 6, 2, 2, 1))[0]
        conditions = sorted(self.draw.sample(CONDITIONS, self.draw.choice((0, 0, 1, 2))))
        self.release = None if self.draw.random() < 0.1 else released(tier, *conditions)
        self._note("decides", None if self.release is None else (tier.value, tuple(conditions)))

    def verifies(self) -> None:
        level = self.draw.choices(list(VerificationLevel), weights=(1, 1, 1, 2, 5))[0]
        purpose = self.draw.choice(PURPOSES) if level is VerificationLevel.VETTED else ""
        until = self.now + self.draw.randrange(1, 25)
        self.subject = msgspec.structs.replace(
            self.subject, held=(*self.subject.held, Held(level, until, purpose=purpose))
        )
        self._note("verifies", level.value, purpose, until)

    def grants_one(self) -> None:
        capability, purpose = self.draw.choice(("*", *CAPABILITIES)), self.draw.choice(PURPOSES)
        until, name = self.now + self.draw.randrange(1, 25), f"grant_{len(self.grants)}"
        artefact = self.draw.choice((ARTEFACT, ARTEFACT, "cd" * 32))
        made = Grant(name, "ps_ada", artefact, capability, purpose, self.now, until, "user_1", "")
        self.grants = (*self.grants, made)
        self._note("grants", name, artefact, capability, purpose, until)

    def revokes(self) -> None:
        if self.grants:
            gone = self.draw.choice(self.grants)
            self.grants = tuple(
                msgspec.structs.replace(one, revoked=self.now) if one is gone else one for one in self.grants
            )
            self._note("revokes", gone.id)

    def behaves(self) -> None:
        standing = self.draw.choices(list(SubjectStanding), weights=(3, 1, 1))[0]
        self.subject = msgspec.structs.replace(self.subject, standing=standing)
        self._note("behaves", standing.value)

    def asks_more(self) -> None:
        self.human = self.draw.random() < 0.2
        self._note("human", self.human)

    def request(self) -> AccessRequest:
        return AccessRequest(
            subject="ps_ada",
            act=self.draw.choices(list(AccessAct), weights=(4, 2, 1, 1))[0],
            model=ARTEFACT,
            capability=self.draw.choice(CAPABILITIES),
            purpose=self.draw.choice(PURPOSES) if self.draw.random() < 0.95 else "",
            terms=self.draw.random() < 0.85,
            attributes=(("service_country", self.draw.choice(("", "XX", "YY"))),),
        )

    def ask(self, request: AccessRequest) -> AccessAnswer | None:
        """The answer; None where the node would not even start with these rules."""
        if self.release is None:
            return None
        try:
            made = policies(self.own, self.overlay, generated(self.release))
        except BadInput:
            return None
        attributes = ("service_country",) if self.overlay else ()
        ruled = Ruled(self.release, made, ("law",) if self.overlay else (), attributes=attributes)
        capability = Capability(ARTEFACT, request.capability, human=self.human)
        known = Known(ARTEFACT, self.subject, self.grants, capability)
        question, _ = question_of(request, known, attributes, self.now)
        return decide(question, ruled)

    def _note(self, what: str, *told: object) -> None:
        self.happened.append((what, self.now, told))


def forbidden(world: World, request: AccessRequest) -> str:
    """Why the release decision, or a person's being needed, forbids this; "" where neither does. By the events."""
    decided = [told[0] for what, _, told in world.happened if what == "decides"]
    if not decided or decided[-1] is None:
        return "nothing is decided"
    tier: str = decided[-1][0]
    conditions: tuple[str, ...] = decided[-1][1]
    verified = [told for what, _, told in world.happened if what == "verifies" and world.now < told[2]]
    rank = max([RANK[level] for level, *_ in verified], default=0)
    vetted = {purpose for _, purpose, _ in verified if purpose}
    gone = {told[0] for what, _, told in world.happened if what == "revokes"}
    named = any(
        told[0] not in gone
        and told[1] == ARTEFACT
        and told[2] in {"*", request.capability}
        and told[3] == request.purpose
        and world.now < told[4]
        for what, _, told in world.happened
        if what == "grants"
    )
    standing = _last(world.happened, "behaves", "good")
    weights = request.act.value in {"fine-tune", "download"}
    closed = tier in {"restricted", "staged-api"} or "api-only" in conditions
    checks = {
        "withheld": tier == "withheld",
        "weights": weights and closed,
        "identity": (tier == "restricted" or "identity-verification" in conditions) and rank < 3,
        "named": tier == "restricted" and not named,
        "vetted": tier == "restricted" and request.purpose not in vetted,
        "terms": (tier in {"restricted", "staged-api", "limited"} or "use-terms" in conditions)
        and not request.terms,
        "counted": (tier == "staged-api" or "rate-limits" in conditions) and rank < 1,
        "standing": tier != "open-weights" and standing != "good",
        "human": bool(_last(world.happened, "human", False)),
    }
    return next((name for name, wrong in checks.items() if wrong), "")


def _last(happened: Sequence[tuple[str, int, tuple[Any, ...]]], what: str, default: object) -> object:
    return next((told[0] for name, _, told in reversed(happened) if name == what), default)


def wrong(seed: int, steps: int = 24) -> str | None:
    """What went wrong in a world: it granted what is forbidden; None when nothing did."""
    world = World(seed)
    for _ in range(steps):
        world.step()
        request = world.request()
        answer = world.ask(request)
        if answer is not None and answer.granted and (why := forbidden(world, request)):
            return why
    return None


def granted(seed: int, steps: int = 24) -> int:
    """How often a world grants at all, so that a decider that refuses everything is noticed too."""
    world, found = World(seed), 0
    for _ in range(steps):
        world.step()
        answer = world.ask(world.request())
        found += answer is not None and answer.granted
    return found
