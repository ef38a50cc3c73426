"""Tool policies: what is declared holds, what is not declared is free, and a bad file stops the start."""

from pathlib import Path

import pytest

from tests.screen.agents.said import call, post, said
from tocsin.kernel import BadInput
from tocsin.screen import Misuse, ToolPolicies, load_tool_policies
from tocsin.screen.agents.misuse import NOTE, STRENGTH

OFFICE = """
id: office
undeclared: note
tools:
  - name: fetch
    others: false
    arguments:
      url: {hosts: [docs.example, "*.intern.example"], required: true}
      timeout: {at_least: 1, at_most: 30}
      method: {one_of: [GET, HEAD]}
  - name: read_file
    arguments: {path: {under: [/srv/data], longest: 100}}
  - {name: delete_account, forbidden: true}
  - {name: clock}
"""


def loaded(folder: Path, text: str = OFFICE) -> ToolPolicies:
    (folder / "office.yaml").write_text(text, "utf-8")
    return load_tool_policies(folder)


@pytest.mark.parametrize(
    ("tool", "arguments", "rule"),
    [
        ("fetch", {"url": "https://docs.example/a?b#c"}, None),
        ("fetch", {"url": "https://a.b.intern.example:8443/x", "timeout": 5, "method": "GET"}, None),
        ("fetch", {"url": "https://intern.example/x"}, "office/fetch/url/hosts"),
        ("fetch", {"url": "https://docs.example@evil.example/"}, "office/fetch/url/hosts"),
        ("fetch", {"url": "https://evil.example\\@docs.example/"}, "office/fetch/url/hosts"),
        ("fetch", {"url": "file:///etc/passwd"}, "office/fetch/url/hosts"),
        ("fetch", {"url": "https://docs.example.evil.example/"}, "office/fetch/url/hosts"),
        ("fetch", {}, "office/fetch/url/required"),
        ("fetch", {"url": "https://docs.example", "timeout": 31}, "office/fetch/timeout/at_most"),
        ("fetch", {"url": "https://docs.example", "timeout": "5"}, "office/fetch/timeout/at_least"),
        ("fetch", {"url": "https://docs.example", "method": "DELETE"}, "office/fetch/method/one_of"),
        ("fetch", {"url": ["https://docs.example", "https://evil.example"]}, "office/fetch/url/hosts"),
        ("fetch", {"url": "https://docs.example", "proxy": "x"}, "office/fetch/others"),
        ("fetch", "not json", "office/fetch/not-an-object"),
        ("read_file", {"path": "/srv/data/a.txt"}, None),
        ("read_file", {"path": "/srv/data/../../etc/passwd"}, "office/read_file/path/under"),
        ("read_file", {"path": "/srv/data/%2e%2e/etc"}, "office/read_file/path/under"),
        ("read_file", {"path": "//srv/data/a"}, None),
        ("read_file", {"path": "a.txt"}, "office/read_file/path/under"),
        ("read_file", {"path": "/srv/data/" + "a" * 100}, "office/read_file/path/longest"),
        ("delete_account", {}, "office/delete_account/forbidden"),
        ("clock", "anything", None),
    ],
)
def test_calls_and_the_rule_they_break(
    tmp_path: Path, tool: str, arguments: object, rule: str | None
) -> None:
    found = said(Misuse(loaded(tmp_path)), [call(tool, arguments)])
    assert found == ([] if rule is None else [(0, STRENGTH, rule)])


def test_a_tool_that_nobody_declared_is_noted(tmp_path: Path) -> None:
    lines = [call("new_tool", {}), post("fetch")]
    assert said(Misuse(loaded(tmp_path)), lines) == [(0, NOTE, "office/undeclared")]
    allowed = loaded(tmp_path, OFFICE.replace("undeclared: note", "undeclared: allow"))
    assert said(Misuse(allowed), lines) == []


def test_a_policy_of_one_source_speaks_of_no_other(tmp_path: Path) -> None:
    other = loaded(tmp_path, OFFICE.replace("id: office", "id: office\nsource: bank"))
    assert said(Misuse(other), [call("delete_account", {})]) == []


def test_without_a_policy_nothing_is_outside(tmp_path: Path) -> None:
    assert said(Misuse(load_tool_policies(tmp_path / "none")), [call("delete_account", {})]) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("id: office", "tools"),
        (OFFICE.replace("hosts", "host"), "host"),
        (OFFICE.replace("id: office", "id: A B"), "id"),
        (OFFICE.replace("name: clock", "name: fetch"), "fetch twice"),
        ("id: [", "office.yaml"),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(BadInput, match=says):
        loaded(tmp_path, text)


def test_two_policies_of_one_id(tmp_path: Path) -> None:
    (tmp_path / "second.yaml").write_text(OFFICE, "utf-8")
    with pytest.raises(BadInput, match="office"):
        loaded(tmp_path)
