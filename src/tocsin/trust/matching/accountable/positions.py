"""A set laid out by a seed, and a commitment to each position that fixes its blinded point before a session's salt.

A position's line is R || m. R is the blind times the generator (of a client), or the server's public key. m hides,
under a salt of its own, which logged record stands there, or that padding does. With the context the point follows:
R's logarithm times the hash of its value, or of a padding value that is a digest of the salt. Nothing is left free.
Everything is derived from one seed by HMAC-SHA-512: a node keeps the seed, sealed, and no position.
"""

import hmac
from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from tocsin.kernel import BadInput
from tocsin.trust import merkle, ristretto
from tocsin.trust.matching.kinds import MatchKind
from tocsin.trust.matching.layout import Place
from tocsin.trust.matching.messages import Question
from tocsin.trust.seal import Entropy

SEED_BYTES = SALT_BYTES = NONCE_BYTES = 32
MAX_AUDITED_POINTS = 100_000
"""Of a session that can be audited: what either side sent is kept for the audit, 5 MB at this size."""

_LABEL = b"tocsin/match/accountable/1/"


class KeptRecord(NamedTuple):
    """An input and the salt of its commitment: what stays sealed."""

    value: bytes
    salt: bytes

    def commitment(self, kind: MatchKind) -> bytes:
        """Hides the value while the salt is secret, and fits no other value or kind."""
        return sha256(_LABEL + b"record" + self.salt + kind.encode() + b"\x00" + self.value).digest()


class RecordAt(NamedTuple):
    """A record and where its commitment is: the number of its day, and its place in it."""

    record: KeptRecord
    day: int
    place: int


class Laid(NamedTuple):
    """By position: places for the session, lines and salts for the commitment, the records behind them."""

    places: list[Place]
    lines: list[bytes]
    salts: list[bytes]
    records: list[RecordAt | None]

    @property
    def root(self) -> bytes:
        return merkle.root(self.lines)


def lay(
    seed: bytes,
    session: bytes,
    kind: MatchKind,
    records: Sequence[RecordAt],
    points: int,
    *,
    question: Question | None,
    public: bytes = b"",
) -> Laid:
    """The set of a session, filled up to `points`. A server gives no question and its `public` key.

    Raises BadInput for more records than points, or more points than can be audited.
    """
    if len(records) > points or points > MAX_AUDITED_POINTS:
        raise BadInput(f"a match that can be audited has at most {MAX_AUDITED_POINTS} points")
    of = _Seeded(seed, session)
    order = sorted(range(points), key=lambda at: of(b"order", at)[:16])
    laid = Laid([], [], [], [])
    shared = question is Question.HOW_MANY
    for position, at in enumerate(order):
        record = records[at] if at < len(records) else None
        salt = of(b"salt", position)[:SALT_BYTES]
        blind, shown = b"", public
        if question is not None and (position == 0 or not shared):
            blind = ristretto.reduced(of(b"blind", position))
            shown = ristretto.multiply_base(blind)
        elif shared:
            blind, shown = laid.places[0].blind, laid.lines[0][: ristretto.POINT_BYTES]
        value = record.record.value if record else padding_value(session, position, salt)
        laid.places.append(Place(value, record is not None, blind))
        laid.lines.append(line(shown, meaning(salt, record.record.commitment(kind) if record else None)))
        laid.salts.append(salt)
        laid.records.append(record)
    return laid


def line(public: bytes, meant: bytes) -> bytes:
    """What the pledge's tree holds of a position."""
    return public + meant


def meaning(salt: bytes, commitment: bytes | None) -> bytes:
    """Commits to the record of this commitment, or to padding."""
    return sha256(
        _LABEL + (b"padding" + salt if commitment is None else b"meaning" + salt + commitment)
    ).digest()


def padding_value(session: bytes, position: int, salt: bytes) -> bytes:
    """What is hashed where there is padding: a digest, so that no one can have it be an indicator."""
    return sha256(_LABEL + b"padding-value" + session + position.to_bytes(4) + salt).digest()


def nonce_commitment(nonce: bytes) -> str:
    """Of a nonce that is told when an auditor asks, as a pledge names it."""
    return sha256(_LABEL + b"nonce" + nonce).hexdigest()


def nonce_of(seed: bytes, session: bytes) -> bytes:
    """A side's nonce for a session."""
    return _Seeded(seed, session)(b"nonce", 0)[:NONCE_BYTES]


def new_seed(entropy: Entropy) -> bytes:
    """For one side of one session."""
    return entropy(SEED_BYTES)


class _Seeded:
    """64 bytes for a label and an index, each as good as random while the seed is secret."""

    def __init__(self, seed: bytes, session: bytes) -> None:
        self._seed, self._session = seed, session

    def __call__(self, label: bytes, index: int) -> bytes:
        said = _LABEL + label + b"\x00" + self._session + index.to_bytes(4)
        return hmac.digest(self._seed, said, "sha512")
