"""The records as this node's own people use them: found, shown with what others say, and judged.

Nothing is averaged away and nothing deleted: several sources stay several, opinions stay a spread, what is excluded
or has faded is shown and says so.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.app.neighbourhood import MAX_NODES, Neighbourhood, name_of, neighbourhood
from tocsin.app.settings import Settings
from tocsin.app.signing import signed
from tocsin.correlate.decay import Left, half_life, left
from tocsin.correlate.exclusions import Exclusions
from tocsin.kernel import BadInput, Caller, Clock, NotFound, Origin, Record, micros
from tocsin.share import introduction
from tocsin.store.finding import Found, Wanted
from tocsin.store.interface import Store
from tocsin.wire.stix import (
    RedLineExtension,
    SightingExtension,
    is_timestamp,
    micros_of,
    parse,
    read,
    read_fingerprint,
)
from tocsin.wire.stix.content import content_key
from tocsin.wire.stix.extensions import BUCKETS, FingerprintExtension
from tocsin.wire.stix.kinds import kind_of
from tocsin.wire.stix.opinions import OPINIONS, make_opinion, opinion_id

MAX_ABOUT = 200
"""Sightings, opinions and sources of one record that are shown, the newest."""

LEAST_EXPLANATION_CHARS = 8
_NEXT = [*(least - 1 for least, _ in BUCKETS[1:]), None]
_RANGES = {name: (least, most) for (least, name), most in zip(BUCKETS, _NEXT, strict=True)}
"""Range of a sighting to the least and most that it stands for; None is open."""


class Source(msgspec.Struct, frozen=True):
    """Who says it: STIX identity, its name where it is known, the peer that gave it."""

    id: str
    author: str
    name: str
    peer: str | None
    added: int


class Judged(msgspec.Struct, frozen=True):
    """One opinion and whose it is."""

    opinion: str
    author: str
    name: str
    explanation: str


class Seen(msgspec.Struct, frozen=True):
    """Sightings summed by their ranges: `high` None is open. One account may be in several."""

    nodes: int
    low: int
    high: int | None


class Shown(msgspec.Struct, frozen=True):
    """A record and all that bears on it. `excluded` is the list, or (list, value), that keeps it from being used."""

    record: Record
    name: str
    author: str
    content: Mapping[str, Any]
    left: Left
    key: str | None
    sources: tuple[Source, ...]
    seen: Seen
    opinions: tuple[Judged, ...]
    excluded: str | None

    @property
    def spread(self) -> dict[str, int]:
        """How many say what, from no to yes."""
        return {name: sum(one.opinion == name for one in self.opinions) for name in OPINIONS}


class Library:
    """Every look needs `record.read`, every opinion `record.opinion` and leaves a trace."""

    def __init__(
        self,
        store: Store,
        keys: Keyring,
        settings: Settings,
        access: Access,
        exclusions: Exclusions,
        clock: Clock,
    ) -> None:
        self._store = store
        self._keys = keys
        self._author = keys.identity.stix_identity
        self._settings = settings
        self._access = access
        self._exclusions = exclusions
        self._clock = clock

    def search(self, by: Caller, wanted: Wanted) -> Found:
        """Records that fit, newest first. Raises NotAllowed, BadInput."""
        self._access.require(by, "record.read")
        return self._store.search.find(wanted)

    def graph(self, by: Caller, record_id: str, *, steps: int = 1, most: int = MAX_NODES) -> Neighbourhood:
        """The record's neighbourhood. Raises NotAllowed, NotFound."""
        self._access.require(by, "record.read")
        return neighbourhood(self._store, record_id, steps=steps, most=most)

    def show(self, by: Caller, record_id: str) -> Shown:
        """A record with its sources, sightings, opinions, and what is left of it. Raises NotAllowed, NotFound."""
        self._access.require(by, "record.read")
        record = self._record(record_id)
        value = _object(record)
        key = content_key(value)
        about = self._store.search.find(Wanted(refers_to=record_id, type="sighting", limit=MAX_ABOUT)).records
        sightings = [one for one in about if _object(one).get("sighting_of_ref") == record_id]
        return Shown(
            record=record,
            name=name_of(record),
            author=self._name(record.author),
            content=value,
            left=self.left(record, value, sightings),
            key=key,
            sources=self._sources(key),
            seen=seen_in(sightings),
            opinions=self._opinions(record_id),
            excluded=self.excluded(record, value),
        )

    def left(self, record: Record, value: Mapping[str, Any], sightings: list[Record] | None = None) -> Left:
        """What is left of a record's confidence now; a sighting renews it."""
        stated, until = value.get("confidence"), value.get("valid_until")
        now = micros(self._clock())
        moments = [record.version, *(one.version for one in sightings or ())]
        return left(
            stated if isinstance(stated, int) else None,
            days=half_life(record.type, str(value.get("pattern", ""))),
            renewed=max(moment for moment in moments if moment <= max(now, record.version)),
            now=now,
            valid_until=_moment(until),
            revoked=value.get("revoked") is True,
        )

    def excluded(self, record: Record, value: Mapping[str, Any]) -> str | None:
        """The list that keeps an indicator from being used, with the value it names; None for other records."""
        if record.type != "indicator":
            return None
        try:
            claim = read(parse(record.stix), FingerprintExtension)
            listed = self._exclusions.of_fingerprint(read_fingerprint(claim).signature) if claim else None
        except BadInput:
            listed = None
        found = None if listed else self._exclusions.of_pattern(str(value.get("pattern", "")))
        return listed or (f"{found[0]} ({found[1]})" if found else None)

    def judge(self, by: Caller, record_id: str, opinion: str, explanation: str) -> Record:
        """This node's opinion on a record; a second one takes the first one's place. The value may leave
        by the gate to peers who have the record, the explanation never.

        Raises NotAllowed, NotFound, and BadInput for a value off the scale, an identity, or no explanation.
        """
        self._access.require(by, "record.opinion")
        about = self._record(record_id)
        if kind_of(_object(about)) == RedLineExtension.NAME:
            raise BadInput(
                "a word on a red line binds this node: use `tocsin redline endorse`, `object` or `withdraw`"
            )
        said = " ".join(explanation.split())
        if len(said) < LEAST_EXPLANATION_CHARS:
            raise BadInput(
                f"say why in at least {LEAST_EXPLANATION_CHARS} characters: an opinion has reasons"
            )
        now = self._clock()
        moment = micros(now) - micros(now) % 1_000
        kept = self._store.records.get(opinion_id(self._author, record_id))
        created = moment if kept is None else _moment(_object(kept).get("created")) or moment
        record = Record(
            id=opinion_id(self._author, record_id),
            type="opinion",
            version=moment if kept is None else max(moment, kept.version + 1_000),
            stix=b"",
            origin=Origin.OWN,
            author=self._author,
            tlp=self._settings.tlp,
            category=about.category,
            added=micros(now),
        )
        stix = make_opinion(
            record_id,
            opinion,
            author=self._author,
            tlp=record.tlp,
            explanation=said,
            created=created,
            modified=record.version,
        )
        record = msgspec.structs.replace(record, stix=stix)
        known = self._store.records.get(self._author)
        with self._store.together():
            introduced = introduction(author=self._author, name=self._settings.name, now=now, identity=known)
            self._store.records.put(signed((*introduced, record), self._keys))
            self._access.audit(
                by.user, "record.opinion", subject=record_id, purpose=said, detail={"opinion": opinion}
            )
        return record

    def _record(self, record_id: str) -> Record:
        record = self._store.records.get(record_id)
        if record is None:
            raise NotFound("there is no such record: `tocsin record search` finds those there are")
        return record

    def _sources(self, key: str | None) -> tuple[Source, ...]:
        if key is None:
            return ()
        same = self._store.search.find(Wanted(content=key, limit=MAX_ABOUT)).records
        return tuple(Source(one.id, one.author, self._name(one.author), one.peer, one.added) for one in same)

    def _opinions(self, record_id: str) -> tuple[Judged, ...]:
        """The latest opinion of each author."""
        found: dict[str, Judged] = {}
        for one in self._store.search.find(
            Wanted(refers_to=record_id, type="opinion", limit=MAX_ABOUT)
        ).records:
            value = _object(one)
            if value.get("revoked") is True or record_id not in (value.get("object_refs") or ()):
                continue
            said, why = value.get("opinion"), value.get("explanation")
            if said in OPINIONS:
                judged = Judged(str(said), one.author, self._name(one.author), str(why or ""))
                found.setdefault(one.author, judged)
        return tuple(sorted(found.values(), key=lambda one: OPINIONS.index(one.opinion)))

    def _name(self, author: str) -> str:
        kept = self._store.records.get(author) if author else None
        return (name_of(kept) if kept else "") or author


def seen_in(sightings: list[Record]) -> Seen:
    """The sum of the ranges that sightings give, one for each author; others' exact counts as they are."""
    low, high, open_end, authors = 0, 0, False, set()
    for one in sightings:
        value = _object(one)
        if one.author in authors or value.get("revoked") is True:
            continue
        authors.add(one.author)
        try:
            size = read(parse(one.stix), SightingExtension)
        except BadInput:
            size = None
        count = value.get("count", 1)
        least, most = (
            _RANGES[size.actors] if size else (int(count), int(count)) if _is_count(count) else (1, 1)
        )
        low += least
        high += most or least
        open_end = open_end or most is None
    return Seen(len(authors), low, None if open_end else high)


def _is_count(value: Any) -> bool:
    return type(value) is int and 0 < value < 1_000_000_000


def _object(record: Record) -> Mapping[str, Any]:
    value = msgspec.json.decode(record.stix)
    return value if isinstance(value, dict) else {}


def _moment(text: Any) -> int | None:
    return micros_of(text) if isinstance(text, str) and is_timestamp(text) else None
