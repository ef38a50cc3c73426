"""tocsin duty as a user types it; and nothing that it, or any pack, says is "compliant"."""

import json
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from tocsin.cases.duties import duties_of, packaged
from tocsin.cli import duty
from tocsin.kernel import BadInput, NotFound

CLAIMS = ("complian", "合规", "conform")
"""What no output may say: whether somebody met the law is not this program's to judge."""


def run(*arguments: str) -> Result:
    root = typer.Typer()
    root.add_typer(duty.app, name="duty")
    return CliRunner().invoke(
        root, ["duty", *arguments], env={"COLUMNS": "300", "TOCSIN_DATA": "", "LANG": "C"}
    )


def answer(*arguments: str) -> Any:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def test_list_says_unverified_of_every_duty() -> None:
    rows = answer("list")["duties"]
    assert {row["id"] for row in rows} == set(duties_of(packaged()))
    assert not any(row["verified"] for row in rows)
    assert run("list", "--lang", "zh").stdout.count("UNVERIFIED") == len(rows)


def test_nothing_that_is_shown_claims_that_a_law_was_met() -> None:
    shown = [run("list").stdout, run("facts").stdout]
    moment = "2026-11-20T09:00:00+01:00"
    for language in ("en", "zh"):
        shown += [run("show", name, "--lang", language).stdout for name in duties_of(packaged())]
        shown.append(run("try", "all", "--lang", language, "--moment", f"awareness={moment}").stdout)
    folder = resources.files("tocsin.taxonomy").joinpath("duties")
    shown += [one.read_text("utf-8") for one in folder.iterdir() if one.name.endswith(".yaml")]
    for text in shown:
        assert text
        for claim in CLAIMS:
            assert claim not in text.casefold()


def test_show_tells_a_figure_that_nobody_found_from_one_that_is_not_met() -> None:
    shown = run("show", "china-cii-operator", "--lang", "zh").stdout
    assert "unknown: no source gives it" in shown
    assert "12387" in shown
    assert "首次报告" in shown
    view = answer("show", "china-cii-operator")
    figures = {rule["fact"]: rule["at_least"] for rule in view["grades"][1]["rules"]}
    assert figures["people_leaked"] == 10_000_000
    assert figures["reposts"] is None
    with pytest.raises(NotFound, match="there are base"):
        raise run("show", "atlantis").exception or AssertionError


def test_try_reckons_and_says_how() -> None:
    given = ("--fact", "weights_exfiltrated=yes", "--moment", "awareness=2026-03-28T10:15:00+01:00")
    (row,) = answer("try", "eu-gpai-code", *given)["duties"]
    assert row["graded"]["grade"] == "breach"
    assert row["missing"] == ["critical_infrastructure"]
    shown = run("try", "eu-gpai-code", *given).stdout
    assert "report: 2026-03-30T10:15:00+02:00" in shown
    assert "UNVERIFIED" in shown


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--fact", "deaths=many"), "takes a number"),
        (("--fact", "deaths=-1"), "a number from 0"),
        (("--fact", "cross_border=perhaps"), "yes or no"),
        (("--fact", "names=x"), "the list is closed"),
        (("--moment", "awareness=2026-03-28T10:15:00"), "add the offset"),
        (("--moment", "lunch=2026-03-28T10:15:00Z"), "one of occurrence"),
    ],
)
def test_a_fact_that_is_none_is_told_how_it_goes(given: tuple[str, str], told: str) -> None:
    with pytest.raises(BadInput, match=told):
        raise run("try", "nis2", *given).exception or AssertionError


def test_check_tells_an_own_pack_that_asks_for_less(tmp_path: Path) -> None:
    packaged_one = resources.files("tocsin.taxonomy").joinpath("duties", "nis2.yaml").read_text("utf-8")
    own = tmp_path / "nis2.yaml"
    own.write_text(packaged_one.replace("value: 24, unit: hours", "value: 12, unit: hours"), "utf-8")
    view = answer("check", str(own))
    assert (view["overrides"], view["weaker"], view["verified"]) == (True, [], False)
    own.write_text(packaged_one.replace("value: 24, unit: hours", "value: 48, unit: hours"), "utf-8")
    with pytest.raises(BadInput, match="asks for less"):
        raise run("check", str(own)).exception or AssertionError
    reason = "replaces: {by: A. Person, day: 2026-11-20, reason: told by counsel}\n"
    folder = tmp_path / "node" / "duties"
    folder.mkdir(parents=True)
    (folder / "nis2.yaml").write_text(own.read_text("utf-8") + reason, "utf-8")
    shown = run("list", "--data", str(tmp_path / "node")).stdout
    assert "OVERRIDDEN" in shown
    assert "A. Person, 2026-11-20: told by counsel" in shown
