"""Where an artefact comes from, measured by its weights and kept beside what its files claim."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tocsin.app.access import Access
from tocsin.app.artefacts import Artefacts
from tocsin.app.following import fingerprint
from tocsin.kernel import BadInput, Caller, Clock, micros
from tocsin.kernel.artefacts import Inspection
from tocsin.kernel.inventory import Ancestor
from tocsin.kernel.models import MeasuredDescent
from tocsin.store.interface import Store

if TYPE_CHECKING:  # heavy: a node opens without it
    from tocsin.assure.lineage import Comparison

UNRELATED = "unrelated"
MAX_MEASURED = 50
"""Comparisons of one artefact that are looked at, the newest first; the store keeps all."""


class LookedAt(NamedTuple):
    """Two artefacts before they are compared, and how their files stood then."""

    base: Inspection
    derived: Inspection
    stood: tuple[str, str]


class Descents:
    """Keeps what comparisons measured, bound to the digests of both artefacts."""

    def __init__(self, store: Store, access: Access, artefacts: Artefacts, clock: Clock) -> None:
        self._store = store
        self._access = access
        self._artefacts = artefacts
        self._clock = clock

    def begin(self, by: Caller, base: Path, derived: Path) -> LookedAt:
        """Inspect both and keep that: a comparison is kept of digests, not of paths. Raises NotAllowed, BadInput."""
        self._access.require(by, "model.manage")
        stood = fingerprint(base), fingerprint(derived)
        old, new = (self._artefacts.look_at(path, by=by.user).inspection for path in (base, derived))
        return LookedAt(old, new, stood)

    def keep(self, by: Caller, looked_at: LookedAt, found: "Comparison") -> MeasuredDescent:
        """Keep what was found between the two that `begin` looked at; durable when it returns.

        Raises NotAllowed, and BadInput when the files at these paths are others now.
        """
        self._access.require(by, "model.manage")
        old, new = looked_at.base, looked_at.derived
        if (fingerprint(Path(found.base)), fingerprint(Path(found.derived))) != looked_at.stood:
            raise BadInput("the files changed while they were compared: nothing was kept, compare them again")
        signature = found.signature
        kept = MeasuredDescent(
            derived=new.artefact,
            base=old.artefact,
            base_name=old.name,
            at=micros(self._clock()),
            scanner=new.scanner,
            change=found.change.value,
            confidence=found.confidence.value,
            related=found.related,
            signature=signature.spread.value if signature else "",
            removed=signature.removed if signature else 0.0,
            unread=len(found.unread),
            seed=found.seed,
            by=by.user,
        )
        with self._store.together():
            self._store.descents.add(kept)
            self._access.audit(
                by.user,
                "model.compare",
                subject=kept.derived,
                purpose="",
                detail={"base": kept.base, "change": kept.change, "signature": kept.signature},
            )
        return kept

    def ancestors(self, artefact: str) -> tuple[Ancestor, ...]:
        """Those whose weights it descends from, by the newest comparison with each."""
        found: dict[str, Ancestor] = {}
        told: set[str] = set()
        for one in self._store.descents.of(artefact, limit=MAX_MEASURED):
            if one.base not in told and one.change != UNRELATED:
                found[one.base] = Ancestor(one.base_name, one.change, measured=True, digest=one.base)
            told.add(one.base)
        return tuple(found.values())
