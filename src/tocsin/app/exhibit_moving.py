"""Exhibits that go over to a case split from theirs: never two at a time, with their history and what holds them.

What goes over is a new exhibit, for what an exhibit is names its case and is never changed: its bytes are sealed to the
new case's key, its first step names the chain that it comes with, and the old one's last step says where it went.
Nobody is shown the bytes on the way. The old file has no row that speaks of it any more and is swept like every stray,
so a split that falls over leaves the old one whole.
"""

from pathlib import PurePath

import msgspec

from tocsin.app.exhibit_desk import bytes_of, facts_of, holds_it
from tocsin.app.exhibit_files import padded
from tocsin.app.exhibit_holding import HOLD_BYTES, ExhibitHolding, reason_of
from tocsin.cases.evidence import facts_bytes
from tocsin.cases.evidence.chain import SALT_BYTES
from tocsin.cases.quarantine import quarantined as flagged
from tocsin.kernel import BadInput, Caller, NotFound, micros
from tocsin.kernel.cases import Case
from tocsin.kernel.custody import CustodyAct
from tocsin.store.exhibit_interface import ExhibitRow, HoldRow

ID_BYTES = 10
MOVED = "evidence.moved"


class ExhibitMoving(ExhibitHolding):
    """Beneath `Exhibits`."""

    def split(self, by: Caller, case: Case, made: Case, exhibits: tuple[str, ...]) -> None:
        """Take exhibits out of `case` into `made`, inside the split's transaction (`Cases.on_split`).

        Raises NotFound for one that is not in the case or was destroyed, BadInput, Unavailable when bytes are gone.
        """
        wanted = tuple(dict.fromkeys(exhibits))
        if not wanted:
            return
        rows = {row.id: row for row in self._store.exhibits.of(case.id) if row.destroyed is None}
        missing = [one for one in wanted if one not in rows]
        if missing:
            raise NotFound(
                f"there is no exhibit {missing[0][:64]} in this case: `tocsin case evidence list` shows them"
            )
        with self._store.together():
            for number, one in enumerate(wanted, 1):
                self._go_over(by, rows[one], made, number)

    def _go_over(self, by: Caller, row: ExhibitRow, made: Case, number: int) -> None:
        old, content = self._facts(by, row), self._bytes(by, row)
        if old is None:
            raise BadInput(f"{row.id} was destroyed")
        facts = msgspec.structs.replace(
            old,
            exhibit=f"ex_{self._entropy(ID_BYTES).hex()}",
            case=made.id,
            name=f"{number}{PurePath(old.name).suffix}",
            salt=self._entropy(SALT_BYTES).hex(),
        )
        said = facts_bytes(facts)
        kept = ExhibitRow(
            facts.exhibit,
            made.id,
            row.received,
            row.quarantined or flagged(made),
            self._case_keys.leave(made.id, said, facts_of(facts.exhibit)),
        )
        sealed = self._case_keys.leave(made.id, padded(content), bytes_of(facts.exhibit))
        self._files.write(kept.id, sealed)
        self._store.exhibits.add(kept)
        gone = self.step(
            row.id, by.user, CustodyAct.TRANSFERRED, "to the case split from this one", f"kept as {kept.id}"
        )
        came = f"from {row.id}, whose chain is {gone.chain.hex()}"
        self.step(kept.id, by.user, CustodyAct.RECEIVED, came, "kept", facts=said)
        self.step(kept.id, by.user, CustodyAct.SEALED, "to the new case's key", "sealed")
        if kept.quarantined:
            self.step(
                kept.id, by.user, CustodyAct.QUARANTINED, "flagged as it came", "neither shown nor copied"
            )
        self._hold_on(by, row, kept)
        self._store.exhibits.hand_on(row.id, at=micros(self._clock()))
        self._access.audit(by.user, MOVED, subject=kept.id, purpose="split")

    def _hold_on(self, by: Caller, old: ExhibitRow, new: ExhibitRow) -> None:
        """Holds that stand over the old one stand over the new one, since when and by whom they were."""
        now = micros(self._clock())
        for hold in self._store.exhibits.holds(old.case):
            if not holds_it(hold, old.id, now):
                continue
            made = f"hold_{self._entropy(HOLD_BYTES).hex()}"
            said = self._case_keys.left(by, old.case, hold.reason, reason_of(hold.id))
            self._store.exhibits.hold(
                HoldRow(
                    made,
                    new.case,
                    new.id,
                    hold.at,
                    hold.by,
                    self._case_keys.leave(new.case, said, reason_of(made)),
                    hold.until,
                )
            )
            self.step(new.id, by.user, CustodyAct.HELD, f"legal hold {made}", "kept past its time")
            if hold.exhibit is not None:
                self._store.exhibits.release(hold.id, at=now)
