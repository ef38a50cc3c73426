"""The shape of a pack's file, and the duties that it makes: what it says for all of them is put into each.

What a duty says itself wins over what its file says for all. docs/duties.md shows a whole file.
"""

import hashlib
from datetime import date
from typing import Annotated, TypeVar

import msgspec
from msgspec import UNSET, Meta, UnsetType

from tocsin.cases.duties.models import (
    Confirmed,
    Duty,
    Grade,
    Holidays,
    Known,
    Pack,
    Period,
    Replaces,
    ScopeRule,
    Section,
    Step,
    Words,
)
from tocsin.cases.duties.reading import read_strictly
from tocsin.kernel.duties import DutyStatus

MAX_DUTIES, MAX_STEPS, MAX_GRADES, MAX_SCOPE, MAX_SECTIONS = 32, 16, 12, 16, 40
"""Of one pack or duty; several times the largest that is packaged. What is in them, `reading` bounds as a whole."""

Stated = TypeVar("Stated", bound=Known)
Id = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{1,63}$")]
Short = Annotated[str, Meta(max_length=300)]


class DutyPart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One duty, as written. What is left out, the file says for all."""

    id: Id
    title: Words
    who: Words
    steps: Annotated[tuple[Step, ...], Meta(max_length=MAX_STEPS)] = ()
    status: DutyStatus | UnsetType = UNSET
    applies_from: date | UnsetType | None = UNSET
    confirmed: Confirmed | UnsetType = UNSET
    source: str | UnsetType = UNSET
    zone: str | UnsetType = UNSET
    scope: Annotated[tuple[ScopeRule, ...], Meta(max_length=MAX_SCOPE)] | UnsetType = UNSET
    grades: Annotated[tuple[Grade, ...], Meta(max_length=MAX_GRADES)] | UnsetType = UNSET
    reportable_from: str | UnsetType = UNSET
    sections: Annotated[tuple[Section, ...], Meta(max_length=MAX_SECTIONS)] | UnsetType = UNSET
    notes: tuple[Words, ...] = ()
    no_clock: Words = {}


class PackFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of taxonomy/duties or DATA/duties, as written."""

    version: Annotated[int, Meta(ge=1, le=1)]
    id: Id
    edition: Annotated[int, Meta(ge=1)]
    title: Words
    jurisdiction: Annotated[str, Meta(pattern=r"^(\*|[A-Z]{2}(-[A-Z0-9]{1,3})?)$")]
    sources: dict[str, Short]
    status: DutyStatus
    confirmed: Confirmed
    source: str
    zone: str
    period: Period
    duties: Annotated[tuple[DutyPart, ...], Meta(min_length=1, max_length=MAX_DUTIES)]
    applies_from: date | None = None
    verified_on: date | None = None
    verified_by: Short = ""
    holidays: Holidays | None = None
    languages: tuple[str, ...] = ()
    hotline: Short = ""
    retention: Words = {}
    notes: tuple[Words, ...] = ()
    scope: Annotated[tuple[ScopeRule, ...], Meta(max_length=MAX_SCOPE)] = ()
    grades: Annotated[tuple[Grade, ...], Meta(max_length=MAX_GRADES)] = ()
    reportable_from: str = ""
    sections: Annotated[tuple[Section, ...], Meta(max_length=MAX_SECTIONS)] = ()
    replaces: Replaces | None = None


def read_pack(data: bytes, name: str) -> Pack:
    """One pack, checked. Raises BadInput naming file, line or key and what to do; TooLarge."""
    from tocsin.cases.duties.checking import check

    file = read_strictly(data, name, PackFile)
    check(file, name)
    digest = hashlib.sha256(data).hexdigest()
    return Pack(
        id=file.id,
        edition=file.edition,
        title=file.title,
        jurisdiction=file.jurisdiction,
        digest=digest,
        sources=file.sources,
        duties=tuple(_duty(one, file, digest) for one in file.duties),
        notes=file.notes,
        hotline=file.hotline,
        retention=file.retention,
        verified_on=file.verified_on,
        verified_by=file.verified_by.strip(),
        replaces=file.replaces,
    )


def _duty(part: DutyPart, file: PackFile, digest: str) -> Duty:
    sources = file.sources
    grades = file.grades if part.grades is UNSET else part.grades
    scope = file.scope if part.scope is UNSET else part.scope
    sections = file.sections if part.sections is UNSET else part.sections
    return Duty(
        id=part.id,
        pack=file.id,
        digest=digest,
        title=part.title,
        who=part.who,
        status=file.status if part.status is UNSET else part.status,
        zone=file.zone if part.zone is UNSET else part.zone,
        period=_sourced(file.period, sources),
        applies_from=file.applies_from if part.applies_from is UNSET else part.applies_from,
        holidays=file.holidays,
        languages=file.languages,
        scope=tuple(_sourced(rule, sources) for rule in scope),
        grades=tuple(_graded(grade, sources) for grade in grades),
        reportable_from=file.reportable_from if part.reportable_from is UNSET else part.reportable_from,
        steps=tuple(_step(step, sources) for step in part.steps),
        sections=tuple(_section(section, sources) for section in sections),
        notes=(*file.notes, *part.notes),
        no_clock=part.no_clock,
        verified_on=file.verified_on,
        verified_by=file.verified_by.strip(),
        confirmed=file.confirmed if part.confirmed is UNSET else part.confirmed,
        source=sources[file.source if part.source is UNSET else part.source],
    )


def _graded(grade: Grade, sources: dict[str, str]) -> Grade:
    return msgspec.structs.replace(grade, rules=tuple(_sourced(rule, sources) for rule in grade.rules))


def _step(step: Step, sources: dict[str, str]) -> Step:
    return msgspec.structs.replace(
        step,
        start=_sourced(step.start, sources),
        clocks=tuple(_sourced(clock, sources) for clock in step.clocks),
        to=tuple(_sourced(one, sources) for one in step.to),
    )


def _section(section: Section, sources: dict[str, str]) -> Section:
    return msgspec.structs.replace(
        section, fields=tuple(_sourced(field, sources) for field in section.fields)
    )


def _sourced(stated: Stated, sources: dict[str, str]) -> Stated:
    """The same with the words of its source in place of the source's key."""
    return msgspec.structs.replace(stated, source=sources[stated.source])
