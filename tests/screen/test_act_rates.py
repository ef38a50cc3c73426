"""The rates that docs/sessions.md states are what the code measures; its worst figures are there too."""

from pathlib import Path

from benchmarks import session_held
from benchmarks.session_rates import false_table, found_table

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "sessions.md").read_text("utf-8")


def test_the_page_says_what_was_measured() -> None:
    assert found_table() in PAGE
    assert false_table() in PAGE
    assert session_held.found_table("held") in PAGE
    assert session_held.false_table("held") in PAGE
