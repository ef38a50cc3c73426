"""Those who cheat in an accountable match: each a program that does one step of `accountable_world.Node` otherwise."""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

import msgspec

from benchmarks.accountable_world import (
    EARLY,
    NOW,
    QUOTA_RECORDS,
    REAL,
    Asked,
    KeptDay,
    Log,
    Node,
)
from tocsin.trust import oprf
from tocsin.trust.identity import NodeIdentity
from tocsin.trust.matching import Question
from tocsin.trust.matching.accountable import (
    Account,
    Answer,
    Challenge,
    Laid,
    Material,
    Pledge,
    RecordAt,
    Side,
    Told,
    account_of,
    digest_of,
    drawn,
    nonce_commitment,
)
from tocsin.trust.matching.accountable.answers import Record
from tocsin.trust.matching.accountable.sayings import opening_of
from tocsin.trust.matching.tags import bound, mode_of

HOUR_BEFORE = NOW - timedelta(hours=1)
TRIES = 200
"""Nonces that a grinder tries."""


def names(first: int, count: int, what: str = "refund") -> list[bytes]:
    return [f"{what}-{number}".encode() for number in range(first, first + count)]


class Late(Node):
    """A share of its inputs was logged an hour before the session."""

    share = 0.2

    def __init__(self, name: str, side: Side, witness: NodeIdentity) -> None:
        super().__init__(name, side, witness)
        self.late: set[int] = set()

    @property
    def many(self) -> int:
        return round(self.share * REAL)

    def prepare(self) -> list[RecordAt]:
        self.promise(EARLY)
        early = self.take_up(names(0, REAL - self.many), EARLY)
        return [*early, *self.add_late(names(REAL - self.many, self.many, "guess"))]

    def add_late(self, values: list[bytes]) -> list[RecordAt]:
        return self.take_up(values, HOUR_BEFORE)

    def lay(self, session: bytes, records: Sequence[RecordAt], question: Question, public: bytes) -> Laid:
        laid = super().lay(session, records, question, public)
        self.late = {
            at
            for at, one in enumerate(laid.records)
            if one is not None and one.record.value.startswith(b"guess")
        }
        return laid


class LogsFirst(Late):
    """Invents its guesses early and logs them all, within its quota."""

    def add_late(self, values: list[bytes]) -> list[RecordAt]:
        return self.take_up(values, EARLY)


class BackDates(Late):
    """Says of its late day that it is three weeks old."""

    def add_late(self, values: list[bytes]) -> list[RecordAt]:
        return self.take_up(values, HOUR_BEFORE, claimed=EARLY)


class Withholds(Late):
    """Leaves the late positions out of its answer."""

    def answer(self, question: Asked) -> Answer | None:
        found = super().answer(question)
        assert found is not None
        kept = tuple(one for one in found.openings if one.position not in self.late)
        return msgspec.structs.replace(found, openings=kept)


class Aborts(Late):
    """Answers nothing once a late position is drawn."""

    def answer(self, question: Asked) -> Answer | None:
        drawn_now = drawn(question.challenge, *question.accounts, question.material.pledge.points)
        return None if self.late & set(drawn_now) else super().answer(question)


class TwoHeads(Late):
    """Shows the auditor a second log, in which its late day stands early; the witness saw the first."""

    def __init__(self, name: str, side: Side, witness: NodeIdentity) -> None:
        super().__init__(name, side, witness)
        self.second = Log(self.name, self.identity, witness)
        self.heads: tuple[bytes, bytes] = (b"", b"")

    def add_late(self, values: list[bytes]) -> list[RecordAt]:
        records = super().add_late(values)
        number = records[0].day
        kept = self.days[number]
        for told in (*self.quotas, self.days[0].told):
            self.second.add("match.quota" if told in self.quotas else "match.day", told.note.hex()[:64])
        index = self.second.add("match.day", digest_of(kept.day))
        head = self.second.sign(EARLY, seen=False)
        self.heads = self.log.sign(HOUR_BEFORE), head
        self.days[number] = kept._replace(told=Told(kept.told.note, self.second.prove(index)))
        return records


class Grinds(Late):
    """Tells, once it knows the challenge and the other's nonce, the nonce of its own that draws none of the late."""

    def account(self, material: Material, challenge: Challenge, others: Account | None) -> Account:
        own = account_of(material, challenge)
        assert others is not None
        for _ in range(TRIES):
            tried = msgspec.structs.replace(own, nonce=secrets.token_hex(32))
            if not self.late & set(drawn(challenge, tried, others, material.pledge.points)):
                return tried
        return own


class GrindsEarly(Late):
    """Chooses its nonce before the session, against an auditor and a peer that it imagines."""

    def __init__(self, name: str, side: Side, witness: NodeIdentity) -> None:
        super().__init__(name, side, witness)
        self._chosen = b""

    def nonce(self, session: bytes) -> bytes:
        if not self._chosen:
            self._chosen = self._best(session)
        return self._chosen

    def _best(self, session: bytes) -> bytes:
        imagined = Challenge(
            auditor="auditor",
            session=session.hex(),
            side=self.side,
            positions=10,
            nonce=secrets.token_hex(32),
            at=0,
        )
        empty = "0" * 64
        found = b""
        for _ in range(TRIES):
            found = secrets.token_bytes(32)
            mine = Account(
                log=self.name,
                session=session.hex(),
                side=self.side,
                challenge=empty,
                nonce=found.hex(),
                client_pledge=empty,
                server_pledge=empty,
                opening=empty,
                points=empty,
                tags=empty,
            )
            if not self.late & set(drawn(imagined, mine, mine, 100)):
                break
        return found


class TwoPledges(Grinds):
    """Grinds as well, and shows the auditor another pledge for the session, with the nonce that it found."""

    def __init__(self, name: str, side: Side, witness: NodeIdentity) -> None:
        super().__init__(name, side, witness)
        self.other: Pledge | None = None

    def account(self, material: Material, challenge: Challenge, others: Account | None) -> Account:
        found = super().account(material, challenge, others)
        nonce = nonce_commitment(bytes.fromhex(found.nonce))
        self.other = msgspec.structs.replace(material.pledge, nonce=nonce)
        return msgspec.structs.replace(found, client_pledge=digest_of(self.other))

    def shown(self, question: Asked) -> Told:
        assert self.other is not None
        return self.entered(self.other, NOW + timedelta(minutes=10))


class SpendsTwice(Node):
    """Gives two peers each a pledge with the same number: a budget spent twice."""

    def __init__(self, name: str, side: Side, witness: NodeIdentity) -> None:
        super().__init__(name, side, witness)
        self.both: tuple[bytes, bytes] = (b"", b"")

    def pledge(
        self, laid: Laid, session: bytes, parties: tuple[str, str], question: Question, at: datetime
    ) -> Pledge:
        own = super().pledge(laid, session, parties, question, at)
        other = msgspec.structs.replace(own, session=secrets.token_hex(16), server="tocsin/carol")
        self.both = self.signed(own), self.entered(other, at).note
        return own


class OtherValue(Late):
    """Opens a late position as a record that was logged early."""

    def answer(self, question: Asked) -> Answer | None:
        found = super().answer(question)
        assert found is not None
        day = self.days[0]
        early = day.records[0]
        from tocsin.trust import merkle

        meant = Record(early.value, early.salt, 0, 0, merkle.path(day.lines, 0))
        openings = tuple(
            msgspec.structs.replace(one, meant=meant) if one.position in self.late else one
            for one in found.openings
        )
        return msgspec.structs.replace(found, openings=openings)


class _Swaps(Late):
    """Pledges what it should, and sends its guesses in the place of some of it."""

    padding = False

    def prepare(self) -> list[RecordAt]:
        return Node.prepare(self)

    def placed(self, laid: Laid) -> Laid:
        places = list(laid.places)
        chosen = [at for at, one in enumerate(places) if one.real is not self.padding][: self.many]
        self.late = set(chosen)
        for at, guess in zip(chosen, names(0, self.many, "guess"), strict=True):
            places[at] = places[at]._replace(value=guess, real=True)
        return laid._replace(places=places)


class WrongProof(_Swaps):
    """In the place of inputs: its proof is of another point."""


class ForgedPadding(_Swaps):
    """In the place of padding."""

    padding = True


class Colludes(_Swaps):
    """As WrongProof, and the other side vouches for points that were never sent."""

    def account(self, material: Material, challenge: Challenge, others: Account | None) -> Account:
        return account_of(forged(material, material.laid), challenge)

    def answer(self, question: Asked) -> Answer | None:
        material = question.material
        return super().answer(question._replace(material=forged(material, material.laid)))


class Vouches(Node):
    """The other side of Colludes: it has the layout from it."""

    def __init__(self, name: str, side: Side, witness: NodeIdentity) -> None:
        super().__init__(name, side, witness)
        self.friend: Laid | None = None

    def account(self, material: Material, challenge: Challenge, others: Account | None) -> Account:
        assert self.friend is not None
        return account_of(forged(material, self.friend), challenge)


def forged(material: Material, laid: Laid) -> Material:
    """The points that the pledge would have led to."""
    began = opening_of(material.sayings.proposal, material.sayings.acceptance)
    inputs = [bound(began.context, one.value) for one in laid.places]
    blinds = [one.blind for one in laid.places]
    points = oprf.blind_by(mode_of(began.proposal.question), inputs, blinds).points
    return material._replace(sayings=material.sayings._replace(points=b"".join(points)))


class Replays(Late):
    """Uses the pledge of an earlier session, of which the other side asks nothing."""

    def pledge(
        self, laid: Laid, session: bytes, parties: tuple[str, str], question: Question, at: datetime
    ) -> Pledge:
        return super().pledge(laid, secrets.token_bytes(16), parties, question, at)

    def account(self, material: Material, challenge: Challenge, others: Account | None) -> Account:
        return msgspec.structs.replace(account_of(material, challenge), session=challenge.session)


class OverQuota(Node):
    """Takes up more records in a week than it logged as its quota, all of them early."""

    def prepare(self) -> list[RecordAt]:
        self.promise(EARLY)
        return self.take_up(names(0, QUOTA_RECORDS + 50), EARLY)[:REAL]


class HidesADay(Late):
    """Takes up its guesses early, on a day of which its chain says nothing, so that its week stays within quota."""

    def __init__(self, name: str, side: Side, witness: NodeIdentity) -> None:
        super().__init__(name, side, witness)
        self.hidden: dict[int, KeptDay] = {}

    def promise(self, at: datetime, records: int = QUOTA_RECORDS) -> None:
        super().promise(at, REAL - self.many)

    def add_late(self, values: list[bytes]) -> list[RecordAt]:
        records = self.take_up(values, EARLY)
        self.hidden = {records[0].day: self.days.pop(records[0].day)}
        return records

    def answer(self, question: Asked) -> Answer | None:
        with self._whole():
            found = super().answer(question)
        assert found is not None
        shown = tuple(one.told for one in self.days.values())
        return msgspec.structs.replace(found, days=shown)

    @contextmanager
    def _whole(self) -> Iterator[None]:
        self.days |= self.hidden
        yield
        for number in self.hidden:
            del self.days[number]
