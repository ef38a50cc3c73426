"""The state of a conversation: nothing without an aim, built up by different acts, gone with time, explained."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tocsin.correlate.conversations import (
    FRAME,
    FRAME_ACTS,
    FRAME_HOURS,
    HALF_LIFE_HOURS,
    HOUR_US,
    THRESHOLD,
    Standing,
    standing,
)
from tocsin.kernel.acts import Act
from tocsin.taxonomy.messages import sentences

START = 1_780_000_000_000_000
WEIGHTS = {"recruit": 0.8, "incite": 0.7, "plan": 0.6, "instruct": 0.5}


def act(
    kind: str = "", at: float = 0.0, *, side: str = "person", aim: bool = False, hedged: bool = False
) -> Act:
    when = START + int(at * HOUR_US)
    weight = WEIGHTS.get(kind, 0.0) * (0.3 if hedged else 1.0)
    return Act(
        event=f"e{at}{kind}{side}",
        session="s",
        time=when,
        received=when,
        side=side,
        kinds=(kind,) if kind else (),
        aim=aim,
        hedges=("told",) if hedged else (),
        weight=weight,
    )


PLAN = [act("recruit", 0, aim=True), act("incite", 1), act("instruct", 2), act("plan", 3)]


def at(acts: list[Act], hours: float) -> Standing | None:
    return standing(acts, START + int(hours * HOUR_US))


def score(acts: list[Act], hours: float = 3) -> float:
    found = at(acts, hours)
    return found.score if found else 0.0


def test_a_plan_that_grows_rings_and_says_why() -> None:
    found = at(PLAN, 3)
    assert found is not None
    assert found.rings
    codes = [reason.code for reason in found.reasons]
    assert codes[0] == "session.sum"
    assert {"session.recruit", "session.plan", "session.aim", "session.order", "session.lower"} <= set(codes)
    assert all(sentences()[reason.code].zh for reason in (*found.reasons, *found.refutations))
    assert abs(sum(part.left for part in found.contributions) - found.score) < 1e-9


def test_without_an_aim_it_is_nothing() -> None:
    assert at([act("recruit"), *PLAN[1:]], 3) is None
    assert at([act(aim=True)], 3) is None
    assert at([], 3) is None


def test_one_loud_message_and_repetition_do_not_ring() -> None:
    assert score([act("recruit", aim=True)]) < THRESHOLD
    assert score([act("recruit", n / 10, aim=True) for n in range(20)]) < score(PLAN) * 1.5
    assert score([act("recruit", n / 10, aim=True) for n in range(5)]) < THRESHOLD


def test_hedges_direction_and_order_count() -> None:
    assert (
        score([act("recruit", 0, aim=True), *(act(k, 1, hedged=True) for k in ("incite", "plan"))])
        < THRESHOLD
    )
    urged = [act("recruit", 0, aim=True), act("incite", 1, side="model")]
    assert score(urged) > score([act("recruit", 0, aim=True), act("incite", 1)])
    backwards = [act("plan", 0), act("instruct", 1), act("incite", 2), act("recruit", 3, aim=True)]
    assert score(PLAN) > score(backwards)


def test_half_is_gone_after_a_day_and_it_falls_silent_when_it_says() -> None:
    assert abs(score(PLAN, 3 + HALF_LIFE_HOURS) - score(PLAN, 3) / 2) < 1e-9
    found = at(PLAN, 3)
    assert found is not None
    before, after = standing(PLAN, found.quiet_at - 2_000_000), standing(PLAN, found.quiet_at + 1)
    assert before is not None
    assert after is not None
    assert before.rings
    assert not after.rings


def test_the_course_ends_at_the_score() -> None:
    found = at(PLAN, 10)
    assert found is not None
    assert found.course[0][0] == START
    assert abs(found.course[-1][1] - found.score) < 1e-3
    assert max(score for _, score in found.course) > found.score


@given(st.permutations(PLAN), st.floats(3, 200))
def test_the_order_of_reading_changes_nothing(acts: list[Act], hours: float) -> None:
    assert at(acts, hours) == at(PLAN, hours)


def announced(at: float = -0.1, side: str = "person") -> Act:
    return msgspec.structs.replace(act("", at, side=side), hedges=(FRAME,))


def test_what_was_announced_as_somebody_elses_text_does_not_ring() -> None:
    assert score(PLAN) >= THRESHOLD
    close = [msgspec.structs.replace(one, time=START + n) for n, one in enumerate(PLAN)]
    assert at([announced(), *close], 1) is None, "it names no aim"
    own = [act("recruit", 0.5, aim=True)]
    (found,) = [one for one in [at([announced(), *close, act("recruit", 3, aim=True)], 3)] if one is not None]
    assert not found.rings
    assert "session.framed" in {reason.code for reason in found.reasons}
    assert sentences()["session.framed"].zh
    assert at([announced(side="model"), *own], 1) is not None, "each side announces for itself"


def test_an_announcement_is_no_licence() -> None:
    late = [msgspec.structs.replace(one, time=one.time + int((FRAME_HOURS + 0.5) * HOUR_US)) for one in PLAN]
    assert score([announced(0), *late], 3 + FRAME_HOURS + 0.5) >= THRESHOLD
    many = [act("plan", n / 100) for n in range(FRAME_ACTS)]
    assert score([announced(), *many, *(act(k, 1.5, aim=k == "recruit") for k in WEIGHTS)], 1.5) > 1.0


@given(st.permutations([announced(0), *PLAN]))
def test_an_announcement_never_adds(acts: list[Act]) -> None:
    assert score(acts) <= score(PLAN)
