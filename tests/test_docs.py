"""Docs are tested: what is undocumented, or documented and gone, fails."""

import importlib.util
import re
from datetime import date
from pathlib import Path

import pytest

from tests.invalid_reasons import REASONS
from tocsin.evaluate.families import families
from tocsin.evaluate.families.calibrating import judge_agreement, labelled_digest
from tocsin.evaluate.plans.checking import check_plan
from tocsin.evaluate.plans.reading import read_plan

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def test_the_reference_is_what_the_code_says() -> None:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    generate = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(generate)
    assert (ROOT / "docs" / "reference.md").read_text("utf-8") == generate.reference(), "run `make docs`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_no_file_names_a_registry_or_a_path_of_a_machine() -> None:
    # written so that this file does not hold them itself
    hosts = ["files.python" + "hosted.org", "py" + "pi.org", "registry.npm" + "js.org"]
    homes = ["/wo" + "rk/", "/ro" + "ot/"]  # homes of machines it was built on
    for path in ROOT.rglob("*"):
        if not path.is_file() or any(
            part.startswith(".") and part != ".ci" for part in path.relative_to(ROOT).parts
        ):
            continue
        if path.suffix in {".png", ".pyc"}:
            continue
        text = path.read_text("utf-8", errors="ignore")
        for word in [*hosts, *homes]:
            assert word not in text, f"{path.relative_to(ROOT)} names {word}"


def test_a_change_is_told_once_shortly_and_not_among_what_is_missing() -> None:
    done, missing = (ROOT / "CHANGELOG.md").read_text("utf-8").split("### Not yet")
    bullets = [line.removeprefix("- ") for line in done.splitlines() if line.startswith("- ")]
    assert len(bullets) == len(set(bullets))
    assert [bullet for bullet in bullets if len(bullet.split()) >= 25] == []
    assert "\n- " not in missing, "what is done stands above"


def test_the_readme_lists_each_page_once() -> None:
    read_on = (ROOT / "README.md").read_text("utf-8").split("## Read on")[1]
    pages = re.findall(r"\]\(([^)]+)\)", read_on)
    assert len(pages) == len(set(pages))
    headings = re.findall(r"^\*\*(\w+)\*\*", read_on, re.MULTILINE)
    assert len(headings) == len(set(headings))


def test_the_architecture_lists_each_decision_and_each_room_once() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text("utf-8")
    listed = re.findall(r"\]\((adr/[^)]+)\)", page.split("## Decisions")[1])
    assert listed == [f"adr/{path.name}" for path in sorted((ROOT / "docs" / "adr").glob("*.md"))]
    for room in ("assure", "evaluate", "gate"):
        table = page.split(f"Within `{room}`" if room != "gate" else "within `gate`")[1].split("\n\n")[1]
        named = re.findall(r"`(\w+)`", "".join(row.split("|")[1] for row in table.splitlines()[2:]))
        folder = ROOT / "src" / "tocsin" / room
        there = {path.stem for path in folder.glob("*.py")} | {
            path.parent.name for path in folder.glob("*/*.py")
        }
        assert there - {"__init__"} == set(named), room
        assert len(named) == len(set(named)), room


def test_each_reason_of_an_invalid_sample_is_explained() -> None:
    told = (ROOT / "docs" / "evaluation.md").read_text("utf-8").split("## Invalid is not")[1]
    told = told.split("## How sure")[0]
    assert [reason for reason in sorted(REASONS) if f"`{reason}`" not in told] == []


def test_the_plan_on_the_page_is_one_that_can_be_registered() -> None:
    page = (ROOT / "docs" / "evaluation.md").read_text("utf-8")
    written = page.split("```yaml\n")[1].split("```")[0]
    plan = read_plan(
        written.replace("sha256:DIGEST", "sha256:" + "a" * 64, 1).replace("DIGEST", "b" * 64).encode()
    )
    assert check_plan(plan, today=date(2026, 11, 22)).problems == ()
    (judge,) = plan.measurement.judges
    assert judge.labelled == labelled_digest(families()["refusal"])
    assert judge.agreement == {
        lang: one.alpha for lang, one in judge_agreement(families()["refusal"]).items()
    }
    (task,) = plan.content
    family = families()["refusal"]
    assert (task.version, task.samples) == (family.version, len(list(family.items())))
    assert f'tasks: {{tocsin/refusal: "{family.version}"}}' in page
