"""Messages in, TheHive's and MISP's forms out, by the command line."""

import json
from pathlib import Path

from tests.app.test_mail_reports import message
from tests.fixtures import Made
from tests.nodes import tocsin


def test_a_folder_of_messages_is_taken_once_and_junk_is_named(made: Made, tmp_path: Path) -> None:
    data, folder = str(made.node.data), tmp_path / "mail"
    folder.mkdir()
    (folder / "1.eml").write_bytes(bytes(message()))
    (folder / "2.eml").write_bytes(b"junk")
    done = tocsin("case", "import-mail", "--data", data, "--json", str(folder), check=False)
    told = json.loads(done.stdout)
    assert done.returncode == 1
    assert [Path(one["file"]).name for one in told["failed"]] == ["2.eml"]
    (taken,) = told["taken"]
    assert taken["report"]["receipt"]["secret"]
    again = tocsin("case", "import-mail", "--data", data, str(folder / "1.eml"))
    assert "was taken as" in again.stdout
    assert len(made.node.cases.page(made.node.access.operator()).cases) == 1


def test_a_case_is_written_for_thehive(made: Made, tmp_path: Path) -> None:
    data, out = str(made.node.data), tmp_path / "alert.json"
    (tmp_path / "1.eml").write_bytes(bytes(message()))
    tocsin("case", "import-mail", "--data", data, str(tmp_path / "1.eml"))
    (case,) = made.node.cases.page(made.node.access.operator()).cases
    said = ("--title", "A page that asks for a fee", "--description", "A fee before a refund.")
    purpose = ("--purpose", "the national team works on it")
    chosen = ("--observable", "domain=refund.example", "--out", str(out))
    tocsin("case", "export", "--data", data, case.id, "--to", "thehive", *said, *purpose, *chosen)
    assert json.loads(out.read_text("utf-8"))["observables"][0]["data"] == "refund.example"
    wrong = tocsin(
        "case", "export", "--data", data, case.id, "--to", "other", *said, *purpose, *chosen, check=False
    )
    assert wrong.returncode == 2
    assert "--to thehive or --to misp" in wrong.stderr
