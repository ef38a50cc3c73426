"""The chain: duties of a closed list, each shown by something; blame is never certain and never alone."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.cases.accountability import (
    chain_diagram,
    chain_table,
    check_attribution,
    check_chain,
    duties,
)
from tocsin.kernel import BadInput
from tocsin.kernel.disposing import Attribution, DutyOf, Party

replace = msgspec.structs.replace
USER = DutyOf(Party.USER, "one account of the service", "user.terms", met=False, shown_by="exhibit 1")
HOST = DutyOf(Party.HOST, "The Service Ltd", "host.notice", met=True, shown_by="case timeline, act 2")
MAKER = DutyOf(Party.DEVELOPER, "The Lab", "developer.evaluate", met=None)
CHAIN = (USER, HOST, MAKER)
SAID = Attribution("a group that sells refunds", 60, ("one person with many accounts",))


def test_every_party_owes_something_and_every_duty_says_where_it_stands() -> None:
    assert {one.party for one in duties().values()} == set(Party)
    for one in duties().values():
        assert one.id.startswith(f"{one.party}.")
        assert one.en
        assert one.zh
        assert one.source
        assert one.status in ("unconfirmed", "by-contract", "general")


def test_a_chain_is_read_from_who_made_it_to_who_used_it() -> None:
    check_chain(CHAIN)
    table = chain_table(CHAIN)
    assert [(row.party, row.met) for row in table] == [
        ("developer", "unknown"),
        ("host", "met"),
        ("user", "not met"),
    ]
    assert [row.met for row in chain_table(CHAIN, "zh")] == ["不明", "已履行", "未履行"]
    drawn = chain_diagram((*CHAIN, replace(HOST, name='x"]; click n0 "http:')))
    assert drawn.count("-->") == 3
    assert 'click n0 "' not in drawn


@pytest.mark.parametrize(
    "wrong",
    [
        replace(USER, owed="user.everything"),
        replace(USER, party=Party.HOST),
        replace(USER, shown_by=" "),
        replace(USER, name=" "),
        replace(USER, name="marigold@flowers.example"),
        replace(USER, name="@marigold_of_the_hill"),
    ],
)
def test_a_link_that_does_not_hold_is_refused(wrong: DutyOf) -> None:
    with pytest.raises(BadInput):
        check_chain((MAKER, wrong))


def test_a_link_stands_once_and_a_chain_ends() -> None:
    with pytest.raises(BadInput, match="twice"):
        check_chain((USER, USER))
    many = tuple(replace(USER, name=f"account {n}") for n in range(41))
    with pytest.raises(BadInput, match="at most"):
        check_chain(many)


@given(
    confidence=st.integers(-5, 105),
    alternatives=st.lists(st.sampled_from(["", "a rival", SAID.said]), max_size=3),
)
def test_blame_is_never_certain_and_never_alone(confidence: int, alternatives: list[str]) -> None:
    given_ = replace(SAID, confidence=confidence, alternatives=tuple(alternatives))
    if 0 <= confidence < 100 and "a rival" in alternatives:
        check_attribution(given_)
    else:
        with pytest.raises(BadInput):
            check_attribution(given_)


@pytest.mark.parametrize(
    "wrong", [replace(SAID, said="short"), replace(SAID, said="it was marigold@flowers.example")]
)
def test_an_attribution_names_nobody(wrong: Attribution) -> None:
    with pytest.raises(BadInput):
        check_attribution(wrong)
