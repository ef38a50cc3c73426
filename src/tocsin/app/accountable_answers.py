"""What this node says to an auditor whom its operator named: an account, then openings; one challenge a session."""

from collections.abc import Sequence

import msgspec

from tocsin.app.access import Access
from tocsin.app.accountable_records import LINE_BYTES, StandingSet, statement_in
from tocsin.app.keyring import Keyring
from tocsin.app.transparency_log import TransparencyLog
from tocsin.kernel import BadInput, Caller, Clock, Conflict, NotAllowed, NotFound
from tocsin.store.accountable_interface import MatchPledge
from tocsin.store.interface import Store
from tocsin.trust.matching import Question
from tocsin.trust.matching.accountable import (
    Account,
    Challenge,
    Material,
    Pledge,
    RecordAt,
    Sayings,
    Side,
    Told,
    account_of,
    answered,
    digest_of,
    encode_answer,
    lay,
    opened_statement,
    sign_statement,
)
from tocsin.trust.matching.accountable.evidence import week_of_day
from tocsin.trust.matching.accountable.positions import nonce_of
from tocsin.trust.matching.accountable.statements import Day
from tocsin.trust.matching.sizes import split
from tocsin.trust.oprf import KeyPair
from tocsin.trust.seal import Entropy
from tocsin.wire.tlog import ED25519, NoteKey, parse_note, read_key

ANSWER = "match.run"
DAY_CHARS = 10
"""Of an ISO date, which stands before what is sealed under its key."""


class KeptSecrets(msgspec.Struct, frozen=True):
    """What lies sealed of a pledge: the seed, where its records are, and the server's key; b"" of a client."""

    seed: bytes
    places: tuple[tuple[int, int], ...]
    secret: bytes = b""
    public: bytes = b""


class Answers:
    """Every answer needs `match.run` and leaves a trace in the log."""

    def __init__(
        self,
        store: Store,
        keys: Keyring,
        access: Access,
        log: TransparencyLog,
        clock: Clock,
        records: StandingSet,
        entropy: Entropy,
    ) -> None:
        self._store = store
        self._keys = keys
        self._access = access
        self._log = log
        self._clock = clock
        self._records = records
        self._entropy = entropy

    def account(self, by: Caller, note: bytes) -> bytes:
        """What this side says of the challenged session, with its nonce: signed, and the first challenge alone.

        Either side gives one, whichever is audited. Raises NotAllowed for an auditor whom nobody named, BadInput and
        TooLarge for a challenge out of bounds, Conflict for a second one.
        """
        self._access.require(by, ANSWER)
        challenge = self._challenge(note)
        row = self._side(challenge.session)
        account = account_of(self._material(row), challenge)
        with self._store.together():
            self._store.accountable.challenge(row.session, row.side, note)
            self._access.audit(
                by.user,
                "match.account",
                subject=digest_of(challenge),
                purpose=f"audit by {challenge.auditor}",
            )
        return sign_statement(account, self._log.origin, self._keys.identity)

    def answer(self, by: Caller, note: bytes, other_account: bytes, other_key: str = "") -> bytes:
        """The openings that a challenge draws, when this node's side is the audited one; the auditor learns them.

        `other_account` is the other side's, signed by `other_key`, its log's; where that is empty, by the key that is
        pinned of the peer. Raises as `account` does.
        """
        challenge = self._challenge(note)
        mine_note = self.account(by, note)
        row = self._side(challenge.session)
        if row.side != challenge.side.value:
            raise BadInput("the other side of this session is audited: it answers, with this side's account")
        key = read_key(other_key.strip()) if other_key else self._pinned(row)
        other = opened_statement(other_account, key)
        mine = opened_statement(mine_note, self._log.key())
        if not isinstance(other, Account) or not isinstance(mine, Account):
            raise BadInput("the other side's account is none")
        material = self._material(row)
        rows = {one.number: one for one in self._store.accountable.days(row.kind)}
        found = answered(
            material,
            challenge=challenge,
            accounts=(mine, other) if challenge.side is Side.CLIENT else (other, mine),
            notes=(note, row.other, mine_note, other_account),
            pledge=self._told(row.note, "match.pledge", row.digest),
            quotas=[
                self._told(one.note, "match.quota", one.digest)
                for one in self._store.accountable.quotas(row.kind)
            ],
            days=self._days(material.pledge, material.laid.records),
            lines=lambda number: split(rows[number].lines, LINE_BYTES),
            entropy=self._entropy,
        )
        with self._store.together():
            self._access.audit(
                by.user,
                "match.answered",
                subject=digest_of(challenge),
                purpose=f"audit by {challenge.auditor}",
                detail={"positions": len(found.openings)},
            )
        return encode_answer(found)

    def _challenge(self, note: bytes) -> Challenge:
        """Signed by an auditor whom the operator named."""
        parsed = parse_note(note)
        for auditor in self._store.accountable.auditors():
            key = read_key(auditor.line)
            if any(one.by(key) for one in parsed.signatures):
                challenge = opened_statement(note, key)
                if isinstance(challenge, Challenge):
                    return challenge
        raise NotAllowed(
            "nobody here named this auditor: an operator does, with `tocsin share match audit auditor KEY`"
        )

    def _side(self, session: str) -> MatchPledge:
        for side in Side:
            row = self._store.accountable.pledged(session, side.value)
            if row is not None:
                if not row.proposal:
                    raise NotFound(
                        "this session was pledged and did not come to its end: nothing is to be audited"
                    )
                return row
        raise NotFound("this node pledged nothing for such a session")

    def _pinned(self, row: MatchPledge) -> NoteKey:
        """The key of the other side's log, as its operators compared it."""
        pledge, theirs = self._records.pledge_of(row), statement_in(row.other)
        assert isinstance(theirs, Pledge)  # held against a pinned key when the session began
        identity = pledge.server if pledge.side is Side.CLIENT else pledge.client
        key = next((one.node_key for one in self._store.peers.list() if one.identity == identity), None)
        if key is None:
            raise BadInput(
                "the other side is no pinned peer of this node: give the key of its log, --other-key"
            )
        return NoteKey(theirs.log, ED25519, key)

    def _material(self, row: MatchPledge) -> Material:
        pledge, other = self._records.pledge_of(row), statement_in(row.other)
        assert isinstance(other, Pledge)
        seal = self._keys.opened(row.sealed[:DAY_CHARS].decode())
        raw = seal.open(row.sealed[DAY_CHARS:], f"match-pledge/{row.session}/{row.side}")
        kept = msgspec.msgpack.decode(raw, type=KeptSecrets)
        days = {one.number: self._records.opened(one) for one in self._store.accountable.days(row.kind)}
        try:
            records = [RecordAt(days[day][place], day, place) for day, place in kept.places]
        except (KeyError, IndexError):
            raise Conflict(
                "records of this session died with their day's key: it can no longer be audited"
            ) from None
        session = bytes.fromhex(row.session)
        question: Question | None = pledge.question if pledge.side is Side.CLIENT else None
        laid = lay(
            kept.seed, session, pledge.kind, records, pledge.points, question=question, public=kept.public
        )
        sayings = Sayings(row.proposal, row.acceptance, row.points, row.tags)
        key = KeyPair(kept.secret, kept.public) if kept.secret else None
        return Material(pledge, other, laid, sayings, nonce_of(kept.seed, session), key)

    def _days(self, pledge: Pledge, used: Sequence[RecordAt | None]) -> list[Told]:
        """From the day that the pledge names back to the whole of the oldest week of a record in it."""
        rows = list(self._store.accountable.days(pledge.kind))
        while rows and rows[0].digest != pledge.days:
            rows.pop(0)
        days = [one for one in (statement_in(row.note) for row in rows) if isinstance(one, Day)]
        oldest = min((one.day for one in used if one is not None), default=0)
        week = next((week_of_day(day) for day in days if day.number == oldest), 0)
        told = []
        for row, day in zip(rows, days, strict=True):
            told.append(self._told(row.note, "match.day", row.digest))
            if week_of_day(day) < week:
                break
        return told

    def _told(self, note: bytes, act: str, digest: str) -> Told:
        found = [one for one in self._store.log.about(digest) if one.kind == act and one.place >= 0]
        if not found:
            raise NotFound("a statement of this node has no place in its log yet: ask again in some seconds")
        return Told(note, self._log.prove_seen(found[0].place))
