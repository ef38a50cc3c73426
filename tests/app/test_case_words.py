"""Word of cases: told once by the act's own transaction, without a word of the case, never of a restricted queue."""

import json
import re
import shutil
import sqlite3
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.app.test_restricted_cases import World, furnished, rest_of_the_database
from tests.cases_made_up import WHY, disposition, opened, person, verified
from tests.fixtures import Made
from tests.hostile_peer import HostilePeer, honest
from tests.member_queue import QUEUE
from tocsin.app.channels import Place, said_of
from tocsin.app.node import Node
from tocsin.kernel import BadInput, ChannelKind, Notice, NoticeState, Role, RoutingRule
from tocsin.kernel.cases import CaseFlag, Urgency
from tocsin.kernel.disposing import Appeal, Appellant, Measure

__all__ = ["furnished"]
pytestmark = pytest.mark.net
TAKEN = honest(b"{}", media_type="application/json")
GRAVE = Measure.ACCOUNT_TERMINATED
APPEAL = Appeal(by=Appellant.AFFECTED, at=0, lang="en")


@pytest.fixture
def hook() -> Iterator[HostilePeer]:
    with HostilePeer(TAKEN) as peer:
        yield peer


@pytest.fixture
def told(made: Made) -> Made:
    made.node.settings = msgspec.structs.replace(
        made.node.settings, case_channels=("desk",), public_url="https://node.example"
    )
    return made


def a_channel(
    made: Made,
    url: str = "https://hooks.example/in",
    rule: RoutingRule | None = None,
    *,
    name: str = "desk",
    kind: ChannelKind = ChannelKind.WEBHOOK,
    an_hour: int = 20,
) -> None:
    made.node.channels.add(
        made.node.access.operator(),
        name,
        kind,
        Place(url=url),
        rule or RoutingRule(),
        an_hour=an_hour,
        allow_private=True,
    )


def waiting(made: Made, channel: str = "desk") -> tuple[Notice, ...]:
    return made.node.store.outbox.waiting(channel, limit=100)


def causes(made: Made, channel: str = "desk") -> list[str]:
    return [notice.warning.rpartition(":")[2] for notice in waiting(made, channel)]


def test_each_occasion_is_told_once_and_says_nothing_of_the_case(told: Made, hook: HostilePeer) -> None:
    a_channel(told, hook.url)
    a_channel(told, hook.url, name="everybody")
    node, cases, sent = told.node, told.node.cases, list[str]()
    ana, rob, ros = (person(told, name, Role.REVIEWER) for name in ("ana", "rob", "ros"))

    def left() -> list[str]:
        node.routing.tick()
        node.routing.tick()
        new = [json.loads(asked.body) for asked in hook.asked[len(sent) :]]
        sent.extend(asked.body.decode() for asked in hook.asked[len(sent) :])
        assert all(one["type"] == "case.notice" for one in new)
        return [f"{one['data']['cause']} {one['data']['link']}" for one in new]

    case = verified(told, ana, flags=(CaseFlag.IMMINENT_DANGER,))
    assert left() == ["urgent https://node.example/cases?queue=urgent"]
    told.now += timedelta(days=2)
    assert node.case_escalation.tick() == 1
    assert left() == ["late https://node.example/cases?queue=urgent"]
    cases.claim(ana, case.id)
    cases.dispose(ana, case.id, disposition(GRAVE))
    assert left() == ["second https://node.example/cases?queue=urgent"]
    cases.approve(rob, case.id)
    assert left() == []
    cases.appeal(case.id, APPEAL, "I sent no letters to anybody.")
    assert left() == ["appeal https://node.example/cases?queue=urgent&appeals=1"]
    cases.claim(ros, case.id)
    cases.judge_appeal(ros, case.id, upheld=False, reasons=WHY)
    assert left() == ["overturned https://node.example/cases?queue=urgent&state=overturned"]
    opened(told, report="R-2")
    assert left() == [], "nothing presses"
    for said in sent:
        for word in ("ottery", "letters", case.id, "fraud", "R-1", "ana", ana.user):
            assert word not in said
    assert waiting(told, "everybody") == ()


def test_an_act_that_is_not_kept_tells_nobody_and_one_that_is_done_again_tells_once(told: Made) -> None:
    a_channel(told)
    falls = [True]

    def fall_over(case: object) -> None:
        if falls:
            raise RuntimeError("the machine stops here")

    ana, rob = (person(told, name, Role.REVIEWER) for name in ("ana", "rob"))
    ros = person(told, "ros", Role.REVIEWER)
    case, cases = verified(told, ana), told.node.cases
    cases.dispose(ana, case.id, disposition(GRAVE))
    cases.approve(rob, case.id)
    cases.appeal(case.id, APPEAL, "I sent no letters to anybody.")
    cases.claim(ros, case.id)
    assert causes(told) == ["second", "appeal"]
    cases.on_judged(fall_over)
    with pytest.raises(RuntimeError, match="stops here"):
        cases.judge_appeal(ros, case.id, upheld=False, reasons=WHY)
    assert causes(told) == ["second", "appeal"]
    falls.clear()
    cases.judge_appeal(ros, case.id, upheld=False, reasons=WHY)
    assert causes(told) == ["second", "appeal", "overturned"]
    data = told.node.data
    told.node.close()
    told.node = Node(data, clock=told.clock)  # and after a start anew there are no more
    assert causes(told) == ["second", "appeal", "overturned"]


def test_a_rule_chooses_by_urgency_and_queue_and_says_so(told: Made) -> None:
    settings = msgspec.structs.replace(told.node.settings, case_channels=("desk", "night"))
    told.node.settings = settings
    a_channel(told, rule=RoutingRule(urgencies=(Urgency.IMMINENT,)))
    a_channel(told, rule=RoutingRule(queues=("protected",)), name="night")
    opened(told, flags=(CaseFlag.IMMINENT_DANGER,))
    opened(told, flags=(CaseFlag.SPECIAL_GROUP,), report="R-2")
    assert [notice.why for notice in waiting(told)] == ["urgency is imminent"]
    assert [notice.why for notice in waiting(told, "night")] == ["queue is protected"]
    channel = told.node.store.outbox.get("night")
    assert channel is not None
    assert said_of(channel.rule) == "it hears of every warning. Of cases: queue is protected"
    said = set()
    for name in (QUEUE, "no-such-queue"):
        with pytest.raises(BadInput) as refused:
            a_channel(told, rule=RoutingRule(queues=(name,)), name="other")
        said.add(refused.value.message.replace(name, "QUEUE"))
    assert len(said) == 1, "a restricted queue is answered as none"


def test_a_category_is_named_where_the_rule_names_it(told: Made, hook: HostilePeer) -> None:
    told.node.settings = msgspec.structs.replace(told.node.settings, case_channels=("desk", "named"))
    a_channel(told, hook.url)
    a_channel(told, hook.url, RoutingRule(categories=("fraud.scam",)), name="named")
    ana = person(told, "ana", Role.REVIEWER)
    case = verified(told, ana)
    told.node.cases.dispose(ana, case.id, disposition(GRAVE))
    told.node.routing.tick()
    assert [json.loads(asked.body)["data"]["category"] for asked in hook.asked] == ["", "fraud.scam"]


def test_what_is_seen_to_or_gone_into_a_restricted_queue_is_passed_over(
    told: Made, hook: HostilePeer
) -> None:
    a_channel(told, hook.url, an_hour=1)
    ana, rob = (person(told, name, Role.REVIEWER) for name in ("ana", "rob"))
    case, cases = verified(told, ana), told.node.cases
    cases.dispose(ana, case.id, disposition(GRAVE))
    cases.approve(rob, case.id)
    pressing = [opened(told, flags=(CaseFlag.IMMINENT_DANGER,), report=f"R-{number}") for number in (2, 3)]
    assert causes(told) == ["second", "urgent", "urgent"]
    for one in pressing:
        cases.transfer(ana, one.id, queue=QUEUE, reasons=WHY)
    told.node.routing.tick()
    assert hook.asked == []
    assert {state: many for (_, state), many in told.node.store.outbox.counts().items()} == {
        NoticeState.PASSED: 3
    }


def test_a_flood_comes_together_and_a_digest_of_nothing_stays(told: Made, hook: HostilePeer) -> None:
    a_channel(told, hook.url, an_hour=1)
    cases = [opened(told, flags=(CaseFlag.IMMINENT_DANGER,), report=f"R-{number}") for number in range(2, 7)]
    hook.script = honest(b"no", status="503 Service Unavailable")
    told.node.routing.tick()
    assert [notice.occasion for notice in waiting(told)] == ["digest"]
    hook.script = TAKEN
    told.now += timedelta(minutes=1)
    ana = person(told, "ana", Role.REVIEWER)
    told.node.cases.transfer(ana, cases[0].id, queue=QUEUE, reasons=WHY)
    told.node.routing.tick()
    assert "counts" in json.loads(hook.asked[-1].body)["data"]
    assert json.loads(hook.asked[-1].body)["data"]["link"] == "https://node.example/cases"
    told.now += timedelta(hours=2)
    more = [opened(told, flags=(CaseFlag.IMMINENT_DANGER,), report=f"R-{number}") for number in (8, 9)]
    hook.script = honest(b"no", status="503 Service Unavailable")
    told.node.routing.tick()
    tried = len(hook.asked)
    for one in more:
        told.node.cases.transfer(ana, one.id, queue=QUEUE, reasons=WHY)
    hook.script = TAKEN
    told.now += timedelta(minutes=1)
    told.node.routing.tick()
    assert len(hook.asked) == tried


OPS = [
    ("open", 0, True),
    ("open", 1, False),
    ("open", 5, True),
    ("open", 2, False),
    *((what, which, False) for which in range(4) for what in ("claim", "triage", "verify", "propose")),
    ("open", 8, True),
    ("open", 4, False),
    *(
        (what, which, False)
        for which in (4, 5)
        for what in ("claim", "triage", "verify", "dispose", "appeal")
    ),
]


def test_outbox_and_sent_bytes_are_those_of_a_node_without_restricted_cases(
    furnished: Path, tmp_path: Path, hook: HostilePeer
) -> None:
    base = shutil.copytree(furnished, tmp_path / "base")
    settings = base / "settings.toml"
    chosen = re.sub(
        r"^case_channels = .*$", 'case_channels = ["desk", "chat"]', settings.read_text(), flags=re.MULTILINE
    )
    settings.write_text(chosen)
    prepared = World(base, whole=False)
    for name, kind in (("desk", ChannelKind.WEBHOOK), ("chat", ChannelKind.SLACK)):
        prepared.node.channels.add(
            prepared.node.access.operator(),
            name,
            kind,
            Place(url=hook.url),
            RoutingRule(),
            an_hour=4,
            allow_private=True,
        )
    prepared.node.close()
    seen = []
    for whole in (True, False):
        world = World(shutil.copytree(base, tmp_path / f"{whole}"), whole=whole, sends=True)
        before = len(hook.asked)
        world.live(OPS)
        world.now += timedelta(minutes=5)
        world.node.routing.tick()
        world.node.routing.release()
        sent = [(asked.path, asked.body, signed(asked.headers)) for asked in hook.asked[before:]]
        assert bool(world.restricted) is whole
        assert len(sent) > 6
        seen.append((sent, rest_of_the_database(world.node), offered(world.node)))
        world.node.close()
    assert seen[0] == seen[1]
    assert seen[0][1]["notices"]


def signed(headers: object) -> list[tuple[str, str]]:
    return sorted((str(name), str(value)) for name, value in dict(headers).items() if "webhook" in str(name))  # type: ignore[call-overload]


def offered(node: Node) -> list[object]:
    """How many notices there ever were."""
    with sqlite3.connect(node.data / "tocsin.db") as connection:
        return list(connection.execute("SELECT * FROM counters WHERE name = 'notice'"))
