"""From an input to the server's key, to a tag that travels and a token that proves a match."""

from hashlib import sha256

from tocsin.trust import oprf
from tocsin.trust.matching.kinds import MatchKind
from tocsin.trust.matching.messages import Question
from tocsin.trust.matching.sizes import TAG_BYTES

_LABEL = b"tocsin/match/1/"


def mode_of(question: Question) -> oprf.Mode:
    """Verifiable where the order is kept; keys and inputs of the two modes are apart (RFC 9497, section 3.1)."""
    return oprf.Mode.VOPRF if question is Question.WHICH else oprf.Mode.OPRF


def key_of(
    seed: bytes, client: str, server: str, kind: MatchKind, question: Question, epoch: int
) -> oprf.KeyPair:
    """The server's key for one peer, kind, question and epoch.

    `seed` is a secret of the epoch, drawn for it and destroyed after it.
    """
    info = b"\x00".join((_LABEL, client.encode(), server.encode(), kind.encode(), b"%d" % epoch))
    return oprf.derive_key(mode_of(question), seed, info)


def bound(context: bytes, value: bytes) -> bytes:
    """An input as it is hashed to the group: the context is 32 bytes and holds the kind, so no two run together."""
    return context + value


def tag_of(output: bytes) -> bytes:
    """What the server sends of an output."""
    return sha256(_LABEL + b"tag" + output).digest()[:TAG_BYTES]


def token_of(output: bytes) -> bytes:
    """What proves to the server that the other side has the output, and not only its tag."""
    return sha256(_LABEL + b"token" + output).digest()[:TAG_BYTES]
