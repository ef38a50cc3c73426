"""A letter on paper: its words are in it, in three scripts, and the same letter is the same file."""

import io

import pypdf
import pytest

from tests.cases_made_up import DAY, START, case, decided
from tocsin.app.letter_paper import FONTS, letter_paper
from tocsin.cases.reasons import LANGUAGES, Letter, letter
from tocsin.kernel.disposing import Appellant

typst = pytest.importorskip("typst")


def written(lang: str) -> Letter:
    return letter(
        case(lang=lang),
        decided(approved_by="user_two", approved_at=START),
        Appellant.AFFECTED,
        node="Гэрэл",
        appeal_until=START + 180 * DAY,
    )


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_sentence_is_on_the_paper(lang: str) -> None:
    if not set(FONTS[lang]) & set(typst.Fonts().families()):
        pytest.skip(f"no font for {lang} is installed")
    made = written(lang)
    paper = letter_paper(made)
    assert paper == letter_paper(made)
    read = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(paper)).pages)
    flat = "".join(read.split())
    for section in made.sections:
        for sentence in (section.heading, *section.sentences):
            assert "".join(sentence.split()) in flat
