"""What nodes agree on as records, and such records read: red lines, words on them, commitments.

Enters: what a person of this node wrote, and who speaks; or a record as it was kept. Leaves: STIX records, ready for
the gate; or what a received one says. Refuses: a line whose id is not of its content, a word on other content.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from tocsin.kernel import TLP, BadInput, Origin, Record, micros
from tocsin.kernel.red_lines import Commitment, Endorsement, RedLine, Stance
from tocsin.share.sightings import start_of_day
from tocsin.wire.stix import (
    StixObject,
    canonical,
    definition,
    make_commitment,
    make_red_line,
    make_stance,
    micros_of,
    parse,
    read,
    timestamp,
    version_of,
)
from tocsin.wire.stix.extensions import Extension
from tocsin.wire.stix.extensions import author as project
from tocsin.wire.stix.ids import own_id
from tocsin.wire.stix.kinds_agreed import CommitmentExtension, RedLineStanceExtension, line_digest, line_id
from tocsin.wire.stix.kinds_model import RedLineExtension
from tocsin.wire.stix.opinions import opinion_id

_MILLISECOND = 1_000
_THRESHOLD_DECIMALS = 4

_E = TypeVar("_E", bound=Extension)

Before = Callable[[str], Record | None]
"""The record that is kept under an id: a later version begins when that began."""


class Speaker(msgspec.Struct, frozen=True):
    """Who says it, how it is marked, and when."""

    author: str
    tlp: TLP
    now: datetime
    before: Before = lambda _: None

    @property
    def moment(self) -> int:
        """Microseconds, in whole milliseconds."""
        at = micros(self.now)
        return at - at % _MILLISECOND

    def times(self, record_id: str) -> dict[str, int]:
        """`created` and `modified` of the next version of this record."""
        kept = self.before(record_id)
        if kept is None:
            return {"created": self.moment, "modified": self.moment}
        created = micros_of(msgspec.json.decode(kept.stix)["created"])
        return {"created": created, "modified": max(self.moment, kept.version + _MILLISECOND)}

    def records(self, item: StixObject, kind: type[Extension]) -> tuple[Record, ...]:
        """The definition of the extension that it carries, and the object, which stands last."""
        meaning = definition(kind)
        return (
            self._record(meaning, author=project().id, tlp=TLP.CLEAR),
            self._record(item, author=self.author, tlp=self.tlp),
        )

    def _record(self, item: StixObject, *, author: str, tlp: TLP) -> Record:
        return Record(
            id=item.id,
            type=item.type,
            version=micros_of(version_of(item)),
            stix=canonical(item),
            origin=Origin.OWN,
            author=author,
            tlp=tlp,
            category="",
            added=micros(self.now),
        )


def describe_red_line(line: RedLine, voice: Speaker) -> tuple[Record, ...]:
    """A red line as records, the course of action last; `id`, `by` and `at` of `line` are not read but made.

    Raises BadInput naming what does not fit the published schema.
    """
    said = extension_of(line)
    times = voice.times(line_id(voice.author, said))
    item = make_red_line(said, author=voice.author, tlp=voice.tlp, **times)
    return voice.records(item, RedLineExtension)


def extension_of(line: RedLine) -> RedLineExtension:
    """A red line in the form in which it travels. Raises BadInput naming what does not fit."""
    wanted: dict[str, Any] = {
        "subject": line.subject,
        "domain": line.domain,
        "condition": line.condition,
        "method": line.method,
        "protocol": line.protocol,
        "measure": line.measure,
        "crossed_when": line.crossed_when,
        "threshold": round(line.threshold, _THRESHOLD_DECIMALS),
        "in_force": timestamp(start_of_day(line.in_force)),
        "review_by": timestamp(start_of_day(line.review_by)),
        "basis": line.basis,
        "title": line.title,
        "statement": line.text,
        "evidence_needed": line.evidence,
        "scope": line.scope,
    }
    if line.parties:
        wanted["parties"] = sorted(line.parties)
    if line.supersedes:
        wanted["supersedes"] = line.supersedes
    return checked(wanted, RedLineExtension)


def describe_stance(line: Record, stance: Stance, reason: str, voice: Speaker) -> tuple[Record, ...]:
    """This node's word on a red line as records, the opinion last. Raises BadInput when `line` is none."""
    said = checked(
        {"line": line_digest(_line_in(line)), "stance": stance.value, "reason": reason},
        RedLineStanceExtension,
    )
    times = voice.times(opinion_id(voice.author, line.id))
    item = make_stance(line.id, said, author=voice.author, tlp=voice.tlp, **times)
    return voice.records(item, RedLineStanceExtension)


def describe_commitment(commitment: Commitment, voice: Speaker) -> tuple[Record, ...]:
    """A commitment as records, the note last; `id` is what singles it out here. Raises BadInput."""
    said = checked(
        {
            "area": commitment.area,
            "practice": commitment.practice,
            "evidence": commitment.evidence,
            "since": timestamp(start_of_day(commitment.at)),
            "review_by": timestamp(start_of_day(commitment.review_by)),
        },
        CommitmentExtension,
    )
    times = voice.times(own_id("note", voice.author, "commitment", commitment.id))
    item = make_commitment(commitment.id, said, author=voice.author, tlp=voice.tlp, **times)
    return voice.records(item, CommitmentExtension)


def red_line_in(record: Record) -> RedLine:
    """The red line that a record is. Raises BadInput when it is none, or its id is not of its content."""
    said = _line_in(record)
    if record.id != line_id(record.author, said):
        raise BadInput("its id is not made of what it says: ask its author for the whole record")
    return RedLine(
        id=record.id,
        title=_or_empty(said.title) or said.subject,
        text=_or_empty(said.statement),
        subject=said.subject,
        domain=said.domain,
        condition=said.condition,
        method=said.method,
        protocol=said.protocol,
        threshold=said.threshold,
        evidence=_or_empty(said.evidence_needed),
        by=record.author,
        at=micros_of(_created(record)),
        in_force=micros_of(said.in_force),
        review_by=micros_of(said.review_by),
        scope="open" if said.scope is UNSET else str(said.scope),
        parties=() if isinstance(said.parties, UnsetType) else tuple(said.parties),
        supersedes=_or_empty(said.supersedes),
        measure=said.measure,
        crossed_when=said.crossed_when,
        basis=said.basis,
    )


def stance_in(record: Record, line: Record) -> Endorsement | None:
    """What a record's author says of exactly this line; None for another opinion, and for a word on other content.

    Only what its author signed counts: a word that a peer merely relays proves nothing.
    """
    if record.root is None or record.type != "opinion":
        return None
    try:
        said = read(parse(record.stix), RedLineStanceExtension)
        if said is None or said.line != line_digest(_line_in(line)):
            return None
    except BadInput:
        return None
    value = msgspec.json.decode(record.stix)
    if value.get("revoked") is True or value.get("object_refs") != [line.id]:
        return None
    return Endorsement(
        red_line=line.id,
        party=record.author,
        stance=Stance(said.stance),
        text=said.reason,
        at=record.version,
    )


def commitment_in(record: Record) -> Commitment | None:
    """The commitment that a record is; None for another note. Raises BadInput for a broken one."""
    said = read(parse(record.stix), CommitmentExtension)
    if said is None:
        return None
    return Commitment(
        id=record.id,
        area=said.area,
        practice=said.practice,
        evidence=said.evidence,
        at=micros_of(said.since),
        review_by=micros_of(said.review_by),
        by=record.author,
    )


def checked(wanted: dict[str, Any], kind: type[_E]) -> _E:
    """An extension of these properties. Raises BadInput naming what its published schema does not take."""
    try:
        return msgspec.convert(wanted, kind)
    except msgspec.ValidationError as error:
        raise BadInput(f"this is not as /schemas/{kind.NAME}-1.json says: {error}") from None


def _line_in(record: Record) -> RedLineExtension:
    said = read(parse(record.stix), RedLineExtension) if record.type == "course-of-action" else None
    if said is None:
        raise BadInput("this record is no red line: `tocsin redline list` shows those there are")
    return said


def _created(record: Record) -> str:
    return str(msgspec.json.decode(record.stix)["created"])


def _or_empty(value: str | UnsetType) -> str:
    return "" if isinstance(value, UnsetType) else value
