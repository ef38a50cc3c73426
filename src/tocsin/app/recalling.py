"""Taking back what was released, and doing as asked when a peer takes something back from us."""

import hashlib
from collections.abc import Sequence

import msgspec
import structlog

from tocsin.app.access import Access
from tocsin.app.flags import flag_warnings
from tocsin.app.keyring import Keyring
from tocsin.app.signing import signed as sign_records
from tocsin.kernel import (
    BadInput,
    Caller,
    Clock,
    NotFound,
    Origin,
    Peer,
    PeerFault,
    PeerStatus,
    Reason,
    Recall,
    Receipt,
    Record,
    Release,
    micros,
)
from tocsin.kernel.limits import MAX_CLOCK_SKEW_SECONDS
from tocsin.kernel.recalls import EVERYBODY
from tocsin.net import Line
from tocsin.share import never_leaves, publish
from tocsin.share.recall import draft_recall, next_version, recallable, withdrawn_form
from tocsin.store.interface import Store
from tocsin.trust.policy import Policies
from tocsin.trust.receipts import check_receipt, signed, signed_bytes

RECEIPTS_PATH = "/v1/receipts"
MAX_REASON_CHARS = 300
MAX_RECORDS = 10_000
MAX_POSTS = 200
"""Receipts posted in one go; the rest goes with the next pull."""

_PAGE = 5_000
_SECOND = 1_000_000
_REVOKED = b'"revoked":true'

_log = structlog.get_logger("tocsin.recalls")


class Recalling:
    """Both sides of a recall. Every act of a person needs a role and leaves a trace."""

    def __init__(self, store: Store, keys: Keyring, access: Access, policies: Policies, clock: Clock) -> None:
        self._store = store
        self._keys = keys
        self._access = access
        self._policies = policies
        self._clock = clock

    def released_under(self, digest: str) -> tuple[str, ...]:
        """The records that a manifest let out and that can be taken back. Raises NotFound."""
        for _, _, manifest in self._store.releases.manifests(limit=100_000):
            if manifest.digest == digest:
                return tuple(entry.id for entry in manifest.released if recallable(entry.type))
        raise NotFound(f"there is no manifest {digest[:16]}: `tocsin share log` shows them")

    def recall(
        self, by: Caller, records: Sequence[str], *, reason: str, peer: str | None = None
    ) -> tuple[Recall, ...]:
        """Take records back from all who had them, or from one peer. Raises NotFound, BadInput, ReleaseStopped.

        1. Who had what is read from the releases. 2. Each gets the withdrawn form of its own bytes, by the same way
        out as every release. 3. Taken back from all, it goes to nobody any more. All of it, or nothing.
        """
        self._access.require(by, "share.publish")
        if not reason.strip() or len(reason) > MAX_REASON_CHARS:
            raise BadInput(f"say why, in at most {MAX_REASON_CHARS} characters; peers do not read it")
        if not 0 < len(records) <= MAX_RECORDS:
            raise BadInput(f"name 1 to {MAX_RECORDS} records")
        now = micros(self._clock())
        with self._store.together():
            held = self._held(frozenset(records), peer)  # 1
            version = next_version([row.version for row in held], now)
            whole = self._withdrawn(frozenset(row.id for row in held), version, now)
            signed_forms = {record.id: record.stix for record in whole if record.root is not None}
            made = []
            for name in sorted({row.peer for row in held}):  # 2
                theirs = [row for row in held if row.peer == name]
                draft = draft_recall(
                    name, theirs, version, self._policies.digest, never_leaves(self._store), signed_forms
                )
                publish(self._store, draft, by=by.user, at=now)
                made += [
                    _recall(one, name, theirs, version, now, by.user, reason) for one in sorted(draft.final)
                ]
            self._store.recalls.add(made)
            if peer is None:  # 3
                self._store.records.put(whole)
                everybody = [
                    Recall(one.id, "", EVERYBODY, version, (), now, by.user, reason) for one in whole
                ]
                self._store.recalls.add(everybody)
            self._access.audit(
                by.user,
                "share.recall",
                subject=records[0] if len(records) == 1 else f"{len(records)} records",
                purpose=reason,
                detail={"records": len(set(records)), "peers": len({row.peer for row in held})},
            )
        return tuple(made)

    def confirm(self, peer: Peer, receipt: Receipt) -> Recall:
        """Keep a peer's receipt. Raises NotFound when nothing of the kind was taken back from it, BadInput."""
        now = micros(self._clock())
        if peer.status_at(now) is not PeerStatus.TRUSTED or peer.node_key is None or peer.identity is None:
            raise NotFound("there is no such thing here, or not for you")
        check_receipt(
            receipt,
            to=self._keys.identity.stix_identity,
            by=peer.identity,
            key=peer.node_key,
            latest=now + MAX_CLOCK_SKEW_SECONDS * _SECOND,
        )
        digest = hashlib.sha256(signed_bytes(receipt)).hexdigest()
        with self._store.together():
            known = self._store.recalls.confirm(receipt, peer.name)
            self._access.audit(
                f"peer:{peer.name}",
                "share.receipt",
                subject=receipt.record,
                purpose="recall",
                detail={"same_bytes": int(known.same_bytes), "sha256": digest},
            )
        return known

    def apply(self, peer: Peer) -> int:
        """Do as asked with what this peer has taken back since the last look; returns how many records.

        What is revoked is looked for no more by itself (`share.reading`). Here warnings that it raised are flagged,
        and a receipt is owed. Safe to call again: how far we are is kept with what was done.
        """
        cursor, done = f"recalled:{peer.name}", 0
        after = int(self._store.jobs.cursor(cursor) or 0)
        while page := self._store.records.list(origin=Origin.PEER, peer=peer.name, after=after, limit=_PAGE):
            after = page[-1].added
            gone = [record for record in page if _is_withdrawn(record)]
            with self._store.together():
                for record in gone:
                    self._store.recalls.owe(self._receipt(record), peer.name)
                flag_warnings(
                    self._store,
                    frozenset(record.id for record in gone),
                    Reason("look-back.recalled", {"peer": peer.name}),
                )
                self._store.jobs.set_cursor(cursor, str(after))
            done += len(gone)
        return done

    def post_owed(self, peer: Peer, line: Line) -> None:
        """Send the receipts that are owed, under the key that we have now; what does not arrive is sent again."""
        for receipt in self._store.recalls.owed(peer.name, limit=MAX_POSTS):
            body = msgspec.json.encode(signed(receipt, self._keys.identity))
            try:
                answer = line.post(
                    RECEIPTS_PATH, body, content_type="application/json", accept="application/json"
                )
            except PeerFault as fault:
                _log.warning("receipt.failed", peer=peer.name, reason=fault.message)
                return
            if answer.status in (200, 201, 204, 404):  # it has it, or never asked for one
                self._store.recalls.sent(receipt, peer.name, at=micros(self._clock()))

    def _held(self, records: frozenset[str], peer: str | None) -> tuple[Release, ...]:
        found = [row for row in self._store.releases.held(records) if peer in (None, row.peer)]
        gone = {(row.peer, row.id) for row in found if msgspec.json.decode(row.stix).get("revoked") is True}
        held = [row for row in found if (row.peer, row.id) not in gone]
        missing = records - {row.id for row in held}
        if missing:
            raise NotFound(f"nobody has {min(missing)} from us now: `tocsin share log` shows what left")
        return tuple(held)

    def _withdrawn(self, records: frozenset[str], version: int, now: int) -> tuple[Record, ...]:
        """The withdrawn forms of whole records, as this node signs them; none for what is not its own any more."""
        own = [
            record for record in self._store.records.latest(records).values() if record.origin is Origin.OWN
        ]
        plain = [
            msgspec.structs.replace(
                record,
                version=version,
                added=now,
                stix=withdrawn_form(record.stix, version),
                root=None,
                original=None,
            )
            for record in own
            if record.version < version
        ]
        return sign_records(plain, self._keys)

    def _receipt(self, record: Record) -> Receipt:
        held = self._store.records.digests(record.id)
        return Receipt(
            record=record.id,
            version=record.version,
            to=record.author,
            by=self._keys.identity.stix_identity,
            held=tuple(digest.hex() for version, digest in sorted(held.items()) if version < record.version),
            done="withdrawn",
            at=micros(self._clock()),
        )


def _recall(
    record: str, peer: str, held: Sequence[Release], version: int, now: int, by: str, reason: str
) -> Recall:
    rows = [row for row in held if row.id == record]
    return Recall(
        record=record,
        type=rows[0].type,
        peer=peer,
        version=version,
        held=tuple(hashlib.sha256(row.stix).hexdigest() for row in rows),
        at=now,
        by=by,
        reason=reason,
    )


def _is_withdrawn(record: Record) -> bool:
    # the bytes are canonical: an object without these has no such property, and few objects are decoded
    return _REVOKED in record.stix and msgspec.json.decode(record.stix).get("revoked") is True
