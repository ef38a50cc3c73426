"""Chinese in disguise: what each form undoes, and that it is the same for a text and its disguise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tocsin.wire import han
from tocsin.wire.fold import fold
from tocsin.wire.loose import loose

PLAIN = "领取您的彩票退款"


def sound(text: str) -> str:
    return han.sounds(han.joined(loose(fold(text))))


@pytest.mark.parametrize(
    "text",
    [
        "領取您的彩票退款",
        "领 取 您 的 彩 票 退 款",
        "领*取、您…的|彩🎉票。退_款",
        "领\u200b取您的彩\u2060票退款",
        "领取您的\n彩票退款",
    ],
)
def test_script_and_gaps_are_undone_by_the_loose_form(text: str) -> None:
    assert loose(fold(text)) == PLAIN


@pytest.mark.parametrize("text", ["令页耳又您的彩票退款", "领取你心白勺采彡西示艮辶款", "領取您的采彡票退款"])
def test_split_characters_are_joined(text: str) -> None:
    assert han.joined(loose(fold(text))) == PLAIN


@pytest.mark.parametrize(
    "text",
    [
        "零曲您得菜票腿款",
        "ling取您de彩piao退款",
        "lingqu您的 cai piao 退款",
        "領取您的採票退款",
        "领取您的彩piao退kuan",
    ],
)
def test_homophones_sound_alike(text: str) -> None:
    assert sound(text) == sound(PLAIN)


def test_other_words_sound_otherwise() -> None:
    assert sound("领取您的图书证") != sound(PLAIN)
    assert sound("hello领取") != sound("领取")


@pytest.mark.parametrize(
    ("text", "script"),
    [("图书馆", "Hans"), ("圖書館", "Hant"), ("人山水", None), ("後面", "Hant"), ("后面", None), ("", None)],
)
def test_script_is_told_by_characters_of_one_script(text: str, script: str | None) -> None:
    assert han.script(text) == script


@given(st.text(alphabet=PLAIN + "領弓虽女子 *。abpiao𠀋\U000f0000", max_size=40))
def test_forms_are_defined_for_any_text(text: str) -> None:
    form = loose(fold(text))
    assert loose(form) == form
    assert len(han.joined(form)) <= len(form)
    assert len(han.sounds(form)) <= len(form)


def test_only_signs_of_sounds_are_sounds() -> None:
    assert all(map(han.is_sound, sound(PLAIN)))
    assert not any(map(han.is_sound, "a领\ue900"))
