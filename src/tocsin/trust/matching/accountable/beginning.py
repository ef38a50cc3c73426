"""Before a session begins: the other side's pledge, and that it fits ours."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from tocsin.kernel import BadInput, NotAllowed, TooLarge
from tocsin.trust.matching.accountable.statements import (
    MAX_STATEMENT_BYTES,
    Pledge,
    Side,
    opened_statement,
)
from tocsin.trust.matching.messages import Proposal
from tocsin.wire.tlog import NoteKey

MAX_PROPOSAL_BYTES = 2_048
"""Two names of 128 characters and a purpose of 200, of four bytes each at most, with room."""

MAX_PLEDGE_BYTES = MAX_STATEMENT_BYTES + 1_024
"""A statement and its signature line."""

MAX_OFFER_BYTES = MAX_PROPOSAL_BYTES + MAX_PLEDGE_BYTES + 64


class Offer(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag="offer"):
    """What a client says before its first word: that word as it will be said, and its signed pledge for it."""

    format: Literal[1]
    proposal: Annotated[bytes, Meta(min_length=1, max_length=MAX_PROPOSAL_BYTES)]
    pledge: Annotated[bytes, Meta(min_length=1, max_length=MAX_PLEDGE_BYTES)]


_DECODER = msgspec.msgpack.Decoder(Offer)


def encode_offer(offer: Offer) -> bytes:
    """An offer as it travels."""
    return msgspec.msgpack.encode(offer)


def decode_offer(raw: bytes) -> Offer:
    """The offer in the bytes. Raises TooLarge, or BadInput for what is none."""
    if len(raw) > MAX_OFFER_BYTES:
        raise TooLarge(f"an offer of a pledged match has at most {MAX_OFFER_BYTES} bytes")
    try:
        return _DECODER.decode(raw)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadInput("this is no offer of a pledged match, format 1") from None


def require_pledge(note: bytes, key: NoteKey, ours: Pledge) -> Pledge:
    """The other side's pledge for the session of ours. Raises BadInput, NotAllowed; then nothing begins."""
    theirs = opened_statement(note, key)
    if not isinstance(theirs, Pledge):
        raise BadInput("the other side sent no pledge")
    if _manifest(theirs) != _manifest(ours) or theirs.side is ours.side:
        raise NotAllowed("the other side pledged for another session than ours: propose anew")
    return theirs


def require_pledged(proposal: Proposal, client: Pledge) -> None:
    """That a proposal is the one that its client pledged for. Raises NotAllowed."""
    said = (
        *(proposal.session.hex(), proposal.client, proposal.server, proposal.kind, proposal.question),
        *(proposal.reveal, proposal.purpose, proposal.epoch, proposal.points),
    )
    if client.side is not Side.CLIENT or said != (*_manifest(client), client.points):
        raise NotAllowed("the proposal is another than the one pledged for")


def _manifest(one: Pledge) -> tuple[object, ...]:
    return (
        *(one.session, one.client, one.server, one.kind, one.question),
        *(one.reveal, one.purpose, one.epoch),
    )
