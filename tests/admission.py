"""Release decisions in force and questions of access, made up: for tests of who may use what."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from tests.app.test_artefacts import lay
from tests.evaluation_plans import PLAN, TASK, nth, runs, sheet
from tests.fixtures import Made
from tests.gate.making import ARTEFACT, decided
from tests.kept_releases import reviewer
from tocsin.gate import Asked
from tocsin.kernel import Role, micros, system_clock
from tocsin.kernel.release import ReleaseDecision, ReleaseState, Tier, Told

RELEASE = decided()
"""Of ARTEFACT, on what the gate's tests hold."""


def released(tier: Tier, *conditions: str, **changes: Any) -> ReleaseDecision:
    """A decision in force at a tier."""
    return msgspec.structs.replace(
        RELEASE,
        id=f"{tier.value}".encode().hex().ljust(64, "0"),
        tier=tier,
        conditions=conditions,
        state=ReleaseState.IN_FORCE,
        expires="2027-03-01",
        **changes,
    )


def put_in_force(made: Made, release: ReleaseDecision) -> ReleaseDecision:
    """Keep it, as two people's word would."""
    made.node.store.release_decisions.add(release, Told())
    return release


def question(subject: Any = "ps_ada", **changes: Any) -> dict[str, Any]:
    """As a gateway asks, in AuthZEN's form."""
    asked = {
        "subject": {"type": "user", "id": subject} if isinstance(subject, str) else subject,
        "action": {"name": "use"},
        "resource": {"type": "model", "id": ARTEFACT, "properties": {"capability": "chat"}},
        "context": {"purpose": "teaching", "terms_accepted": True},
    }
    return asked | changes


def body(subject: Any = "ps_ada", **changes: Any) -> bytes:
    return json.dumps(question(subject, **changes)).encode()


def gateway(made: Made) -> str:
    """The token of a machine that may ask."""
    operator = made.node.access.operator()
    made.node.access.add_user(operator, "gateway", (Role.SOURCE,))
    return made.node.access.issue_token(operator, "gateway")


def later(made: Made, seconds: float) -> int:
    """The clock, moved on."""
    made.now += timedelta(seconds=seconds)
    return micros(made.now)


def restricted_model(data: Path, token: str) -> tuple[str, str]:
    """A model whose line is crossed as shipped goes to verified end users only, by two people's word, and a gateway may
    ask: its artefact, and the gateway's token.
    """
    made = Made(data, system_clock(), token)
    node, by = made.node, made.node.access.operator()
    line = node.artefacts.record(by, lay(data.parent / f"{data.name}-model", README_md=b"# a model\n")).line
    shipped, other = PLAN.method.models
    models = (msgspec.structs.replace(shipped, digest=f"sha256:{line.artefact}"), other)
    plan = msgspec.structs.replace(PLAN, method=msgspec.structs.replace(PLAN.method, models=models))
    registration = node.evaluations.register(by, plan, {TASK: iter(sheet())})
    made.now += timedelta(hours=1)
    node.evaluations.keep(
        by, registration.id, runs(node.evaluations.registered(by, registration.id), nth(3), nth(3))
    )
    decision = node.releases.propose(by, line.artefact, Asked(by="", wanted=Tier.RESTRICTED))
    for person in ("ada", "bo"):
        decision = node.releases.approve(reviewer(made, person)[0], decision.id)
    assert (decision.tier, decision.state) == (Tier.RESTRICTED, ReleaseState.IN_FORCE)
    node.access.add_user(by, "gateway", (Role.SOURCE,))
    issued = node.access.issue_token(by, "gateway")
    node.close()
    return line.artefact, issued
