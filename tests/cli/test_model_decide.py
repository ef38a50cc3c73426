"""tocsin model decide and what follows: from files alone, and through a node to a statement that verifies elsewhere."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from typer.testing import CliRunner

from tests.app.test_artefacts import lay
from tests.gate.making import evaluation, line, signed
from tocsin.app.release_key import release_key
from tocsin.assure import inspect
from tocsin.cli.main import app
from tocsin.kernel import BadInput, Conflict, NotFound, system_clock
from tocsin.kernel.evaluations import Evaluation, LineAnswer
from tocsin.kernel.plans import Condition
from tocsin.trust.signing_keys import PrivateKey, public_pem

Run = Callable[..., Any]


@pytest.fixture
def run() -> Run:
    """Runs `tocsin ...`; gives the output, as JSON where that was asked."""

    def run(*words: str, exit_code: int = 0) -> Any:
        said = CliRunner().invoke(app, [*words])
        assert said.exit_code == exit_code, said.output
        return json.loads(said.stdout) if "--json" in words else said.stdout

    return run


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return lay(tmp_path / "weather", README_md=b"# a model of the weather\n")


BENEFITS = ("--benefits", "Schools without a network use it.")
KEY = ec.derive_private_key(7, ec.SECP256R1())


def made(model: Path, *lines: LineAnswer, **changes: Any) -> Evaluation:
    """An evaluation of exactly these bytes, in force for years, signed."""
    digest = inspect(model, clock=system_clock).artefact
    found = evaluation(*lines, model_digest=f"sha256:{digest}", review_by="2099-01-01", **changes)
    return signed(found, KEY)


def measured(model: Path, verdict: str = "below", key: PrivateKey = KEY, **changes: Any) -> tuple[str, ...]:
    """Options that bring such an evaluation, and the key of who signed it."""
    pem, file = model.parent / "lab.pem", model.parent / f"{verdict}-{len(changes)}.json"
    pem.write_bytes(public_pem(key.public_key()))
    file.write_bytes(signed(made(model, line(verdict), **changes), key).statement)
    return ("--evaluation", str(file), "--key", str(pem))


def test_without_a_node_it_answers_from_files(run: Run, model: Path) -> None:
    harmless = measured(model)
    done = run("model", "decide", str(model), *harmless, "--json")
    assert (done["tier"], done["answer"], done["conditions"]) == ("open-weights", "given", [])
    nothing = run("model", "decide", str(model), "--json", exit_code=3)
    assert (nothing["tier"], nothing["answer"]) == ("withheld", "undecided")
    over = measured(model, "above")
    less = run("model", "decide", str(model), *over, exit_code=1)
    for told in (
        "restricted",
        "release.line-over",
        "20.0% to 40.0% of 400",
        "What would change it",
        "Change the model",
    ):
        assert told in less
    assert "仅" not in less
    chinese = run("model", "decide", str(model), *over, "--language", "zh", exit_code=1)
    assert "被突破" in chinese
    run("model", "decide", str(model), *over, "--wanted", "restricted")
    unsure = measured(model, "inconclusive")
    again = run("model", "decide", str(model), *unsure, "--json", exit_code=3)
    assert [step["id"] for way in again["ways"] for step in way["steps"]] == ["rerun"]
    assert "scams" in again["ways"][0]["steps"][0]["says"]


def test_what_is_said_besides_counts(run: Run, model: Path) -> None:
    file = measured(model, measured=((Condition.AS_SHIPPED, "ab" * 32),))
    shipped = run("model", "decide", str(model), *file, exit_code=3)
    assert "safeguards" in shipped
    run("model", "decide", str(model), *file, "--closed", "--wanted", "limited")
    harmless = measured(model)
    words = ("model", "decide", str(model), *harmless)
    run(*words, "--context", "health", exit_code=3)
    held = run(*words, "--compute", "3e25", "--jurisdiction", "EU", "--json", exit_code=1)
    assert held["tier"] == "restricted"
    assert held["ways"][0]["steps"][0]["id"] == "meet-demands"
    veto = made(model, line("above", consequence="block"), catastrophic=True)
    crossed = measured(model, "above", catastrophic=True)
    Path(crossed[1]).write_bytes(veto.statement)
    told = run("model", "decide", str(model), *crossed, exit_code=1)
    assert "No evidence that could be brought changes this." in told


def test_a_file_that_nobody_signed_is_refused_unless_it_is_said_aloud(run: Run, model: Path) -> None:
    fields = msgspec.to_builtins(msgspec.structs.replace(made(model), statement=b""))
    bare = model.parent / "bare.json"
    bare.write_text(json.dumps(fields), "utf-8")
    words = ["model", "decide", str(model), "--evaluation", str(bare)]
    refused = CliRunner().invoke(app, words).exception
    assert isinstance(refused, BadInput)
    assert "--unsigned" in refused.message
    told = run(*words, "--unsigned", exit_code=3)
    assert "release.unsigned-evidence" in told
    assert "(brought, unsigned)" in told
    assert "sign" in str(run(*words, "--unsigned", "--json", exit_code=3)["ways"])
    assert "restricted" in run(*words, "--unsigned", "--wanted", "restricted")
    run(*words, "--unsigned", "--wanted", "restricted", "--context", "health", exit_code=3)
    bare.write_text(json.dumps(fields | {"catastrophic": True}), "utf-8")
    assert isinstance(CliRunner().invoke(app, [*words, "--unsigned"]).exception, Conflict)
    signed_by_lab = measured(model)
    assert isinstance(CliRunner().invoke(app, [*words[:3], *signed_by_lab[:2]]).exception, Conflict)
    shown = run(*words[:3], *signed_by_lab)
    assert "signed by a key that the proposer named" in shown


def test_an_inspection_in_a_file_stands_for_the_look(run: Run, model: Path, tmp_path: Path) -> None:
    seen = run("model", "inspect", str(model), "--json")
    (tmp_path / "seen.json").write_text(json.dumps(seen), "utf-8")
    words = (*measured(model), "--inspection", str(tmp_path / "seen.json"), "--json")
    assert run("model", "decide", seen["artefact"], *words)["tier"] == "open-weights"
    other = ("model", "decide", "ab" * 32, *words)
    assert "exactly these bytes" in str(CliRunner().invoke(app, [*other]).exception)
    (tmp_path / "seen.json").write_text("{}", "utf-8")
    told = CliRunner().invoke(app, ["model", "decide", seen["artefact"], *words])
    assert "is not an inspection" in str(told.exception)


def key_cases(run: Run, decision: str, model: str, at: tuple[str, ...]) -> None:
    """A decision in force becomes a case, and another one names it."""
    again = ("model", "decide", model, "--wanted", "limited", *at)
    nobody = CliRunner().invoke(app, [*again, "--cites", decision]).exception
    assert isinstance(nobody, NotFound)
    assert "precedent" in nobody.message
    words = (
        "--domain",
        "domain.disinformation",
        "--reasoning",
        "Stripped of its safeguards it still refused.",
    )
    run("precedent", "add", decision[:12], *words, "--stands-for", "The worse condition counts.", *at)
    later = run(*again, "--cites", decision[:12], "--json", exit_code=3)
    assert later["cites"] == [decision]
    assert "named alone" in run("model", "decisions", later["id"], *at)
    because = "It is behind an API, and monitored."
    cited = ("precedent", "cite", later["id"][:12], decision[:12], "--as", "departs", "--because", because)
    run(*cited, *at)
    assert f"departs, because {because}" in run("model", "decisions", later["id"], *at)
    (case,) = run("model", "decisions", later["id"], *at, "--json")["precedents"]
    assert (case["precedent"], case["relation"], case["tier"]) == (decision, "departs", "open-weights")
    assert "departs" in run("precedent", "show", decision[:12], *at)
    report = run("model", "say-decision", decision[:12], "--basis", "What was measured.", *at, "--json")[
        "reports"
    ]
    assert report[0].startswith("report--")
    early = CliRunner().invoke(app, ["model", "say-decision", later["id"], "--basis", "None yet.", *at])
    assert isinstance(early.exception, BadInput)


def test_through_a_node_to_a_statement_that_verifies_elsewhere(
    run: Run, model: Path, tmp_path: Path, prepared: tuple[Path, str]
) -> None:
    data = str(shutil.copytree(prepared[0], tmp_path / "node"))
    at = ("--data", data)
    own = release_key(tmp_path / "node")
    decision = run("model", "decide", str(model), *measured(model, key=own)[:2], *at, *BENEFITS, "--json")[
        "id"
    ]
    tokens = [
        run("user", "add", name, "--role", "reviewer", *at, "--json")["token"] for name in ("ada", "bo")
    ]
    assert run("model", "approve", decision, "--token", tokens[0], *at, "--json")["state"] == "proposed"
    assert "in-force" in run("model", "approve", decision[:12], "--token", tokens[1], *at)
    key_cases(run, decision, str(model), at)
    out, key = tmp_path / "decision.json", tmp_path / "key.pem"
    told = run("model", "decisions", decision, "--out", str(out), *at)
    key.write_text(told[told.index("-----BEGIN") :], "utf-8")
    said = run("model", "verify-decision", str(out), "--key", str(key), "--artefact", str(model))
    assert "open-weights" in said
    (model / "README.md").write_bytes(b"# other bytes\n")
    refused = run(
        "model",
        "verify-decision",
        str(out),
        "--key",
        str(key),
        "--artefact",
        str(model),
        "--json",
        exit_code=1,
    )
    assert refused["reasons"] == ["answer.other-bytes"]
    words = ("--rule", "release.line-over", "--reason", "forty known clinicians", "--json")
    begun = run("model", "exempt", "weather", *words, *at, "--token", tokens[0])["exemptions"][0]
    signed = run("model", "exempt", "--sign", begun["id"], *at, "--token", tokens[1], "--json")["exemptions"][
        0
    ]
    assert (begun["signed"], signed["signed"]) == (1, 2)
    run("model", "take-back", decision, "--reason", "a report of misuse", *at)
    assert "withdrawn" in run("model", "decisions", *at)
