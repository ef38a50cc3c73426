"""tocsin label as a user types it: words, one JSON document, exit codes."""

import json
from pathlib import Path
from typing import Any

from tests.fixtures import Made
from tests.label.making import encoded, gradient, signer
from tests.nodes import tocsin


def answer(*arguments: str, code: int = 0) -> Any:
    done = tocsin("label", *arguments, "--json", check=False)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def standings(document: Any) -> list[list[str]]:
    return [[one["standing"] for one in file["findings"]] for file in document["files"]]


def test_a_folder_is_labelled_with_the_nodes_key_and_valid_there(copied: Made, tmp_path: Path) -> None:
    data = str(copied.node.data)
    files = [tmp_path / "a.png", tmp_path / "b.md", tmp_path / "c.py"]
    files[0].write_bytes(encoded(gradient(), "PNG"))
    files[1].write_text("# A lottery refund\n")
    files[2].write_text("print()\n")
    out = tmp_path / "labelled"
    said = answer("write", *map(str, files), "--data", data, "--out", str(out), code=1)
    assert said["failed"] == 1
    assert "no format" in said["files"][2]["error"]
    assert said["files"][1]["left_out"] == ["c2pa"]
    assert files[1].read_text() == "# A lottery refund\n"
    made = [str(out / "a.png"), str(out / "b.md")]
    here = answer("verify", *made, "--data", data)
    assert standings(here) == [["valid"] * 3, ["valid", "none-found", "valid"]]
    assert standings(answer("verify", *made))[0] == ["valid-untrusted"] * 3
    (tmp_path / "anchor.pem").write_text(answer("key", "--data", data)["authority"])
    elsewhere = answer("verify", *made, "--trust", str(tmp_path / "anchor.pem"))
    assert standings(elsewhere) == standings(here)
    assert {row.act for row in copied.node.store.audit.read(limit=20)} >= {"label.write"}


def test_a_renewed_key_is_vouched_for_by_the_same_authority(copied: Made, tmp_path: Path) -> None:
    data, file = str(copied.node.data), tmp_path / "a.txt"
    file.write_text("A refund.\n")
    first = answer("key", "--data", data)
    answer("write", str(file), "--data", data)
    assert answer("key", "--renew", "--data", data)["authority"] == first["authority"]
    report = answer("verify", str(tmp_path / "a.labelled.txt"), "--data", data)
    assert standings(report)[0][0] == "valid"


def test_with_a_key_of_ones_own(tmp_path: Path) -> None:
    key, file = signer().key, tmp_path / "a.txt"
    file.write_text("A refund.\n")
    assert key.pem is not None
    (tmp_path / "key.pem").write_bytes(key.pem)
    (tmp_path / "chain.pem").write_bytes(key.chain)
    (tmp_path / "anchor.pem").write_bytes(signer().authority.certificate)
    given = ["--key", str(tmp_path / "key.pem"), "--certificate", str(tmp_path / "chain.pem")]
    said = answer("write", str(file), *given, "--producer", "example.org", "--id", "n-1")
    assert said["files"][0]["id"] == "n-1"
    report = answer("verify", said["files"][0]["out"], "--trust", str(tmp_path / "anchor.pem"))
    assert report["files"][0]["findings"][0]["said"]["content_id"] == "n-1"


def test_none_found_is_told_with_what_it_does_not_say(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("A refund.\n")
    done = tocsin("label", "verify", str(file), check=False)
    assert done.returncode == 1
    assert "says nothing of how it was made" in done.stdout
    assert "human" not in done.stdout


def test_wrong_use(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text("A refund.\n")
    for arguments, why in (
        (["--producer", "p", "--scheme", "other"], "--scheme"),
        (["--producer", "p", "--notice", "fr"], "--notice"),
        (["--producer", "p", "--notice", "none", "--no-metadata"], "nothing to write"),
        (["--producer", "p", "--certainty", "sure"], "--certainty"),
        (["--scheme", "gb45438"], "who made it"),
        (["--producer", "p", "--key", str(file)], "--certificate"),
        (["--producer", "p", "--key", "pkcs11:object=k", "--certificate", str(file)], "which module"),
        ([str(file), "--id", "1", "--producer", "p"], "--id"),
    ):
        done = tocsin("label", "write", str(file), *arguments, check=False)
        assert (done.returncode, why in done.stderr) == (2, True), done.stderr
