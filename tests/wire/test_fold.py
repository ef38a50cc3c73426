"""Folding: idempotent, harmless to genuine writing, and it undoes generated disguises."""

import gettext
import random
import unicodedata
from collections import defaultdict
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tocsin.wire.fold import _folded, _pass, fold, fold_counting, forms, genuine

SENTENCES: dict[str, list[str]] = yaml.safe_load(
    (Path(__file__).parent.parent / "vectors" / "genuine_sentences.yaml").read_text("utf-8")
)["sentences"]

LOOK_ALIKES = {
    "a": "аα", "b": "Ьƅ", "c": "сϲ", "d": "ԁ", "e": "еε", "g": "ɡ", "h": "һ", "i": "іι", "j": "ј", "k": "κк", "l": "ӏ",
    "m": "м", "n": "η", "o": "оο", "p": "рρ", "q": "ԛ", "r": "г", "s": "ѕ", "t": "τт", "u": "υ", "v": "ѵν", "w": "ԝ",
    "x": "хχ", "y": "уγ", "A": "АΑ", "B": "ВΒ", "C": "С", "E": "ЕΕ", "H": "НΗ", "I": "ІΙ", "K": "КΚ", "M": "МΜ",
    "N": "Ν", "O": "ОΟ", "P": "РΡ", "S": "Ѕ", "T": "ТΤ", "X": "ХΧ", "Y": "ΥҮ",
}  # fmt: skip
LEET = {"a": "4@", "e": "3", "i": "1!", "o": "0", "s": "5$", "t": "7"}
ENGLISH = """The committee meets every second Thursday in the large hall beside the library
Please remember to bring your own cup because there will be tea and small cakes
Yesterday our neighbours planted twelve apple trees along the northern fence
A good dictionary explains where words come from and how their meaning changed
Children learn to swim in summer when the lake is warm and the days are long
Our train leaves at noon and arrives before the museum closes its heavy doors
She repaired the old clock with patience and a very small screwdriver
Nobody expected the concert to last until midnight although everyone stayed
Fresh bread from the corner bakery smells better than anything in the market
They painted the kitchen yellow so that winter mornings would feel brighter
Volunteers counted birds along the river and wrote every number in a notebook
When the rain stopped we walked through the forest and collected mushrooms""".splitlines()


def expected(text: str) -> str:
    """What folding may do to genuine text: case, width and compatibility forms, spaces, bidi marks."""
    plain = "".join(char for char in text if char not in "\u200e\u200f\u061c\u00ad\ufeff\u202a\u202b\u202c")
    for _ in range(3):
        plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", plain).casefold()).replace(
            "i\u0307", "i"
        )
    return " ".join(plain.split())


@given(st.text("aEolswTy013457@$! ’“”‘…—–•«»„‚\n", max_size=80))
def test_the_short_way_of_usual_texts_is_the_whole_way(text: str) -> None:
    text += "—"
    assert fold_counting(text) == _folded(text, _pass)


@given(st.text(max_size=80))
def test_folding_twice_is_folding_once(text: str) -> None:
    once = fold(text)
    assert fold(once) == once


ALPHABET = (
    "aeiourstlnm"
    + "аеосрхуі"
    + "αεοικ"
    + "0134578@$!"
    + " .-"
    + "\u200b\u200d\u0301\u0336\ufe0f"
    + "AEOНРβЩßİſᴀʟɡו中ᠮک"
)


@given(st.text(alphabet=ALPHABET, max_size=40))
def test_folding_twice_is_folding_once_in_disguises(text: str) -> None:
    once = fold(text)
    assert fold(once) == once


@given(st.text(alphabet=ALPHABET, max_size=40))
def test_the_genuine_form_is_idempotent(text: str) -> None:
    assert genuine(genuine(text)) == genuine(text)


@pytest.mark.parametrize("language", sorted(SENTENCES))
def test_genuine_sentences_keep_every_letter(language: str) -> None:
    assert len(SENTENCES[language]) >= 12
    for sentence in SENTENCES[language]:
        folded = fold_counting(sentence)
        assert folded.text == expected(sentence), sentence
        assert folded.repairs == 0


def catalogues() -> dict[str, list[Path]]:
    """Translations that happen to be installed, by language: much genuine text that nobody chose for this test."""
    found: dict[str, list[Path]] = defaultdict(list)
    for folder in (Path("/usr/share/locale"), Path("/usr/share/locale-langpack")):
        for language in (
            "ru",
            "uk",
            "el",
            "ar",
            "he",
            "zh_CN",
            "zh_TW",
            "ja",
            "ko",
            "mn",
            "hi",
            "fa",
            "bo",
            "fr",
            "vi",
        ):
            found[language] += sorted((folder / language / "LC_MESSAGES").glob("*.mo"))[:12]
    return {language: files for language, files in found.items() if files}


def test_installed_translations_are_not_damaged() -> None:
    files = catalogues()
    if not files:
        pytest.skip("no translation files are installed")
    checked = damaged = 0
    for paths in files.values():
        for path in paths:
            with path.open("rb") as stream:
                try:
                    catalogue = gettext.GNUTranslations(stream)
                except (UnicodeDecodeError, ValueError, LookupError, OSError):
                    continue
            for text in list(catalogue._catalog.values())[:300]:  # type: ignore[attr-defined]
                if isinstance(text, str) and not any(char.isdigit() for char in text):
                    checked += 1
                    damaged += fold(text) != expected(text)
    assert checked == 0 or damaged / checked < 0.002, f"{damaged} of {checked}"


def restored(disguise: str, seed: int, share: float) -> float:
    """Share of the words of the English sentences that folding gives back; all digits (`70`) is a number."""
    rng = random.Random(seed)
    kept = total = 0
    for sentence in ENGLISH:
        text = " ".join(disguised(word, disguise, rng, share) for word in sentence.split())
        for at, (before, after) in enumerate(
            zip(sentence.casefold().split(), fold(text).split(), strict=True)
        ):
            readable = any(map(str.isalpha, text.split()[at]))
            total += readable
            kept += readable and before == after
    return kept / total


def disguised(word: str, disguise: str, rng: random.Random, share: float) -> str:
    out = []
    for char in word:
        hit = rng.random() < share
        if disguise == "look-alikes" and hit and char in LOOK_ALIKES:
            out.append(rng.choice(LOOK_ALIKES[char]))
        elif disguise == "leet" and hit and char.lower() in LEET:
            out.append(rng.choice(LEET[char.lower()]))
        elif disguise == "width" and hit and "!" <= char <= "~":
            out.append(chr(ord(char) + 0xFEE0))
        elif disguise == "case" and hit:
            out.append(char.swapcase())
        elif disguise == "mathematical" and hit and "a" <= char <= "z":
            out.append(chr(0x1D41A + ord(char) - ord("a")))
        else:
            out.append(char)
        if disguise == "invisible" and hit:
            out.append(rng.choice("\u200b\u200c\u200d\u2060\ufeff\u00ad\u2063"))
        if disguise == "marks" and hit:
            out.append(
                "".join(
                    rng.choices(
                        "\u0300\u0301\u0316\u0323\u0332\u0336\u0337\u033f\u0489\u20dd", k=rng.randint(2, 4)
                    )
                )
            )
    return "".join(out)


@pytest.mark.parametrize("disguise", ["look-alikes", "width", "case", "mathematical", "invisible", "marks"])
def test_generated_disguises_are_undone(disguise: str) -> None:
    rates = [restored(disguise, seed, share) for seed in range(6) for share in (0.2, 0.5, 0.9)]
    assert sum(rates) / len(rates) >= 0.99


def test_digits_for_letters_are_undone() -> None:
    rates = [restored("leet", seed, share) for seed in range(6) for share in (0.3, 0.5, 0.7)]
    assert sum(rates) / len(rates) >= 0.99


@pytest.mark.parametrize(
    "text",
    [
        "call 0800 555 1234 before 10:30", "mp3 i18n covid19 3d gpt4 sha256 utf8 x86 h264 b2b k8s",
        "write to user0ne@mail.example or see https://site.example/a1b2c3", "version 2.0.1 of 4th july 1st 7pm 5gb",
        "3fa85f64-5717-4562-b3fc-2c963f66afa6", "$100 or 200$ and 7 of 9", "wow! great! (100%)",
        "registers 0x01 0x03 0x0f", "=?utf-8?q?m=c3=b3dulo_para_la_integraci=c3=b3n?=", "t1 s3 d3 l0 h4 v1 of i5",
        "boto3 python3 pyqt5 hdf5 int8 mp4 m4s",
    ],
)  # fmt: skip
def test_numbers_names_and_addresses_stay(text: str) -> None:
    assert fold_counting(text) == (text, 0)


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Сlаim yоur Іоttеrу rеfund", "claim your iottery refund"),
        ("приbет, как дела", "приьет, как дела"),
        (
            "--groups=G_LIST задать группы как гр1, гр2, грN",
            "--groups=g_list задать группы как гр1, гр2, rpn",
        ),
        ("καλημέρα kόσμε", "καλημέρα kόσμε"),
        ("бoльшoй гoрoд", "большой город"),
        ("βιβλιoθήκη", "βιβλιοθήκη"),
        ("ʟᴏᴛᴛᴇʀʏ", "lottery"),
        ("l̶o̶t̷t̸e̴r̵y̶", "lottery"),
        ("می\u200cشود", "می\u200cشود"),
        ("c4sh pr1ze w1nn3r", "cash prize winner"),
    ],
)
def test_direction_follows_the_majority(text: str, folded: str) -> None:
    if text.startswith("καλ"):
        assert fold(text).startswith("καλημέρα")
    else:
        assert fold(text) == folded


def test_small_words_tell_a_disguise() -> None:
    assert fold("th3 f1le y0u want 1s h3re") == "the file you want is here"
    assert fold("d3 m1 c4s4 l4s llav3s") == "de mi casa las llaves"
    assert fold("s3 s3fs") == "s3 sefs"  # one small word that is the name of a thing tells nothing


def test_a_name_that_comes_again_is_one_word() -> None:
    assert fold_counting("f3dx: the `f3dx` cache, f3dx.router and mp3").repairs == 1
    assert "mp3" in fold("f3dx: the `f3dx` cache, f3dx.router and mp3")


def test_a_text_of_look_alikes_alone_is_latin_if_one_is_rare() -> None:
    assert fold("Ѕегѵег еггог (500)") == "server error (500)"
    assert fold("ԝаԝ ԝоԝо лебде") == "ԝаԝ ԝоԝо лебде"  # a letter of Yukaghir and Kurdish
    assert fold("сор рот оса") == "сор рот оса"


def test_repairs_are_counted_by_word() -> None:
    assert fold_counting("Сlаim yоur lоttеry rеfund today").repairs == 4
    assert fold_counting("Das Büro öffnet um acht").repairs == 0


def test_a_long_pile_is_cut_in_any_script() -> None:
    assert len(fold("ब" + "\u093c" * 5_000)) < 20
    assert len(fold("a" + "\u0301" * 5_000)) < 4


@given(st.text(st.sampled_from("ab 1\n\t\x0b\x7fé\u200b") | st.characters(), max_size=30))
def test_both_forms_at_once_are_each_of_them(text: str) -> None:
    assert forms(text) == (fold_counting(text), genuine(text))
