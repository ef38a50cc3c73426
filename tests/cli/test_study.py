"""`tocsin study`: sentences, one JSON document, exit codes."""

import json
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner

from tocsin.app.release_key import release_key
from tocsin.cli.main import app
from tocsin.cli.opening import opened
from tocsin.evaluate.uplift.ledger import read_ledger
from tocsin.trust.signing_keys import signed_by
from tocsin.wire.dsse import parse_envelope
from tocsin.wire.in_toto import parse_statement


def run(*arguments: str | Path) -> tuple[int, str]:
    ran = CliRunner().invoke(app, ["study", *map(str, arguments)])
    # an error of ours becomes its code in `main`, around the app
    return int(getattr(ran.exception, "exit_code", ran.exit_code)), ran.stdout


@pytest.fixture
def file(tmp_path: Path) -> Path:
    code, text = run("template")
    assert code == 0
    found = tmp_path / "study.yaml"
    found.write_text(text, "utf-8")
    return found


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer simulated studies than a real one is judged by."""
    monkeypatch.setattr("tocsin.evaluate.uplift.power.study_power.__defaults__", (50,))


def test_a_study_is_checked(file: Path) -> None:
    code, text = run("check", file, "--json")
    assert code == 0
    assert json.loads(text)["planned"] == 880
    assert "880 名参与者" in run("check", file, "--lang", "zh")[1]
    file.write_text(file.read_text("utf-8").replace("line: 1.5", "line: 0.5"), "utf-8")
    assert run("check", file)[0] == 2
    assert run("check", file.parent / "none.yaml")[0] == 2


def test_too_few_participants_are_told(file: Path) -> None:
    assert run("power", file)[0] == 0
    file.write_text(
        file.read_text("utf-8").replace("participants_per_arm: 440", "participants_per_arm: 76"), "utf-8"
    )
    code, text = run("power", file, "--json")
    assert code == 1
    found = json.loads(text)
    assert not found["enough"]
    assert found["power"]["needed"] > 300
    assert "Underpowered" in run("power", file)[1]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same secrets each time: of so few participants some draws say less than others."""
    monkeypatch.setattr("tocsin.cli.study_run.os.urandom", Random(1).randbytes)


@pytest.mark.usefixtures("drawn")
def test_a_study_from_the_first_line_to_the_verdict(file: Path, tmp_path: Path) -> None:
    # two arms of ten: a pilot, and said to be one
    text = file.read_text("utf-8").replace("participants_per_arm: 440", "participants_per_arm: 10")
    file.write_text(text, "utf-8")
    folder = tmp_path / "study"
    assert run("register", file, "--folder", folder)[0] == 1, (
        "it can tell nothing, and does not say why it starts"
    )
    assert not (folder / "ledger.jsonl").exists()
    file.write_text(text.replace('underpowered_because: ""', "underpowered_because: A pilot."), "utf-8")
    code, said = run("register", file, "--folder", folder, "--by", "ada", "--json")
    assert code == 0
    assert len(json.loads(said)["commitment"]) == 64
    assert (folder / "secret.json").stat().st_mode & 0o077 == 0
    assert run("register", file, "--folder", folder)[0] == 1, "one study, one folder"
    lines = []
    for number in range(20):
        strata = ("--stratum", "experience=some", "--stratum", f"language={('en', 'zh')[number % 2]}")
        code, said = run("allocate", "--folder", folder, "--ticket", f"T{number}", *strata, "--json")
        assert code == 0
        made = json.loads(said)
        level = 4 if made["arm"] == "model" else number % 2
        lines += [{"work": made["work"], "grader": grader, "level": level} for grader in ("g1", "g2")]
    again = ("--stratum", "experience=some", "--stratum", "language=en")
    assert run("allocate", "--folder", folder, "--ticket", "T0", *again)[0] == 1
    assert run("analyse", file, "--folder", folder)[0] == 1, "nobody is graded"
    sheet = tmp_path / "levels.jsonl"
    sheet.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")
    assert run("record", sheet, "--folder", folder)[0] == 0
    works = tmp_path / "works.txt"
    assert run("export", works, "--folder", folder, "--for", "graders")[0] == 0
    assert set(works.read_text("utf-8").split()) == {line["work"] for line in lines}
    other = tmp_path / "other.yaml"
    other.write_text(file.read_text("utf-8").replace("adjust: true", "adjust: false"), "utf-8")
    refused = CliRunner().invoke(app, ["study", "analyse", str(other), "--folder", str(folder)])
    assert "analysis.adjust: false, and was true" in str(refused.exception)
    code, said = run("analyse", file, "--folder", folder, "--json")
    assert code == 1, "the model arm lies wholly above"
    look = json.loads(said)["look"]
    assert (look["look"], look["found"]["verdict"]) == (1, "above")
    assert look["found"]["effect"]["high"] is None, "the data set no upper end"
    code, said = run("analyse", file, "--folder", folder)
    assert code == 1, "the same data, the same look"
    assert "look 1 of 1: above" in said
    rows = tmp_path / "rows.json"
    code, said = run("export", rows, "--folder", folder)
    assert "not anonymous" in said
    assert len(json.loads(rows.read_bytes())["rows"]) == 20


def test_a_node_signs_the_commitment_and_audits_the_look(file: Path, tmp_path: Path) -> None:
    data, folder = tmp_path / "node", tmp_path / "study"
    assert CliRunner().invoke(app, ["init", "--data", str(data)]).exit_code == 0
    text = file.read_text("utf-8").replace("participants_per_arm: 440", "participants_per_arm: 2")
    file.write_text(text.replace('underpowered_because: ""', "underpowered_because: A pilot."), "utf-8")
    code, said = run("register", file, "--folder", folder, "--data", data, "--json")
    assert code == 0
    found = json.loads(said)["commitment"]
    first = read_ledger(folder).registered
    statement = parse_statement(parse_envelope(first.statement.encode()).payload)
    assert statement.subjects[0].digest == {"sha256": found}
    key = release_key(data).public_key()
    assert signed_by(parse_envelope(first.statement.encode()), key)
    ended = ("--ended", "nobody came", "--lang", "zh")
    code, said = run("analyse", file, "--folder", folder, "--data", data, *ended)
    assert code == 3
    assert "第 1 次查看" in said
    with opened(data) as node:
        acts = {row.act for row in node.store.audit.read(limit=100)}
    assert {"study.register", "study.look"} <= acts
