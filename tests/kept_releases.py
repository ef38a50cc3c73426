"""Release decisions as a node keeps them: one that holds, one that does not, on evaluations that are kept."""

from pathlib import Path

import msgspec

from tests.app.test_artefacts import lay
from tests.evaluation_plans import PLAN, TASK, nth, runs, sheet
from tests.fixtures import Made
from tocsin.gate import Asked
from tocsin.kernel import Caller, Role
from tocsin.kernel.release import ReleaseDecision, Tier


def reviewer(made: Made, name: str) -> tuple[Caller, str]:
    """A person who may approve, and their token."""
    operator = made.node.access.operator()
    made.node.access.add_user(operator, name, (Role.REVIEWER,))
    token = made.node.access.issue_token(operator, name)
    found = made.node.access.authenticate(token)
    assert found is not None
    return found, token


def keep_releases(made: Made, folder: Path) -> tuple[ReleaseDecision, ReleaseDecision]:
    """Of two models: one is held, in force after two people's word; the other fails when stripped, and is proposed."""
    by, node = made.node.access.operator(), made.node
    decisions = []
    for name, stripped in (("weather-writer", nth(0)), ("refund-writer", nth(3))):
        lines = node.artefacts.record(
            by, lay(folder / name, README_md=f"# {name}\n".encode()), name=name
        ).line
        shipped, other = PLAN.method.models
        models = (msgspec.structs.replace(shipped, digest=f"sha256:{lines.artefact}"), other)
        plan = msgspec.structs.replace(
            PLAN, name=name, method=msgspec.structs.replace(PLAN.method, models=models)
        )
        registration = node.evaluations.register(by, plan, {TASK: iter(sheet())})
        registered = node.evaluations.registered(by, registration.id)
        made.now = made.now.replace(hour=made.now.hour + 1)
        node.evaluations.keep(by, registration.id, runs(registered, nth(0), stripped))
        decisions.append(node.releases.propose(by, lines.artefact, Asked(by="", wanted=Tier.OPEN_WEIGHTS)))
    for person in ("ada", "bo"):
        decisions[0] = node.releases.approve(reviewer(made, person)[0], decisions[0].id)
    return decisions[0], decisions[1]
