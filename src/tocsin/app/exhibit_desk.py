"""What every act on an exhibit begins and ends with: may they, is it there, may it be looked at; a signed step."""

import hashlib
import os
from datetime import timedelta
from pathlib import Path

from tocsin.app.access import Access
from tocsin.app.case_keys import CaseKeys
from tocsin.app.exhibit_files import ExhibitFiles, unpadded
from tocsin.app.keyring import Keyring
from tocsin.app.openings import Openings
from tocsin.app.queues import Queues
from tocsin.app.reviewing import MAX_PURPOSE_CHARS, MIN_PURPOSE_CHARS
from tocsin.cases.evidence import Facts, extended, read_facts
from tocsin.cases.quarantine import Refused, Use, forbidden, quarantined
from tocsin.kernel import BadInput, Caller, Clock, NotAllowed, NotFound, Unavailable, micros
from tocsin.kernel.cases import Case, CaseState
from tocsin.kernel.custody import CustodyAct, CustodyStep, Exhibit
from tocsin.store import Store
from tocsin.store.exhibit_interface import ExhibitRow, HoldRow
from tocsin.trust.seal import Entropy, SealBroken

NODE = "node"
"""Who destroys what is past its time."""

ENDED = frozenset({CaseState.CLOSED, CaseState.TRANSFERRED})
"""From the last act on a case in one of these its evidence has its days to live; a merged one waits for the whole."""

MAX_MERGES = 16
"""Cases merged into one another, one after the other."""


class ExhibitDesk:
    """Beneath `Exhibits`."""

    def __init__(
        self,
        store: Store,
        case_keys: CaseKeys,
        queues: Queues,
        access: Access,
        openings: Openings,
        keys: Keyring,
        clock: Clock,
        *,
        folder: Path,
        retention_days: int,
        entropy: Entropy = os.urandom,
    ) -> None:
        self._store = store
        self._case_keys = case_keys
        self._queues = queues
        self._access = access
        self._openings = openings
        self._keys = keys
        self._clock = clock
        self._files = ExhibitFiles(folder)
        self._retention = timedelta(days=retention_days)
        self._entropy = entropy

    def step(
        self, exhibit_id: str, by: str, act: CustodyAct, how: str, result: str, *, facts: bytes = b""
    ) -> CustodyStep:
        """One more step, signed, and a line in the audit that names its chain: the last ones cannot be cut off."""
        identity = self._keys.identity
        plain = CustodyStep(
            exhibit=exhibit_id,
            number=0,
            at=micros(self._clock()),
            by=by,
            act=act,
            how=how,
            result=result,
        )
        with self._store.together():
            step = self._store.exhibits.extend(
                exhibit_id,
                lambda last: extended(facts, last, plain, key=identity.public, sign=identity.sign),
            )
            self._access.audit(
                by,
                f"evidence.step.{act.value}",
                subject=self._named(exhibit_id),
                purpose="custody",
                detail={"step": step.number, "chain": step.chain.hex()},
            )
        return step

    def _named(self, exhibit_id: str) -> str:
        """How the audit names it: of a restricted queue not at all (ADR 43), and so the log has no entry of it."""
        row = self._store.exhibits.get(exhibit_id)
        case = self._case(row.case) if row else None
        if case is None or self._queues.get(case.queue).restricted:
            return ""
        return exhibit_id

    def _visible(self, by: Caller, exhibit_id: str) -> ExhibitRow:
        """The row, for who may open its case; the one answer otherwise."""
        row = self._store.exhibits.get(exhibit_id)
        try:
            # The same is asked for an exhibit that is not there: its absence takes as long.
            self._case_keys.opened(by, row.case if row else "")
        except NotFound:
            row = None
        if row is None:
            raise NotFound(f"there is no exhibit {exhibit_id}: `tocsin case evidence list` shows a case's")
        return row

    def _case(self, case_id: str) -> Case | None:
        """The case itself, for the node: who asks was let in before."""
        return self._store.cases.get(case_id, self._queues.ids())

    def _quarantined(self, row: ExhibitRow) -> bool:
        case = self._case(row.case)
        return row.quarantined or case is None or quarantined(case)

    def _refused(self, row: ExhibitRow, use: Use) -> Refused | None:
        """By the one table of what may never be done with suspected material of child abuse."""
        return forbidden(_outline(row, quarantined=self._quarantined(row)), use)

    def _free(self, by: Caller, row: ExhibitRow, act: str, use: Use) -> None:
        """Raises unless the exhibit is there and may be used so."""
        refused = self._refused(row, use)
        if refused is not None:
            self._access.audit(by.user, act, subject=row.id, purpose="", outcome="refused")
            raise NotAllowed(refused.reason)
        if row.destroyed is not None:
            raise NotFound(f"{row.id} was destroyed: its steps of custody say when and why")

    def _bytes(self, by: Caller, row: ExhibitRow) -> bytes:
        facts = self._facts(by, row)
        try:
            plain = self._case_keys.left(by, row.case, self._files.read(row.id), bytes_of(row.id))
        except SealBroken:
            raise Unavailable(f"the bytes of {row.id} were changed on the disk: restore a backup") from None
        content = unpadded(plain)
        if facts is None or hashlib.sha256(content).hexdigest() != facts.sha256:
            raise Unavailable(f"the bytes of {row.id} are not what was taken in: restore a backup")
        return content

    def _facts_bytes(self, by: Caller, row: ExhibitRow) -> bytes:
        """What the chain begins with; empty once it was destroyed."""
        if row.destroyed is not None:
            return b""
        return self._case_keys.left(by, row.case, row.facts, facts_of(row.id))

    def _facts(self, by: Caller, row: ExhibitRow) -> Facts | None:
        facts = self._facts_bytes(by, row)
        return read_facts(facts) if facts else None

    def _ends(self, case_id: str) -> int | None:
        """When a case's evidence is past its time, holds aside; None while somebody may work on the case."""
        case = self._case(case_id)
        for _ in range(MAX_MERGES):
            if case is None or case.merged_into is None:
                break
            case = self._case(case.merged_into)
        if case is None or case.state not in ENDED:
            return None
        return case.updated + self._retention // timedelta(microseconds=1)


def purpose_of(text: str) -> str:
    """A stated purpose. Raises BadInput."""
    if not MIN_PURPOSE_CHARS <= len(text.strip()) <= MAX_PURPOSE_CHARS:
        raise BadInput(f"state the purpose in {MIN_PURPOSE_CHARS} to {MAX_PURPOSE_CHARS} characters")
    return text.strip()


def _outline(row: ExhibitRow, *, quarantined: bool) -> Exhibit:
    """What may be told of an exhibit whose facts may not."""
    return Exhibit(
        id=row.id,
        case=row.case,
        sha256="",
        size=0,
        media_type="",
        name="",
        received=row.received,
        by="",
        quarantined=quarantined,
        destroyed=row.destroyed,
    )


def exhibit_of(
    row: ExhibitRow, facts: Facts | None, *, quarantined: bool, held: bool = False, expires: int | None = None
) -> Exhibit:
    """As people see it: of a destroyed or quarantined one no digest, size, kind or word."""
    if facts is None or quarantined:
        outline = _outline(row, quarantined=quarantined)
        return Exhibit(
            **{name: getattr(outline, name) for name in outline.__struct_fields__} | {"held": held}
        )
    same = {name: getattr(facts, name) for name in facts.__struct_fields__ if name not in {"exhibit", "salt"}}
    return Exhibit(id=row.id, held=held, expires=None if held else expires, **same)


def holds_it(hold: HoldRow, exhibit_id: str, now: int) -> bool:
    """Whether a hold stands now, and is of this exhibit or of all of its case."""
    stands = hold.released is None and (hold.until is None or hold.until > now)
    return stands and hold.exhibit in {None, exhibit_id}


def facts_of(exhibit_id: str) -> str:
    """Where its facts are sealed."""
    return f"exhibit/{exhibit_id}/facts"


def bytes_of(exhibit_id: str) -> str:
    """Where its bytes are sealed."""
    return f"exhibit/{exhibit_id}"
