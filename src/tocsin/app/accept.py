"""The way in: checked lines become screened, sealed, durable events."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from tocsin.app.keyring import Keyring
from tocsin.kernel import Clock, Event, EventLine, Observable, Refusal, Signal, micros
from tocsin.kernel.acts import Act
from tocsin.screen import Screen, Screened
from tocsin.store.interface import JournalRow, Store
from tocsin.trust.pseudonyms import Pseudonyms
from tocsin.trust.seal import Seal


class Accepted(msgspec.Struct, frozen=True):
    """The answer to an ingest, given after the data is durable."""

    accepted: int
    duplicates: int
    refused: tuple[Refusal, ...]

    def __add__(self, other: "Accepted") -> "Accepted":
        return Accepted(
            accepted=self.accepted + other.accepted,
            duplicates=self.duplicates + other.duplicates,
            refused=self.refused + other.refused,
        )


class Sealed(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What lies sealed of an event: everything raw. New fields are appended with defaults."""

    text: str
    actor: str
    session: str | None
    observables: tuple[Observable, ...]
    attributes: dict[str, object]


class Acceptor:
    """Screens in memory, so that the text need not be opened again, then seals and journals."""

    def __init__(self, store: Store, keys: Keyring, screen: Screen, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._screen = screen
        self._clock = clock
        self._encode = msgspec.msgpack.Encoder().encode

    def accept(self, lines: Sequence[EventLine], refused: Sequence[Refusal] = ()) -> Accepted:
        """Keep the new ones of `lines`; durable when this returns. Raises Unavailable, and then none is kept."""
        fresh, repeated = self._fresh(lines)
        if not fresh:
            return Accepted(accepted=0, duplicates=repeated, refused=tuple(refused))
        now = self._clock()
        day = now.date().isoformat()
        found = self.screen(fresh)
        names = self._keys.pseudonyms
        events = [
            event_of(line, names, now, day, one.language) for line, one in zip(fresh, found, strict=True)
        ]
        kept = self._store.events.append(self._rows(fresh, found, events, self._keys.seal_for(day)))
        return Accepted(accepted=kept.accepted, duplicates=kept.duplicates + repeated, refused=tuple(refused))

    def _fresh(self, lines: Sequence[EventLine]) -> tuple[list[EventLine], int]:
        """Lines not yet kept and not said twice in this batch, so that a retry costs no screening."""
        known = self._store.events.known([line.id for line in lines])
        by_id: dict[str, EventLine] = {}
        for line in lines:
            if line.id not in known:
                by_id.setdefault(line.id, line)
        return list(by_id.values()), len(lines) - len(by_id)

    def screen(self, lines: Sequence[EventLine]) -> tuple[Screened, ...]:
        """What every detector says of each line, in order."""
        return self._screen(lines)

    def _rows(
        self, lines: Sequence[EventLine], found: Sequence[Screened], events: Sequence[Event], seal: Seal
    ) -> list[JournalRow]:
        """What is kept of each line: everything raw, and what it can be compared by, sealed each in its place."""
        texts = seal.close_many([(self._raw(line), text_label(line.id)) for line in lines])
        prints = iter(
            seal.close_many(
                [
                    (one.sketch, print_label(line.id))
                    for line, one in zip(lines, found, strict=True)
                    if one.sketch is not None
                ]
            )
        )
        return [
            JournalRow(
                event,
                one.signals,
                text,
                None if one.sketch is None else next(prints),
                None if one.act is None else act_of(event, one.act),
            )
            for event, one, text in zip(events, found, texts, strict=True)
        ]

    def _raw(self, line: EventLine) -> bytes:
        return self._encode(Sealed(line.text, line.actor, line.session, line.observables, line.attributes))


def act_of(event: Event, said: Signal) -> Act | None:
    """What a message does, under its conversation's pseudonym; None where it belongs to none."""
    if event.session is None:
        return None
    side, kinds, aim, hedges = said.evidence.split("/")
    return Act(
        event=event.id,
        session=event.session,
        time=event.time,
        received=event.received,
        side=side,
        kinds=tuple(kind for kind in kinds.split("+") if kind != "-"),
        aim=aim == "aim",
        hedges=tuple(hedge for hedge in hedges.split("+") if hedge != "-"),
        weight=said.strength,
    )


def text_label(event_id: str) -> str:
    """Where an event's sealed text belongs."""
    return f"event:{event_id}"


def print_label(event_id: str) -> str:
    """Where an event's sealed sketch belongs."""
    return f"print:{event_id}"


def event_of(
    line: EventLine, names: Pseudonyms, now: datetime, day: str, language: str | None = None
) -> Event:
    """The event a line becomes: identifiers under this node's pseudonyms, no text.

    Actors of different sources are different accounts, so the source is part of what is named. Its language is what
    the source said, else `language`, which was found.
    """
    return Event(
        id=line.id,
        time=micros(line.time),
        received=micros(now),
        source=line.source,
        kind=line.kind,
        actor=names.of("actor", f"{line.source}\x00{line.actor}"),
        seal_day=day,
        session=None if line.session is None else names.of("session", f"{line.source}\x00{line.session}"),
        model=line.model,
        lang=line.lang or language,
        tool=line.tool,
        actor_created=None if line.actor_created is None else micros(line.actor_created),
        observables=tuple(
            [
                Observable(type=seen.type, value=names.of(f"observable:{seen.type}", seen.value))
                for seen in line.observables
            ]
        ),
    )
