"""The letter: what was decided, to the person it meets or who reported it, in plain sentences of their language.

It names nobody: no reporter, no staff, no identifier. What a person wrote (facts, ground, reasons) is masked and
otherwise as they wrote it, in their language. The law is Regulation (EU) 2022/2065, Articles 16(5), 17, 20 and 21.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources

import msgspec

from tocsin.cases.masking import mask
from tocsin.cases.reasons.schema import MAX_EXPLANATION_CHARS, MAX_FACTS_CHARS, MAX_GROUND_CHARS
from tocsin.kernel import at_micros
from tocsin.kernel.cases import Case, CaseOrigin
from tocsin.kernel.disposing import Appeal, Appellant, Disposition, Ground, Measure

LANGUAGES = ("en", "zh", "mn")
DEFAULT = "en"

MAX_BODY_CHARS = 200
"""Name and place of an out-of-court body."""


class Section(msgspec.Struct, frozen=True):
    """A heading and its sentences."""

    heading: str
    sentences: tuple[str, ...]


class Letter(msgspec.Struct, frozen=True, kw_only=True):
    """A letter, whole. `at` and `appeal_until` in microseconds; 0 where there is no appeal any more."""

    audience: Appellant
    lang: str
    title: str
    node: str
    at: int
    sections: tuple[Section, ...]
    appeal_until: int = 0

    @property
    def text(self) -> str:
        """As plain text, for a mail or a terminal."""
        parts = [f"{self.title}\n{self.node} · {_day(self.at)}"]
        parts += ["\n".join((one.heading, *one.sentences)) for one in self.sections]
        return "\n\n".join(parts) + "\n"


class _Language(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    words: dict[str, str]
    sentences: dict[str, str]
    measures: dict[Measure, str]


@cache
def _languages() -> Mapping[str, _Language]:
    data = resources.files("tocsin.cases.reasons").joinpath("letters.yaml").read_bytes()
    return msgspec.yaml.decode(data, type=dict[str, _Language])


def language_of(wanted: str) -> str:
    """The language that a letter to somebody is written in: theirs, or English where there is none."""
    short = wanted.replace("_", "-").split("-")[0].lower()
    return short if short in LANGUAGES else DEFAULT


def letter(
    case: Case,
    decided: Disposition,
    audience: Appellant,
    *,
    node: str,
    appeal_until: int,
    language: str | None = None,
    body: str = "",
    restricted: bool = False,
) -> Letter:
    """The letter on a disposition. `body` names an out-of-court body; `language` is the case's unless given.

    One of a restricted case tells no facts: it is handed out by the node, which may not know them.
    """
    lang = language_of(language or case.lang)
    said, words = _languages()[lang].sentences, _languages()[lang].words
    begin = [said[audience.value].format(node=node), said[decided.outcome.value], *_measures(decided, lang)]
    if audience is Appellant.AFFECTED:
        begin.insert(1, said["reported" if case.origin is CaseOrigin.REPORT else "found"])
    by = "wholly" if decided.automated_decision else "machine" if decided.automated_detection else "people"
    appeal = "appeal affected" if audience is Appellant.AFFECTED else "appeal"
    sections = (
        Section(words["decided"], tuple(begin)),
        Section(
            words["why"],
            _told(
                _ground(decided, said),
                mask(decided.explanation, limit=MAX_EXPLANATION_CHARS),
                mask(decided.reasons, limit=MAX_EXPLANATION_CHARS),
            ),
        ),
        Section(words["facts"], _facts(decided, said, restricted=restricted)),
        Section(words["long"], (_how_long(decided, said),)),
        Section(words["automated"], (said[by], *((said["two"],) if decided.approved_by else ()))),
        Section(words["disagree"], (said[appeal].format(day=_day(appeal_until)),)),
        Section(words["elsewhere"], (_body(body, said), said["court"])),
    )
    return Letter(
        audience=audience,
        lang=lang,
        title=words["title"],
        node=node,
        at=decided.approved_at or decided.at,
        sections=tuple(one for one in sections if one.sentences),
        appeal_until=appeal_until,
    )


def outcome_letter(
    case: Case,
    appeal: Appeal,
    *,
    node: str,
    undone: Sequence[Measure] = (),
    now: Disposition | None = None,
    body: str = "",
) -> Letter:
    """The letter on a judged appeal, to who appealed. `undone` is what is taken back, `now` what holds instead."""
    lang = language_of(appeal.lang or case.lang)
    said, words = _languages()[lang].sentences, _languages()[lang].words
    instead = () if now is None else _measures(now, lang)
    sections = (
        Section(
            words["decided"],
            (said["upheld" if appeal.upheld else "overturned"], said["judged"], *instead),
        ),
        Section(words["why"], _told(mask(appeal.reasons, limit=MAX_EXPLANATION_CHARS))),
        Section(words["undone"], tuple(_languages()[lang].measures[one] for one in undone)),
        Section(words["elsewhere"], (said["still"], *((_body(body, said),) if body else ()))),
    )
    return Letter(
        audience=appeal.by,
        lang=lang,
        title=words["appeal title"],
        node=node,
        at=appeal.judged_at,
        sections=tuple(one for one in sections if one.sentences),
    )


def date_word(language: str) -> str:
    """What stands before a date."""
    return _languages()[language_of(language)].words["date"]


def measure_said(measure: Measure, language: str) -> str:
    """A measure in a sentence; "none" has one too."""
    spoken = _languages()[language_of(language)]
    return spoken.sentences["none"] if measure is Measure.NONE else spoken.measures[measure]


def _measures(decided: Disposition, lang: str) -> tuple[str, ...]:
    spoken = _languages()[lang]
    taken = [spoken.measures[one] for one in decided.measures if one is not Measure.NONE]
    return (spoken.sentences["measures"], *taken) if taken else (spoken.sentences["none"],)


def _ground(decided: Disposition, said: Mapping[str, str]) -> str:
    if decided.ground is Ground.NONE:
        return said["no-ground"]
    return said[decided.ground.value].format(ground=mask(decided.ground_text, limit=MAX_GROUND_CHARS))


def _facts(decided: Disposition, said: Mapping[str, str], *, restricted: bool) -> tuple[str, ...]:
    return (said["apart"],) if restricted else _told(mask(decided.facts, limit=MAX_FACTS_CHARS))


def _how_long(decided: Disposition, said: Mapping[str, str]) -> str:
    if not set(decided.measures) - {Measure.NONE, Measure.WARNED, Measure.AUTHORITY_INFORMED}:
        return said["nothing-lasts"]
    return said["endless"] if decided.ends is None else said["ends"].format(day=_day(decided.ends))


def _body(body: str, said: Mapping[str, str]) -> str:
    return said["body"].format(body=body[:MAX_BODY_CHARS]) if body else said["no-body"]


def _told(*texts: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(text.strip() for text in texts if text.strip()))


def _day(moment: int) -> str:
    return at_micros(moment).date().isoformat()
