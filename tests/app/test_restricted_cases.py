"""A restricted case leaks neither by list, count, error, notification, metric, audit nor statement.

Two nodes live through the same world; one of them never had its restricted cases. Whoever is no member is shown the
same bytes by both. The clock, what is drawn and who asks are the same in both, so nothing has to be left out of the
comparison but the free space of the disk and the moments at which the metrics' counters were made.
"""

import hashlib
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests.console import token_for
from tests.fixtures import Made
from tests.member_queue import PASSPHRASE, QUEUE, at_console, name_members
from tests.nodes import tocsin
from tocsin.app.case_escalation import CaseEscalation
from tocsin.app.case_keys import CaseKeys
from tocsin.app.cases import Cases, NewCase
from tocsin.app.doctor import examine
from tocsin.app.node import Node
from tocsin.kernel import Caller, Means, Role, TocsinError
from tocsin.kernel.cases import CaseFlag, CaseOrigin, CaseState, CaseWords, Urgency
from tocsin.kernel.disposing import Appeal, Appellant, Disposition, Ground, Measure, Outcome
from tocsin.store.backend import SqlStore
from tocsin.trust import locked_keys

BEGUN = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
WHY = "two letters about a lottery refund"
CASE_TABLES = {"cases", "case_acts", "case_counts", "case_texts", "case_locks", "case_keys"}
"""Where a case itself lies; nobody is shown them but through the services that are asked here."""
TRAIL = {"audit", "counters"}
"""The audit is compared by itself; the counters hold its length."""
OUTSIDERS = (
    ("olga", Role.ANALYST),
    ("rashid", Role.REVIEWER),
    ("dana", Role.DUTY_OFFICER),
    ("adam", Role.ADMIN),
    ("audrey", Role.AUDITOR),
    ("sensor", Role.SOURCE),
)

Op = tuple[str, int, bool]


class Drawn:
    """Bytes that depend on the step and on how often it asked: the same in both worlds."""

    def __init__(self) -> None:
        self.step, self.asked = 0, 0

    def at(self, step: int) -> None:
        self.step, self.asked = step, 0

    def __call__(self, size: int) -> bytes:
        self.asked += 1
        seed = f"{self.step}.{self.asked}".encode()
        return hashlib.shake_256(seed).digest(size)


class World:
    """One node. `whole` has the restricted cases too."""

    def __init__(self, data: Path, *, whole: bool, sends: bool = False) -> None:
        self.now, self.whole, self.sends = BEGUN, whole, sends
        self.drawn = Drawn()
        self.node = Node(data, clock=lambda: self.now)
        self.keys = CaseKeys(
            self.node.store,
            self.node.access,
            self.node.keys,
            lambda: self.node.queues,
            self.node.member_keys,
            self.node.clock,
            self.drawn,
        )
        self.cases = Cases(
            self.node.store, self.node.access, self.node.queues, self.keys, self.node.clock, self.drawn
        )
        self.cases.on_act(self.node.case_words.acted)
        self.ids: list[str | None] = []
        self.restricted: list[str] = []
        ana, rashid = at_console(self.node, "ana"), at_console(self.node, "rashid")
        self.keys.unlock(ana, PASSPHRASE)
        self.workers = {True: ana, False: rashid}

    def live(self, ops: list[Op]) -> None:
        for step, op in enumerate(ops, 1):
            self.now = BEGUN + timedelta(minutes=step)
            self.drawn.at(step)
            self._step(*op)
            if self.sends:
                self.node.routing.tick()
        self.now = BEGUN + timedelta(days=30)  # all of it is late by now
        self.drawn.at(len(ops) + 1)
        told = CaseEscalation(self.node.store, self.cases, self.node.queues, self.node.clock)
        told.tick()
        told.release()
        if self.sends:
            self.node.routing.tick()
        self.keys.unlock(self.workers[True], PASSPHRASE)

    def _step(self, what: str, which: int, hidden: bool) -> None:
        if what == "open":
            if hidden and not self.whole:
                self.ids.append(None)
                return
            made = self.cases.open(None if which % 2 else self.workers[hidden], a_case(which, hidden=hidden))
            self.ids.append(made.id)
            if hidden:
                self.restricted.append(made.id)
            return
        case_id = self.ids[which % len(self.ids)] if self.ids else None
        if case_id is None:
            return
        by = self.workers[case_id in self.restricted]
        try:
            ACTS[what](self.cases, by, case_id)
        except TocsinError:
            return  # the state machine said no: to both


def a_case(which: int, *, hidden: bool) -> NewCase:
    flags = ((), (CaseFlag.SPECIAL_GROUP,), (CaseFlag.IMMINENT_DANGER,))[which % 3]
    return NewCase(
        origin=tuple(CaseOrigin)[which % len(CaseOrigin)],
        words=CaseWords(title="Lottery refund", what=f"Letter {which} of a lottery refund."),
        flags=(CaseFlag.CHILD_MATERIAL, *flags) if hidden else flags,
        report=f"R-{which}" if which % 2 else None,
    )


DISPOSITION = Disposition(
    outcome=Outcome.BORNE_OUT,
    measures=(Measure.VISIBILITY_LABELLED,),
    ground=Ground.TERMS,
    ground_text="Terms of use, 4.1",
    explanation="The letters ask for a fee.",
    facts="Two letters were looked at.",
    reasons="Two letters about a lottery refund were sent.",
    lang="en",
    decided_by="",
    at=0,
)
GRAVE = msgspec.structs.replace(DISPOSITION, measures=(Measure.ACCOUNT_TERMINATED,))
Act = Callable[[Cases, Caller, str], object]
ACTS: dict[str, Act] = {
    "claim": lambda cases, by, one: cases.claim(by, one),
    "triage": lambda cases, by, one: cases.triage(
        by, one, category="fraud.scam", urgency=Urgency.HIGH, reasons=WHY
    ),
    "verify": lambda cases, by, one: cases.verify(by, one, outcome=Outcome.BORNE_OUT, reasons=WHY),
    "dispose": lambda cases, by, one: cases.dispose(by, one, DISPOSITION),
    "propose": lambda cases, by, one: cases.dispose(by, one, GRAVE),
    "note": lambda cases, by, one: cases.note(by, one, "it came twice, the same words"),
    "told": lambda cases, by, one: cases.told(one, "and once more on the next day"),
    "appeal": lambda cases, by, one: cases.appeal(
        one, Appeal(by=Appellant.REPORTER, at=0, lang="en"), "this was not looked at"
    ),
    "split": lambda cases, by, one: cases.split(by, one, reasons=WHY, title="Another letter"),
    "close": lambda cases, by, one: cases.close(by, one, reasons=WHY),
}
LOOKS: dict[str, Act] = {
    "get": lambda cases, by, one: cases.get(by, one),
    "words": lambda cases, by, one: cases.words(by, one),
    "notes": lambda cases, by, one: cases.notes(by, one),
    "appeal words": lambda cases, by, one: cases.appeal_words(by, one),
    "acts": lambda cases, by, one: cases.acts(by, one),
    "release": lambda cases, by, one: cases.release(by, one),
    "approve": lambda cases, by, one: cases.approve(by, one),
    "merge": lambda cases, by, one: cases.merge(by, one, "case_00", reasons=WHY),
    "merge into": lambda cases, by, one: cases.merge(by, "case_00", one, reasons=WHY),
    "move": lambda cases, by, one: cases.transfer(by, one, queue="general", reasons=WHY),
    "judge": lambda cases, by, one: cases.judge_appeal(by, one, upheld=True, reasons=WHY),
    "reopen": lambda cases, by, one: cases.reopen(by, one, reasons=WHY),
}
AT_THE_DOOR = {"told", "appeal"}
"""What the public door does, for whom it knows by a receipt."""


def answered(ask: Callable[..., object], *given: Any, **named: Any) -> bytes:
    """What somebody is shown: the answer, or the error in every word."""
    try:
        found = ask(*given, **named)
    except TocsinError as error:
        return f"{type(error).__name__} {error.code} {error.status} {error.message}".encode()
    return msgspec.json.encode(found, enc_hook=repr)


def shown_to(world: World, by: Caller, unseen: list[str]) -> dict[str, bytes]:
    """All that this caller can ask of cases; `unseen` are ids that somebody might have heard of."""
    cases, keys, general = world.cases, world.keys, world.node.queues.get("general")
    found = {
        "counts": answered(counted, cases, by),
        "queues": answered(sorted, world.node.queues.visible_to(by)),
    }
    for queue in (None, "general", QUEUE, "no-such-queue"):
        for state in (None, CaseState.RECEIVED):
            for mine, appeals in ((False, False), (True, False), (False, True)):
                name = f"page {queue} {state} {mine} {appeals}"
                found[name] = answered(pages, cases, by, queue, state, mine=mine, appeals=appeals)
    for one in unseen:
        for name, act in {**LOOKS, **ACTS}.items():
            if name not in AT_THE_DOOR:
                found[f"{name} {one}"] = answered(act, cases, by, one)
        found[f"opened {one}"] = answered(keys.opened, by, one)
        found[f"left {one}"] = answered(keys.left, by, one, b"", "added/1")
        found[f"rewrap {one}"] = answered(keys.rewrap, by, one, general)
    for name in (QUEUE, "general"):
        found[f"hand over {name}"] = answered(keys.hand_over, by, name)
        found[f"give {name}"] = answered(keys.give, by, name, "bold")
    return found


def counted(cases: Cases, by: Caller) -> object:
    return sorted((*place, many) for place, many in cases.counts(by).items())


def pages(
    cases: Cases, by: Caller, queue: str | None, state: CaseState | None, *, mine: bool, appeals: bool
) -> list[object]:
    """Every page of a list, two at a time."""
    found: list[object] = []
    after = None
    while True:
        page = cases.page(by, queue=queue, state=state, mine=mine, appeals=appeals, after=after, limit=2)
        found.append(page)
        if page.after is None:
            return found
        after = page.after


def outsiders(node: Node) -> Iterator[Caller]:
    for name, role in OUTSIDERS:
        caller = at_console(node, name)
        yield caller
        if role is Role.REVIEWER:
            yield msgspec.structs.replace(caller, means=Means.TOKEN)
        if role is Role.ADMIN:
            for acting in (name, "ana"):  # the command line may say that it is anybody
                yield node.access.operator(acting)


def rest_of_the_database(node: Node) -> dict[str, list[Any]]:
    """Every table but those of the cases themselves: what a notice, a job or a search could be made from."""
    with sqlite3.connect(node.data / "tocsin.db") as connection:
        names = [
            name
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            if name not in CASE_TABLES | TRAIL
        ]
        return {name: sorted(map(repr, connection.execute(_rows_of(name)))) for name in names}


def _rows_of(table: str) -> str:
    """All of a table; of what waits for the log, whose entries are salted, how many there are, when and of what."""
    return f'SELECT {"at, kind" if table == "log_pending" else "*"} FROM "{table}"'


@pytest.fixture(scope="module")
def furnished(prepared: tuple[Path, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node with somebody in every role, and two members of the restricted queue, who have keys."""
    data = shutil.copytree(prepared[0], tmp_path_factory.mktemp("restricted") / "node")
    made = Made(data, BEGUN, prepared[1])
    for name, role in (*OUTSIDERS, ("ana", Role.REVIEWER), ("bold", Role.REVIEWER)):
        token_for(made, name, role)
    made.node.close()
    name_members(data, "ana", "bold")
    node = Node(data, clock=made.clock)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(locked_keys, "MEMORY_KIB", 64)
        for name in ("ana", "bold"):
            node.member_keys.add(at_console(node, name), PASSPHRASE)
    node.case_keys.hand_over(at_console(node, "ana"), QUEUE)
    node.close()
    return data


@contextmanager
def two_worlds(furnished: Path, folder: Path, ops: list[Op]) -> Iterator[tuple[World, World]]:
    """The same world with its restricted cases, and without."""
    worlds = [
        World(shutil.copytree(furnished, folder / name), whole=name == "with") for name in ("with", "without")
    ]
    for world in worlds:
        world.live(ops)
    yield worlds[0], worlds[1]
    for world in worlds:
        world.node.close()
    shutil.rmtree(folder)


OPS = st.lists(
    st.tuples(st.sampled_from(["open", "open", *ACTS]), st.integers(0, 30), st.booleans()),
    min_size=4,
    max_size=20,
).map(lambda ops: [("open", 0, True), ("open", 1, False), *ops])


@settings(
    max_examples=2,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(ops=OPS)
def test_who_is_no_member_is_shown_the_world_without_them(
    furnished: Path, tmp_path_factory: pytest.TempPathFactory, ops: list[Op]
) -> None:
    with two_worlds(furnished, tmp_path_factory.mktemp("worlds"), ops) as (whole, rest):
        assert whole.restricted
        assert rest_of_the_database(whole.node) == rest_of_the_database(rest.node)
        unseen = [whole.restricted[-1], f"case_{0:032x}"]
        for one, other in zip(outsiders(whole.node), outsiders(rest.node), strict=True):
            assert shown_to(whole, one, unseen) == shown_to(rest, other, unseen), one
        assert metrics(whole.node) == metrics(rest.node)
        assert told_by_doctor(whole.node) == told_by_doctor(rest.node)
        assert_auditors_see_acts_alone(whole, rest)
        member = whole.workers[True]
        assert whole.cases.words(member, whole.restricted[0]).title == "Lottery refund"
        assert_auditors_see_acts_alone(whole, rest)
        assert whole.node.store.audit.read(who=member.user, act="case.words")


def told_by_doctor(node: Node) -> list[object]:
    """All but the free space of the disk."""
    return [one for one in examine(node) if one.name != "disk"]


def metrics(node: Node) -> list[bytes]:
    """All but when each counter was made, which is the moment of this test."""
    return [line for line in node.telemetry.exposition()[0].splitlines() if b"_created" not in line]


def assert_auditors_see_acts_alone(whole: World, rest: World) -> None:
    """What the audit has more is acts without a subject: who, when, and a link that nobody else can compute."""
    rows = [msgspec.structs.replace(row, seq=0) for row in whole.node.store.audit.read(limit=100_000)]
    for row in rest.node.store.audit.read(limit=100_000):
        rows.remove(msgspec.structs.replace(row, seq=0))
    assert rows
    links = [row.detail["chain"] for row in rows if row.act != "case.words"]
    assert len(set(links)) == len(links)
    for row in rows:
        assert (row.subject, row.purpose) == ("", "")
        assert row.act.startswith("case.")
        assert set(row.detail) <= {"chain"}
    told = msgspec.json.encode(rows).decode()
    for case_id in whole.restricted:
        assert case_id not in told
        assert hashlib.sha256(case_id.encode()).hexdigest()[:16] not in told
    assert QUEUE not in told


def test_the_command_line_tells_nothing_whoever_it_says_that_it_is(furnished: Path, tmp_path: Path) -> None:
    ops: list[Op] = [("open", 0, True), ("open", 1, False), ("open", 2, True), ("claim", 0, False)]
    with two_worlds(furnished, tmp_path / "worlds", ops) as (whole, rest):
        hidden = whole.restricted[0]
        for user in ("adam", "audrey", "rashid", "ana"):
            for asked in (
                ("list",),
                ("list", "--queue", QUEUE),
                ("queues",),
                ("show", hidden),
                ("claim", hidden),
            ):
                told = [
                    tocsin(
                        "case", *asked, "--user", user, "--json", "--data", f"{one.node.data}", check=False
                    )
                    for one in (whole, rest)
                ]
                said = [(one.returncode, one.stdout, one.stderr) for one in told]
                assert said[0] == said[1], (user, asked)
        listed = [
            tocsin("case", "member", "list", "--json", "--data", f"{one.node.data}") for one in (whole, rest)
        ]
        assert listed[0].stdout == listed[1].stdout


def test_the_same_statements_are_asked_for_a_case_that_is_not_seen_as_for_none(
    furnished: Path, tmp_path: Path
) -> None:
    """So its answer takes no other time: what the database is asked does not depend on whether the case is there."""
    ops: list[Op] = [("open", 0, True), ("open", 1, False)]
    with two_worlds(furnished, tmp_path / "worlds", ops) as (whole, _):
        (hidden,), none = whole.restricted, f"case_{0:032x}"
        asks = {**LOOKS, **{name: act for name, act in ACTS.items() if name not in AT_THE_DOOR}}
        for by in outsiders(whole.node):
            for name, act in asks.items():
                asked = [statements(whole, act, whole.cases, by, one) for one in (hidden, none)]
                assert asked[0] == asked[1], (name, by)
            for look in (whole.keys.opened, whole.cases.of_warning):
                assert statements(whole, look, by, hidden) == statements(whole, look, by, none)


def statements(world: World, ask: Callable[..., object], *given: object) -> list[str]:
    """Every statement that an answer took, in its order."""
    found: list[str] = []
    store = world.node.store
    assert isinstance(store, SqlStore)
    engine = store._database.engine

    def note(connection: object, cursor: object, statement: str, *_: object) -> None:
        found.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        answered(ask, *given)
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
    return found
