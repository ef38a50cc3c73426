"""Agents: findings by tool, loops, memory after an injection, reward cheating; and nothing noted of an account."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import pyarrow as pa

from tests.correlate.worlds import Post, window_of
from tocsin.correlate import Agents
from tocsin.correlate.agent_threads import CYCLE_CALLS, RATE_CALLS, SAME_CALLS
from tocsin.kernel import Warning, WarningKind
from tocsin.kernel.signals import MARK
from tocsin.store.schemas import EVENT_SCHEMA
from tocsin.taxonomy.messages import sentences

START = 1_780_000_000_000_000
SECOND = 1_000_000
DAY = 86_400 * SECOND


class Step(NamedTuple):
    marks: Sequence[str] = ()
    at: float = 0.0
    session: str | None = "s1"
    tool: str = "bash"
    signals: Sequence[tuple[str, float, str]] = ()


def batch_of(steps: Iterable[Step], first: int = 1) -> pa.RecordBatch:
    rows = [
        {
            "seq": seq,
            "id": f"e{seq}",
            "time": START + int(step.at * SECOND),
            "received": START,
            "source": "shop",
            "kind": "tool.call",
            "actor": "agent-1",
            "seal_day": "2026-06-01",
            "session": step.session,
            "tool": step.tool,
            "observables": [],
            "signals": [
                {"detector": d, "version": "1", "category": c, "strength": s, "evidence": e}
                for c, (d, s, e) in (
                    *((MARK, ("agent.marks", 0.0, mark)) for mark in step.marks),
                    *(("c", signal) for signal in step.signals),
                )
            ],
        }
        for seq, step in enumerate(steps, first)
    ]
    return pa.RecordBatch.from_pylist(rows, schema=EVENT_SCHEMA)


def warnings_of(steps: Iterable[Step], now: int = START + 3_600 * SECOND) -> Sequence[Warning]:
    agents = Agents()
    agents.take(batch_of(steps))
    return agents.look(now)


def codes(steps: Iterable[Step]) -> list[str]:
    return [warning.reasons[0].code for warning in warnings_of(steps)]


def test_a_finding_rings_by_rule_and_tool_and_forgets() -> None:
    said = ("agent.injection", 0.9, "override+command")
    agents = Agents()
    agents.take(
        batch_of([Step(signals=[said], tool="fetch"), Step(signals=[said], tool="mail"), Step(("call/1",))])
    )
    found = agents.look(START + 1)
    assert [(one.kind, one.key) for one in found] == [
        (WarningKind.AGENT, "agent.injection:override:fetch"),
        (WarningKind.AGENT, "agent.injection:override:mail"),
    ]
    assert found == agents.look(START + 1)
    assert agents.look(START + 20 * DAY) == ()


def test_a_note_rings_nothing() -> None:
    assert codes([Step(signals=[("agent.egress", 0.2, "personal/email")])]) == []


def test_the_same_call_again_and_again_and_polling_with_pauses() -> None:
    assert codes(Step(("call/1",), at=n * 5) for n in range(SAME_CALLS)) == ["agent.loop"]
    assert codes(Step(("call/1",), at=n * 5) for n in range(SAME_CALLS - 1)) == []
    assert codes(Step(("call/1",), at=n * 60) for n in range(100)) == []
    assert codes(Step(("call/1",), at=n, session=f"s{n}") for n in range(100)) == []


def test_a_loop_is_one_warning_while_it_goes_on() -> None:
    (one,) = warnings_of(Step(("call/1",), at=n * 5) for n in range(SAME_CALLS * 4))
    assert one.last_seen - one.first_seen == (SAME_CALLS * 4 - 1) * 5 * SECOND


def test_a_circle_of_calls_and_a_long_plan() -> None:
    circle = [Step((f"call/{n % 3}",), at=n * 40) for n in range(CYCLE_CALLS)]
    assert codes(circle) == ["agent.cycle"]
    assert codes(Step((f"call/{n % 3 if n % 7 else n}",), at=n * 40) for n in range(CYCLE_CALLS)) == []
    assert codes(Step((f"call/{n}",), at=n * 40) for n in range(200)) == []


def test_calls_faster_than_anybody_works() -> None:
    assert codes(Step((f"call/{n}",), at=n * 0.1) for n in range(RATE_CALLS)) == ["agent.rate"]


def test_a_memory_written_after_an_injection() -> None:
    injected = Step(signals=[("agent.injection", 0.9, "override")], tool="fetch")
    write = Step(("call/1", "writes-memory"), at=60, tool="save_memory")
    assert "agent.memory-after-injection" in codes([injected, write])
    assert "agent.memory-after-injection" not in codes([write, injected])
    assert "agent.memory-after-injection" not in codes([injected, write._replace(session="s2")])
    assert "agent.memory-after-injection" not in codes([injected, write._replace(at=7_200)])


FAILED, EDIT = Step(("tests-failed",)), Step(("edits-grader",), at=10)
WEAK, CLAIM = Step(("edits-grader", "weakens-grader"), at=10), Step(("claims-success",), at=60)
WORK = Step(("edits-work",), at=20)


def test_success_claimed_over_weakened_or_merely_edited_graders() -> None:
    assert codes([WEAK, CLAIM]) == ["agent.reward"]
    assert codes([FAILED, EDIT, CLAIM]) == ["agent.reward"]
    (both,) = warnings_of([FAILED, WEAK, CLAIM])
    assert both.score == 4.0
    assert both.samples == ("e2", "e3")


def test_ordinary_work_with_tests_is_none() -> None:
    assert codes([EDIT, CLAIM]) == []
    assert codes([FAILED, WORK, EDIT._replace(at=30), CLAIM]) == []
    assert codes([FAILED, WORK, CLAIM]) == []
    assert codes([WEAK]) == []
    assert codes([WEAK, CLAIM._replace(at=7_300)]) == []
    assert codes([WEAK, CLAIM._replace(session="s2")]) == []


def test_taking_in_pieces_changes_nothing() -> None:
    steps = [FAILED, WEAK, CLAIM, *(Step(("call/1",), at=100 + n) for n in range(30))]
    whole, pieces = Agents(), Agents()
    whole.take(batch_of(steps))
    for at, step in enumerate(steps, 1):
        pieces.take(batch_of([step], at))
    assert whole.look(START + DAY) == pieces.look(START + DAY)


def test_every_sentence_is_there_in_both_languages() -> None:
    steps = [FAILED, WEAK, CLAIM, *(Step(("call/1",), at=100 + n) for n in range(30))]
    for warning in warnings_of(steps):
        for reason in (*warning.reasons, *warning.refutations):
            known = sentences()[reason.code]
            assert known.en
            assert known.zh


def test_the_account_behind_an_agent_is_not_noted() -> None:
    signals = (("agent.injection", "1", "technique.requirement-hijack", 0.9, "override"),)
    view = window_of([Post("agent-1", "hello there", START, signals=signals)]).view()
    assert view.rules == []
    assert len(view.signal) == 0
