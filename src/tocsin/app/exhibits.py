"""Exhibits of cases: taken in sealed, opened for a purpose, held, destroyed when their time is over.

What an exhibit is and its bytes are sealed to the case's key (`CaseKeys.leave`): the node takes in what it may not
open. Every act is a step of custody, signed by this node and chained, beside its line in the audit, which is in
the log.
"""

import hashlib
import re
from collections.abc import Sequence

from tocsin.app.exhibit_desk import bytes_of, exhibit_of, facts_of, holds_it, purpose_of
from tocsin.app.exhibit_files import padded
from tocsin.app.exhibit_moving import ID_BYTES, ExhibitMoving
from tocsin.app.openings import EXHIBIT
from tocsin.cases.evidence import Broken, Facts, facts_bytes, verify
from tocsin.cases.evidence.chain import SALT_BYTES
from tocsin.cases.evidence.package import MAX_PACKAGE_BYTES
from tocsin.cases.evidence.packing import ENDINGS, Packed
from tocsin.cases.quarantine import Use
from tocsin.cases.quarantine import quarantined as flagged
from tocsin.ingest.uploads import MAX_FILE_BYTES, accept
from tocsin.kernel import BadInput, Caller, TooLarge, micros
from tocsin.kernel.custody import CustodyAct, CustodyStep, Exhibit
from tocsin.store.exhibit_interface import ExhibitRow

READ, OPEN, TAKE, EXPORT = "evidence.read", "evidence.open", "evidence.take", "evidence.export"
WORK = "case.work"

MAX_EXHIBITS = 500
"""Of one case: more is a collection, and wants a case of its own for each part."""

MAX_WORDS_CHARS = 2_000
"""Source, moment, tool and note, each."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}\Z")
_MEDIA_TYPE = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]{0,63}\Z")


class Exhibits(ExhibitMoving):
    """Evidence of one node."""

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
        case = self._case(case_id)
        quarantined = quarantined or (case is not None and flagged(case))
        row = ExhibitRow(
            facts.exhibit,
            case_id,
            facts.received,
            quarantined,
            self._case_keys.leave(case_id, said, facts_of(facts.exhibit)),
        )
        with self._store.together():
            if len(self._store.exhibits.of(case_id)) >= MAX_EXHIBITS:
                raise TooLarge(f"a case has {MAX_EXHIBITS} exhibits at most: split it")
            sealed = self._case_keys.leave(case_id, padded(content), bytes_of(facts.exhibit))
            self._files.write(facts.exhibit, sealed)
            self._store.exhibits.add(row)
            self.step(row.id, by, CustodyAct.RECEIVED, "taken in by this node", "kept", facts=said)
            if stripped:
                self.step(
                    row.id, by, CustodyAct.STRIPPED, "written anew by this node", "what came along is gone"
                )
            self.step(row.id, by, CustodyAct.SEALED, "to the case's key", "sealed")
            if quarantined:
                self.step(
                    row.id, by, CustodyAct.QUARANTINED, "flagged as it came", "neither shown nor copied"
                )
            self._access.audit(by, TAKE, subject=row.id, purpose="evidence")
        return exhibit_of(row, facts, quarantined=quarantined)

    def add(
        self,
        by: Caller,
        case_id: str,
        content: bytes,
        *,
        declared: str = "",
        source: str = "",
        moment: str = "",
        tool: str = "",
        note: str = "",
    ) -> Exhibit:
        """What a person adds to a case: a screenshot, a letter. Written anew as what strangers send is.

        Raises NotAllowed, NotFound, BadInput, TooLarge.
        """
        self._access.require(by, WORK)
        self._case_keys.opened(by, case_id)
        upload = accept(content, declared)
        number = len(self._store.exhibits.of(case_id)) + 1
        with self._store.together():
            return self.take(
                case_id,
                content=upload.content,
                media_type=upload.media_type,
                name=f"{number}.{ENDINGS.get(upload.media_type, 'bin')}",
                by=by.user,
                source=source,
                received_sha256=upload.original_sha256,
                stripped=upload.stripped,
                moment=moment,
                tool=tool,
                note=note,
            )

    def of(self, by: Caller, case_id: str) -> tuple[Exhibit, ...]:
        """A case's exhibits, oldest first. Of a destroyed one nothing is left but its steps; of a quarantined one
        neither digest nor size is told. Raises NotAllowed, NotFound as for a case that is not there.
        """
        self._access.require(by, READ)
        self._case_keys.opened(by, case_id)  # whoever may not know of the case ends here
        ends, now = self._ends(case_id), micros(self._clock())
        holds = self._store.exhibits.holds(case_id)
        return tuple(
            exhibit_of(
                row,
                self._facts(by, row),
                quarantined=self._quarantined(row),
                held=any(holds_it(hold, row.id, now) for hold in holds),
                expires=ends,
            )
            for row in self._store.exhibits.of(case_id)
        )

    def open(self, by: Caller, exhibit_id: str, purpose: str) -> bytes:
        """The bytes, for a stated purpose that is written down before; it counts against the reader's day.

        Raises NotAllowed, also for quarantined exhibits and beyond a day's bound (`Openings`), NotFound, BadInput,
        Unavailable when the bytes are not what was taken in.
        """
        self._access.require(by, OPEN)
        purpose = purpose_of(purpose)
        row = self._visible(by, exhibit_id)
        self._free(by, row, OPEN, Use.PREVIEW)
        self._openings.note(by, EXHIBIT, subject=row.id, purpose=purpose, texts=1)
        self.step(row.id, by.user, CustodyAct.OPENED, purpose, "bytes given to this person")
        return self._bytes(by, row)

    def quarantine(self, by: Caller, exhibit_id: str) -> None:
        """Shut an exhibit for good that may show the abuse of a child: who met it does so at once, without a reason.

        Raises NotAllowed, NotFound. There is no way back here: what the authority says is done by its own way.
        """
        self._access.require(by, WORK)
        row = self._visible(by, exhibit_id)
        with self._store.together():
            if self._store.exhibits.quarantine(row.id):
                self.step(
                    row.id, by.user, CustodyAct.QUARANTINED, "flagged by a person", "neither shown nor copied"
                )

    def custody(self, by: Caller, exhibit_id: str) -> tuple[tuple[CustodyStep, ...], Broken | None]:
        """Every hand it went through, and what is wrong with that chain. Raises NotAllowed, NotFound.

        Of a destroyed exhibit the first link cannot be held against its facts any more; the rest can.
        """
        self._access.require(by, READ)
        row = self._visible(by, exhibit_id)
        steps = self._store.exhibits.steps(row.id)
        return steps, verify(row.id, self._facts_bytes(by, row), steps, self.signers())

    def copied(
        self, by: Caller, case_id: str, purpose: str, *, export_id: str, only: Sequence[str] = ()
    ) -> tuple[tuple[Packed, ...], int]:
        """A case's exhibits (or `only` some) for a package, and how many stay behind for they are quarantined.

        Each leaves a step that names the package, and counts against the reader's day. Raises as `open`.
        """
        self._access.require(by, EXPORT)
        self._case_keys.opened(by, case_id)
        purpose = purpose_of(purpose)
        rows = [row for row in self._store.exhibits.of(case_id) if not only or row.id in only]
        if missing := set(only) - {row.id for row in rows}:
            raise BadInput(f"there is no exhibit {min(missing)} in this case")
        for row in [row for row in rows if row.id in only]:
            self._free(by, row, EXPORT, Use.EXPORT)
        free = [row for row in rows if self._refused(row, Use.EXPORT) is None]
        living = [row for row in free if row.destroyed is None]
        said = {row.id: self._facts(by, row) for row in living}
        if sum(facts.size for facts in said.values() if facts) > MAX_PACKAGE_BYTES:
            raise TooLarge(
                f"a package has {MAX_PACKAGE_BYTES >> 20} MB at most: export some exhibits at a time"
            )
        if living:
            self._openings.note(by, EXHIBIT, subject=export_id, purpose=purpose, texts=len(living))
        contents = {row.id: self._bytes(by, row) for row in living}
        for row in living:
            self.step(row.id, by.user, CustodyAct.EXPORTED, purpose, f"in the package {export_id}")
        return tuple(
            Packed(
                row.id,
                self._facts_bytes(by, row),
                contents.get(row.id, b""),
                self._store.exhibits.steps(row.id),
            )
            for row in free
        ), len(rows) - len(free)

    def signers(self) -> frozenset[bytes]:
        """Every key that this node signed steps with."""
        stated = {bytes.fromhex(one) for said in self._keys.history() for one in (said.old, said.new)}
        return frozenset({self._keys.identity.public, self._keys.identity.first} | stated)
