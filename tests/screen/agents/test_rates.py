"""The rates that docs/agents.md states are what the code measures, and stay above their floors."""

from pathlib import Path

from benchmarks.agent_held import guard_table, sequence_table, words_table
from benchmarks.agent_rates import disguise_table, injection_table, secret_table, secrets

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "agents.md").read_text("utf-8")


def test_the_page_says_what_was_measured() -> None:
    for table in (injection_table(), disguise_table(), secret_table(), words_table(), sequence_table()):
        assert table in PAGE
    assert guard_table() in PAGE


def test_the_set_is_the_same_every_time() -> None:
    assert secrets() == secrets()
