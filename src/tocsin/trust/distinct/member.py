"""One member's side of a count over several nodes. It lives in memory: who starts anew begins another count."""

from collections import Counter
from collections.abc import Mapping, Sequence
from enum import IntEnum
from hashlib import sha256, sha512

from tocsin.kernel import BadInput, Conflict
from tocsin.kernel.distinct import Distinct, DistinctRoster, Shared
from tocsin.trust import oprf, ristretto
from tocsin.trust.distinct.margins import margin
from tocsin.trust.distinct.messages import (
    CHUNK,
    ENTRY_BYTES,
    Joined,
    Opened,
    Pool,
    Sent,
    decode,
    digest_of,
    encode,
)
from tocsin.trust.matching.sizes import shuffled, split
from tocsin.trust.ristretto import POINT_BYTES, SCALAR_BYTES, in_parts
from tocsin.trust.seal import Entropy

LABEL = b"tocsin/distinct/1/"
PADDING = b"padding"

Entry = tuple[bytes, bytes]
"""A point under the joint key: r times the generator, and the point plus r times the key (ElGamal)."""


class Turn(IntEnum):
    """Where a member is."""

    JOIN = 0
    MIX = 1
    """Entries are sent, and the pool goes round."""
    OPEN = 2
    DONE = 3


class Member:
    """One session. Not for several threads at once; `workers` threads do the arithmetic."""

    def __init__(
        self,
        roster: DistinctRoster,
        me: str,
        inputs: Sequence[bytes],
        noise: Sequence[int],
        entropy: Entropy,
        workers: int = 1,
    ) -> None:
        """`noise`: one draw of discrete Laplace noise of scale MOVES / epsilon for each number of members, paid for
        before. Raises BadInput for inputs that are not distinct or more than the roster has room for.
        """
        if me not in roster.members:
            raise BadInput("this node is no member of the count")
        if len(set(inputs)) != len(inputs):
            raise BadInput("an input counts once at a node: give each once")
        if len(inputs) > roster.room:
            raise BadInput(
                f"this count has room for {roster.room} inputs of a node, and there are {len(inputs)}: agree on a"
                " greater capacity, or count fewer"
            )
        if len(noise) != len(roster.members):
            raise BadInput("there is one draw of noise for each number of members")
        self.turn = Turn.JOIN
        self._roster, self._me, self._entropy, self._workers = roster, me, entropy, workers
        self._digest = digest_of(roster)
        self._inputs = tuple(inputs)
        cut = roster.shift
        self._made_up = [cut + min(max(one, -cut), cut) for one in noise]
        self._turn_key, self._opening_key = _drawn(entropy), _drawn(entropy)
        self._mark = ristretto.draw_scalar(entropy)
        self._keys: dict[str, tuple[bytes, bytes]] = {}
        self._keys_digest = b""
        self._sent: dict[str, bytes] = {}
        self._pool: list[Entry] = []
        self._pool_digest = b""
        self._own_part = b""
        self._opened: dict[str, list[bytes]] = {}
        self.hear_joined(me, self.joined())

    def joined(self) -> bytes:
        """For all: this member's keys. They are proved, or one could choose a key that makes the joint one its own."""
        return encode(
            Joined(
                roster=self._digest,
                turn=self._turn_key.public,
                turn_proof=_proof(self._digest, self._me, b"turn", self._turn_key),
                opening=self._opening_key.public,
                opening_proof=_proof(self._digest, self._me, b"opening", self._opening_key),
            )
        )

    def hear_joined(self, sender: str, raw: bytes) -> None:
        """A member's keys. Once all are there, entries can be made. Raises BadInput, Conflict."""
        self._require(sender, Turn.JOIN)
        message = decode(raw, Joined, self._roster)
        _require_known(self._digest, sender, b"turn", message.turn, message.turn_proof)
        _require_known(self._digest, sender, b"opening", message.opening, message.opening_proof)
        keys = message.turn, message.opening
        if self._keys.setdefault(sender, keys) != keys:
            raise Conflict(f"{sender} named two keys in one count: end it")
        if len(self._keys) == len(self._roster.members):
            ordered = b"".join(key for one in self._roster.members for key in self._keys[one])
            self._keys_digest = sha256(self._digest + ordered).digest()
            self.turn = Turn.MIX

    def sent(self) -> bytes:
        """For the first of the order: this member's entries, the same number whatever it has."""
        self._require(self._me, Turn.MIX)
        points = [self._point(value) for value in self._inputs]
        for members, number in enumerate(self._made_up, 1):
            for _ in range(number):
                points += [ristretto.draw_point(self._entropy)] * members
        empty = ristretto.from_uniform(sha512(LABEL + PADDING + self._digest).digest())
        points += [empty] * (self._roster.capacity - len(points))
        entries = self._under(shuffled(points, self._entropy), self._key_after(0))
        return encode(Sent(roster=self._digest, keys=self._keys_digest, entries=_joined(entries)))

    def hear_sent(self, sender: str, raw: bytes) -> None:
        """At the first of the order: a member's entries. Raises BadInput, Conflict."""
        self._require(sender, Turn.MIX)
        message = decode(raw, Sent, self._roster)
        self._require_keys(message.keys)
        if len(message.entries) != self._roster.capacity * ENTRY_BYTES:
            raise BadInput(f"{sender} did not send the number of entries that was agreed")
        for point in split(message.entries, POINT_BYTES) if sender != self._me else ():
            ristretto.checked_point(point)  # here it is known whose they are
        if self._sent.setdefault(sender, raw) != raw:
            raise Conflict(f"{sender} sent two different sets in one count: end it")

    def mixed(self, before: bytes | None = None) -> bytes:
        """This member's turn: its key taken off every entry, its mark on it, a new blind, and an order of its own.

        Without it the pool does not open: nobody's turn can be left out.

        `before` is the pool of who was before it; None for the first of the order, who has all members' entries.
        """
        self._require(self._me, Turn.MIX)
        place = self._roster.members.index(self._me)
        if (before is None) != (place == 0):
            raise BadInput("the first of the order begins with what all sent, every other one with a pool")
        if before is None:
            missing = [one for one in self._roster.members if one not in self._sent]
            if missing:
                raise Conflict(f"{len(missing)} members have not sent their entries: {', '.join(missing)}")
            entries = [
                entry
                for raw in self._sent.values()
                for entry in _entries(decode(raw, Sent, self._roster).entries)
            ]
        else:
            entries = _entries(self._checked_pool(before, place).entries)
        marked = self._marked(shuffled(entries, self._entropy), self._key_after(place + 1))
        return encode(
            Pool(roster=self._digest, keys=self._keys_digest, turns=place + 1, entries=_joined(marked))
        )

    def hear_pool(self, raw: bytes) -> None:
        """The pool after the last turn: it is the one that will be opened. Raises BadInput, Conflict."""
        self._require(self._me, Turn.MIX)
        pool = self._checked_pool(raw, len(self._roster.members))
        entries = _entries(pool.entries)
        for _, point in entries:
            ristretto.checked_point(point)  # the blinds are checked where they are multiplied
        self._pool, self._pool_digest = entries, sha256(raw).digest()
        self.turn = Turn.OPEN
        self.hear_opened(self._me, self.opened())

    def opened(self) -> bytes:
        """For all: this member's part of opening the pool, proved; made once."""
        self._own_part = self._own_part or self._part()
        return self._own_part

    def _part(self) -> bytes:
        self._require(self._me, Turn.OPEN)
        blinds = [blind for blind, _ in self._pool]
        key = self._opening_key
        points = oprf.evaluate(key.secret, blinds, self._workers)
        proofs = tuple(
            oprf.prove(
                key,
                blinds[at : at + CHUNK],
                points[at : at + CHUNK],
                ristretto.draw_scalar(self._entropy),
                self._workers,
            )
            for at in range(0, len(blinds), CHUNK)
        )
        return encode(
            Opened(roster=self._digest, pool=self._pool_digest, points=b"".join(points), proofs=proofs)
        )

    def hear_opened(self, sender: str, raw: bytes) -> None:
        """A member's part. Raises BadInput where it does not hold, Conflict for another pool."""
        self._require(sender, Turn.OPEN)
        message = decode(raw, Opened, self._roster)
        if message.pool != self._pool_digest:
            raise Conflict(f"{sender} opens another pool than this node has: end the count")
        points, blinds = split(message.points, POINT_BYTES), [blind for blind, _ in self._pool]
        if len(points) != len(blinds) or len(message.proofs) != -(-len(blinds) // CHUNK):
            raise BadInput(f"{sender} did not open each entry of the pool")
        if sender != self._me:
            for at, proof in zip(range(0, len(blinds), CHUNK), message.proofs, strict=True):
                part = slice(at, at + CHUNK)
                for point in points[part]:
                    ristretto.checked_point(point)
                oprf.require_one_key(self._keys[sender][1], blinds[part], points[part], proof, self._workers)
        self._opened.setdefault(sender, points)
        if len(self._opened) == len(self._roster.members):
            self.turn = Turn.DONE

    @property
    def waiting(self) -> tuple[str, ...]:
        """Who has not spoken in this turn."""
        by_turn: Mapping[Turn, Mapping[str, object]] = {Turn.JOIN: self._keys, Turn.MIX: self._sent}
        there = by_turn.get(self.turn, self._opened)
        return tuple(one for one in self._roster.members if one not in there)

    def counted(self) -> Distinct:
        """The numbers, the same at every member. Raises Conflict before, BadInput where somebody cheated."""
        if self.turn is not Turn.DONE:
            raise Conflict("the count has no result yet")
        most = len(self._roster.members)
        often = Counter(Counter(self._opened_points()).values())
        beyond = {times: number for times, number in often.items() if times > most}
        if sum(beyond.values()) != 1:
            raise BadInput(
                "a value is there more often than there are members: somebody sent it more than once, to ask about"
                " it; the numbers mean nothing. Count no more with these members before each has said what it sent"
            )
        made_up = most * self._roster.shift
        shared = tuple(Shared(times, often.get(times, 0) - made_up) for times in range(1, most + 1))
        return Distinct(
            inputs=sum(one.inputs for one in shared),
            margin=margin(self._roster.cost, self._roster.shift, most * most),
            shared=shared,
            margin_each=margin(self._roster.cost, self._roster.shift, most),
        )

    def _point(self, value: bytes) -> bytes:
        return ristretto.from_uniform(
            sha512(LABEL + b"input" + self._digest + len(value).to_bytes(4) + value).digest()
        )

    def _key_after(self, turns: int) -> bytes:
        """The joint key under which entries are after so many turns: of the turns to come, and of the opening."""
        names = self._roster.members
        keys = [self._keys[one][0] for one in names[turns:]] + [self._keys[one][1] for one in names]
        joint = keys[0]
        for key in keys[1:]:
            joint = ristretto.add(joint, key)
        return ristretto.checked_point(joint)

    def _under(self, points: Sequence[bytes], joint: bytes) -> list[Entry]:
        """Points as entries under a key."""

        def work(part: Sequence[bytes]) -> list[Entry]:
            found = []
            for point in part:
                fresh = ristretto.draw_scalar(self._entropy)
                found.append(
                    (ristretto.multiply_base(fresh), ristretto.add(ristretto.multiply(fresh, joint), point))
                )
            return found

        return in_parts(work, points, self._workers)

    def _marked(self, entries: Sequence[Entry], joint: bytes) -> list[Entry]:
        """Entries without this member's key, times its mark, under what is left of the key and a new blind.

        Raises BadInput for what is no element.
        """
        secret, mark = self._turn_key.secret, self._mark

        def work(part: Sequence[Entry]) -> list[Entry]:
            found = []
            for blind, point in part:
                bare = ristretto.subtract(ristretto.checked_point(point), ristretto.multiply(secret, blind))
                fresh = ristretto.draw_scalar(self._entropy)
                found.append(
                    (
                        ristretto.add(ristretto.multiply_base(fresh), ristretto.multiply(mark, blind)),
                        ristretto.add(ristretto.multiply(fresh, joint), ristretto.multiply(mark, bare)),
                    )
                )
            return found

        return in_parts(work, entries, self._workers)

    def _checked_pool(self, raw: bytes, turns: int) -> Pool:
        pool = decode(raw, Pool, self._roster)
        self._require_keys(pool.keys)
        if pool.turns != turns:
            raise Conflict(f"a pool of {pool.turns} turns came where one of {turns} was due")
        if len(pool.entries) != self._roster.capacity * len(self._roster.members) * ENTRY_BYTES:
            raise BadInput("a pool has not as many entries as the members sent: end the count")
        return pool

    def _opened_points(self) -> list[bytes]:
        found = [point for _, point in self._pool]
        for name in self._roster.members:
            part = self._opened[name]
            found = [ristretto.subtract(point, own) for point, own in zip(found, part, strict=True)]
        return found

    def _require_keys(self, keys: bytes) -> None:
        if keys != self._keys_digest:
            raise Conflict(
                "a member has seen other keys than this node: somebody said two things; end the count"
            )

    def _require(self, sender: str, turn: Turn) -> None:
        if sender not in self._roster.members:
            raise BadInput(f"{sender} is no member of the count")
        if self.turn is not turn:
            raise Conflict(f"this count is at another turn ({self.turn.name.lower()})")


def _drawn(entropy: Entropy) -> oprf.KeyPair:
    secret = ristretto.draw_scalar(entropy)
    return oprf.KeyPair(secret, ristretto.multiply_base(secret))


def _proof(digest: bytes, name: str, use: bytes, key: oprf.KeyPair) -> bytes:
    """That one knows the secret of a key (Schnorr), for this roster, member and use."""
    nonce = ristretto.reduced(sha512(LABEL + b"nonce" + use + key.secret + digest).digest())
    challenge = _challenge(digest, name, use, key.public, ristretto.multiply_base(nonce))
    return challenge + ristretto.scalar_difference(nonce, ristretto.scalar_product(challenge, key.secret))


def _require_known(digest: bytes, name: str, use: bytes, public: bytes, proof: bytes) -> None:
    ristretto.checked_point(public)
    challenge, response = (
        ristretto.checked_scalar(proof[at : at + SCALAR_BYTES]) for at in (0, SCALAR_BYTES)
    )
    try:
        seen = ristretto.add(ristretto.multiply_base(response), ristretto.multiply(challenge, public))
    except BadInput:  # a zero: no honest prover meets it
        seen = ristretto.IDENTITY
    if _challenge(digest, name, use, public, seen) != challenge:
        raise BadInput(f"{name} does not show that it knows the secret of its key: end the count")


def _challenge(digest: bytes, name: str, use: bytes, public: bytes, commitment: bytes) -> bytes:
    said = name.encode()
    named = digest + len(said).to_bytes(2) + said + len(use).to_bytes(2) + use
    return ristretto.reduced(sha512(LABEL + b"key" + named + public + commitment).digest())


def _entries(joined: bytes) -> list[Entry]:
    return [(one[:POINT_BYTES], one[POINT_BYTES:]) for one in split(joined, ENTRY_BYTES)]


def _joined(entries: Sequence[Entry]) -> bytes:
    return b"".join(part for entry in entries for part in entry)
