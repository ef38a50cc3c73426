"""A finding in words: the rule's sentence with the finding's values, whatever those are."""

from tocsin.kernel.artefacts import ArtefactVerdict, Finding, Place, Severity
from tocsin.taxonomy.artefact_rules import artefact_rules
from tocsin.taxonomy.artefact_words import words

RULE = "provenance.too-few"


def found(rule: str = RULE, **values: str | int | float) -> Finding:
    return Finding(rule, ArtefactVerdict.FOUND, Severity.HIGH, Place("a.bin"), values)


def test_a_finding_is_said_in_both_languages_and_english_may_be_translated() -> None:
    rule = artefact_rules()[RULE]
    said = words(found(got=1_000, needed=2))
    assert said == (rule.en.format(got="1,000", needed="2"), rule.do_en)
    assert words(found(got=1, needed=2), "zh-Hans") == (rule.zh.format(got=1, needed=2), rule.do_zh)
    assert words(found(), "mn", translate=str.upper).do == rule.do_en.upper()


def test_a_value_from_a_file_is_shown_without_what_turns_or_fills_a_terminal() -> None:
    said = words(found(got="\u202e\x1b[31m" + "x" * 500, needed="{got}")).why
    assert "\u202e" not in said
    assert "\x1b" not in said
    assert "x" * 201 not in said
    assert "{got}" in said, "a value is no sentence to be filled"


def test_a_rule_of_another_release_and_a_value_that_lacks_are_shown_as_they_are() -> None:
    assert words(found("gone.rule", count=3, a="b")) == ("gone.rule (a=b, count=3)", "")
    assert "{got}" in words(found(needed=2)).why
