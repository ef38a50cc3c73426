"""Overlays: read strictly, borne by what they say, and never a word that opens."""

from datetime import date
from pathlib import Path

import pytest

from tests.gate.making import brought, decided
from tocsin.gate import Overlay, chosen, load_overlays, packaged_overlays
from tocsin.gate.overlays import bears, read_overlays
from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.release import Tier
from tocsin.taxonomy.law import LawStatus
from tocsin.taxonomy.yaml_files import MAX_FILE_BYTES

TODAY = date(2026, 11, 22)
OWN = """
version: 1
overlays:
  - id: our-board
    jurisdiction: "*"
    title: {en: Our board, zh: 我们的理事会}
    source: minutes of 2026-10-02
    article: ""
    status: in-force
    confirmed: read
    checked: 2026-10-02
    most: limited
"""


def eu(*met: str, compute: float | None = 3e25) -> tuple[Tier, set[str], tuple[str, ...]]:
    given = brought(compute=compute, overlays=chosen(packaged_overlays(), ["EU"]), met=met)
    decision = decided(given, jurisdictions=("EU",))
    steps = {step.id for way in decision.ways for step in way.steps}
    return decision.tier, steps, decision.conditions


def test_the_presumption_holds_back_until_its_demands_are_met() -> None:
    tier, steps, conditions = eu()
    assert (tier, steps) == (Tier.RESTRICTED, {"meet-demands"})
    assert "eu-gpai-systemic-risk/cyber-security" in conditions
    some = ("notify-commission", "adversarial-testing")
    assert eu(*(f"eu-gpai-systemic-risk/{one}" for one in some))[0] is Tier.STAGED_API
    every = (*some, "systemic-risk-assessment", "serious-incidents")
    assert eu(*(f"eu-gpai-systemic-risk/{one}" for one in every))[0] is Tier.OPEN_WEIGHTS
    assert eu("notify-commission")[0] is Tier.RESTRICTED


def test_below_the_threshold_only_what_holds_for_all_is_asked() -> None:
    tier, _, conditions = eu(compute=9.9e24)
    assert tier is Tier.OPEN_WEIGHTS
    assert set(conditions) == {"eu-gpai/technical-documentation", "eu-gpai/copyright-policy"}
    assert eu(compute=1e25)[0] is Tier.RESTRICTED


def test_unknown_compute_is_asked_for() -> None:
    tier, steps, _ = eu(compute=None)
    assert (tier, steps) == (Tier.STAGED_API, {"state-compute"})


def test_what_is_not_law_yet_or_no_longer_holds_nothing_back() -> None:
    (raise_act,) = [one for one in packaged_overlays() if one.id == "us-ny-raise"]

    def borne(on: date) -> bool:
        return bears(raise_act, today=on, compute=2e26, contexts=(), met=()) is not None

    assert not borne(TODAY)
    assert borne(date(2027, 1, 1))
    given = brought(compute=2e26, overlays=chosen(packaged_overlays(), ["US-NY"]))
    assert decided(given).expires == "2027-01-01"
    ended = [one for one in packaged_overlays() if one.status is LawStatus.ENDED]
    assert ended
    assert all(bears(one, today=TODAY, compute=1e30, contexts=(), met=()) is None for one in ended)


def test_each_packaged_one_says_where_it_is_from_and_how_sure_that_is() -> None:
    for one in packaged_overlays():
        assert one.source
        assert one.checked <= TODAY
        assert one.title.zh != one.title.en
    assert {one.id for one in chosen(packaged_overlays(), ["US"])} == {
        "us-ca-sb53",
        "us-diffusion-rule",
        "us-ny-raise",
    }
    with pytest.raises(BadInput, match="there are some for"):
        chosen(packaged_overlays(), ["Atlantis"])


def test_an_operators_own_adds_and_replaces_nothing(tmp_path: Path) -> None:
    (tmp_path / "board.yaml").write_text(OWN, "utf-8")
    found = load_overlays(tmp_path)
    assert len(found) == len(packaged_overlays()) + 1
    own: tuple[Overlay, ...] = chosen(found, [])
    assert [one.id for one in own] == ["our-board"]
    assert decided(brought(overlays=own)).tier is Tier.LIMITED
    (tmp_path / "board.yaml").write_text(OWN.replace("our-board", "eu-gpai"), "utf-8")
    with pytest.raises(BadInput, match="rename one"):
        load_overlays(tmp_path)


@pytest.mark.parametrize(
    "bent",
    [
        OWN.replace("version: 1", "version: 2"),
        OWN.replace("most: limited", "opens: true"),
        OWN.replace("most: limited", "most: everything"),
        OWN.replace("in-force", "adopted"),
        OWN.replace('"*"', "the-whole-world"),
        OWN.replace("checked: 2026-10-02", "checked: lately"),
        OWN + "    demands:\n" + "      - {id: twice, kind: security, says: {en: a, zh: b}}\n" * 2,
        "[" * 5_000,
        "\x00",
    ],
)
def test_what_is_no_overlay_is_refused_by_the_files_name(bent: str) -> None:
    with pytest.raises(BadInput, match=r"board\.yaml"):
        read_overlays(bent.encode(), "board.yaml")
    with pytest.raises(TooLarge):
        read_overlays(b" " * (MAX_FILE_BYTES + 1), "board.yaml")


def test_the_page_shows_what_is_packaged_and_its_example_is_one() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "overlays.md").read_text("utf-8")
    for one in packaged_overlays():
        row = next(line for line in page.splitlines() if line.startswith(f"| `{one.id}`:"))
        for told in (one.source, one.article, one.status.value, one.confirmed.value, str(one.checked)):
            assert told in row
        assert all(f"`{demand.id}`" in row for demand in one.demands)
    example = page.split("```yaml")[1].split("```")[0]
    (own,) = read_overlays(example.encode(), "page.yaml")
    assert own.most is Tier.LIMITED
