"""What a pack of duties holds, once it was read and checked. Docs: docs/duties.md.

A pack is one regime; a duty is one set of clocks in it, for one kind of organisation.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum

import msgspec

from tocsin.kernel.duties import ClockStart, DutyStatus, FactKind, Span, StepKind

Words = dict[str, str]
"""By language (BCP 47); English always."""


def said(words: Mapping[str, str], language: str) -> str:
    """The words in `language`, in its base language, or in English."""
    return words.get(language) or words.get(language.partition("-")[0]) or words["en"]


class Confirmed(StrEnum):
    """How far a figure is known. Nothing in the packaged packs was read in an official gazette."""

    SECONDARY = "S"
    """Read in a secondary source."""
    DRAFT = "D"
    """Read in a draft alone."""
    MEMORY = "M"
    """From memory."""
    UNCONFIRMED = "unconfirmed"
    """Nobody found it, or it is this project's reading."""


class Reading(StrEnum):
    """How days, weeks and months are counted. docs/duties.md says what each does."""

    SAME_TIME = "same-time"
    """To the same time of day on the last day."""
    END_OF_DAY = "end-of-day"
    """The day it begins on is not counted; it ends with the last day."""
    EU_1182_71 = "eu-1182-71"
    """Regulation (EEC, Euratom) No 1182/71, Article 3."""


class Known(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What everything that a pack states carries: how far it is known, and from where."""

    confirmed: Confirmed
    source: str
    """In a file a key of the pack's `sources`; once read, the source itself."""


class Fact(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that duties ask about an incident: a count, a choice, a moment. Never a person's name."""

    id: str
    kind: FactKind
    label: Words
    question: Words
    unit: str = ""
    choices: dict[str, Words] = {}


class Rule(Known, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One comparison: the fact reaches `at_least`. None where no source gives the figure."""

    fact: str
    at_least: float | bool | str | None = None
    note: Words = {}


class ScopeRule(Rule, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One comparison on which it depends whether a duty is this organisation's. All of them must hold."""

    decides: bool = True
    """False for a presumption: it is shown, and shuts nobody out."""


class Grade(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One grade; any of its rules reaches it."""

    id: str
    label: Words
    rules: tuple[Rule, ...]


class Clock(Known, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A time, from a grade on. Of several that hold the earliest counts."""

    within: Span
    grade: str = ""
    """From this grade on; "" whatever the grade."""


class Start(Known, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The moment from which a step's clock runs. PREVIOUS needs `after`, the step that was sent before."""

    moment: ClockStart
    after: str = ""


class Recipient(Known, frozen=True, kw_only=True, forbid_unknown_fields=True):
    name: Words


class Step(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One report that a duty asks for."""

    id: str
    kind: StepKind
    label: Words
    start: Start
    clocks: tuple[Clock, ...]
    to: tuple[Recipient, ...]
    from_grade: str = ""
    """Asked for from this grade on alone."""
    only_if: str = ""
    """A yes-no fact without which it is not asked for."""
    repeats: bool = False
    """Again and again, each from the one before, until the step named in `until` was sent."""
    until: str = ""
    partial: bool = False
    """It may leave out what is not known yet."""
    note: Words = {}


class Field(Known, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing that a form asks. `answer` says what fills it in."""

    id: str
    label: Words
    answer: str = "text"
    """`fact/ID`, `moment/NAME`, `grade`, `case/` and title, what, where or notes; or `text`: a person writes it."""
    first: bool = False
    """A first report may carry these alone."""
    required: bool = True
    steps: tuple[str, ...] = ()
    """Ids of the steps that ask it; empty: all."""


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    id: str
    label: Words
    fields: tuple[Field, ...]


class Holidays(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whose days off count: a country (ISO 3166-1) and a part of it, by the codes of the library `holidays`."""

    country: str
    subdivision: str = ""


class Period(Known, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the regime counts days. Unless it was read (S), the earlier of it and the same time of day is due."""

    reading: Reading


class Replaces(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who answers for an own pack that asks for less than the packaged one it takes the place of, and why."""

    by: str
    day: date
    reason: str


class Duty(msgspec.Struct, frozen=True, kw_only=True):
    """One set of clocks, whole in itself: what its pack says for all its duties is in here."""

    id: str
    pack: str
    """Id of its pack."""
    digest: str
    """SHA-256 of its pack's file, hex."""
    title: Words
    who: Words
    status: DutyStatus
    zone: str
    period: Period
    applies_from: date | None = None
    holidays: Holidays | None = None
    languages: tuple[str, ...] = ()
    scope: tuple[ScopeRule, ...] = ()
    grades: tuple[Grade, ...] = ()
    """Gravest first."""
    reportable_from: str = ""
    """The least grade that is reported; "" whatever the grade."""
    steps: tuple[Step, ...] = ()
    sections: tuple[Section, ...] = ()
    notes: tuple[Words, ...] = ()
    no_clock: Words = {}
    """Where no time was found: what is known instead."""
    verified_on: date | None = None
    verified_by: str = ""
    confirmed: Confirmed = Confirmed.UNCONFIRMED
    """Of the status and the day from which it applies."""
    source: str = ""

    @property
    def verified(self) -> bool:
        """Whether a named person stands for the pack."""
        return bool(self.verified_by and self.verified_on)

    def grade_at(self, grade: str) -> int:
        """0 for the gravest. Raises ValueError where it is none of this duty's."""
        return [one.id for one in self.grades].index(grade)

    def step(self, step: str) -> Step:
        """Raises KeyError where there is no such step."""
        found = next((one for one in self.steps if one.id == step), None)
        if found is None:
            raise KeyError(step)
        return found


class Pack(msgspec.Struct, frozen=True, kw_only=True):
    """One regime, as its file says it."""

    id: str
    edition: int
    title: Words
    jurisdiction: str
    digest: str
    sources: dict[str, str]
    duties: tuple[Duty, ...]
    notes: tuple[Words, ...] = ()
    hotline: str = ""
    retention: Words = {}
    verified_on: date | None = None
    verified_by: str = ""
    own: bool = False
    """It is from DATA/duties."""
    overrides: bool = False
    """An own pack in the place of a packaged one."""
    weaker: tuple[str, ...] = ()
    """Where it asks for less than the packaged one; a named person answered for it."""
    replaces: Replaces | None = None

    @property
    def verified(self) -> bool:
        return bool(self.verified_by and self.verified_on)

    def duty(self, duty: str) -> Duty:
        """Raises KeyError where the pack has no such duty."""
        found = next((one for one in self.duties if one.id == duty), None)
        if found is None:
            raise KeyError(duty)
        return found
