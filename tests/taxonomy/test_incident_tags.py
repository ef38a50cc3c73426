"""Tags of incidents are of closed lists, in English and Chinese."""

import pytest

from tocsin.kernel import BadInput
from tocsin.taxonomy.incident_tags import checked, dimensions


def test_failures_are_told_apart_and_every_word_is_in_both_languages() -> None:
    assert list(dimensions()["failure"].values) == ["misuse", "governance", "model", "verification"]
    assert list(dimensions()["report"].values) == ["context", "incident", "follow-up"]
    for one in dimensions().values():
        for words in (one.label, *one.values.values()):
            assert set(words) == {"en", "zh"}


def test_tags_stand_in_the_order_of_their_list_and_each_once() -> None:
    given = {"failure": ["verification", "misuse", "misuse"], "place": [], "report": ["incident"]}
    assert checked(given) == {"failure": ("misuse", "verification"), "report": ("incident",)}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"belief": ["any"]}, "none of: failure"),
        ({"failure": ["bad luck"]}, "no failure"),
        ({"severity": ["low", "high"]}, "at most 1"),
    ],
)
def test_what_is_in_no_list_is_refused(given: dict[str, list[str]], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        checked(given)
