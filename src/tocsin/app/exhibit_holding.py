"""How long evidence lives: legal holds, and its end, which is a step of custody that outlives the bytes."""

import msgspec

from tocsin.app.exhibit_desk import NODE, ExhibitDesk
from tocsin.kernel import BadInput, Caller, Conflict, NotFound, micros
from tocsin.kernel.custody import CustodyAct, Hold
from tocsin.store.exhibit_interface import ExhibitRow, HoldRow

HOLD = "evidence.hold"
HOLD_BYTES = 8
MIN_REASON_CHARS, MAX_REASON_CHARS = 8, 400
PAGE = 500


class ExhibitHolding(ExhibitDesk):
    """Beneath `Exhibits`: holds, retention, destruction."""

    def hold(
        self,
        by: Caller,
        case_id: str,
        *,
        reason: str,
        exhibit_id: str | None = None,
        until: int | None = None,
    ) -> Hold:
        """Keep a case's evidence, or one exhibit, whatever retention says: `until` a moment, or until released.

        What comes into the case later is held with it. Raises NotAllowed, NotFound, BadInput.
        """
        self._access.require(by, HOLD)
        self._case_keys.opened(by, case_id)
        now = micros(self._clock())
        said = _reason(reason)
        if until is not None and until <= now:
            raise BadInput("a hold ends in the future: name a later day, or none")
        rows = self._store.exhibits.of(case_id)
        if exhibit_id is not None and exhibit_id not in {row.id for row in rows}:
            raise NotFound(f"there is no exhibit {exhibit_id} in this case")
        hold = Hold(
            id=f"hold_{self._entropy(HOLD_BYTES).hex()}",
            case=case_id,
            exhibit=exhibit_id,
            at=now,
            by=by.user,
            reason=said,
            until=until,
        )
        sealed = self._case_keys.leave(case_id, said.encode(), reason_of(hold.id))
        with self._store.together():
            self._store.exhibits.hold(HoldRow(hold.id, case_id, exhibit_id, now, by.user, sealed, until))
            for row in self._concerned(rows, exhibit_id):
                self.step(row.id, by.user, CustodyAct.HELD, f"legal hold {hold.id}", "kept past its time")
            self._access.audit(by.user, HOLD, subject=hold.id, purpose="legal hold")
        return hold

    def release(self, by: Caller, hold_id: str, *, reason: str) -> Hold:
        """End a hold. Retention counts again at once. Raises NotAllowed, NotFound, Conflict, BadInput."""
        self._access.require(by, HOLD)
        row = self._store.exhibits.get_hold(hold_id)
        try:
            self._case_keys.opened(by, row.case if row else "")
        except NotFound:
            row = None
        if row is None:
            raise NotFound(f"there is no hold {hold_id}: `tocsin case evidence list` shows a case's")
        _reason(reason)
        now = micros(self._clock())
        with self._store.together():
            if not self._store.exhibits.release(hold_id, at=now):
                raise Conflict(f"{hold_id} ended before")
            for one in self._concerned(self._store.exhibits.of(row.case), row.exhibit):
                self.step(
                    one.id, by.user, CustodyAct.RELEASED, f"legal hold {hold_id}", "its time counts again"
                )
            self._access.audit(by.user, "evidence.release", subject=hold_id, purpose="legal hold ends")
        return self._hold(by, msgspec.structs.replace(row, released=now))

    def holds(self, by: Caller, case_id: str) -> tuple[Hold, ...]:
        """Every hold of a case, with those that ended. Raises NotAllowed, NotFound."""
        self._access.require(by, "evidence.read")
        self._case_keys.opened(by, case_id)
        return tuple(self._hold(by, row) for row in self._store.exhibits.holds(case_id))

    def destroy_all(self, case_id: str, *, by: str, how: str) -> tuple[int, int]:
        """Destroy a case's evidence, as far as no hold stands; returns how many are gone and how many are held.

        For who has the right to ask for that and was let in by the caller. Not inside `store.together()`.
        """
        rows = [row for row in self._store.exhibits.of(case_id) if row.destroyed is None]
        gone = sum(self._destroy(row, by, how) for row in rows)
        return gone, len(rows) - gone

    def tick(self) -> int:
        """Destroy what is past its time, and sweep files that nobody speaks of; returns how many exhibits."""
        now = micros(self._clock())
        before = micros(self._clock() - self._retention) + 1  # nothing younger can be past its time
        gone, after = 0, (0, "")
        while rows := self._store.exhibits.old(before=before, after=after, limit=PAGE):
            after = (rows[-1].received, rows[-1].id)
            for row in rows:
                ends = self._ends(row.case)
                if ends is not None and ends <= now:
                    gone += self._destroy(row, NODE, "its time was over")
        self._files.sweep(self._store.exhibits.present())
        return gone

    def _destroy(self, row: ExhibitRow, by: str, how: str) -> bool:
        """The row and the step first: bytes that outlive them are strays, and a row without bytes would be a loss."""
        with self._store.together():
            if not self._store.exhibits.destroy(row.id, at=micros(self._clock())):
                return False
            self.step(row.id, by, CustodyAct.DESTROYED, how, "facts and bytes are gone")
        self._files.destroy(row.id)
        return True

    def _hold(self, by: Caller, row: HoldRow) -> Hold:
        reason = self._case_keys.left(by, row.case, row.reason, reason_of(row.id)).decode()
        return Hold(
            id=row.id,
            case=row.case,
            exhibit=row.exhibit,
            at=row.at,
            by=row.by,
            reason=reason,
            until=row.until,
            released=row.released,
        )

    @staticmethod
    def _concerned(rows: tuple[ExhibitRow, ...], exhibit_id: str | None) -> list[ExhibitRow]:
        return [row for row in rows if row.destroyed is None and exhibit_id in {None, row.id}]


def _reason(text: str) -> str:
    if not MIN_REASON_CHARS <= len(text.strip()) <= MAX_REASON_CHARS:
        raise BadInput(f"say why in {MIN_REASON_CHARS} to {MAX_REASON_CHARS} characters")
    return text.strip()


def reason_of(hold_id: str) -> str:
    """Where a hold's reason is sealed."""
    return f"hold/{hold_id}"
