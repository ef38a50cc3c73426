"""Verdicts in conversations: several are needed, none takes anything away, and when they came does not matter."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.correlate.test_conversations import PLAN, START, act, announced, at
from tocsin.correlate.conversations import FRAMED, HALF_LIFE_HOURS, HOUR_US, THRESHOLD, Standing, standing
from tocsin.correlate.judged import MOST_POINTS, MOST_TEXTS, Judgement, judged_of
from tocsin.kernel.acts import Act
from tocsin.taxonomy.messages import sentences

NOW = START + 5 * HOUR_US
SHARES = st.floats(0, 1)


def spoken(hours: float, *, side: str = "person", hedges: tuple[str, ...] = ()) -> Act:
    """A message that no list knows, as the guards' job keeps it."""
    return msgspec.structs.replace(act("", hours, side=side), hedges=hedges)


def said(text: object, *, strength: float = 0.8, borne: float = 0.8, wrong: float = 0.0) -> Judgement:
    return Judgement("house", "fraud.scam", strength, borne, wrong, str(text).encode())


FREE = [spoken(n / 2) for n in range(5)]
ALL = {one.event: said(one.event) for one in FREE}


def score(acts: list[Act], judged: dict[str, Judgement], times: tuple[int, ...] = ()) -> float:
    found = standing(acts, NOW, judged, times)
    return found.score if found else 0.0


def standing_of(judged: dict[str, Judgement], acts: list[Act] = FREE) -> Standing:
    found = standing(acts, NOW, judged)
    assert found is not None
    return found


def test_what_no_list_knows_rings_by_several_verdicts_and_says_by_whom() -> None:
    found = standing_of(ALL)
    assert found.rings
    assert {part.judged for part in found.contributions} == set(ALL.values())
    (reason,) = [one for one in found.reasons if one.code == "session.judged"]
    assert (reason.values["guard"], reason.values["messages"], reason.values["trust"]) == ("house", 5, 0.8)
    assert "session.aim" not in {one.code for one in found.reasons}
    assert found.refutations[-1].code == "refute.session-guard-wrong"
    assert all(sentences()[one.code].zh for one in (*found.reasons, *found.refutations))
    assert found.course[-1][1] == pytest.approx(found.score, abs=1e-3)
    assert sum(part.left for part in found.contributions) == pytest.approx(found.score)


def test_one_verdict_never_rings_nor_do_two() -> None:
    sure = {one.event: said(one.event, strength=1.0, borne=1.0) for one in FREE}
    for number in (1, 2):
        few = dict(list(sure.items())[:number])
        assert score(FREE, few) <= number * MOST_POINTS < THRESHOLD
    assert score(FREE, sure) > THRESHOLD


def test_the_same_text_again_is_one_text() -> None:
    same = {event: said("the same") for event in ALL}
    assert score(FREE, same) <= MOST_POINTS
    both = [*FREE, *(msgspec.structs.replace(one, event=f"m{one.event}", side="model") for one in FREE)]
    assert score(both, {one.event: said("the same") for one in both}) <= 2 * MOST_POINTS


def test_the_weightiest_texts_count_and_no_more() -> None:
    many = [spoken(n / 10) for n in range(3 * MOST_TEXTS)]
    weak = {one.event: said(one.event, strength=0.1) for one in many}
    strong = {one.event: said(one.event) for one in many[:MOST_TEXTS]}
    assert score(many, weak | strong) == pytest.approx(score(many, strong))
    assert score(many, weak) == pytest.approx(score(many, dict(list(weak.items())[-MOST_TEXTS:])))


def test_without_verdicts_it_is_as_words_alone() -> None:
    assert standing(FREE, NOW) is None
    mixed = sorted([*PLAN, *FREE], key=lambda one: one.time)
    assert standing(mixed, NOW) == standing(PLAN, NOW), "who spoke is no act"
    assert standing(mixed, NOW, {}) == standing(PLAN, NOW)
    assert standing(mixed, NOW, judged_of({FREE[0].event: [said("a", borne=0.0)]})) == standing(PLAN, NOW)
    assert judged_of({"a": [], "b": [said("b", strength=0.0)]}) == {}


def test_a_verdict_is_no_aim_for_the_words_of_others() -> None:
    aimless = [act("recruit", 0), act("incite", 1), act("instruct", 2), act("plan", 3)]
    assert at(aimless, 5) is None
    one = {FREE[4].event: said("one")}
    assert score([*aimless, FREE[4]], one) == score([FREE[4]], one)


def test_words_and_verdict_on_one_message_are_the_larger_and_not_the_sum() -> None:
    lone = [act("recruit", 0, aim=True)]
    by_words, event = score(lone, {}), lone[0].event
    light, heavy = said("x", strength=0.3), said("x", strength=1.0, borne=1.0)
    assert score(lone, {event: light}) == pytest.approx(by_words)
    assert score(lone, {event: heavy}) == pytest.approx(score([spoken(0)], {spoken(0).event: heavy}))


def test_several_guards_on_one_message_are_one_word() -> None:
    weak, strong = said("x", strength=0.4), msgspec.structs.replace(said("x"), guard="other")
    assert judged_of({"e": [weak, strong]}) == {"e": strong}


def test_hedges_hold_for_verdicts_too() -> None:
    close = [msgspec.structs.replace(one, time=START + n) for n, one in enumerate(FREE)]
    free = standing(close, NOW, ALL)
    pasted = standing([announced(), *close], NOW, ALL)
    assert free is not None
    assert pasted is not None
    assert pasted.score == pytest.approx(free.score * FRAMED)
    assert "session.framed" in {one.code for one in pasted.reasons}
    assert score([announced(side="model"), *close], ALL) == free.score, "each side announces for itself"
    told = [msgspec.structs.replace(one, hedges=("told",)) for one in close]
    assert score(told, ALL) == pytest.approx(free.score * FRAMED)


def test_a_long_conversation_needs_more_flags() -> None:
    wrong = {event: msgspec.structs.replace(one, wrong=0.05) for event, one in ALL.items()}
    times = tuple(START + n * 1_000_000 for n in range(100))
    scores = [score(FREE, wrong, times[:number]) for number in (5, 20, 60, 100)]
    assert scores == sorted(scores, reverse=True)
    assert scores[-1] == 0.0, "five of a hundred is what its errors explain"
    assert scores[0] == pytest.approx(score(FREE, ALL) * 0.95)


def test_it_falls_silent_when_it_says() -> None:
    found = standing_of(ALL, [*FREE, *PLAN])
    before = standing([*FREE, *PLAN], found.quiet_at - 2_000_000, ALL)
    after = standing([*FREE, *PLAN], found.quiet_at + 1, ALL)
    assert before is not None
    assert after is not None
    assert before.rings
    assert not after.rings
    assert score(FREE, ALL) == pytest.approx(2 * standing_at(NOW + int(HALF_LIFE_HOURS * HOUR_US)), abs=1e-9)


def standing_at(now: int) -> float:
    found = standing(FREE, now, ALL)
    return found.score if found else 0.0


MESSAGES = [*PLAN, *FREE, *(spoken(n / 3, side="model") for n in range(1, 9)), announced(1.6)]
VERDICTS = st.dictionaries(
    st.sampled_from([one.event for one in MESSAGES]),
    st.builds(
        lambda text, strength, borne: said(text, strength=strength, borne=borne, wrong=0.02),
        st.integers(0, 30),
        SHARES,
        SHARES,
    ),
)
TIMES = st.integers(0, 40).map(lambda number: tuple(START + n * HOUR_US // 10 for n in range(number)))


@given(VERDICTS, VERDICTS, TIMES)
@settings(max_examples=60, deadline=None)
def test_more_verdicts_never_make_it_less_and_it_is_capped(
    few: dict[str, Judgement], more: dict[str, Judgement], times: tuple[int, ...]
) -> None:
    less = judged_of({event: [one] for event, one in few.items()})
    # of one message one text: a second verdict on it is on the same text
    both = judged_of(
        {
            event: [
                *([few[event]] if event in few else []),
                *(
                    [
                        msgspec.structs.replace(
                            more[event], text=few[event].text if event in few else more[event].text
                        )
                    ]
                    if event in more
                    else []
                ),
            ]
            for event in few | more
        }
    )
    none, low, high = (score(MESSAGES, one, times) for one in ({}, less, both))
    assert none - 1e-9 <= low <= high + 1e-9
    assert high <= none + MOST_TEXTS * MOST_POINTS + 1e-9


@given(VERDICTS, st.permutations(MESSAGES), st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_any_order_of_arrival_ends_equal(
    judged: dict[str, Judgement], order: list[Act], random: object
) -> None:
    weighing = judged_of({event: [one] for event, one in judged.items()})
    late = dict(sorted(weighing.items(), key=lambda item: random.random()))  # type: ignore[attr-defined]
    assert standing(order, NOW, late) == standing(MESSAGES, NOW, weighing)
