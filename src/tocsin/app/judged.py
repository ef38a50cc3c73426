"""What guards flagged, told to conversations: who spoke is kept while a text is open, its weight is asked at each look.

A guard answers after the event was kept, and people bear it out later still. So nothing of a verdict is written among
acts: the row says who spoke and what speaks against taking it at its word, and a look works out the rest from what is
kept then.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import cached_property

from tocsin.app.accept import Sealed
from tocsin.app.guard_words import BorneOut, GuardWords
from tocsin.app.settings import Settings
from tocsin.correlate.judged import Judgement, judged_of
from tocsin.kernel import EventLine, GuardOutcome, GuardVerdict, at_micros, micros
from tocsin.kernel.acts import Act
from tocsin.screen import Acts, prepare
from tocsin.store.interface import Store


class Spoken:
    """At the side of the guards' job: keeps who spoke, of flagged messages that belong to a conversation."""

    def __init__(self, store: Store, settings: Settings, acts: Callable[[], Acts]) -> None:
        self._store = store
        self._settings = settings
        self._make = acts

    @cached_property
    def _acts(self) -> Acts:
        return self._make()

    def keep(self, verdicts: Sequence[GuardVerdict], opened: Mapping[str, Sealed], now: datetime) -> None:
        """A row without weight for each flagged message that has none: nothing rings by it until people bear it out.

        It expires with its event's acts, so what is older than those may be is not kept at all.
        """
        flagged = [one.event for one in verdicts if one.outcome is GuardOutcome.FLAGGED]
        wanted = [event for event in flagged if event in opened and opened[event].session is not None]
        if not wanted:
            return
        oldest = micros(now - timedelta(days=self._settings.conversation_days))
        events = [one for one in self._store.events.facts(wanted).values() if one.received >= oldest]
        lines = [
            EventLine(
                id=event.id,
                time=at_micros(event.time),
                source=event.source,
                kind=event.kind,
                actor=event.actor,
                text=opened[event.id].text,
                attributes=opened[event.id].attributes,
            )
            for event in events
        ]
        if not lines:
            return
        seqs = self._store.events.seqs([event.id for event in events])
        beside = zip(events, self._acts.beside(prepare(lines)), strict=True)
        self._store.conversations.add(
            {
                seqs[event.id]: Act(
                    event=event.id,
                    session=event.session,
                    time=event.time,
                    received=event.received,
                    side=side,
                    kinds=(),
                    aim=False,
                    hedges=hedges,
                    weight=0.0,
                )
                for event, (side, hedges) in beside
                if event.session is not None and event.id in seqs
            }
        )


class Look:
    """One look of a reviewer at conversations, with what guards' verdicts weigh at that moment."""

    def __init__(self, store: Store, words: GuardWords) -> None:
        self._store = store
        self._words = words
        self._borne: BorneOut | None = words.borne_out()

    def sessions(self, *, since: int) -> frozenset[str]:
        """Conversations with a verdict that weighs something."""
        borne = self._borne
        if borne is None:
            return frozenset()
        weighing = {one.event for one in self._words.flagged(since=since) if borne.of(one).weight > 0}
        if not weighing:
            return frozenset()
        return self._store.conversations.sessions(self._store.events.seqs(weighing).values(), since=since)

    def judged(self, acts: Sequence[Act]) -> dict[str, Judgement]:
        """Event → what its weightiest verdict weighs. A text that a person found harmless weighs nothing, nor does the
        same text when it was said again that day."""
        borne = self._borne
        if borne is None or not acts:
            return {}
        verdicts = self._store.verdicts.of([act.event for act in acts])
        harmless = {one.tag for one in verdicts if one.event in borne.harmless}
        found: dict[str, list[Judgement]] = {}
        for one in verdicts:
            trust = borne.of(one)
            if one.tag not in harmless and trust.weight > 0:
                said = Judgement(one.guard, one.category, one.strength, trust.weight, trust.wrong, one.tag)
                found.setdefault(one.event, []).append(said)
        return judged_of(found)

    def times(self, conversations: Sequence[Sequence[Act]], *, since: int) -> dict[str, tuple[int, ...]]:
        """Session → when each of its messages was said, whatever it does."""
        if not conversations:
            return {}
        first = min(act.time for acts in conversations for act in acts)
        return self._store.events.times([acts[0].session for acts in conversations], since=min(first, since))
