"""Guidance is whole in both languages, says how far it is confirmed, and claims no more."""

from datetime import date

import pytest

from tocsin.taxonomy.child_material import NEUTRAL, Guidance, GuidanceStatus, guidance


@pytest.mark.parametrize("one", guidance().values(), ids=lambda one: one.id)
def test_an_entry_is_whole(one: Guidance) -> None:
    for words in (one.name, one.whom, one.duty, one.keep):
        assert set(words) == {"en", "zh"}
        assert all(words.values())
        assert one.said(words, "zh-Hans") == words["zh"]
        assert one.said(words, "mn") == words["en"]
    assert one.where
    assert one.source
    if one.status is GuidanceStatus.IN_FORCE:
        assert one.verified_on is not None
        assert date.fromisoformat(one.verified_on) <= date(2100, 1, 1)
    else:
        assert one.verified_on is None, "verified, or not: not both"


def test_there_is_a_neutral_entry_first() -> None:
    assert next(iter(guidance())) == NEUTRAL
    assert {"us", "gb", "eu", "cn"} <= set(guidance())
