"""Language: told in sentences of every language that packs speak, not guessed from scraps, and never a failure."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.screen.said import lines
from tests.wire.test_fold import ENGLISH, SENTENCES
from tocsin.screen import language, prepare
from tocsin.screen.language import language_of
from tocsin.wire.fold import fold

TAGS = {
    "russian": "ru", "ukrainian": "uk", "mongolian_cyrillic": "mn-Cyrl", "mongolian_traditional": "mn-Mong",
    "greek": "el", "arabic": "ar", "hebrew": "he", "chinese_simplified": "zh-Hans", "chinese_traditional": "zh-Hant",
    "hindi": "hi", "tibetan": "bo", "persian": "fa", "japanese": "ja", "korean": "ko", "french": "fr",
    "vietnamese": "vi", "turkish": "tr",
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(SENTENCES))
def test_genuine_sentences_are_told_or_left_open(name: str) -> None:
    found = [language_of(fold(sentence)) for sentence in SENTENCES[name]]
    wrong = [tag for tag in found if tag not in (TAGS[name], TAGS[name].split("-")[0], None)]
    assert wrong == []
    assert sum(tag is not None for tag in found) / len(found) >= 0.8


def test_english_is_told() -> None:
    assert {language_of(fold(sentence)) for sentence in ENGLISH} == {"en"}


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("el tren sale a mediodía y los niños están muy contentos porque hay fiesta", "es"),
        ("nous avons pris le train dans la matinée et vous êtes restés avec leur mère", "fr"),
        ("Сlаim yоur lоttеry rеfund bеfоrе thе еnd оf thе mоnth plеаsе", "en"),
        ("請到圖書館領取您的書", "zh-Hant"),
        ("请到图书馆领取您的书", "zh-Hans"),
        ("大家早上好", None),
        ("天天在水上走的人", "zh"),
        ("東京の天気はとても良いです", "ja"),
        ("ᠮᠣᠩᠭᠣᠯ ᠪᠢᠴᠢᠭ", "mn-Mong"),
        ("эта ёлка выросла за домом", "ru"),
        ("өнөөдөр үдээс хойш", "mn-Cyrl"),
    ],
)
def test_examples(text: str, tag: str | None) -> None:
    assert language_of(fold(text)) == tag


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hi",
        "ok lol",
        "12345 67890",
        "привет",
        "你好",
        "국",
        "🎉🎉",
        "v1.0.2",
        "Сделать it work сегодня please и potom",
    ],
)
def test_scraps_and_mixtures_stay_unknown(text: str) -> None:
    assert language_of(fold(text)) is None


@given(st.text(max_size=300))
def test_any_text_gives_a_tag_or_nothing(text: str) -> None:
    tag = language_of(fold(text))
    assert tag is None or re.fullmatch(r"[a-z]{2,3}(-[A-Z][a-z]{3})?", tag)


def test_characters_that_are_not_for_interchange_hide_nothing() -> None:
    for noise in ("\ufdd0", "\U0001fffe", "\uffff"):
        assert language_of(f"{noise} what lovely weather over our garden {noise} today my friend") == "en"


def test_without_cld2_scripts_and_letters_still_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "_cld2", lambda: None)
    assert language_of("请到图书馆领取您的书") == "zh-Hans"
    assert language_of("ᠮᠣᠩᠭᠣᠯ ᠪᠢᠴᠢᠭ") == "mn-Mong"
    assert language_of("сегодня утром мы пошли на рынок за свежими овощами, а ты") == "ru"
    assert language_of("das büro öffnet um acht uhr am morgen") is None


def test_a_batch_says_what_the_source_said_and_what_was_found() -> None:
    batch = prepare(lines(["Моя бабушка печёт вкусные пироги с яблоками", "ok"], lang="fr"))
    assert batch.column("lang").to_pylist() == ["fr", "fr"]
    assert batch.column("language").to_pylist() == ["ru", None]
