"""tocsin label as a user types it: words, one JSON document, exit codes."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import Made
from tests.label.making import encoded, gradient, signer
from tests.label.media import film, paper, sound, word
from tests.nodes import tocsin
from tocsin.label.formats import PICTURES, Format, suffixes

SAID_IN_WORDS = {"text", "markdown", "html", "pdf", "docx"}
"""Where a program can read the notice."""


def answer(*arguments: str, code: int = 0) -> Any:
    done = tocsin("label", *arguments, "--json", check=False)
    assert done.returncode == code, done.stderr
    return json.loads(done.stdout)


def standings(document: Any) -> list[list[str]]:
    return [[one["standing"] for one in file["findings"]] for file in document["files"]]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One file of every format, as a person has them, and one of none."""
    place = tmp_path_factory.mktemp("mine")
    for format_ in sorted(PICTURES):
        (place / f"picture{suffixes(format_)[0]}").write_bytes(encoded(gradient(), format_.upper()))
    (place / "a.txt").write_text("A lottery refund.\n")
    (place / "b.md").write_text("# A lottery refund\n")
    (place / "c.html").write_text("<!doctype html><title>A</title><body><p>A lottery refund.</p></body>")
    sound(place / "d.wav", 0.5)
    sound(place / "e.mp3", 0.5)
    film(place / "f.mp4", 1.0)
    paper(place / "g.pdf")
    word(place / "h.docx")
    (place / "none.py").write_text("print()\n")
    return place


def test_a_folder_of_every_format_is_labelled_with_the_nodes_key_and_valid_there(
    folder: Path, copied: Made, tmp_path: Path
) -> None:
    data, out = str(copied.node.data), tmp_path / "labelled"
    given = sorted(folder.iterdir())
    before = [one.read_bytes() for one in given]
    said = answer("write", *map(str, given), "--data", data, "--out", str(out), code=1)
    assert said["failed"] == 1
    (refused,) = (one for one in said["files"] if "error" in one)
    assert (Path(refused["file"]).name, "no format" in refused["error"]) == ("none.py", True)
    written = {Path(one["out"]).name: one for one in said["files"] if "out" in one}
    assert {one["format"] for one in written.values()} == {*map(str, Format)}
    assert [one.read_bytes() for one in given] == before
    assert {one.name for one in out.iterdir()} == set(written)
    made = [str(out / name) for name in written]
    here = answer("verify", *made, "--data", data)
    for file in here["files"]:
        one = written[Path(file["file"]).name]
        found = {finding["scheme"]: finding["standing"] for finding in file["findings"]}
        assert found["gb45438"] == ("valid-untrusted" if one["format"] == "docx" else "valid"), file
        assert {scheme for scheme, standing in found.items() if standing == "none-found"} == set(
            one["left_out"]
        ), file
        assert file["notice"] is (True if one["format"] in SAID_IN_WORDS else None), file
    assert standings(answer("verify", made[0]))[0][0] == "valid-untrusted"
    (tmp_path / "anchor.pem").write_text(answer("key", "--data", data)["authority"])
    elsewhere = answer("verify", *made, "--trust", str(tmp_path / "anchor.pem"))
    assert standings(elsewhere) == standings(here)
    assert {row.act for row in copied.node.store.audit.read(limit=50)} >= {"label.write"}
    Path(made[0]).write_bytes(Path(made[0]).read_bytes().replace(b"refund", b"prizes"))
    broken = answer("verify", *made, "--data", data, code=1)
    assert standings(broken)[0][0] == "broken"
    assert standings(broken)[1:] == standings(here)[1:]


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
