"""What a serving node does for artefacts by itself: at its start and daily whether verdicts still stand and followed
models are what they were; within a minute what peers said of files; and looks anew, one after the other, bounded.
"""

import os
from collections.abc import Callable

import msgspec
import structlog

from tocsin.app.artefacts import Artefacts
from tocsin.app.following import Checked, Following
from tocsin.app.intake import Intake
from tocsin.kernel import Clock, micros
from tocsin.kernel.models import InspectionLine
from tocsin.kernel.release import ReleaseDecision
from tocsin.store.interface import Store

LEASE = "aftercare"
LEASE_MICROS = 600_000_000
"""A killed process holds up no other for longer. Two that overlap in a long look say and keep the same, once."""

CURSOR = "aftercare.day"
LOOKS_A_TURN = 4
"""Looks anew in one turn: a large model takes minutes, and what peers say meanwhile waits for the turn to end."""

_log = structlog.get_logger("tocsin.aftercare")


class Turn(msgspec.Struct, frozen=True):
    """What one turn did. `reopened` and `looked` are the lines as they are now, `ended` decisions that hold no more."""

    reopened: tuple[InspectionLine, ...] = ()
    checked: tuple[Checked, ...] = ()
    looked: tuple[InspectionLine, ...] = ()
    ended: tuple[ReleaseDecision, ...] = ()


class Aftercare:
    """Takes turns; a lease keeps other processes out."""

    def __init__(
        self,
        store: Store,
        artefacts: Artefacts,
        intake: Intake,
        following: Following,
        clock: Clock,
        *,
        recheck: Callable[[], tuple[ReleaseDecision, ...]] = tuple,
    ) -> None:
        self._store = store
        self._artefacts = artefacts
        self._intake = intake
        self._following = following
        self._clock = clock
        self._recheck = recheck
        self._holder = f"{os.getpid()}.{os.urandom(4).hex()}"
        self._begun = False

    def tick(self) -> Turn:
        """The first turn of a process and of a day does all of it; the others what peers said, and looks anew."""
        today = self._clock().date().isoformat()
        if self._begun and self._store.jobs.cursor(CURSOR) == today:
            return self._turn(whole=False)
        done = self._turn(whole=True)
        self._store.jobs.set_cursor(CURSOR, today)
        self._begun = True
        return done

    def check(self) -> Turn:
        """All of it, now."""
        return self._turn(whole=True)

    def release(self) -> None:
        """Give the lease back."""
        self._store.jobs.release_lease(LEASE, self._holder)

    def _turn(self, *, whole: bool) -> Turn:
        """1. rules; 2. what peers said; 3. followed models; 4. looks anew at what is open; 5. release decisions."""
        if not self._store.jobs.lease(LEASE, self._holder, now=micros(self._clock()), ttl=LEASE_MICROS):
            return Turn()
        try:
            reopened = self._artefacts.stale() if whole else ()  # 1
            reopened = (*reopened, *self._intake.hear_peers())  # 2
            if reopened:
                _log.warning("artefacts.reopened", artefacts=len(reopened))
            checked = self._following.check() if whole else ()  # 3
            looked = self._look_again(waiting_too=whole)  # 4
            ended = self._recheck() if whole or reopened or looked else ()  # 5
            if ended:
                _log.warning("releases.ended", decisions=len(ended))
            return Turn(reopened, checked, looked, ended)
        finally:
            self.release()

    def _look_again(self, *, waiting_too: bool) -> tuple[InspectionLine, ...]:
        """The oldest first. What waits for its files is asked about once a day."""
        open_again = [
            line
            for line in reversed(self._artefacts.reopened())
            if line.reopened is not None and (waiting_too or not line.reopened.waiting)
        ]
        looked: list[InspectionLine] = []
        for line in open_again:
            if len(looked) >= LOOKS_A_TURN:
                break
            if (kept := self._artefacts.look_again(line)) is not None:
                looked.append(kept.line)
        return tuple(looked)
