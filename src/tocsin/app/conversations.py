"""Conversations in which risk builds up: listed and opened for a purpose, by a trained reviewer, each look audited.

Nothing of it is stored but the acts themselves, which expire, and guards' verdicts, which lie apart. A score is worked
out when somebody looks, and is in no warning, record, manifest, profile or audit line.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta

import msgspec

from tocsin.app.access import Access
from tocsin.app.guard_words import GuardWords
from tocsin.app.judged import Look
from tocsin.app.keyring import Keyring
from tocsin.app.openings import CONVERSATION, Openings
from tocsin.app.reviewing import MAX_PURPOSE_CHARS, MIN_PURPOSE_CHARS, Sample, open_sample
from tocsin.app.settings import Settings
from tocsin.correlate.conversations import Standing, standing
from tocsin.kernel import BadInput, Caller, Clock, NotFound, micros
from tocsin.store.interface import Store

LIST, OPEN = "conversation.list", CONVERSATION
MAX_LISTED = 100
MAX_CANDIDATES = 2_000
"""Heaviest conversations that are worked out for one list; the page says so when there are more."""

MAX_SAMPLES = 12


class Opened(msgspec.Struct, frozen=True):
    """One conversation as a trained reviewer sees it: how it stands, and its weightiest messages, masked."""

    standing: Standing
    samples: tuple[Sample, ...]


class Conversations:
    """The only way for people to what `store.conversations` holds; the door fills it and the clock empties it."""

    def __init__(
        self,
        store: Store,
        keys: Keyring,
        settings: Settings,
        access: Access,
        openings: Openings,
        words: Callable[[], GuardWords],
        clock: Clock,
    ) -> None:
        self._store = store
        self._openings = openings
        self._keys = keys
        self._settings = settings
        self._access = access
        self._words = words
        self._clock = clock

    def list(self, by: Caller) -> tuple[Standing, ...]:
        """Those that ring now, highest first. Raises NotAllowed. That somebody looked is audited, not what was seen."""
        self._access.require(by, LIST)
        self._access.audit(by.user, LIST, subject="", purpose="triage")
        look, since = Look(self._store, self._words()), self._since()
        heaviest = self._store.conversations.candidates(since=since, limit=MAX_CANDIDATES)
        judged = sorted(look.sessions(since=since) - set(heaviest))[:MAX_CANDIDATES]
        ringing = self._ringing((*heaviest, *judged), look)
        return tuple(sorted(ringing, key=lambda one: (-one.score, one.session))[:MAX_LISTED])

    def open(self, by: Caller, session: str, purpose: str) -> Opened:
        """One conversation that rings, with masked samples; audited with the purpose before anything is opened.

        Raises NotAllowed, BadInput when no purpose is stated, NotFound also for one that does not ring: who may look
        at what rings may not look at everybody.
        """
        self._access.require(by, OPEN)
        if not MIN_PURPOSE_CHARS <= len(purpose.strip()) <= MAX_PURPOSE_CHARS:
            raise BadInput(f"state the purpose in {MIN_PURPOSE_CHARS} to {MAX_PURPOSE_CHARS} characters")
        found = next(iter(self._ringing((session,), Look(self._store, self._words()))), None)
        if found is None:
            raise NotFound(
                "there is no such conversation, or it rings no more: `tocsin watch sessions` lists them"
            )
        wanted = [part.act.event for part in found.contributions[:MAX_SAMPLES]]
        self._openings.note(by, OPEN, subject=session, purpose=purpose.strip(), texts=len(wanted))
        kept, facts = self._store.events.sealed(wanted), self._store.events.facts(wanted)
        samples = (
            open_sample(self._keys, event, *kept[event], facts[event])
            for event in wanted
            if event in kept and event in facts
        )
        shown = sorted((sample for sample in samples if sample is not None), key=lambda sample: sample.time)
        return Opened(found, tuple(shown))

    def _ringing(self, sessions: Sequence[str], look: Look) -> tuple[Standing, ...]:
        """Those that ring. 1. By words and verdicts. 2. What rings with a verdict is held against how much was said
        there, for a guard is wrong about some of many messages: one reading of the events for all of them.
        """
        now, since = micros(self._clock()), self._since()
        ringing, flagged = [], []
        for session in sessions:  # 1
            acts = self._store.conversations.acts(session, since=since)
            judged = look.judged(acts)
            found = standing(acts, now, judged)
            if found is not None and found.rings:
                if judged:
                    flagged.append((acts, judged))
                else:
                    ringing.append(found)
        times = look.times([acts for acts, _ in flagged], since=since)
        for acts, judged in flagged:  # 2
            found = standing(acts, now, judged, times.get(acts[0].session, ()))
            if found is not None and found.rings:
                ringing.append(found)
        return tuple(ringing)

    def _since(self) -> int:
        return micros(self._clock() - timedelta(days=self._settings.conversation_days))
