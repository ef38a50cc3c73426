"""A guard's verdict on a tool's result needs the call that obeyed, weighs as people bear it out, and takes nothing."""

from collections.abc import Collection, Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.correlate.test_agents import DAY, SECOND, START, Step, batch_of
from tocsin.correlate import Agents
from tocsin.correlate.agent_orders import CONFIDENCE, JUDGED, MAX_WAITING
from tocsin.correlate.judged import Judgement
from tocsin.kernel import Warning
from tocsin.kernel.signals import ASKED, USED
from tocsin.taxonomy.messages import sentences

NOW = START + 3_600 * SECOND


def said(
    *results: str, strength: float = 0.8, borne: float = 0.8, wrong: float = 0.0
) -> dict[str, Judgement]:
    return {
        event: Judgement("house", "technique.requirement-hijack", strength, borne, wrong, event.encode())
        for event in results
    }


def brought(name: str, *, tenths: int = 0, session: str = "s1", at: float = 0.0) -> Step:
    return Step([f"{ASKED}{tenths}/{name}"], at, session, "read")


def sent(name: str, *, session: str = "s1", at: float = 60.0) -> Step:
    return Step([f"{USED}{name}"], at, session, "mailer")


def warnings(steps: Sequence[Step], verdicts: Mapping[str, Judgement], now: int = NOW) -> tuple[Warning, ...]:
    def orders(events: Collection[str]) -> Mapping[str, Judgement]:
        return {event: one for event, one in verdicts.items() if event in events}

    agents = Agents(orders)
    agents.take(batch_of(steps))
    return tuple(agents.look(now))


OBEYED = [brought("aaaa"), sent("aaaa")]


def test_a_name_from_a_flagged_result_that_is_taken_up_rings_and_says_by_whom() -> None:
    assert warnings(OBEYED, {}) == ()
    (one,) = warnings(OBEYED, said("e1"))
    assert [reason.code for reason in one.reasons] == ["agent.obeyed", JUDGED]
    assert one.reasons[1].values == {"guard": "house", "trust": 0.8, "points": 0.64}
    assert one.score == one.reasons[0].values["score"] == pytest.approx(0.4 + 0.64)
    assert (one.samples, one.confidence) == (("e1", "e2"), CONFIDENCE)
    assert "refute.agent-guard-wrong" in {reason.code for reason in one.refutations}
    assert all(sentences()[reason.code].zh for reason in (*one.reasons, *one.refutations))


def test_a_verdict_alone_rings_nothing() -> None:
    assert warnings([brought("aaaa")], said("e1")) == ()
    assert warnings([brought("aaaa"), sent("bbbb")], said("e1")) == ()
    assert warnings([sent("aaaa"), brought("aaaa"), sent("aaaa")], said("e2")) == (), "it was theirs before"
    assert warnings([brought("aaaa"), sent("aaaa")], said("e2")) == (), "the call's own result is another"
    assert warnings([brought("aaaa"), sent("aaaa", at=3_700)], said("e1")) == ()


def test_it_weighs_what_people_bear_out_and_no_more() -> None:
    assert warnings(OBEYED, said("e1", borne=0.6)) == ()
    assert warnings(OBEYED, said("e1", strength=0.4)) == ()
    assert warnings(OBEYED, said("e1", borne=0.7, strength=0.8)) != ()


def test_words_and_verdict_are_the_larger_and_not_the_sum() -> None:
    spoken = [brought("aaaa", tenths=4), sent("aaaa")]
    assert warnings(spoken, said("e1", strength=0.4)) == ()
    (one,) = warnings(spoken, said("e1"))
    assert one.score == pytest.approx(0.4 + 0.64)


def test_what_rings_by_itself_rings_as_it_did() -> None:
    plain = [brought("aaaa", tenths=5), sent("aaaa")]
    assert warnings(plain, said("e1")) == warnings(plain, {}) != ()


def many(flagged: int, of: int) -> int:
    """How many of so many results ring that one agent acted on, where the guard errs one time in twenty."""
    steps = [
        step for n in range(of) for step in (brought(f"{n:04x}", at=10 * n), sent(f"{n:04x}", at=10 * n + 5))
    ]
    return len(warnings(steps, said(*(f"e{2 * n + 1}" for n in range(flagged)), wrong=0.05)))


def test_what_the_guards_errors_explain_does_not_ring() -> None:
    assert many(1, of=2) == 1
    assert many(1, of=20) == 0
    assert many(10, of=20) == 10


def test_sessions_are_counted_apart() -> None:
    others = [
        step
        for n in range(20)
        for step in (
            brought("bbbb", session=f"other-{n}", at=n),
            sent("bbbb", session=f"other-{n}", at=n + 1),
        )
    ]
    assert len(warnings([*OBEYED, *others], said("e1", wrong=0.05))) == 1


def test_it_is_asked_anew_at_each_look_and_forgotten_with_the_sequence() -> None:
    verdicts: dict[str, Judgement] = {}
    asked: list[int] = []

    def orders(events: Collection[str]) -> Mapping[str, Judgement]:
        asked.append(len(events))
        return verdicts

    agents = Agents(orders)
    agents.take(batch_of(OBEYED))
    assert agents.look(NOW) == ()
    verdicts.update(said("e1"))
    assert len(agents.look(NOW)) == 1
    verdicts.clear()
    assert agents.look(NOW) == (), "taking a guard away takes its weight away"
    assert agents.look(NOW + 20 * DAY) == ()
    assert asked == [1, 1, 1], "nothing waits, nobody is asked"


def test_what_waits_is_bounded() -> None:
    steps = [
        step
        for n in range(MAX_WAITING + 10)
        for step in (brought("aaaa", session=f"s{n}", at=n), sent("aaaa", session=f"s{n}", at=n + 0.5))
    ]
    asked: list[Collection[str]] = []

    def orders(events: Collection[str]) -> Mapping[str, Judgement]:
        asked.append(events)
        return {}

    agents = Agents(orders)
    agents.take(batch_of(steps))
    agents.look(NOW)
    assert [len(events) for events in asked] == [MAX_WAITING]
    assert "e1" not in asked[0], "the oldest go first"


@given(st.integers(0, 10), st.floats(0, 1), st.floats(0, 1), st.integers(1, 5))
def test_a_verdict_never_takes_a_warning_away(tenths: int, strength: float, borne: float, calls: int) -> None:
    steps = [brought("aaaa", tenths=tenths), *(sent("aaaa", at=60.0 + n) for n in range(calls))]
    without = {one.id for one in warnings(steps, {})}
    assert without <= {one.id for one in warnings(steps, said("e1", strength=strength, borne=borne))}
