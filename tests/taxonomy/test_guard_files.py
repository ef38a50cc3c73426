"""Guards as data: packaged templates hold, and a bad file is named with what is wrong."""

from pathlib import Path

import pytest

from tocsin.kernel import BadInput
from tocsin.taxonomy import category
from tocsin.taxonomy.guard_files import load_guards, of_results, packaged_templates, read_guard

GOOD = b"url: http://127.0.0.1:8000/v1\ntemplate: llama-guard-3\n"


def test_every_label_of_a_template_is_conduct_or_nothing() -> None:
    templates = packaged_templates()
    assert set(templates) == {"gpt-oss-safeguard", "llama-guard-3", "qwen3guard"}
    for template in templates.values():
        for meant in template.categories.values():
            assert meant is None or category(meant) is not None
    assert templates["qwen3guard"].categories["Politically Sensitive Topics"] is None


def test_there_is_none_by_default(tmp_path: Path) -> None:
    assert load_guards(tmp_path / "guards") == ()


def test_a_guard_is_told_from_another_by_what_it_is_asked(tmp_path: Path) -> None:
    (tmp_path / "first.yaml").write_bytes(GOOD)
    (tmp_path / "second.yaml").write_bytes(GOOD + b"model: another\n")
    first, second = load_guards(tmp_path)
    assert (first.name, first.model) == ("first", "meta-llama/Llama-Guard-3-8B")
    assert (second.name, second.model) == ("second", "another")
    assert first.version != second.version
    assert read_guard(GOOD, "third.yaml").version == first.version


def test_of_tools_results_only_orders_count_and_verdicts_do_not_mix() -> None:
    guard = read_guard(GOOD.replace(b"llama-guard-3", b"qwen3guard") + b"results: true\n", "mine.yaml")
    asked = of_results(guard)
    assert {label for label, meant in asked.template.categories.items() if meant} == {"Jailbreak"}
    assert asked.template.categories.keys() == guard.template.categories.keys()
    assert asked.version != guard.version
    assert (asked.name, asked.file, asked.model) == (guard.name, guard.file, guard.model)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"url: x\n", "template"),
        (b"url: x\ntemplate: nothing\n", "llama-guard-3"),
        (GOOD + b"secret: abc\n", "unknown field"),
        (GOOD + b"results: true\n", "no label of llama-guard-3 leads to technique.requirement-hijack"),
        (GOOD + b"concurrency: 0\n", "concurrency"),
        (GOOD + b"cost_a_day: 5\n", "cost_per_million_characters"),
        (b"[[[", "docs/guards.md"),
        (b"\xff\xfe", "docs/guards.md"),
        (b"x" * 70_000, "larger"),
        (
            b"url: x\nown: {name: o, version: 1, shape: llama-guard, model: m, categories: {S1: political.speech}}\n",
            "no category of conduct",
        ),
        (b"url: x\nown: {name: o, version: 1, shape: llama-guard, model: m, categories: {}}\n", "categories"),
        (
            b"url: x\nown: {name: o, version: 1, shape: safeguard, model: m, categories: {a: null}}\n",
            "policy",
        ),
        (
            b"url: x\nown: {name: o, version: 1, shape: qwen3guard, model: m, categories: {a: null}, batch: 4}\n",
            "batch",
        ),
    ],
)
def test_a_bad_file_is_named(data: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        read_guard(data, "mine.yaml")
    assert "mine.yaml" in caught.value.message


def test_a_name_is_plain() -> None:
    with pytest.raises(BadInput, match="small letters"):
        read_guard(GOOD, "My Guard.yaml")
