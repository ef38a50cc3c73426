"""Looks at what was not flagged: drawn at random under a key of this node, masked, judged by a person, counted.

What no detector speaks of is never seen by anybody, and so nobody knows what is missed. A few such texts a day,
drawn so that no source can keep out of the draw, put an interval on it. Off by default: it opens texts of people
of whom nothing was said.
"""

import os
from collections import Counter
from datetime import timedelta
from typing import Any, cast

import msgspec
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.app.reviewing import MAX_PURPOSE_CHARS, Reviewing, Sample
from tocsin.app.settings import Settings
from tocsin.correlate.agreement import Agreement, Pairs, Share, agreement, share
from tocsin.kernel import (
    BadInput,
    Caller,
    Clock,
    Conflict,
    GuardOutcome,
    Look,
    LookOutcome,
    NotFound,
    WarningKind,
    WarningStatus,
    at_micros,
    micros,
)
from tocsin.store.interface import Store
from tocsin.taxonomy import category as conduct
from tocsin.taxonomy import refused_subject

LEASE = "sampling"
LEASE_MICROS = 120_000_000
CURSOR = "sampling"
RANKS = 1 << 63
MAX_STATEMENT_CHARS = 1_000
UNSAID = "und"
"""Language of events whose source said none (BCP 47, ISO 639-2 "undetermined")."""

ALL = ""
MAX_REVIEWED = 10_000
BOOTSTRAP_SEED = 20_261_122
"""The same figures give the same interval, whoever asks."""


class Misses(msgspec.Struct, frozen=True):
    """Of looks in one language (ALL: in any), how many were misses; of one category (ALL: of any)."""

    lang: str
    category: str
    missed: Share


class Sampling:
    """Draws, shows and counts."""

    def __init__(
        self,
        store: Store,
        keys: Keyring,
        settings: Settings,
        access: Access,
        reviewing: Reviewing,
        clock: Clock,
    ) -> None:
        self._store = store
        self._keys = keys
        self._settings = settings
        self._access = access
        self._reviewing = reviewing
        self._clock = clock
        self._holder = f"{os.getpid()}.{os.urandom(4).hex()}"

    def tick(self) -> int:
        """Draw from what is new; returns how many events were drawn. Nothing while the share is 0."""
        now = self._clock()
        if self._settings.sample_share <= 0:
            return 0
        if not self._store.jobs.lease(LEASE, self._holder, now=micros(now), ttl=LEASE_MICROS):
            return 0
        kept = self._store.jobs.cursor(CURSOR)
        newest = self._store.events.newest()
        if kept is None:  # what came before the share was set was not promised to be looked at
            self._store.jobs.set_cursor(CURSOR, str(newest))
            return 0
        if newest <= int(kept):
            return 0
        limit, drawn, read_to = int(self._settings.sample_share * RANKS), [], int(kept)
        for batch in self._store.events.batches(after=int(kept)):
            quiet = batch.filter(pa.array(_quiet(batch)))
            columns = (quiet.column(name).to_pylist() for name in ("id", "received", "lang"))
            for event_id, received, lang in zip(*columns, strict=True):
                rank = self._keys.draw(event_id)
                if rank < limit:
                    day = at_micros(received).date().isoformat()
                    drawn.append(Look(event_id, day, rank, micros(now), lang))
            if batch.num_rows:
                read_to = batch.column("seq")[-1].as_py()
        with self._store.together():
            self._store.looks.draw(drawn, a_day=self._settings.samples_a_day)
            self._store.jobs.set_cursor(CURSOR, str(read_to))
        return len(drawn)

    def release(self) -> None:
        """Give the lease back."""
        if self._settings.sample_share > 0:
            self._store.jobs.release_lease(LEASE, self._holder)

    def expire(self) -> None:
        """Forget draws whose text is gone, unlooked at."""
        before = self._clock().date() - timedelta(days=self._settings.retention_text_days)
        self._store.looks.expire(before_day=before.isoformat())

    def waiting(self) -> tuple[Look, ...]:
        """Drawn and not looked at, the oldest day first; without what a guard or a warning spoke of since."""
        looks = self._store.looks.waiting()
        spoken = self._spoken_of([look.event for look in looks])
        return tuple(look for look in looks if look.event not in spoken)

    def open(self, by: Caller, event: str, purpose: str) -> Sample:
        """The masked text of a drawn event; audited first. Raises NotAllowed, NotFound, BadInput."""
        self._look(event)
        sample = self._reviewing.one_sample(by, event, purpose)
        if sample is None:
            raise NotFound("its text is no longer kept: the day's key was destroyed; look at another")
        return sample

    def judge(self, by: Caller, event: str, outcome: LookOutcome, *, category: str, statement: str) -> Look:
        """Say whether it was missed or rightly not flagged. Raises NotAllowed, NotFound, BadInput, Conflict."""
        self._access.require(by, "warning.review")
        look = self._look(event)
        if look.outcome is not None:
            raise Conflict("somebody looked at this one already: take the next")
        if outcome is LookOutcome.MISSED and (refused_subject(category) or conduct(category) is None):
            raise BadInput("a miss is of a category of conduct: choose one of the closed list")
        if len(statement) > MAX_STATEMENT_CHARS:
            raise BadInput(f"say it in at most {MAX_STATEMENT_CHARS} characters")
        judged = msgspec.structs.replace(
            look,
            outcome=outcome,
            category=category if outcome is LookOutcome.MISSED else "",
            by=by.user,
            at=micros(self._clock()),
            statement=statement.strip(),
        )
        with self._store.together():
            self._store.looks.replace(judged)
            self._access.audit(
                by.user,
                "sampling.judge",
                subject=event,
                purpose=statement.strip()[:MAX_PURPOSE_CHARS],
                detail={"outcome": outcome.value, "category": judged.category},
            )
        return judged

    def misses(self) -> tuple[Misses, ...]:
        """The share that is missed: of all, by language, and by category. Each with its interval."""
        looks = self._store.looks.judged()
        missed = [look for look in looks if look.outcome is LookOutcome.MISSED]
        langs = Counter(look.lang or UNSAID for look in looks)
        by_lang = Counter(look.lang or UNSAID for look in missed)
        by_category = Counter(look.category for look in missed)
        return (
            Misses(ALL, ALL, share(len(missed), len(looks))),
            *(Misses(lang, ALL, share(by_lang[lang], langs[lang])) for lang in sorted(langs)),
            *(Misses(ALL, name, share(by_category[name], len(looks))) for name in sorted(by_category)),
        )

    def agreements(self, guard: str, version: str) -> dict[str, Agreement]:
        """Language (ALL: any) → how far a guard and people agree, on samples of decided warnings and on looks.

        A warning about an agent is left out: it was decided by a row of calls and their results, and not by a text.
        """
        said = self._people_said(but=WarningKind.AGENT)
        pairs: dict[str, Pairs] = {ALL: Pairs()}
        for verdict in self._store.verdicts.of(list(said)):
            if (verdict.guard, verdict.version) != (guard, version):
                continue
            if verdict.outcome is GuardOutcome.UNKNOWN:
                continue
            flagged, misuse = verdict.outcome is GuardOutcome.FLAGGED, said[verdict.event]
            one = Pairs(
                both=flagged and misuse,
                guard_only=flagged and not misuse,
                person_only=misuse and not flagged,
                neither=not flagged and not misuse,
            )
            for lang in (ALL, verdict.lang or UNSAID):
                pairs[lang] = pairs.get(lang, Pairs()) + one
        rng = np.random.default_rng(BOOTSTRAP_SEED)
        return {lang: agreement(pairs[lang], rng) for lang in sorted(pairs)}

    def found_harmless(self) -> frozenset[str]:
        """Events in which a person found no misuse."""
        return frozenset(event for event, misuse in self._people_said().items() if not misuse)

    def _people_said(self, *, but: WarningKind | None = None) -> dict[str, bool]:
        """Event → whether a person found misuse in it; without what they said of warnings of one kind."""
        said: dict[str, bool] = {}
        for status in (WarningStatus.DISMISSED, WarningStatus.CONFIRMED):
            for warning in self._store.warnings.list(status=status, limit=MAX_REVIEWED):
                if warning.kind is not but:
                    said.update((event, status is WarningStatus.CONFIRMED) for event in warning.samples)
        for look in self._store.looks.judged():
            said[look.event] = look.outcome is LookOutcome.MISSED
        return said

    def _spoken_of(self, events: list[str]) -> set[str]:
        flagged = {
            verdict.event
            for verdict in self._store.verdicts.of(events)
            if verdict.outcome is GuardOutcome.FLAGGED
        }
        sampled = {
            event for warning in self._store.warnings.list(limit=MAX_REVIEWED) for event in warning.samples
        }
        return flagged | (sampled & set(events))

    def _look(self, event: str) -> Look:
        look = self._store.looks.get(event)
        if look is None:
            raise NotFound("this event was not drawn for a look: `tocsin watch sampling list` shows them")
        return look


def _quiet(batch: pa.RecordBatch) -> npt.NDArray[np.bool_]:
    """True for events that no detector spoke of; a mark weighs nothing, and speaks of nobody."""
    column = cast("pa.ListArray[Any]", batch.column("signals"))
    lengths = column.value_lengths().fill_null(0).to_numpy(zero_copy_only=False)
    flat: Any = column.flatten()
    weighs = flat.field("strength").to_numpy(zero_copy_only=False) > 0
    spoken = np.zeros(len(column), bool)
    spoken[np.repeat(np.arange(len(column)), lengths)[weighs]] = True
    return ~spoken
