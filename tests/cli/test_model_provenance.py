"""tocsin model sign, verify and attest as a user types them: words, one JSON document, exit codes."""

import json
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from tests.signed_models import NAME, make_artefact, new_key, private_pem
from tocsin.app.node import Node
from tocsin.app.setup import initialise
from tocsin.cli import model
from tocsin.kernel import BadInput, system_clock

TEXTS = {"README.md": b"A small model.\n"}


def run(*arguments: str) -> Result:
    root = typer.Typer()
    root.add_typer(model.app, name="model")
    return CliRunner().invoke(
        root, ["model", *arguments], env={"COLUMNS": "400", "TOCSIN_DATA": "", "LC_ALL": "C"}
    )


def answer(*arguments: str, code: int = 0) -> Any:
    done = run(*arguments, "--json")
    assert done.exit_code == code, (done.output, done.exception)
    return json.loads(done.stdout)


def _policy(folder: Path, public_key: str) -> Path:
    file = folder / "signers.yaml"
    signers = json.dumps({"lab": {"key": public_key}})
    needed = '[{predicate: "urn:tocsin:attestation:inspection:1", signers: [lab]}]'
    file.write_text(
        f"version: 1\nsigners: {signers}\nrules:\n- {{artefacts: [{NAME}], signers: [lab], attestations: {needed}}}"
    )
    return file


def test_one_node_signs_and_attests_and_another_verifies(tmp_path: Path) -> None:
    node, artefact = tmp_path / "node", make_artefact(tmp_path, TEXTS)
    initialise(node, name="lab", clock=system_clock)
    signed = answer("sign", str(artefact), "--data", str(node))
    assert signed["signature"] == str(artefact / "model.sig")
    attested = answer("attest", str(artefact), "--data", str(node))
    assert (attested["verdict"], attested["files"], attested["key_id"]) == ("clean", 1, signed["key_id"])
    with closing(Node(node)) as opened:
        acts = [(row.act, row.subject) for row in opened.store.audit.read(limit=2)]
    assert acts == [("model.attest", NAME), ("model.sign", NAME)]
    policy = str(_policy(tmp_path, signed["public_key"]))
    given = ("--policy", policy, "--attestation", attested["attestation"])
    verdict = answer("verify", str(artefact), *given)
    assert (verdict["verdict"], verdict["signers"]) == ("accepted", ["lab"])
    assert "accepted: signed by lab" in run("verify", str(artefact), *given).stdout
    alone = answer("verify", str(artefact), "--policy", policy, code=1)
    assert [one["rule"] for one in alone["reasons"]] == ["provenance.attestation-missing"]
    assert alone["reasons"][0]["why"].startswith("0 of 1 attestations urn:tocsin:")
    with (artefact / "README.md").open("ab") as file:
        file.write(b"!")
    refused = run("verify", str(artefact), *given)
    assert refused.exit_code == 1
    assert "README.md: The bytes of a file are not those that were signed." in refused.stdout
    assert "Do not load it" in refused.stdout
    assert "被拒绝" in run("verify", str(artefact), *given, "--language", "zh").stdout


def test_the_policy_of_the_node_is_taken_and_none_means_refuse(tmp_path: Path) -> None:
    node, artefact = tmp_path / "node", make_artefact(tmp_path, TEXTS)
    node.mkdir()
    (tmp_path / "key.pem").write_bytes(private_pem(new_key()))
    signed = answer("sign", str(artefact), "--key", str(tmp_path / "key.pem"))
    reasons = answer("verify", str(artefact), "--data", str(node), code=1)["reasons"]
    assert [one["rule"] for one in reasons] == ["provenance.no-rule"]
    _policy(node, signed["public_key"])
    reasons = answer("verify", str(artefact), "--data", str(node), code=1)["reasons"]
    assert [one["rule"] for one in reasons] == ["provenance.attestation-missing"]


def test_what_is_not_clean_is_attested_as_such(tmp_path: Path) -> None:
    artefact = make_artefact(tmp_path, {"x.bin": b"\x00\xff" * 40})
    (tmp_path / "key.pem").write_bytes(private_pem(new_key()))
    attested = answer("attest", str(artefact), "--key", str(tmp_path / "key.pem"), code=3)
    assert attested["verdict"] == "not-examined"


def test_nothing_is_written_over_and_no_key_is_an_error(tmp_path: Path) -> None:
    artefact = make_artefact(tmp_path, TEXTS)
    (tmp_path / "key.pem").write_bytes(private_pem(new_key()))
    assert run("sign", str(artefact), "--key", str(tmp_path / "key.pem")).exit_code == 0
    for arguments, said in (
        (("sign", str(artefact), "--key", str(tmp_path / "key.pem")), "--force"),
        (("sign", str(artefact), "--key", str(tmp_path / "gone.pem"), "--force"), "no file"),
        (("attest", str(artefact)), "whose key"),
        (("verify", str(tmp_path / "gone")), "nothing at"),
    ):
        done = run(*arguments)
        assert isinstance(done.exception, BadInput), arguments
        assert said in done.exception.message


@pytest.mark.parametrize("single", [True, False])
def test_a_file_and_a_folder_have_their_signature_where_the_published_tool_looks(
    tmp_path: Path, single: bool
) -> None:
    artefact = make_artefact(tmp_path, TEXTS)
    target = artefact / "README.md" if single else artefact
    (tmp_path / "key.pem").write_bytes(private_pem(new_key()))
    signed = answer("sign", str(target), "--key", str(tmp_path / "key.pem"))
    assert signed["signature"] == (f"{target}.sig" if single else str(artefact / "model.sig"))
