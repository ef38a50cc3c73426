"""What stands between letters: undone where it is thick, and evidence only where nobody writes so."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.test_fold import expected
from tocsin.wire.fold import fold, fold_counting

DECLARATION: dict[str, str] = json.loads(
    (Path(__file__).parent.parent / "vectors" / "udhr_article1.json").read_text("utf-8")
)["texts"]

ARABIC = "يعيد مكتب الاسترداد مبلغا صغيرا إلى كل لاعب يملأ الاستمارة القصيرة ويحفظ الرقم"
CHINESE = "退款服务台会把没有付清的尾款退给每一位填好简短表格并保管好编号的玩家"


def test_a_heading_stretched_at_its_joins_ties_and_is_no_evidence() -> None:
    assert fold_counting("الـســلام عـلـيـكـم ورحـمـة الله") == ("السلام عليكم ورحمة الله", 0)


def test_stretches_where_nothing_joins_are_evidence() -> None:
    plain, hidden = "العمل راتب دائم وراحة", "اـلعمل راـتب داـئم وراـحة"
    assert fold_counting(hidden) == (plain, 4)


@pytest.mark.parametrize(
    "text",
    [
        "خطـأ في قاعدة البيانات",
        "تم تغيير لـ بـ في سنة 1447 هـ",
        "جميــــل جدا",
        "وَإِلَـٰهُكُمْ إِلَـٰهٌ وَاحِدٌ لَّا إِلَـٰهَ إِلَّا هُوَ الرَّحْمَـٰنُ الرَّحِيمُ",
        "می\u200cخواهم کتاب\u200cها را به خانه\u200cی ما بیاورید و می\u200cروم",
        "مي\u200cخواهم كتاب\u200cها را مي\u200cبرم",
        "نه\u200cوه\u200cی كورد له\u200cوێ ده\u200cژی",
        "春 夏 秋 冬 静 默 如 谜 通 知 书",
        "约翰·史密斯、玛丽·居里、阿尔伯特·爱因斯坦、马丁·路德·金、卡尔·荣格",
        "首页|新闻|体育|财经|娱乐|汽车|房产|教育",
        "恭喜张*明、李*红、王*伟三位",
        "很好.非常干净.是新装修的.服务不错.早餐也很好.对了.被子很厚",
        "苹果+香蕉+梨子+西瓜+草莓+葡萄+橙子",
        "ст\u00adро\u00adка то\u00adго",
    ],
)
def test_what_people_write_without_a_purpose_is_no_disguise(text: str) -> None:
    folded = fold_counting(text)
    assert folded.text == expected(text)
    assert folded.repairs == 0


def test_joiners_spell_nothing_in_arabic() -> None:
    hidden = (
        ARABIC.replace("الا", "ا\u200cلا").replace("صغير", "صغ\u200dير").replace("القصيرة", "القص\u2060يرة")
    )
    assert fold_counting(hidden) == (ARABIC, 4)


def test_signs_of_many_kinds_in_chinese_are_evidence() -> None:
    signs = ".*· "
    hidden = "".join(
        char + (signs[at // 3 % 4] if at % 3 == 1 and at + 1 < len(CHINESE) else "")
        for at, char in enumerate(CHINESE)
    )
    folded = fold_counting(hidden)
    assert folded.text == CHINESE
    assert folded.repairs >= 6


def test_one_sign_between_characters_is_undone_without_evidence() -> None:
    assert fold_counting("*".join(CHINESE)) == (CHINESE, 0)
    assert fold_counting("|".join(CHINESE)).repairs == 0


def test_letters_and_digits_beside_chinese_set_apart_are_closed_too() -> None:
    assert fold("*".join(CHINESE) + "2*0*0*9年") == CHINESE + "2009年"


def test_invisible_characters_count_once_in_a_word_of_chinese() -> None:
    assert fold_counting("退\u200b款\u200b服\u200b务\u200b台") == ("退款服务台", 2)
    assert fold_counting("葛\U000e0100城市" * 3) == ("葛城市" * 3, 0)  # which shape of the character
    assert fold_counting("\u200b退款\u200b，服务\ufeff") == ("退款,服务", 0)


def test_invisible_characters_are_evidence_in_every_alphabet() -> None:
    assert fold_counting("ло\u200bте\u200bрея").repairs == 2
    assert fold_counting("λα\u2060χείο").repairs == 1
    assert fold_counting("гдⷭ\u0483т\u200dво ѡ").repairs == 0  # Church Slavonic joins letters so


def test_no_language_of_the_world_is_a_disguise() -> None:
    folded = {code: fold_counting(text) for code, text in DECLARATION.items()}
    assert [code for code, one in folded.items() if one.repairs] == []
    plain = {code: expected(text).replace("\u200b", "") for code, text in DECLARATION.items()}
    assert [code for code, one in folded.items() if one.text != plain[code]] == []


def test_the_declaration_is_there_in_the_languages_of_the_packs() -> None:
    assert {"eng", "spa", "fra", "rus", "arb", "khk", "khk_mong", "cmn_hans", "cmn_hant", "yor"} <= set(
        DECLARATION
    )


@given(st.text(alphabet="退款服务台 .*·|_台ا\u0640لعدرة\u064e\u0670\u200c\u200d\u200b a1", max_size=60))
def test_folding_twice_is_folding_once_where_letters_are_apart(text: str) -> None:
    once = fold(text)
    assert fold(once) == once
