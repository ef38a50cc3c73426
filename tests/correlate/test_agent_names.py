"""An agent that does what only a tool's result asked for; and the many that do what their person asked for."""

from hypothesis import given
from hypothesis import strategies as st

from tocsin.correlate.agent_names import MAX_KNOWN, MAX_NAMES, Names
from tocsin.correlate.agent_threads import SECOND_US
from tocsin.kernel.signals import ASKED, HANDS_OVER, NAMED, USED, short_mark
from tocsin.taxonomy.messages import sentences

CLERK, OTHER = short_mark("clerk@lottery.example"), short_mark("ann@home.example")
MINUTE = 60 * SECOND_US


def score(
    *steps: tuple[str, set[str]],
    request: bool = True,
    asked: frozenset[str] = frozenset(),
    apart: int = MINUTE,
) -> float:
    """What a session comes to: the person's request, then calls (tool, marks); 0 where it does not ring."""
    names = Names()
    if request:
        names.heard()
        assert not list(names.close_call(0, "request", "", set(asked)))
    found = [
        one
        for number, (tool, marks) in enumerate(steps, 1)
        for one in names.close_call(number * apart, f"e{number}", tool, marks)
        if one.rings
    ]
    return max((one.score for one in found), default=0.0)


def brought(tenths: int = 0, name: str = CLERK) -> tuple[str, set[str]]:
    return "read", {f"{ASKED}{tenths}/{name}"}


SENT = ("mailer", {USED + CLERK})
HANDED = frozenset({HANDS_OVER})
OTHERS = frozenset({HANDS_OVER, NAMED + OTHER})


def test_who_only_asked_to_be_told_needs_no_word_of_the_page() -> None:
    assert score(brought(), SENT) == 0.9
    assert score(SENT, brought()) == 0.0
    assert score(brought()) == 0.0
    assert score(brought(name=OTHER), SENT) == 0.0


def test_what_a_person_named_or_an_earlier_call_used_is_theirs() -> None:
    assert score(brought(9), SENT, asked=frozenset({NAMED + CLERK})) == 0.0
    assert score(SENT, brought(9), SENT) == 0.0


def test_what_a_person_handed_over_needs_the_words_of_the_page() -> None:
    assert score(brought(4), SENT, asked=HANDED) == 0.0
    assert score(brought(7), SENT, asked=HANDED) == 0.9
    assert score(brought(1), SENT, asked=OTHERS) == 0.0
    assert score(brought(2), SENT, asked=OTHERS) == 0.9
    assert score(brought(4), SENT, request=False) == 0.0
    assert score(brought(5), SENT, request=False) == 0.9


def test_a_tool_that_the_result_names_is_called() -> None:
    tool = short_mark("order_seeds")
    assert score(brought(name=tool), ("order_seeds", set())) == 0.9
    assert score(("order_seeds", set()), brought(name=tool), ("order_seeds", set())) == 0.0
    assert score(brought(name=short_mark("list_beds")), ("list_beds", set())) == 0.0


def test_an_hour_later_it_is_taken_for_something_else() -> None:
    assert score(brought(9), SENT, apart=61 * MINUTE) == 0.0


def test_it_says_why_in_both_languages() -> None:
    names = Names()
    names.heard()
    list(names.close_call(0, "e1", *brought(9)))
    (found,) = names.close_call(MINUTE, "e2", *SENT)
    (reason,) = found.reasons
    assert reason.code == "agent.obeyed-unasked"
    assert found.samples == ("e1", "e2")
    for code in (reason.code, "agent.obeyed", *found.refutations):
        assert sentences()[code].zh


@given(st.integers(0, 10), st.integers(0, 10), st.sampled_from([frozenset(), HANDED, OTHERS]))
def test_more_words_never_weigh_less(few: int, many: int, asked: frozenset[str]) -> None:
    few, many = min(few, many), max(few, many)
    assert score(brought(few), SENT, asked=asked) <= score(brought(many), SENT, asked=asked)


def test_what_is_held_is_bounded() -> None:
    names = Names()
    for number in range(3 * MAX_NAMES):
        list(
            names.close_call(number, f"e{number}", "read", {f"{ASKED}0/{number:04x}", f"{USED}{number:05x}"})
        )
    assert (len(names._brought), len(names._known)) == (MAX_NAMES, MAX_KNOWN)
