"""The arithmetic of the evidence, and docs/warnings.md against the code."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.correlate import evidence as ev
from tocsin.correlate.dismissals import PEER_MARGIN
from tocsin.correlate.likelihood import Shares, ratio, shrunk
from tocsin.kernel import Reason

PAGE = (Path(__file__).parents[2] / "docs" / "warnings.md").read_text("utf-8")


@given(st.integers(1, 60), st.data())
def test_more_of_a_trait_never_speaks_less_for_a_campaign(of: int, data: st.DataObject) -> None:
    having = data.draw(st.integers(0, of - 1))
    usual = data.draw(st.floats(0.001, 0.5))
    for campaign, crowd in (
        (ev.CAMPAIGN_SHARED, Shares(usual, ev.CROWD_SHARED)),
        (ev.CAMPAIGN_SOME, Shares(usual, ev.CROWD_SHARED)),
        (Shares(ev.CAMPAIGN_SHARE, ev.CROWD), Shares(usual, ev.CROWD)),
    ):
        assert ratio(having + 1, of, campaign, crowd) >= ratio(having, of, campaign, crowd) - 1e-9


def test_what_everybody_has_says_nothing_and_nothing_known_is_neutral() -> None:
    assert ratio(0, 0, ev.CAMPAIGN_SHARED, Shares(0.1, 2.0)) == 0
    assert abs(ratio(10, 10, Shares(0.999, 4), Shares(0.998, 4))) < 0.1


def test_a_crowd_is_not_so_many_independent_proofs() -> None:
    ten, hundred = (ratio(n, n, Shares(0.7, 4.0), Shares(0.1, 4.0)) for n in (10, 100))
    assert hundred < 3 * ten


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_a_shrunk_share_lies_between_the_prior_and_the_count(having: int, more: int) -> None:
    share = shrunk(having, having + more, 0.1, 50)
    assert 0 < share < 1
    if having + more:
        low, high = sorted((0.1, having / (having + more)))
        assert low - 1e-3 <= share <= high + 1e-3


def test_caps_scale_what_speaks_for_and_leave_what_speaks_against() -> None:
    terms = [ev.Term(value, Reason("x")) for value in (4.0, 3.0, -1.0)]
    capped = ev._capped(terms, 4.0)
    assert sum(term.value for term in capped) == pytest.approx(4.0)
    assert capped[2].value == -1.0
    assert ev._capped(terms, 7.0) == terms


@pytest.mark.parametrize(
    "line",
    [
        f"| {ev.CAP_NEW} | {ev.LEAST_NEW:.0f} |",
        f"| {ev.CAP_DEVOTED:.0f} | {ev.LEAST_DEVOTED:.0f} |",
        f"| {ev.CAP_CONTEXT} together | 0 |",
        f"**{ev.CAP_CROWD} together**",
        f"| {ev.CAP_ONE_IDENTIFIER} each, {ev.CAP_IDENTIFIERS:.0f} together | 0 |",
        f"| {ev.CAP_FLAGGED} | 0 |",
        f"| {ev.CAP_EVASION} | 0 |",
        f"together | {ev.CAP_GUARDED} | 0 |",
        f"`THRESHOLD` is {ev.THRESHOLD:.0f}",
        f"`FLOOR` is {ev.FLOOR:.0f}",
        f"`STRONG` is {ev.STRONG:.0f}",
        f"`THRESHOLD` + {PEER_MARGIN}",
    ],
)
def test_the_page_says_what_the_code_does(line: str) -> None:
    assert line in PAGE
