"""The rules that artefacts are judged by are whole, and their digest moves only with what bears on a format."""

import re

import msgspec

from tocsin.kernel.artefacts import ArtefactVerdict, Severity
from tocsin.taxonomy.artefact_rules import ArtefactRule, artefact_rules, digest_for

_VALUES = re.compile(r"\{(\w+)\}")


def test_every_rule_says_why_and_what_to_do_in_both_languages() -> None:
    for rule in artefact_rules().values():
        assert all((rule.en, rule.zh, rule.do_en, rule.do_zh, rule.formats)), rule.id
        assert set(_VALUES.findall(rule.en)) == set(_VALUES.findall(rule.zh)), rule.id
        assert not _VALUES.findall(rule.do_en + rule.do_zh), rule.id
        assert (rule.severity is Severity.NOTE) == (rule.verdict is ArtefactVerdict.CLEAN), rule.id


def test_a_rule_that_is_added_or_raised_moves_the_digest_of_its_formats_alone() -> None:
    rule = ArtefactRule(
        id="x.one",
        version=1,
        formats=("gguf",),
        verdict=ArtefactVerdict.FOUND,
        severity=Severity.HIGH,
        en="a",
        zh="b",
        do_en="c",
        do_zh="d",
    )
    before = dict(artefact_rules())
    after = {**before, rule.id: rule}
    raised = {**before, rule.id: msgspec.structs.replace(rule, version=2)}
    readers = {"gguf": 1}
    assert digest_for("gguf", before, readers) != digest_for("gguf", after, readers)
    assert digest_for("gguf", after, readers) != digest_for("gguf", raised, readers)
    assert digest_for("pickle", before, readers) == digest_for("pickle", after, readers)
    assert digest_for("gguf", before, readers) != digest_for("gguf", before, {"gguf": 2})
