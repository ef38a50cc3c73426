"""A case with an incident, and the people who deal with it."""

from datetime import timedelta

import msgspec

from tests.cases_made_up import person
from tests.fixtures import Made
from tocsin.app.case_opening import NewCase
from tocsin.kernel import Caller, Means, Role, micros
from tocsin.kernel.cases import Case, CaseOrigin, CaseWords
from tocsin.kernel.duties import ClockStart, Incident

WORDS = CaseWords(
    title="Lottery refunds by a chat service",
    what="A chat service told people that a lottery refund waits for them.",
    where="https://chat.example/lottery",
)
NIS2, CHINA = "nis2", "china-network-operator"
HOUR = 3_600_000_000


def officer(made: Made, name: str = "olu") -> Caller:
    return person(made, name, Role.DUTY_OFFICER, means=Means.OPERATOR)


def a_case(made: Made, by: Caller, queue: str = "general") -> Case:
    """A case of a lottery refund in an open queue."""
    return made.node.cases.open(by, NewCase(origin=CaseOrigin.OWN, words=WORDS, queue=queue))


def hidden(made: Made, incident: Incident) -> None:
    """Put its case into a restricted queue, as far as anybody who asks can tell."""
    case = made.node.store.cases.get(incident.case, made.node.queues.ids())
    assert case is not None
    acts = made.node.store.cases.acts(case.id, made.node.queues.ids())
    moved = msgspec.structs.replace(case, queue="child-safety", version=case.version + 1)
    act = msgspec.structs.replace(acts[-1], act=msgspec.structs.replace(acts[-1].act, number=len(acts) + 1))
    made.node.store.cases.act(moved, act)


def an_incident(made: Made, by: Caller, *duties: str, hours_ago: int = 2) -> Incident:
    """An incident that is reportable under NIS2 and in China, of which somebody became aware some hours ago."""
    at = micros(made.now - timedelta(hours=hours_ago))
    incidents = made.node.incidents
    opened = incidents.open(
        by, a_case(made, by).id, moments={ClockStart.AWARENESS: at, ClockStart.NOTICING: at}
    )
    incidents.set_facts(
        by,
        opened.id,
        {"organisation_role": "network-operator", "people_leaked": 1_200_000, "malicious": True},
    )
    return incidents.name_duties(by, opened.id, duties or (NIS2, CHINA))
