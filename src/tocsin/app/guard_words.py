"""What guard models said, as far as people here found them right: for the look at campaigns, for conversations, and for
what agents did."""

from collections.abc import Collection, Mapping, Sequence

import msgspec

from tocsin.app.guard_line import GuardLine
from tocsin.app.sampling import ALL, UNSAID, Sampling
from tocsin.correlate.guard_words import weight_of, wrong_of
from tocsin.correlate.guards import WINDOW_DAYS
from tocsin.correlate.judged import Judgement, judged_of
from tocsin.kernel import Clock, GuardOutcome, GuardVerdict, micros
from tocsin.store.interface import Store
from tocsin.taxonomy.guard_files import of_results

REFRESH_US = 300_000_000
"""Agreement changes when people decide something, and a look comes every two seconds."""

MAX_EVENTS = 20_000
"""Flagged events that weigh, newest first: of a guard that flags more nothing could be said by its word."""

DAY_US = 86_400_000_000


class Trust(msgspec.Struct, frozen=True):
    """Of a guard in a language: what its word weighs, and how often it flags what people find harmless."""

    weight: float = 0.0
    wrong: float = 0.0


class BorneOut(msgspec.Struct, frozen=True):
    """How far people bear each guard out, by (guard, version, language); and events that a person found harmless."""

    by: Mapping[tuple[str, str, str], Trust]
    harmless: frozenset[str]

    def of(self, verdict: GuardVerdict) -> Trust:
        """Weight 0 for what is no flag, for a guard that too few bore out, and for what a person found harmless."""
        if verdict.outcome is not GuardOutcome.FLAGGED or verdict.event in self.harmless:
            return Trust()
        return self.by.get((verdict.guard, verdict.version, verdict.lang or UNSAID), Trust())


class GuardWords:
    """Called by the watch at each look; the same object is returned until something changed."""

    def __init__(self, store: Store, sampling: Sampling, lines: Sequence[GuardLine], clock: Clock) -> None:
        self._store = store
        self._sampling = sampling
        self._lines = lines
        self._clock = clock
        self._said: Mapping[str, float] = {}
        self._until = 0
        self._borne: BorneOut | None = None
        self._borne_until = 0

    def __call__(self) -> Mapping[str, float]:
        """Event → weight, 0 to 1. Empty without guards, and until people judged enough of what they said."""
        now = micros(self._clock())
        if self._lines and now >= self._until:
            self._until = now + REFRESH_US
            found = self._weighed(now)
            if found != self._said:
                self._said = found
        return self._said

    def borne_out(self) -> BorneOut | None:
        """As people decided by now; None where no guard of this node weighs anything."""
        by = {
            (line.guard.name, line.guard.version, lang): Trust(weight, wrong_of(agreed.pairs))
            for line in self._lines
            for lang, agreed in self._sampling.agreements(line.guard.name, line.guard.version).items()
            if lang != ALL and (weight := weight_of(agreed)) > 0
        }
        return BorneOut(by, self._sampling.found_harmless()) if by else None

    def flagged(self, *, since: int) -> tuple[GuardVerdict, ...]:
        """What guards flagged since a moment of what accounts wrote, newest first, MAX_EVENTS at most."""
        versions = {line.guard.version for line in self._lines}
        return self._store.verdicts.flagged(versions, since=since, limit=MAX_EVENTS)

    def orders(self, events: Collection[str]) -> dict[str, Judgement]:
        """Event → the weightiest verdict that its tool's result gives orders. As people decided REFRESH_US ago at most.

        A guard weighs as people bore it out on *texts* of that language. What a person found harmless weighs nothing,
        nor does the same result when it was brought again that day.
        """
        borne = self._lately()
        if borne is None:
            return {}
        asked = {
            (line.guard.name, of_results(line.guard).version): line.guard.version for line in self._lines
        }
        verdicts = [one for one in self._store.verdicts.of(events) if (one.guard, one.version) in asked]
        harmless = {one.tag for one in verdicts if one.event in borne.harmless}
        found: dict[str, list[Judgement]] = {}
        for one in verdicts:
            trust = borne.of(msgspec.structs.replace(one, version=asked[one.guard, one.version]))
            if one.tag not in harmless and trust.weight > 0:
                said = Judgement(one.guard, one.category, one.strength, trust.weight, trust.wrong, one.tag)
                found.setdefault(one.event, []).append(said)
        return judged_of(found)

    def _lately(self) -> BorneOut | None:
        now = micros(self._clock())
        if self._lines and now >= self._borne_until:
            self._borne_until = now + REFRESH_US
            self._borne = self.borne_out()
        return self._borne

    def _weighed(self, now: int) -> dict[str, float]:
        """The strength of each verdict times what its guard's word weighs in the language."""
        borne = self.borne_out()
        weighed: dict[str, float] = {}
        if borne is not None:
            for verdict in self.flagged(since=now - WINDOW_DAYS * DAY_US):
                if (by := borne.of(verdict).weight) > 0:
                    weighed[verdict.event] = max(weighed.get(verdict.event, 0.0), by * verdict.strength)
        return weighed
