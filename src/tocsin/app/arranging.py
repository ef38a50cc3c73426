"""Warnings merged, split and snoozed by a person; each with a reason, audited, and held whenever it is found again."""

import msgspec
import structlog

from tocsin.app.access import Access
from tocsin.app.reviewing import MAX_PURPOSE_CHARS
from tocsin.cases import arranging
from tocsin.kernel import (
    BadInput,
    Caller,
    Clock,
    Conflict,
    Handling,
    NotFound,
    Warning,
    WarningStatus,
    micros,
)
from tocsin.store.interface import Store

MAX_SNOOZED = 10_000
_log = structlog.get_logger("tocsin.arranging")


class Arranging:
    """Acts on warnings that are not decided; `tick` wakes those whose pause is over."""

    def __init__(self, store: Store, access: Access, clock: Clock) -> None:
        self._store = store
        self._access = access
        self._clock = clock

    def merge(self, by: Caller, kept_id: str, part_id: str, *, statement: str) -> Warning:
        """Say that two warnings are one thing; `kept_id` speaks for both from now on.

        Raises NotAllowed, NotFound, BadInput, Conflict.
        """
        self._access.require(by, "warning.review")
        with self._store.together():
            kept, part = self._warning(kept_id), self._warning(part_id)
            of_part = self._handling(part_id)
            changed, gone = arranging.merged(kept, part, self._handling(kept_id), of_part, statement)
            self._store.handlings.put(changed)
            self._store.handlings.put(gone)
            for moved in of_part.parts:
                self._store.handlings.put(msgspec.structs.replace(self._handling(moved), merged_into=kept_id))
            self._store.warnings.stand(part_id, WarningStatus.MERGED)
            self._audit(by, "warning.merge", kept_id, statement, part=part_id)
        return kept

    def unmerge(self, by: Caller, part_id: str, *, statement: str) -> Warning:
        """Take a merge back: the part is open again. Raises NotAllowed, NotFound, BadInput, Conflict."""
        self._access.require(by, "warning.review")
        arranging.check_statement(statement)
        with self._store.together():
            self._warning(part_id)
            handling = self._handling(part_id)
            if handling.merged_into is None:
                raise Conflict("this warning was not merged into another")
            kept = self._handling(handling.merged_into)
            left = tuple(part for part in kept.parts if part != part_id)
            self._store.handlings.put(msgspec.structs.replace(kept, parts=left))
            self._store.handlings.put(msgspec.structs.replace(handling, merged_into=None))
            reopened = self._store.warnings.stand(part_id, WarningStatus.OPEN)
            self._audit(by, "warning.unmerge", part_id, statement, part=handling.merged_into)
        return reopened

    def split(self, by: Caller, warning_id: str, events: tuple[str, ...], *, statement: str) -> Warning:
        """Say that some samples are another thing; returns the warning that they make. Raises as `merge`."""
        self._access.require(by, "warning.review")
        with self._store.together():
            warning = self._warning(warning_id)
            changed, made, of_made = arranging.split_off(
                warning,
                self._handling(warning_id),
                events,
                self._store.events.facts(events),
                statement,
                micros(self._clock()),
            )
            self._store.handlings.put(changed)
            self._store.handlings.put(of_made)
            self._store.warnings.upsert(warning)  # its events are counted without those that went
            self._store.warnings.upsert(made)
            self._audit(by, "warning.split", warning_id, statement, part=made.id, events=made.events)
        return made

    def snooze(
        self,
        by: Caller,
        warning_id: str,
        *,
        reason: str,
        days: float = arranging.SNOOZE_DAYS,
        factor: float = arranging.FACTOR,
    ) -> Warning:
        """Let it wait: until a time, or until its score has grown by a factor. Raises as `merge`."""
        self._access.require(by, "warning.review")
        with self._store.together():
            handling = arranging.snoozed(
                self._warning(warning_id),
                self._handling(warning_id),
                by,
                days=days,
                reason=reason,
                factor=factor,
                now=micros(self._clock()),
            )
            self._store.handlings.put(handling)
            asleep = self._store.warnings.stand(warning_id, WarningStatus.SNOOZED)
            self._audit(by, "warning.snooze", warning_id, reason, days=days, factor=factor)
        return asleep

    def wake(self, by: Caller, warning_id: str) -> Warning:
        """End a pause now. Raises NotAllowed, NotFound, Conflict."""
        self._access.require(by, "warning.review")
        if self._warning(warning_id).status is not WarningStatus.SNOOZED:
            raise Conflict("this warning is not snoozed")
        return self._wake(warning_id, by.user, "a person ended the pause")

    def tick(self) -> tuple[Warning, ...]:
        """Wake those whose time is over, or that grew; returns them."""
        now = micros(self._clock())
        woken = []
        for warning in self._store.warnings.list(status=WarningStatus.SNOOZED, limit=MAX_SNOOZED):
            pause = self._handling(warning.id).snooze
            if pause is None or pause.over(warning.score, now):
                grew = pause is not None and now < pause.until
                woken.append(self._wake(warning.id, "node", "it grew" if grew else "its time is over"))
        return tuple(woken)

    def _wake(self, warning_id: str, who: str, why: str) -> Warning:
        with self._store.together():
            handling = self._handling(warning_id)
            self._store.handlings.put(
                msgspec.structs.replace(handling, snooze=None, woken=micros(self._clock()))
            )
            awake = self._store.warnings.stand(warning_id, WarningStatus.OPEN)
            self._access.audit(who, "warning.wake", subject=warning_id, purpose=why)
        _log.info("warning.woke", id=warning_id, why=why)
        return awake

    def _warning(self, warning_id: str) -> Warning:
        warning = self._store.warnings.get(warning_id)
        if warning is None:
            raise NotFound(f"there is no warning {warning_id[:64]}: `tocsin watch warnings` lists them")
        return warning

    def _handling(self, warning_id: str) -> Handling:
        return self._store.handlings.get(warning_id) or Handling(warning_id)

    def _audit(self, by: Caller, act: str, subject: str, why: str, **detail: str | int | float) -> None:
        if not why.strip():
            raise BadInput("say why")
        self._access.audit(
            by.user, act, subject=subject, purpose=why.strip()[:MAX_PURPOSE_CHARS], detail=detail
        )
