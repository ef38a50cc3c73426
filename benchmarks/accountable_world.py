"""Nodes with logs, witnesses and an auditor, in memory, for `benchmarks.accountable`: the real protocol, no network.

An adversary is a `Node` that does one step in another way. Logs are short, so their trees are made anew for a proof.
"""

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import rfc8785

from tocsin.kernel.clock import micros
from tocsin.trust import merkle
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.matching import (
    Client,
    Inputs,
    MatchKind,
    Proposal,
    Question,
    Reveal,
    Server,
    Terms,
    epoch_of,
)
from tocsin.trust.matching.accountable import (
    NOTHING,
    Account,
    Answer,
    Audit,
    Challenge,
    Day,
    KeptRecord,
    Laid,
    Material,
    Pledge,
    Quota,
    RecordAt,
    Rules,
    Sayings,
    Side,
    Told,
    account_of,
    answered,
    audit,
    digest_of,
    encode_answer,
    lay,
    nonce_commitment,
    sign_statement,
)
from tocsin.trust.matching.accountable.positions import nonce_of
from tocsin.trust.matching.tags import key_of
from tocsin.trust.notes import cosign, sign
from tocsin.trust.oprf import KeyPair
from tocsin.wire.tlog import COSIGNATURE, ED25519, Checkpoint, Note, NoteKey, Proof, note_bytes, proof_bytes
from tocsin.wire.tlog.opening import SALT_BYTES, Opening, extra_of

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
EARLY = NOW - timedelta(days=21)
KIND = MatchKind.HANDLE
POINTS, REAL = 100, 60
"""Positions of a session, the least step; inputs among them."""

PURPOSE = "refund swindle of November"
QUOTA_RECORDS, QUOTA_POINTS = 200, 1_000
SEED = bytes(range(32))
_LAG = timedelta(minutes=5)
"""After which a witness looks."""


class Spent:
    """The record of spending: the store's own has its tests elsewhere."""

    def begin(self, proposal: Proposal, most: int) -> None:
        assert proposal.points <= most


class Log:
    """A short log: entries as the audit's lines make them, each checkpoint signed and cosigned."""

    def __init__(self, name: str, holder: NodeIdentity, witness: NodeIdentity) -> None:
        self.name, self._holder, self._witness = name, holder, witness
        self._openings: list[Opening] = []
        self._checkpoints: list[tuple[int, bytes]] = []

    def add(self, act: str, subject: str) -> int:
        said = {"act": act, "subject": subject, "who": "operator", "outcome": "done"}
        self._openings.append(Opening(secrets.token_bytes(SALT_BYTES), rfc8785.dumps(said)))
        return len(self._openings) - 1

    def sign(self, at: datetime, *, seen: bool = True) -> bytes:
        """A checkpoint; the witness cosigns it a little later, if it sees it."""
        entries = [one.entry for one in self._openings]
        text = Checkpoint(self.name, len(entries), merkle.root(entries)).text
        signatures = [sign(text, self.name, self._holder)]
        if seen:
            time = micros(at + _LAG) // 1_000_000
            signatures.append(cosign(text, "witness", self._witness, time=time))
        note = note_bytes(Note(text, tuple(signatures)))
        self._checkpoints.append((len(entries), note))
        return note

    def prove(self, index: int) -> bytes:
        """Under the first checkpoint that covers it."""
        size, note = next(one for one in self._checkpoints if one[0] > index)
        entries = [one.entry for one in self._openings[:size]]
        extra = extra_of(self._openings[index])
        return proof_bytes(Proof(index, merkle.path(entries, index), note, extra))


class KeptDay(NamedTuple):
    """A day as its node keeps it."""

    day: Day
    records: tuple[KeptRecord, ...]
    lines: tuple[bytes, ...]
    told: Told


class Node:
    """One honest node. `side` is what it is in the session."""

    def __init__(self, name: str, side: Side, witness: NodeIdentity) -> None:
        self.side = side
        self.identity = NodeIdentity(secrets.token_bytes(32))
        self.name = f"tocsin/{name}"
        self.witness = witness
        self.log = Log(self.name, self.identity, witness)
        self.key = NoteKey(self.name, ED25519, self.identity.public)
        self.quotas: list[Told] = []
        self.quota = NOTHING
        self.days: dict[int, KeptDay] = {}
        self.seed = secrets.token_bytes(32)
        self.pledges = 0

    def signed(self, statement: Quota | Day | Pledge | Account) -> bytes:
        return sign_statement(statement, self.name, self.identity)

    def entered(self, statement: Quota | Day | Pledge, at: datetime) -> Told:
        """Signed, logged and seen."""
        act = {Quota: "match.quota", Day: "match.day", Pledge: "match.pledge"}[type(statement)]
        index = self.log.add(act, digest_of(statement))
        self.log.sign(at)
        return Told(self.signed(statement), self.log.prove(index))

    def promise(self, at: datetime, records: int = QUOTA_RECORDS) -> None:
        """Log a quota."""
        quota = Quota(log=self.name, kind=KIND, records=records, points=QUOTA_POINTS, at=micros(at))
        self.quota = digest_of(quota)
        self.quotas.append(self.entered(quota, at))

    def take_up(
        self, values: Sequence[bytes], at: datetime, *, claimed: datetime | None = None
    ) -> list[RecordAt]:
        """Log records."""
        records = tuple(KeptRecord(value, secrets.token_bytes(32)) for value in values)
        lines = tuple(one.commitment(KIND) for one in records)
        number = len(self.days)
        day = Day(
            log=self.name,
            kind=KIND,
            number=number,
            before=digest_of(self.days[number - 1].day) if number else NOTHING,
            at=micros(claimed or at),
            records=len(records),
            root=merkle.root(lines).hex(),
            quota=self.quota,
        )
        self.days[number] = KeptDay(day, records, lines, self.entered(day, at))
        return [RecordAt(record, number, place) for place, record in enumerate(records)]

    def prepare(self) -> list[RecordAt]:
        """Three weeks before: a quota, then the records that go into the session."""
        self.promise(EARLY)
        return self.take_up([f"refund-{number}".encode() for number in range(REAL)], EARLY)

    def lay(self, session: bytes, records: Sequence[RecordAt], question: Question, public: bytes) -> Laid:
        asks = question if self.side is Side.CLIENT else None
        return lay(self.seed, session, KIND, records, POINTS, question=asks, public=public)

    def pledge(
        self, laid: Laid, session: bytes, parties: tuple[str, str], question: Question, at: datetime
    ) -> Pledge:
        newest = max(self.days)
        pledge = Pledge(
            log=self.name,
            session=session.hex(),
            side=self.side,
            client=parties[0],
            server=parties[1],
            kind=KIND,
            question=question,
            reveal=Reveal.CLIENT,
            purpose=PURPOSE,
            epoch=epoch_of(at),
            at=micros(at),
            points=POINTS,
            root=laid.root.hex(),
            nonce=nonce_commitment(self.nonce(session)),
            days=digest_of(self.days[newest].day),
            quota=self.quota,
            number=self.pledges,
            before=NOTHING,
            spent=POINTS,
        )
        self.pledges += 1
        return pledge

    def nonce(self, session: bytes) -> bytes:
        return nonce_of(self.seed, session)

    def placed(self, laid: Laid) -> Laid:
        """What goes into the session: what was pledged."""
        return laid

    def account(self, material: Material, challenge: Challenge, others: Account | None) -> Account:
        """Nobody honest looks at the other's account first."""
        return account_of(material, challenge)

    def answer(self, question: "Asked") -> Answer | None:
        """To a challenge; None where none comes."""
        return answered(
            question.material,
            challenge=question.challenge,
            accounts=question.accounts,
            notes=question.notes,
            pledge=self.shown(question),
            quotas=self.quotas,
            days=[one.told for _, one in sorted(self.days.items(), reverse=True)],
            lines=lambda number: self.days[number].lines,
            entropy=secrets.token_bytes,
        )

    def shown(self, question: "Asked") -> Told:
        """The pledge that it shows the auditor: the one that the other side got."""
        return question.pledge


class Asked(NamedTuple):
    """What a side answers."""

    material: Material
    challenge: Challenge
    accounts: tuple[Account, Account]
    notes: tuple[bytes, bytes, bytes, bytes]
    pledge: Told


class Met(NamedTuple):
    """A session that was held: what either side kept, and the pledges as they were shown to the other side."""

    client: Node
    server: Node
    materials: tuple[Material, Material]
    told: tuple[Told, Told]


def meet(client: Node, server: Node, question: Question, *, at: datetime = NOW) -> Met:
    """Pledges, then the session itself."""
    session = secrets.token_bytes(16)
    parties = client.name, server.name
    key = key_of(SEED, *parties, KIND, question, epoch_of(at))
    nodes = client, server
    records = [node.prepare() for node in nodes]
    laids = [node.lay(session, mine, question, key.public) for node, mine in zip(nodes, records, strict=True)]
    pledges = [
        node.pledge(laid, session, parties, question, at - timedelta(minutes=1))
        for node, laid in zip(nodes, laids, strict=True)
    ]
    told = [
        node.entered(pledge, at - timedelta(minutes=1)) for node, pledge in zip(nodes, pledges, strict=True)
    ]
    sayings = hold(
        session, parties, question, [node.placed(laid) for node, laid in zip(nodes, laids, strict=True)], at
    )
    pairs: tuple[KeyPair | None, KeyPair | None] = (None, key)
    materials = tuple(
        Material(mine, other, laid, sayings, node.nonce(session), pair)
        for mine, other, laid, node, pair in zip(pledges, pledges[::-1], laids, nodes, pairs, strict=True)
    )
    return Met(client, server, (materials[0], materials[1]), (told[0], told[1]))


def hold(
    session: bytes, parties: tuple[str, str], question: Question, laids: Sequence[Laid], at: datetime
) -> Sayings:
    """The match itself: both programs as they are, message by message."""
    inputs = [Inputs(KIND, tuple(one.value for one in laid.places if one.real)) for laid in laids]
    terms = Terms(
        peer=parties[0],
        kinds=frozenset({KIND}),
        questions=frozenset(Question),
        reveals=frozenset(Reveal),
        weekly=1_000_000,
        until=micros(at) + 3_600_000_000,
    )
    client = Client(
        *parties,
        inputs[0],
        question=question,
        reveal=Reveal.CLIENT,
        purpose=PURPOSE,
        spending=Spent(),
        most=1_000_000,
        clock=lambda: at,
        entropy=secrets.token_bytes,
        session=session,
        layout=laids[0].places,
    )
    server = Server(
        *parties[::-1],
        inputs[1],
        terms=terms,
        spending=Spent(),
        seed=SEED,
        clock=lambda: at,
        entropy=secrets.token_bytes,
        layout=laids[1].places,
    )
    said = []
    for message in client.speak():
        answer = server.answer(message)
        client.hear(answer)
        said.append((message, answer))
    assert client.found.number > 0
    return Sayings.of(said)


class Auditor:
    """A third party that both operators named, and the witness whose clock it believes."""

    def __init__(self) -> None:
        self.identity, self.witness = (NodeIdentity(secrets.token_bytes(32)) for _ in range(2))
        self.key = NoteKey("auditor", ED25519, self.identity.public)

    def rules(self, audited: Node, other: Node) -> Rules:
        witness = NoteKey("witness", COSIGNATURE, self.witness.public)
        return Rules(self.key, audited.key, other.key, (witness,))

    def challenge(self, met: Met, side: Side, positions: int) -> Challenge:
        return Challenge(
            auditor="auditor",
            session=met.materials[0].pledge.session,
            side=side,
            positions=positions,
            nonce=secrets.token_hex(32),
            at=micros(NOW + timedelta(hours=2)),
        )

    def examine(self, met: Met, positions: int, side: Side = Side.CLIENT) -> Audit | None:
        """One challenge of one side; None where no answer comes."""
        raw = self.ask(met, self.challenge(met, side, positions))
        return None if raw is None else self.judge(met, raw, side)

    def judge(self, met: Met, raw: bytes, side: Side) -> Audit:
        nodes = (met.client, met.server) if side is Side.CLIENT else (met.server, met.client)
        return audit(raw, self.rules(*nodes))

    def ask(self, met: Met, challenge: Challenge) -> bytes | None:
        """Both sides' accounts, then the audited side's openings."""
        mine = 0 if challenge.side is Side.CLIENT else 1
        nodes, materials = (met.client, met.server), met.materials
        theirs = nodes[1 - mine].account(materials[1 - mine], challenge, None)
        ours = nodes[mine].account(materials[mine], challenge, theirs)
        accounts = (ours, theirs) if mine == 0 else (theirs, ours)
        notes = (
            sign_statement(challenge, "auditor", self.identity),
            met.told[1 - mine].note,
            nodes[mine].signed(ours),
            nodes[1 - mine].signed(theirs),
        )
        found = nodes[mine].answer(Asked(materials[mine], challenge, accounts, notes, met.told[mine]))
        return None if found is None else encode_answer(found)
