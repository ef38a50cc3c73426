"""Languages: complete, well chosen, and a file is all it takes."""

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tests.console import Client, furnish, log_in
from tests.fixtures import Made
from tocsin.kernel import at_micros, micros
from tocsin.web.console import extract, languages
from tocsin.web.console.languages import LOCALE_DIR, choose, read_languages
from tocsin.web.console.languages import languages as all_languages
from tocsin.web.console.render import TEMPLATES

PLACE = re.compile(r"%\((\w+)\)s|%(?!\()|\{\w+[^}]*\}")
FILES = sorted(LOCALE_DIR.glob("*/LC_MESSAGES/tocsin.po"))


def strings(value: object) -> list[str]:
    return [value] if isinstance(value, str) else [str(part) for part in value]  # type: ignore[attr-defined]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.parent.name)
def test_every_text_is_translated_and_no_value_is_lost(path: Path) -> None:
    with path.open("rb") as file:
        catalogue = read_po(file)
    for text in extract.collect():
        if not text.id or (path.parent.parent.name == "zh" and extract._only_data(text)):
            continue
        kept = catalogue.get(strings(text.id)[0])
        assert kept, f"{text.id!r} is not in {path.name}: run `python -m tocsin.web.console.extract`"
        assert not kept.fuzzy
        wanted = Counter(PLACE.findall(strings(text.id)[-1]))
        for said in strings(kept.string):
            assert said.strip(), f"{text.id!r} is not translated"
            assert Counter(PLACE.findall(said)) == wanted, text.id
            assert "<" not in said, "a translation is text, not markup"


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.parent.parent.name)
def test_the_files_are_what_the_source_says(path: Path) -> None:
    """The same source gives the same bytes, so a forgotten extraction is seen."""
    tag = path.parent.parent.name
    assert path.read_text("utf-8") == extract.text_of(extract.merged(tag))
    assert extract.template_path().read_text("utf-8") == extract.text_of(extract.collect())
    assert extract.untranslated(extract.merged(tag)) == []


def test_chinese_is_chinese() -> None:
    with extract.po_path("zh").open("rb") as file:
        catalogue = read_po(file)
    for message in catalogue:
        if message.id:
            assert all(re.search(r"[\u4e00-\u9fff]", said) for said in strings(message.string)), message.id


def test_no_template_writes_words_outside_the_catalogue() -> None:
    """Between tags there is markup, an expression or a sign, never an English sentence."""
    for path in TEMPLATES.glob("*.html"):
        text = re.sub(
            r"{%.*?%}|{{.*?}}|{#.*?#}|<(svg|pre)\b.*?</\1>", "", path.read_text("utf-8"), flags=re.DOTALL
        )
        words = re.findall(r">([^<>]*[A-Za-z]{3}[^<>]*)<", text)
        assert [word.strip() for word in words if word.strip(" ·\n") != "Tocsin"] == [], path.name
        assert "|safe" not in path.read_text("utf-8").replace(" ", ""), path.name
        assert "autoescape" not in path.read_text("utf-8"), path.name


@pytest.mark.parametrize(
    ("asked", "kept", "accept", "tag"),
    [
        (None, None, None, "en"),
        (None, None, "zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        (None, None, "mn;q=1, zh;q=0.4, en;q=0.7", "en"),
        (None, None, "zh;q=0, en", "en"),
        (None, "zh", "en", "zh"),
        ("en", "zh", "zh", "en"),
        ("ZH_hant-TW", None, None, "zh"),
        ("xx", "yy", "zh", "zh"),
        ("../../etc", None, "q=;;,,zh;q=nan,zh;q=x", "en"),
        (None, None, "a" * 100_000, "en"),
    ],
)
def test_the_language_is_chosen(asked: str | None, kept: str | None, accept: str | None, tag: str) -> None:
    assert choose(asked=asked, kept=kept, accept=accept).tag == tag


def test_the_choice_is_kept_and_the_page_says_its_language(client: Client, made: Made) -> None:
    furnish(made)
    assert '<html lang="en">' in client.get("/login").text
    log_in(client, made.token)
    first = client.get("/warnings?sort=actors&lang=zh")
    assert "tocsin_lang=zh" in first.headers["set-cookie"]
    assert '<html lang="zh-Hans">' in first.text
    assert 'href="/warnings?sort=actors&amp;lang=en"' in first.text, "the way back keeps the view"
    for path in (
        "/warnings",
        "/warnings/00000000-0000-5000-8000-000000000000",
        "/peers",
        "/left",
        "/audit",
        "/warnings/none",
    ):
        page = client.get(path).text
        assert '<html lang="zh-Hans">' in page
        assert not re.search(r"\b(Warnings|Peers|Log out|Status|Purpose|Accounts|What)\b", page), path
    assert '<html lang="en">' in client.get("/peers?lang=en").text


def test_numbers_and_dates_are_those_of_the_language() -> None:
    english, chinese = all_languages()["en"], all_languages()["zh"]
    moment = 1_795_176_000_000_000  # 2026-11-20T12:00Z
    assert english.time(moment) == "20 Nov 2026, 12:00\N{NO-BREAK SPACE}UTC"
    assert chinese.time(moment) == "2026年11月20日 12:00\N{NO-BREAK SPACE}UTC"
    assert (english.number(1_234.5), english.percent(0.86), chinese.percent(0.86)) == (
        "1,234.5",
        "86%",
        "86%",
    )
    assert english.size(1) == "1 byte"
    assert english.size(18_442) == "18 kB"
    assert english.size(9_999_999) == "10,000 kB"
    assert english.size(15_231_000_000) == "15 GB"
    now = at_micros(moment)
    assert english.ago(micros(now - timedelta(minutes=2)), now) == "2 minutes ago"
    assert chinese.ago(micros(now - timedelta(minutes=2)), now) == "2分钟前"


def test_a_language_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file with some of the texts is a language; what it lacks is said in English."""
    monkeypatch.setattr(languages, "LOCALE_DIR", tmp_path)
    folder = tmp_path / "mn" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "tocsin.po").write_text(
        'msgid ""\nmsgstr ""\n"Language: mn\\n"\n"Content-Type: text/plain; charset=utf-8\\n"\n'
        '"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n\nmsgid "Warnings"\nmsgstr "Сэрэмжлүүлэг"\n',
        "utf-8",
    )
    read_languages.cache_clear()
    try:
        assert list(all_languages()) == ["en", "mn"]
        mongolian = choose(asked="mn", kept=None, accept=None)
        assert (mongolian.html, mongolian.say("Warnings"), mongolian.say("Peers")) == (
            "mn",
            "Сэрэмжлүүлэг",
            "Peers",
        )
        assert mongolian.name == "монгол"
    finally:
        read_languages.cache_clear()


def test_a_size_is_said_in_every_language_of_the_pages() -> None:
    for language in read_languages("public").values():
        for count in (69, 8_000_000, 20_000_000_000):
            assert "digital" not in language.size(count)
    assert read_languages("public")["mn"].size(69) == "69 B"
