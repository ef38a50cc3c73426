"""Release decisions in force and questions of access, made up: for tests of who may use what."""

import json
from typing import Any

import msgspec

from tests.fixtures import Made
from tests.gate.making import ARTEFACT, decided
from tocsin.kernel import Role, micros
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
    from datetime import timedelta

    made.now += timedelta(seconds=seconds)
    return micros(made.now)
