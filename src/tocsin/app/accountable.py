"""This node's side of accountable matching: records taken up by day, pledges before sessions, answers to an auditor.

Values and salts lie sealed under the key of the day on which they were taken up, and die with it; so do a session's
seed and key. The log holds commitments alone. Whoever holds a session calls `begin` first, gives its layout to the
client or server of `trust.matching`, and `held` at the end: docs/accountable-matching.md.
"""

import os
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from tocsin.app.access import Access
from tocsin.app.accountable_answers import Answers, KeptSecrets
from tocsin.app.accountable_records import MIN_AGE, StandingSet
from tocsin.app.keyring import Keyring
from tocsin.app.transparency_log import TransparencyLog
from tocsin.kernel import BadInput, Caller, Clock, NotAllowed, NotFound, micros
from tocsin.store.accountable_interface import MatchAuditor, MatchPledge, MatchQuota, MatchSaid
from tocsin.store.interface import Store
from tocsin.trust.matching import MatchKind, Question, Reveal, epoch_of
from tocsin.trust.matching.accountable import (
    NOTHING,
    Laid,
    Pledge,
    Quota,
    RecordAt,
    Sayings,
    Side,
    digest_of,
    lay,
    nonce_commitment,
    sign_statement,
)
from tocsin.trust.matching.accountable.positions import new_seed, nonce_of
from tocsin.trust.oprf import KeyPair
from tocsin.trust.seal import Entropy
from tocsin.wire.tlog import ED25519, read_key

MANAGE, RUN, SERVE, READ = "match.agree", "match.run", "match.answer", "match.read"
MAX_RECORDS_A_WEEK = 1_000_000
MAX_POINTS_A_WEEK = 10_000_000
"""What a quota may say at most: ten of the largest sessions a week."""


class Session(NamedTuple):
    """The manifest of a session that is about to begin. `session` has 16 bytes, `points` is this side's padded size."""

    session: bytes
    side: Side
    client: str
    server: str
    kind: MatchKind
    question: Question
    reveal: Reveal
    purpose: str
    points: int


class Begun(NamedTuple):
    """A pledge, as it goes to the other side, and the layout that the session has to be held with."""

    pledge: Pledge
    note: bytes
    laid: Laid


class Accountable:
    """Auditors and quotas need `match.agree`; records and sessions of ours, and answers, `match.run`."""

    def __init__(
        self,
        store: Store,
        keys: Keyring,
        access: Access,
        log: TransparencyLog,
        clock: Clock,
        entropy: Entropy = os.urandom,
    ) -> None:
        self._store = store
        self._keys = keys
        self._access = access
        self._log = log
        self._clock = clock
        self._entropy = entropy
        self._records = StandingSet(store, keys, access, log, clock, entropy)
        self.answers = Answers(store, keys, access, log, clock, self._records, entropy)

    def name_auditor(self, by: Caller, line: str) -> str:
        """Answer this third party's challenges from now on; returns its name. Raises NotAllowed, BadInput."""
        self._access.require(by, MANAGE)
        key = read_key(line.strip())
        if key.kind != ED25519:
            raise BadInput("an auditor's key signs challenges: a witness's does not")
        with self._store.together():
            self._store.accountable.name_auditor(
                MatchAuditor(key.name, str(key), by.user, micros(self._clock()))
            )
            self._access.audit(by.user, "match.auditor", subject=key.name, purpose="named")
        return key.name

    def forget_auditor(self, by: Caller, name: str) -> None:
        """Answer it no more. Raises NotAllowed, NotFound."""
        self._access.require(by, MANAGE)
        with self._store.together():
            if not self._store.accountable.forget_auditor(name):
                raise NotFound("nobody named such an auditor")
            self._access.audit(by.user, "match.auditor", subject=name, purpose="forgotten")

    def set_quota(self, by: Caller, kind: MatchKind, *, records: int, points: int) -> Quota:
        """Log what this node holds itself to; it counts for sessions from MIN_AGE on. Raises NotAllowed, BadInput."""
        self._access.require(by, MANAGE)
        if not 0 < records <= MAX_RECORDS_A_WEEK or not 0 < points <= MAX_POINTS_A_WEEK:
            raise BadInput(
                f"a week's quota is 1 to {MAX_RECORDS_A_WEEK} records and 1 to {MAX_POINTS_A_WEEK} points"
            )
        at = micros(self._clock())
        quota = Quota(log=self._log.origin, kind=kind, records=records, points=points, at=at)
        with self._store.together():
            note = sign_statement(quota, self._log.origin, self._keys.identity)
            self._store.accountable.add_quota(MatchQuota(digest_of(quota), kind.value, at, note))
            self._access.audit(by.user, "match.quota", subject=digest_of(quota), purpose=kind.value)
        return quota

    def take_up(self, by: Caller, kind: MatchKind, values: Iterable[bytes]) -> int:
        """Log the commitments of records that are new here, within the week's quota; returns how many were.

        Raises NotAllowed, BadInput.
        """
        self._access.require(by, RUN)
        return self._records.take_up(by.user, kind, values)

    def usable(self, kind: MatchKind) -> frozenset[bytes]:
        """Values of this node's records that `begin` takes now; they stay in the program."""
        return self._records.usable(kind)

    def begin(
        self, by: Caller, session: Session, values: Sequence[bytes], key: KeyPair | None = None
    ) -> Begun:
        """Pledge this side of a session, before its first word. `key` is the server's, for this peer and week.

        1. Each value is a record that was taken up MIN_AGE ago. 2. The quota in force was logged then too, and allows
        for the points. 3. The pledge is signed, kept and logged in one transaction. Raises NotAllowed, BadInput,
        Conflict for a session that was pledged before.
        """
        self._access.require(by, RUN if session.side is Side.CLIENT else SERVE)
        now = micros(self._clock())
        records = self._records.found(session.kind, values)  # 1
        quota, digest = self._records.quota(session.kind, before=now - MIN_AGE)  # 2
        week = epoch_of(self._clock())
        earlier = self._store.accountable.pledges(session.side, session.kind, week)
        last = self._records.pledge_of(earlier[0]) if earlier else None
        spent = session.points + (last.spent if last else 0)
        if spent > quota.points:
            raise NotAllowed(
                f"the logged quota is {quota.points} points of {session.kind.value} a week, and this session would make"
                f" {spent}; wait for the next week, or match fewer"
            )
        seed = new_seed(self._entropy)
        laid = self._laid(seed, session, records, key)
        pledge = Pledge(
            log=self._log.origin,
            session=session.session.hex(),
            side=session.side,
            client=session.client,
            server=session.server,
            kind=session.kind,
            question=session.question,
            reveal=session.reveal,
            purpose=session.purpose,
            epoch=week,
            at=now,
            points=session.points,
            root=laid.root.hex(),
            nonce=nonce_commitment(nonce_of(seed, session.session)),
            days=self._store.accountable.days(session.kind, limit=1)[0].digest,
            quota=digest,
            number=last.number + 1 if last else 0,
            before=digest_of(last) if last else NOTHING,
            spent=spent,
        )
        return Begun(pledge, self._keep(by, pledge, seed, records, key), laid)

    def held(self, by: Caller, session: bytes, side: Side, other: bytes, sayings: Sayings) -> None:
        """Keep what was said, for an audit. `other` is the other side's pledge. Raises NotFound, Conflict."""
        self._access.require(by, RUN if side is Side.CLIENT else SERVE)
        said = MatchSaid(other, *sayings)
        self._store.accountable.said(session.hex(), side.value, said)

    def _laid(self, seed: bytes, session: Session, records: Sequence[RecordAt], key: KeyPair | None) -> Laid:
        client = session.side is Side.CLIENT
        if client is not (key is None):
            raise BadInput("a server pledges under its key, and a client has none")
        return lay(
            seed,
            session.session,
            session.kind,
            records,
            session.points,
            question=session.question if client else None,
            public=key.public if key else b"",
        )

    def _keep(
        self, by: Caller, pledge: Pledge, seed: bytes, records: Sequence[RecordAt], key: KeyPair | None
    ) -> bytes:
        places = tuple((one.day, one.place) for one in records)
        secrets = KeptSecrets(seed, places, *(key or (b"", b"")))
        today = self._clock().date().isoformat()
        sealed = self._keys.seal_for(today).close(
            msgspec.msgpack.encode(secrets), f"match-pledge/{pledge.session}/{pledge.side}"
        )
        note = sign_statement(pledge, self._log.origin, self._keys.identity)
        row = MatchPledge(
            session=pledge.session,
            side=pledge.side.value,
            kind=pledge.kind.value,
            epoch=pledge.epoch,
            number=pledge.number,
            digest=digest_of(pledge),
            at=pledge.at,
            note=note,
            sealed=today.encode() + sealed,
        )
        with self._store.together():  # 3
            self._store.accountable.pledge(row)
            self._access.audit(by.user, "match.pledge", subject=row.digest, purpose=pledge.purpose)
        return note
