"""From what the watch would raise to what goes into a sum, and from what rang to a warning."""

from collections.abc import Callable, Mapping

import msgspec

from tocsin.app.accept import Sealed, text_label
from tocsin.app.access import Access
from tocsin.app.keyring import Keyring
from tocsin.app.sum_state import Asked, Gathered
from tocsin.correlate import Exclusions
from tocsin.correlate.summed import Candidate, Shown
from tocsin.kernel import Clock, NotFound, Reason, WarningKind, micros
from tocsin.kernel.sums import KINDS_SHARED, Held, SumRoster
from tocsin.store.interface import Store
from tocsin.store.sum_interface import SumAnswer
from tocsin.trust.summing import value_of

BAND = "band"
MAX_KNOWN = 10_000


class Gathering:
    """Opens identifiers as an audited machine purpose: no person sees them, and no peer does."""

    def __init__(
        self,
        store: Store,
        keys: Keyring,
        access: Access,
        exclusions: Exclusions,
        clock: Clock,
        raisable: Callable[[], tuple[Candidate, ...] | None],
    ) -> None:
        self._store, self._keys, self._access = store, keys, access
        self._exclusions, self._clock, self._raisable = exclusions, clock, raisable

    def gather(self) -> Gathered | None:
        """What this node would submit now, by key; None while it has not looked at its events yet.

        A key stands for one candidate: of two the stronger has it. An identifier on an exclusion list is left out.
        """
        found = self._raisable()
        if found is None:
            return None
        values = self._values(found)
        held: dict[bytes, Held] = {}
        owners: dict[bytes, int] = {}
        for at, one in enumerate(found):
            identifiers = tuple(values.get(shown, b"") if shown else b"" for shown in one.identifiers)
            keys = [value_of(BAND, band) for band in one.bands]
            keys += [identifiers[kind] for kind in one.keyed if identifiers[kind]]
            for key in keys:
                if key not in held:
                    held[key] = Held(one.counts, identifiers)
                    owners[key] = at
        return Gathered(held, owners, found)

    def rang(self, roster: SumRoster, look: int, asked: Asked, ringing: frozenset[bytes]) -> None:
        """A warning for each candidate with a key that rings: a call to look, with this node's own evidence."""
        now = micros(self._clock())
        loud = {
            warning.key for warning in self._store.warnings.list(kind=WarningKind.CAMPAIGN, limit=MAX_KNOWN)
        }
        head = Reason("sum.rang", {"nodes": len(roster.names), "holders": roster.holders})
        told = []
        for at in sorted({asked.owners[key] for key in ringing}):
            warning = asked.candidates[at].warning
            if warning.key in loud:
                continue  # it rings here by itself meanwhile
            self._store.warnings.upsert(
                msgspec.structs.replace(warning, reasons=(head, *warning.reasons), updated=now)
            )
            told.append(warning.id)
        self._store.sums.answer(
            SumAnswer(
                epoch=roster.epoch,
                look=look,
                at=now,
                keys=sum(bool(key) for key in asked.keys),
                candidates=len(asked.candidates),
                warnings=tuple(told),
                answered=now,
            )
        )
        said: dict[str, str | int | float] = {"keys": len(asked.owners), "rang": len(told)}
        self.note("sum.heard", f"{roster.epoch}/{look}", {"roster": roster.digest.hex(), **said})

    def note(self, act: str, subject: str, detail: dict[str, str | int | float]) -> None:
        """A line of the audit for what the node does by itself in a week of sums."""
        self._access.audit("node", act, subject=subject, purpose="private sum", detail=detail)

    def _values(self, found: tuple[Candidate, ...]) -> Mapping[Shown, bytes]:
        """What the shown identifiers read, as all nodes write them."""
        shown = {
            one: KINDS_SHARED[at]
            for each in found
            for at, one in enumerate(each.identifiers)
            if one is not None
        }
        if not shown:
            return {}
        kept = self._store.events.sealed({one.event for one in shown})
        self._access.audit(
            "node", "identifier.open", subject="", purpose="private sum", detail={"events": len(kept)}
        )
        values = {}
        for one in shown:
            if one.event not in kept:
                continue
            value = self._opened(one, *kept[one.event])
            if value is not None and self._exclusions.of_value(value) is None:
                values[one] = value_of(one.type, value.encode())
        return values

    def _opened(self, shown: Shown, day: str, sealed: bytes) -> str | None:
        """The identifier as it lies sealed, in its canonical spelling: as it was when the event came in."""
        try:
            plain = self._keys.opened(day).open(sealed, text_label(shown.event))
        except NotFound:
            return None  # the day's key was destroyed: what it sealed is gone
        raw = msgspec.msgpack.decode(plain, type=Sealed)
        return next((seen.value for seen in raw.observables if seen.type.value == shown.type), None)
