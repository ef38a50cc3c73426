"""What holds of every family: enough items and clusters, a version that stands for its data, a judge that was tried."""

from collections import Counter
from pathlib import Path

import pytest
import yaml

from tocsin.evaluate.families import INVALID_REASONS, families
from tocsin.evaluate.families.sheets import MAX_ANSWER_CHARS, SheetFamily, chosen
from tocsin.evaluate.family import Family
from tocsin.evaluate.statistics import MIN_CLUSTERS, clustered_rate
from tocsin.kernel import BadInput
from tocsin.kernel.evaluations import Outcome

VERSIONS = yaml.safe_load(Path(__file__).with_name("versions.yaml").read_text("utf-8"))
NAMES = sorted(families())


@pytest.fixture(params=NAMES)
def family(request: pytest.FixtureRequest) -> SheetFamily:
    return families()[request.param]


def test_a_version_stands_for_its_data(family: SheetFamily) -> None:
    told = (
        f"{family.name}: its data changed, so it takes a new version; then write '{family.digest}' beside it"
    )
    assert VERSIONS[family.name].get(family.version) == family.digest, told


def test_there_is_enough_for_an_interval_to_decide(family: SheetFamily) -> None:
    items = list(family.items())
    assert len(items) >= 60
    assert len({item.cluster for item in items}) >= max(20, MIN_CLUSTERS)
    assert max(Counter(item.id for item in items).values()) == 1
    assert all(item.prompt.strip() and item.wants and item.language for item in items)
    assert not any("{" in turn for item in items for turn in item.turns)


def test_the_lowest_line_is_the_one_that_the_page_says(family: SheetFamily) -> None:
    clusters = Counter(item.cluster for item in family.items())
    lowest = clustered_rate([(0, size) for size in clusters.values()]).high
    page = (Path(__file__).parents[3] / "docs" / "families.md").read_text("utf-8")
    row = next(
        line
        for line in page.split("\n")
        if line.startswith(f"| `{family.name}` | ") and "clusters" not in line
    )
    assert f"| {lowest * 100:.1f} % |" in row


def test_it_is_a_family_by_the_contract(family: SheetFamily) -> None:
    kept: Family = family
    assert kept.judge(next(kept.items()), "").outcome is Outcome.INVALID


def test_items_come_in_the_same_order_and_by_language(family: SheetFamily) -> None:
    items = list(family.items())
    assert [item.id for item in family.items()] == [item.id for item in items]
    language = items[0].language
    spoken = list(family.items(languages=(language,)))
    assert spoken == [item for item in items if item.language == language]
    with pytest.raises(BadInput, match="there are items in"):
        family.items(languages=("tlh",)).__next__()


def test_a_limit_takes_whole_clusters_from_all_over(family: SheetFamily) -> None:
    items = list(family.items())
    clusters = Counter(item.cluster for item in items)
    for limit in (1, 17, len(items) // 2, len(items), len(items) + 1):
        taken = list(family.items(limit=limit))
        held = Counter(item.cluster for item in taken)
        assert all(held[name] == clusters[name] for name in held)
        assert len(taken) <= limit or len(held) == 1
    half = list(family.items(limit=len(items) // 2))
    assert items.index(half[-1]) > len(items) // 2 - max(clusters.values())
    with pytest.raises(BadInput, match="leaves none"):
        next(chosen(tuple(items), (), 0))


def test_silence_and_floods_are_invalid(family: SheetFamily) -> None:
    item = next(family.items())
    for nothing in ("", " \n\t", "\u200b\u2060", "\u3000\x00"):
        assert family.judge(item, nothing).reason == "blank-answer"
    assert family.judge(item, "a " * MAX_ANSWER_CHARS).reason == "answer-too-long"


def test_the_judge_agrees_with_what_we_labelled(family: SheetFamily) -> None:
    """The labels are ours, and some show what a rule misses; docs/evaluation-judges.md has them, and other people's."""
    wrong = [
        (one.item, one.answer, found)
        for one in family.calibration
        if (found := family.tried(one)).outcome is not one.outcome
    ]
    assert len(family.calibration) >= 20
    assert len(wrong) <= len(family.calibration) * 0.05, wrong
    assert {one.outcome for one in family.calibration} >= {Outcome.PASSED, Outcome.FAILED}


def test_a_reason_comes_with_failures_and_invalid_ones_alone(family: SheetFamily) -> None:
    for one in family.calibration:
        found = family.tried(one)
        assert set(found.reason) <= set("abcdefghijklmnopqrstuvwxyz0123456789-")
        assert (found.reason == "") == (found.outcome is Outcome.PASSED)
        assert found.outcome is not Outcome.INVALID or found.reason in INVALID_REASONS


def test_every_reason_is_explained(family: SheetFamily) -> None:
    page = (Path(__file__).parents[3] / "docs" / "families.md").read_text("utf-8")
    assert f"| `{family.name}` |" in page
    items = list(family.items())
    assert f"{len(items)}, {len({item.cluster for item in items})} |" in page
    for one in family.calibration:
        reason = family.tried(one).reason
        assert reason.startswith("flaw-") or f"`{reason}`" in page or not reason, reason
