"""Letters: whole in every language, and nobody is named in one."""

import string

import msgspec
import pytest

from tests.cases_made_up import DAY, MAIL, START, case, decided
from tocsin.cases.reasons import LANGUAGES, Letter, language_of, letter, measure_said, outcome_letter
from tocsin.cases.reasons.letters import _languages
from tocsin.kernel.cases import CaseOrigin
from tocsin.kernel.disposing import Appeal, Appellant, Ground, Measure, Outcome

UNTIL = START + 180 * DAY


def written(lang: str = "en", audience: Appellant = Appellant.AFFECTED, **changes: object) -> Letter:
    return letter(case(lang=lang), decided(**changes), audience, node="A node", appeal_until=UNTIL)


def test_every_language_says_everything_with_the_same_gaps() -> None:
    spoken = _languages()
    assert tuple(spoken) == LANGUAGES
    english = spoken["en"]
    for name, one in spoken.items():
        assert set(one.measures) == set(Measure) - {Measure.NONE}, name
        assert one.words.keys() == english.words.keys(), name
        assert one.sentences.keys() == english.sentences.keys(), name
        for key, sentence in one.sentences.items():
            assert _gaps(sentence) == _gaps(english.sentences[key]), (name, key)


def _gaps(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("audience", list(Appellant))
def test_a_letter_has_all_that_the_law_asks_and_names_nobody(lang: str, audience: Appellant) -> None:
    made = written(lang, audience, approved_by="user_two", approved_at=START + 5)
    words = _languages()[lang].words
    assert [one.heading for one in made.sections] == [
        words[key] for key in ("decided", "why", "facts", "long", "automated", "disagree", "elsewhere")
    ]
    for said in (
        "rule 4.2 of the terms",
        "2026-10-21",
        "2027-03-20",
        measure_said(Measure.ACCOUNT_SUSPENDED, lang),
    ):
        assert said in made.text
    for hidden in (MAIL, "user_one", "user_two", "{", "case_"):
        assert hidden not in made.text
    assert made.lang == lang


def test_who_is_met_hears_that_it_was_reported_and_not_by_whom() -> None:
    told = letter(case(), decided(), Appellant.AFFECTED, node="n", appeal_until=UNTIL).text
    assert "We do not say by whom." in told
    own = letter(case(origin=CaseOrigin.WARNING), decided(), Appellant.AFFECTED, node="n", appeal_until=UNTIL)
    assert "We found it ourselves." in own.text


def test_nothing_done_is_said_too() -> None:
    made = written(
        measures=(Measure.NONE,), ground=Ground.NONE, outcome=Outcome.NO_FINDING, facts="", ends=None
    )
    assert "We take no measure." in made.text
    assert "There is nothing that lasts." in made.text
    assert "The facts" not in made.text
    assert "It has no set end." in written(ends=None).text
    assert "A program pointed to it." in written(automated_detection=True).text


def test_another_language_falls_back_and_a_region_does_not() -> None:
    assert [language_of(one) for one in ("mn-MN", "zh_TW", "EN", "fr", "")] == ["mn", "zh", "en", "en", "en"]


def test_the_outcome_of_an_appeal_says_what_is_taken_back() -> None:
    judged = Appeal(
        by=Appellant.AFFECTED,
        at=START,
        lang="mn",
        judged_by="user_three",
        judged_at=START + DAY,
        upheld=False,
        reasons="The refund was real.",
    )
    made = outcome_letter(case(), judged, node="n", undone=(Measure.ACCOUNT_SUSPENDED,))
    assert measure_said(Measure.ACCOUNT_SUSPENDED, "mn") in made.text
    assert "The refund was real." in made.text
    assert "user_three" not in made.text
    stands = outcome_letter(case(), msgspec.structs.replace(judged, upheld=True, lang="en"), node="n")
    assert "The decision stands." in stands.text
    assert stands.appeal_until == 0


@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_letter_of_a_restricted_case_tells_no_facts(lang: str) -> None:
    made = letter(
        case(lang=lang), decided(), Appellant.REPORTER, node="n", appeal_until=UNTIL, restricted=True
    )
    assert "Forty accounts" not in made.text
    assert _languages()[lang].sentences["apart"] in made.text
