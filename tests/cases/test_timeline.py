"""A chain of acts: what was changed, dropped or put in shows."""

import hashlib

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import texts
from tocsin.cases.timeline import TimelineBroken, chained, check
from tocsin.kernel.cases import CaseAct, CaseState


def timeline(many: int, said: str = "") -> tuple[CaseAct, ...]:
    made: list[CaseAct] = []
    for number in range(1, many + 1):
        act = CaseAct(
            case="case_1",
            number=number,
            at=number,
            by="user_1",
            act="note",
            was=CaseState.RECEIVED,
            now=CaseState.RECEIVED,
            reasons="opened words are not bound by themselves",
            detail={"said": said, "times": number},
            said=hashlib.sha256(said.encode()).digest(),
        )
        made.append(chained(act, made[-1].chain if made else b""))
    return tuple(made)


@given(st.integers(0, 6), texts)
def test_what_was_written_checks_whether_reasons_are_opened_or_not(many: int, said: str) -> None:
    acts = timeline(many, said)
    check(acts, version=many)
    check([msgspec.structs.replace(act, reasons=said) for act in acts], version=many)


@given(st.data())
def test_a_change_a_gap_an_insertion_and_a_swap_show(data: st.DataObject) -> None:
    acts = list(timeline(5))
    at = data.draw(st.integers(0, 4))
    change = data.draw(
        st.sampled_from(
            [
                {"by": "user_2"},
                {"at": 99},
                {"act": "close"},
                {"now": CaseState.CLOSED},
                {"was": None},
                {"said": b""},
                {"detail": {"said": "", "times": 7}},
                {"case": "case_2"},
                {"chain": b"x" * 32},
                "dropped",
                "twice",
                "swapped",
            ]
        )
    )
    match change:
        case "dropped":
            del acts[at]
        case "twice":
            acts.insert(at, acts[at])
        case "swapped":
            acts[at], acts[(at + 1) % 5] = acts[(at + 1) % 5], acts[at]
        case dict():
            acts[at] = msgspec.structs.replace(acts[at], **change)
    with pytest.raises(TimelineBroken):
        check(acts, version=5)


def test_acts_of_another_case_do_not_pass_for_this_one() -> None:
    other = msgspec.structs.replace(timeline(1)[0], case="case_2")
    assert chained(other, b"").chain != timeline(1)[0].chain
