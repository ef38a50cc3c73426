"""Sentences of a room: read once each, said with values in two languages."""

from pathlib import Path

import pytest

from tocsin.taxonomy.sentence_files import Sentence, SentenceFile, read_sentences, say

KNOWN = {
    "left": Sentence(
        "left", "{name} has {share:percent} of {whole}, {by}", "{name}：{whole} 的 {share:percent}，{by}"
    ),
    "by.peer": Sentence("by.peer", "said a peer", "同伴所述"),
}
VALUES: dict[str, str | int | float] = {
    "name": "one",
    "name_zh": "一",
    "share": 0.255,
    "whole": 12_000,
    "by": "peer",
}


class _File(SentenceFile, frozen=True, forbid_unknown_fields=True):
    rules: tuple[Sentence, ...]
    words: tuple[Sentence, ...] = ()


def test_an_id_is_given_once_in_all_groups(tmp_path: Path) -> None:
    row = "  - {id: a, en: one, zh: 一}\n"
    (tmp_path / "sentences.yaml").write_text(f"version: 1\nrules:\n{row}", encoding="utf-8")
    assert read_sentences(tmp_path, "sentences.yaml", _File) == {"a": Sentence("a", "one", "一")}
    (tmp_path / "sentences.yaml").write_text(f"version: 1\nrules:\n{row}words:\n{row}", encoding="utf-8")
    with pytest.raises(ValueError, match="a is given twice"):
        read_sentences(tmp_path, "sentences.yaml", _File)


def test_values_are_said_in_words_of_each_language() -> None:
    assert say(KNOWN, "left", VALUES) == "one has 25.5% of 12,000, said a peer"
    assert say(KNOWN, "left", VALUES, "zh") == "一：12,000 的 25.5%，同伴所述"
    assert say(KNOWN, "left", {"whole": 12_000}, number=str) == "{name} has {share:percent} of 12000, {by}"


def test_what_is_not_known_is_said_by_its_author_or_its_id() -> None:
    assert say(KNOWN, "own.rule", otherwise="never on Sundays") == "never on Sundays"
    assert say(KNOWN, "own.rule") == "own.rule"
