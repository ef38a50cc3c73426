"""Exhibits of cases: taken in sealed, opened for a purpose, held, destroyed when their time is over.

What an exhibit is and its bytes are sealed to the case's key (`CaseKeys.leave`): the node takes in what it may not
open. Every act is a step of custody, signed by this node and chained, beside its line in the audit. Until there is a
transparency log, that is what "logged" means here.
"""

import hashlib
import os
import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

from tocsin.app.access import Access
from tocsin.app.case_keys import CaseKeys
from tocsin.app.exhibit_files import ExhibitFiles, padded, unpadded
from tocsin.app.keyring import Keyring
from tocsin.app.openings import EXHIBIT, Openings
from tocsin.app.reviewing import MAX_PURPOSE_CHARS, MIN_PURPOSE_CHARS
from tocsin.cases.evidence import Broken, Facts, extended, facts_bytes, read_facts, verify
from tocsin.cases.evidence.chain import SALT_BYTES
from tocsin.ingest.uploads import MAX_FILE_BYTES
from tocsin.kernel import BadInput, Caller, Clock, NotAllowed, NotFound, TooLarge, Unavailable, micros
from tocsin.kernel.custody import CustodyAct, CustodyStep, Exhibit
from tocsin.store import Store
from tocsin.store.exhibit_interface import ExhibitRow, HoldRow
from tocsin.trust.seal import Entropy, SealBroken

READ, OPEN, TAKE = "evidence.read", "evidence.open", "evidence.take"

ID_BYTES = 10
MAX_EXHIBITS = 500
"""Of one case: more is a collection, and wants a case of its own for each part."""

MAX_WORDS_CHARS = 2_000
"""Source, moment, tool and note, each."""

NODE = "node"
"""Who destroys what is past its time."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]{0,63}\Z")


class Exhibits:
    """Evidence of one node."""

    def __init__(
        self,
        store: Store,
        case_keys: CaseKeys,
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
        self._access = access
        self._openings = openings
        self._keys = keys
        self._clock = clock
        self._files = ExhibitFiles(folder)
        self._retention = timedelta(days=retention_days)
        self._entropy = entropy

    def take(
        self,
        case_id: str,
        *,
        content: bytes,
        media_type: str,
        name: str,
        by: str,
        source: str = "",
        original: str | None = None,
        quarantined: bool = False,
        received_sha256: str = "",
        stripped: Sequence[str] = (),
        moment: str = "",
        tool: str = "",
        note: str = "",
    ) -> Exhibit:
        """Keep one thing for a case, inside `store.together()`: its bytes are on disk before its row.

        `name` is one of ours ("1.png"), never the sender's, which may name a person. What was left out of it
        (`ingest.uploads`) is said in `stripped`, and the digest of what came in `received_sha256`. Raises BadInput,
        TooLarge, NotFound for a case without a key, Unavailable.
        """
        if not content or len(content) > MAX_FILE_BYTES:
            raise TooLarge(f"an exhibit has 1 byte to {MAX_FILE_BYTES >> 20} MB: take it in parts")
        if not _NAME.match(name) or not _MEDIA_TYPE.match(media_type):
            raise BadInput("an exhibit has a name of ours (`1.png`) and a media type (`image/png`)")
        if max(map(len, (source, moment, tool, note))) > MAX_WORDS_CHARS:
            raise TooLarge(f"source, moment, tool and note have {MAX_WORDS_CHARS} characters each at most")
        facts = Facts(
            exhibit=f"ex_{self._entropy(ID_BYTES).hex()}",
            case=case_id,
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            media_type=media_type,
            name=name,
            received=micros(self._clock()),
            by=by,
            salt=self._entropy(SALT_BYTES).hex(),
            source=source,
            moment=moment,
            tool=tool,
            note=note,
            original=original,
            received_sha256=received_sha256,
            stripped=tuple(stripped),
        )
        said = facts_bytes(facts)
        row = ExhibitRow(
            facts.exhibit,
            case_id,
            facts.received,
            quarantined,
            self._case_keys.leave(case_id, said, _facts_of(facts.exhibit)),
        )
        with self._store.together():
            if len(self._store.exhibits.of(case_id)) >= MAX_EXHIBITS:
                raise TooLarge(f"a case has {MAX_EXHIBITS} exhibits at most: split it")
            sealed = self._case_keys.leave(case_id, padded(content), _bytes_of(facts.exhibit))
            self._files.write(facts.exhibit, sealed)
            self._store.exhibits.add(row)
            self._step(row.id, by, CustodyAct.RECEIVED, "taken in by this node", "kept", facts=said)
            if stripped:
                self._step(
                    row.id, by, CustodyAct.STRIPPED, "written anew by this node", "what came along is gone"
                )
            self._step(row.id, by, CustodyAct.SEALED, "to the case's key", "sealed")
            if quarantined:
                self._step(
                    row.id, by, CustodyAct.QUARANTINED, "flagged as it came", "neither shown nor copied"
                )
            self._access.audit(by, TAKE, subject=row.id, purpose="evidence")
        return self._exhibit(row, facts, held=False)

    def of(self, by: Caller, case_id: str) -> tuple[Exhibit, ...]:
        """A case's exhibits, oldest first. Of a destroyed one nothing is left but its steps; of a quarantined one
        neither digest nor size is told. Raises NotAllowed, NotFound as for a case that is not there.
        """
        self._access.require(by, READ)
        self._case_keys.opened(by, case_id)  # whoever may not know of the case ends here
        now = micros(self._clock())
        holds = [hold for hold in self._store.exhibits.holds(case_id) if _stands(hold, now)]
        found = []
        for row in self._store.exhibits.of(case_id):
            held = any(hold.exhibit in {None, row.id} for hold in holds)
            found.append(self._exhibit(row, self._facts(by, row), held=held))
        return tuple(found)

    def open(self, by: Caller, exhibit_id: str, purpose: str) -> bytes:
        """The bytes, for a stated purpose that is written down before; it counts against the reader's day.

        Raises NotAllowed, also for quarantined exhibits and beyond a day's bound (`Openings`), NotFound, BadInput,
        Unavailable when the bytes are not what was taken in.
        """
        self._access.require(by, OPEN)
        if not MIN_PURPOSE_CHARS <= len(purpose.strip()) <= MAX_PURPOSE_CHARS:
            raise BadInput(f"state the purpose in {MIN_PURPOSE_CHARS} to {MAX_PURPOSE_CHARS} characters")
        row = self._visible(by, exhibit_id)
        self._free(by, row, OPEN)
        self._openings.note(by, EXHIBIT, subject=row.id, purpose=purpose.strip(), texts=1)
        self._step(row.id, by.user, CustodyAct.OPENED, purpose.strip(), "bytes given to this person")
        return self._bytes(by, row)

    def custody(self, by: Caller, exhibit_id: str) -> tuple[tuple[CustodyStep, ...], Broken | None]:
        """Every hand it went through, and what is wrong with that chain. Raises NotAllowed, NotFound.

        Of a destroyed exhibit the first link cannot be held against its facts any more; the rest can.
        """
        self._access.require(by, READ)
        row = self._visible(by, exhibit_id)
        steps = self._store.exhibits.steps(row.id)
        facts = b"" if row.destroyed is not None else self._facts_bytes(by, row)
        return steps, verify(row.id, facts, steps, self.signers())

    def signers(self) -> frozenset[bytes]:
        """Every key that this node signed steps with."""
        stated = {bytes.fromhex(one) for said in self._keys.history() for one in (said.old, said.new)}
        return frozenset({self._keys.identity.public, self._keys.identity.first} | stated)

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

    def _free(self, by: Caller, row: ExhibitRow, act: str) -> None:
        """Raises unless the exhibit is there and may be looked at."""
        if row.quarantined:
            self._access.audit(by.user, act, subject=row.id, purpose="", outcome="refused")
            raise NotAllowed(
                "this exhibit is quarantined as suspected child-abuse material: nobody opens, copies or exports it"
                " here; docs/evidence.md says whom to tell"
            )
        if row.destroyed is not None:
            raise NotFound(f"{row.id} was destroyed: its steps of custody say when and why")

    def _bytes(self, by: Caller, row: ExhibitRow) -> bytes:
        facts = self._facts(by, row)
        try:
            plain = self._case_keys.left(by, row.case, self._files.read(row.id), _bytes_of(row.id))
        except SealBroken:
            raise Unavailable(f"the bytes of {row.id} were changed on the disk: restore a backup") from None
        content = unpadded(plain)
        if facts is None or hashlib.sha256(content).hexdigest() != facts.sha256:
            raise Unavailable(f"the bytes of {row.id} are not what was taken in: restore a backup")
        return content

    def _facts_bytes(self, by: Caller, row: ExhibitRow) -> bytes:
        return self._case_keys.left(by, row.case, row.facts, _facts_of(row.id))

    def _facts(self, by: Caller, row: ExhibitRow) -> Facts | None:
        return None if row.destroyed is not None else read_facts(self._facts_bytes(by, row))

    def _step(
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
                subject=exhibit_id,
                purpose="custody",
                detail={"step": step.number, "chain": step.chain.hex()},
            )
        return step

    def _exhibit(self, row: ExhibitRow, facts: Facts | None, *, held: bool) -> Exhibit:
        if facts is None or row.quarantined:
            return Exhibit(
                id=row.id,
                case=row.case,
                sha256="",
                size=0,
                media_type="" if facts is None else facts.media_type,
                name="" if facts is None else facts.name,
                received=row.received,
                by="" if facts is None else facts.by,
                quarantined=row.quarantined,
                held=held,
                destroyed=row.destroyed,
            )
        same = {
            name: getattr(facts, name) for name in facts.__struct_fields__ if name not in {"exhibit", "salt"}
        }
        return Exhibit(id=row.id, held=held, **same)


def _stands(hold: HoldRow, now: int) -> bool:
    return hold.released is None and (hold.until is None or hold.until > now)


def _facts_of(exhibit_id: str) -> str:
    return f"exhibit/{exhibit_id}/facts"


def _bytes_of(exhibit_id: str) -> str:
    return f"exhibit/{exhibit_id}"
