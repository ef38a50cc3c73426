"""What two parties say to each other, as bytes: MessagePack, bounded, nothing unknown in it.

Every message after the first names the digest of all that was said before it, so that none can be left out, said
twice, put elsewhere or into another session without the other side's noticing.
"""

from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from tocsin.kernel import BadInput, TooLarge
from tocsin.trust.matching.kinds import MatchKind
from tocsin.trust.matching.sizes import CHUNK, LEAST_POINTS, MAX_POINTS, TAG_BYTES, chunks
from tocsin.trust.oprf import PROOF_BYTES
from tocsin.trust.ristretto import POINT_BYTES

SESSION_BYTES = 16
SALT_BYTES = 16
TOKEN_BYTES = TAG_BYTES
MAX_PURPOSE_CHARS = 200
MAX_PARTY_CHARS = 128
MAX_MESSAGE_BYTES = CHUNK * POINT_BYTES + 1024
"""A full part, and room for the rest."""

_LABEL = b"tocsin/match/1"

Session = Annotated[bytes, Meta(min_length=SESSION_BYTES, max_length=SESSION_BYTES)]
Digest = Annotated[bytes, Meta(min_length=32, max_length=32)]
Index = Annotated[int, Meta(ge=0, lt=chunks(MAX_POINTS))]
Points = Annotated[int, Meta(ge=LEAST_POINTS, le=MAX_POINTS)]
Party = Annotated[str, Meta(min_length=1, max_length=MAX_PARTY_CHARS)]
ManyPoints = Annotated[bytes, Meta(min_length=POINT_BYTES, max_length=CHUNK * POINT_BYTES)]
ManyTags = Annotated[bytes, Meta(min_length=TAG_BYTES, max_length=CHUNK * TAG_BYTES)]
Week = Annotated[int, Meta(ge=0, le=100_000)]


class Question(StrEnum):
    """What is asked: which inputs both have, or how many."""

    WHICH = "which"
    HOW_MANY = "how-many"


class Reveal(StrEnum):
    """Who learns it. Where both do, the client learns first and may leave: that is not prevented."""

    CLIENT = "client"
    BOTH = "both"


class Part(StrEnum):
    """What a client asks for, part by part."""

    EVALUATED = "evaluated"
    TAGS = "tags"


class Proposal(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="proposal"):
    """The client's first word. `made` in microseconds; `points` is the padded size of its set."""

    format: Literal[1]
    session: Session
    client: Party
    server: Party
    kind: MatchKind
    question: Question
    reveal: Reveal
    purpose: Annotated[str, Meta(min_length=1, max_length=MAX_PURPOSE_CHARS)]
    epoch: Week
    made: Annotated[int, Meta(ge=0, le=1 << 53)]
    points: Points


class Acceptance(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="acceptance"):
    """The server's answer: its salt, its public key for this peer, kind and epoch, and its padded size."""

    session: Session
    after: Digest
    salt: Annotated[bytes, Meta(min_length=SALT_BYTES, max_length=SALT_BYTES)]
    public: Annotated[bytes, Meta(min_length=POINT_BYTES, max_length=POINT_BYTES)]
    tags: Points


class Blinded(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="blinded"):
    """Part of the client's set, blinded."""

    session: Session
    after: Digest
    index: Index
    points: ManyPoints


class Evaluated(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="evaluated"):
    """The same under the server's key, with the proof of one key; without it where the order is hidden."""

    session: Session
    after: Digest
    index: Index
    points: ManyPoints
    proof: Annotated[bytes, Meta(max_length=PROOF_BYTES)]


class Received(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="received"):
    """The server has this part."""

    session: Session
    after: Digest
    index: Index


class Ask(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="ask"):
    """The client asks for a part."""

    session: Session
    after: Digest
    part: Part
    index: Index


class Tags(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="tags"):
    """Part of the server's tags, padded and shuffled."""

    session: Session
    after: Digest
    index: Index
    tags: ManyTags


class Outcome(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="outcome"):
    """What the client found, where both learn it: tokens that only a match gives, or a rounded count."""

    session: Session
    after: Digest
    index: Index
    total: Annotated[int, Meta(ge=0, le=MAX_POINTS)]
    tokens: Annotated[bytes, Meta(max_length=CHUNK * TOKEN_BYTES)]


Message = Proposal | Acceptance | Blinded | Evaluated | Received | Ask | Tags | Outcome

_DECODER = msgspec.msgpack.Decoder(Message)
_ENCODER = msgspec.msgpack.Encoder()


def encode(message: Message) -> bytes:
    """A message as it travels."""
    return _ENCODER.encode(message)


def decode(raw: bytes) -> Message:
    """The message in the bytes. Raises TooLarge, or BadInput for what is none."""
    if len(raw) > MAX_MESSAGE_BYTES:
        raise TooLarge(f"a message of a match has at most {MAX_MESSAGE_BYTES} bytes")
    try:
        message: Message = _DECODER.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadInput("this is no message of a match, format 1") from None
    return message


class Transcript:
    """The digest of all that was said, in its order."""

    def __init__(self) -> None:
        self.digest = sha256(_LABEL).digest()

    def add(self, raw: bytes) -> None:
        """One more message."""
        self.digest = sha256(self.digest + sha256(raw).digest()).digest()


def context_of(transcript: Transcript) -> bytes:
    """What separates a session's inputs from all others', once both have spoken: parties, kind, key, salts, sizes."""
    return sha256(_LABEL + b"/context" + transcript.digest).digest()
