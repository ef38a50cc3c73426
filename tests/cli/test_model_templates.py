"""tocsin model templates, as a user types it."""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from tests.assure.texts.test_compared_templates import MORE
from tests.assure.texts.test_template_difference import PARENT
from tocsin.cli.main import app


def run(*words: str, exit_code: int) -> Any:
    said = CliRunner().invoke(app, ["model", "templates", *words])
    assert said.exit_code == exit_code, said.output
    return json.loads(said.stdout) if "--json" in words else said.output


def test_two_are_compared_and_the_exit_code_says_what_came_of_it(tmp_path: Path) -> None:
    one, other, empty = (tmp_path / name for name in ("one", "other", "empty"))
    for folder in (one, other, empty):
        folder.mkdir()
    (one / "chat_template.jinja").write_text(PARENT, "utf-8")
    (other / "tokenizer_config.json").write_text(
        json.dumps({"chat_template": PARENT + "{# a note #}"}), "utf-8"
    )
    assert "do the same" in run(str(one), str(other), "--language", "en", exit_code=0)
    assert "行为相同" in run(str(one), str(other), "--language", "zh", exit_code=0)
    harmless = PARENT.replace("if tools", "if tools is not none")
    (other / "tokenizer_config.json").write_text(json.dumps({"chat_template": harmless}), "utf-8")
    assert "2 places" in run(str(one), str(other), "--language", "en", exit_code=0)
    (other / "tokenizer_config.json").write_text(json.dumps({"chat_template": MORE}), "utf-8")
    told = run(str(one), str(other), "--json", "--language", "zh", exit_code=1)
    assert (told["verdict"], [row["rule"] for row in told["findings"]]) == (
        "found",
        ["template.differs", "template.says-more"],
    )
    assert "Pay the small fee." in told["findings"][1]["why"]
    assert [row["name"] for row in told["child"]] == ["default"]
    (other / "tokenizer_config.json").write_text("{", "utf-8")
    run(str(one), str(other), exit_code=3)
    assert "name the folders" in run(str(empty), str(empty), "--language", "en", exit_code=3)
