"""What guard models said, as far as people here found them right: events with weights, for the look at campaigns."""

from collections.abc import Mapping, Sequence

from tocsin.app.guard_line import GuardLine
from tocsin.app.sampling import ALL, UNSAID, Sampling
from tocsin.correlate.guard_words import weight_of
from tocsin.correlate.guards import WINDOW_DAYS
from tocsin.kernel import Clock, micros
from tocsin.store.interface import Store

REFRESH_US = 300_000_000
"""Agreement changes when people decide something, and a look comes every two seconds."""

MAX_EVENTS = 20_000
"""Flagged events that weigh, newest first: of a guard that flags more nothing could be said by its word."""

DAY_US = 86_400_000_000


class GuardWords:
    """Called by the watch at each look; the same object is returned until something changed."""

    def __init__(self, store: Store, sampling: Sampling, lines: Sequence[GuardLine], clock: Clock) -> None:
        self._store = store
        self._sampling = sampling
        self._lines = lines
        self._clock = clock
        self._said: Mapping[str, float] = {}
        self._until = 0

    def __call__(self) -> Mapping[str, float]:
        """Event → weight, 0 to 1. Empty without guards, and until people judged enough of what they said."""
        now = micros(self._clock())
        if self._lines and now >= self._until:
            self._until = now + REFRESH_US
            found = self._weighed(now)
            if found != self._said:
                self._said = found
        return self._said

    def _weighed(self, now: int) -> dict[str, float]:
        """The strength of each verdict times what its guard's word weighs in the language.

        A text that a person found harmless weighs nothing, whatever a guard says of it.
        """
        trust = {
            (line.guard.name, line.guard.version, lang): weight
            for line in self._lines
            for lang, agreed in self._sampling.agreements(line.guard.name, line.guard.version).items()
            if lang != ALL and (weight := weight_of(agreed)) > 0
        }
        if not trust:
            return {}
        harmless = self._sampling.found_harmless()
        weighed: dict[str, float] = {}
        since = now - WINDOW_DAYS * DAY_US
        for verdict in self._store.verdicts.flagged(since=since, limit=MAX_EVENTS):
            by = trust.get((verdict.guard, verdict.version, verdict.lang or UNSAID), 0.0)
            if by > 0 and verdict.event not in harmless:
                weighed[verdict.event] = max(weighed.get(verdict.event, 0.0), by * verdict.strength)
        return weighed
