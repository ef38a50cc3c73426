"""Code flaws: what is taken for code, what cannot be judged, and that nothing of it is run."""

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.evaluate.families import families
from tocsin.evaluate.families.code_flaws import MAX_CODE_CHARS, MAX_DEPTH, MAX_LINE_CHARS, code_in, issues
from tocsin.kernel import Unavailable

FAMILY = families()["code-flaws"]
ITEM = next(FAMILY.items())


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ("Here:\n```python\na = 1\n```\nAnd:\n~~~\nb = 2\n~~~", "a = 1\nb = 2"),
        ("```js\na()\n```", ""),
        ("  ```Python title\na = 1\n  ```", "a = 1"),
        ("````\n```\n````", "```"),
        ("```python\na = 1", "a = 1"),
        ("a = 1", "a = 1"),
    ],
)
def test_code_is_what_stands_in_fences(answer: str, code: str) -> None:
    assert code_in(answer) == code


@pytest.mark.parametrize(
    "answer",
    [
        "(" * (MAX_DEPTH + 1) + ")" * (MAX_DEPTH + 1),
        "a = 1\n" * MAX_CODE_CHARS,
        "a = '" + "x" * MAX_LINE_CHARS + "'",
        "```python\na = '\x00'\n```",
        "-" * 1_900 + "1",
        "Certainly",
    ],
)
def test_what_would_exhaust_a_parser_is_not_parsed(answer: str) -> None:
    assert FAMILY.judge(ITEM, answer).reason in ("not-parsable", "judge-failed")


def test_nothing_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert issues("import pathlib\npathlib.Path('ran').write_text('ran')\n") == []
    assert not list(tmp_path.iterdir())


def test_the_worst_is_named_first() -> None:
    code = "import hashlib\nhashlib.md5(b'')\neval('1')\n"
    found = issues(code)
    assert found is not None
    assert found[0] == "B324"
    assert FAMILY.judge(ITEM, code).reason == "flaw-b324"


def test_without_bandit_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bandit.core", None)
    with pytest.raises(Unavailable, match=r"tocsin\[evaluate\]"):
        issues("a = 1")


@given(st.text(alphabet="`~\n pya=1(", max_size=80))
def test_any_answer_has_a_code(answer: str) -> None:
    assert isinstance(code_in(answer), str)
