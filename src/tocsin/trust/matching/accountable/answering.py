"""A challenged side's account and openings. It shows the challenged positions, and neither a blind nor the key.

Why no blind: with one the point opens to the value under the server's key, and in "how many" all points have the same.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from tocsin.kernel import BadInput
from tocsin.trust import merkle, oprf, ristretto
from tocsin.trust.matching.accountable.answers import Answer, Opened, Padding, Record, Told
from tocsin.trust.matching.accountable.challenged import drawn, require_challenge
from tocsin.trust.matching.accountable.positions import Laid, nonce_commitment
from tocsin.trust.matching.accountable.sayings import Opening, Sayings, opening_of
from tocsin.trust.matching.accountable.statements import (
    Account,
    Challenge,
    Pledge,
    Side,
    digest_of,
)
from tocsin.trust.matching.tags import bound, mode_of
from tocsin.trust.seal import Entropy

DayLines = Callable[[int], Sequence[bytes]]
"""The commitments of a day, by its number, in their order."""


class Material(NamedTuple):
    """What a side kept of a session. `key` is the server's pair, and None for a client."""

    pledge: Pledge
    other: Pledge
    laid: Laid
    sayings: Sayings
    nonce: bytes
    key: oprf.KeyPair | None


def account_of(material: Material, challenge: Challenge) -> Account:
    """What this side says of the session; it tells its nonce, so once only. Raises BadInput."""
    mine = material.pledge
    require_challenge(challenge, mine if challenge.side is mine.side else material.other)
    points, tags = material.sayings.roots()
    by_side = {one.side: digest_of(one) for one in (mine, material.other)}
    return Account(
        log=mine.log,
        session=mine.session,
        side=mine.side,
        challenge=digest_of(challenge),
        nonce=material.nonce.hex(),
        client_pledge=by_side[Side.CLIENT],
        server_pledge=by_side[Side.SERVER],
        opening=opening_of(material.sayings.proposal, material.sayings.acceptance).digest.hex(),
        points=points,
        tags=tags,
    )


def answered(
    material: Material,
    *,
    challenge: Challenge,
    accounts: tuple[Account, Account],
    notes: tuple[bytes, bytes, bytes, bytes],
    pledge: Told,
    quotas: Sequence[Told],
    days: Sequence[Told],
    lines: DayLines,
    entropy: Entropy,
) -> Answer:
    """The openings that a challenge draws. `accounts` are the client's and the server's.

    `notes` are those of the challenge, the other side's pledge, this side's account and the other's.
    Raises BadInput, TooLarge as `require_challenge`.
    """
    require_challenge(challenge, material.pledge)
    other = accounts[1] if material.pledge.side is Side.CLIENT else accounts[0]
    _require_other(other, material, challenge)
    positions = drawn(challenge, *accounts, material.pledge.points)
    challenge_note, other_pledge, account, other_account = notes
    return Answer(
        format=1,
        challenge=challenge_note,
        pledge=pledge,
        other_pledge=other_pledge,
        account=account,
        other_account=other_account,
        proposal=material.sayings.proposal,
        acceptance=material.sayings.acceptance,
        quotas=tuple(quotas),
        days=tuple(days),
        openings=open_positions(material, positions, lines, entropy),
    )


def _require_other(account: Account, material: Material, challenge: Challenge) -> None:
    """That the other side tells what it pledged: with another nonce an auditor beside it would draw again."""
    pledged = {one.side: digest_of(one) for one in (material.pledge, material.other)}
    named = {Side.CLIENT: account.client_pledge, Side.SERVER: account.server_pledge}
    nonce = nonce_commitment(bytes.fromhex(account.nonce))
    if named != pledged or nonce != material.other.nonce or account.challenge != digest_of(challenge):
        raise BadInput(
            "the other side's account is of another challenge, or tells another nonce or pledge than it gave before the"
            " session: nothing is opened to it"
        )


def open_positions(
    material: Material, positions: Sequence[int], lines: DayLines, entropy: Entropy
) -> tuple[Opened, ...]:
    """Each position with its proofs."""
    laid, sayings = material.laid, material.sayings
    sent = sayings.point_lines() if material.key is None else sayings.tag_lines()
    ways = merkle.paths(laid.lines, positions)
    sent_ways = merkle.paths(sent, positions)
    began = opening_of(sayings.proposal, sayings.acceptance)
    return tuple(
        _open(material, began, position, way, sent_way, lines, entropy)
        for position, way, sent_way in zip(positions, ways, sent_ways, strict=True)
    )


def _open(
    material: Material,
    began: Opening,
    position: int,
    way: tuple[bytes, ...],
    sent_way: tuple[bytes, ...],
    lines: DayLines,
    entropy: Entropy,
) -> Opened:
    laid, place = material.laid, material.laid.places[position]
    size = ristretto.POINT_BYTES
    public = laid.lines[position][:size]
    mode = mode_of(began.proposal.question)
    hashed = oprf.hash_to_group(mode, bound(began.context, place.value))
    if material.key is None:
        pair, point = oprf.KeyPair(place.blind, public), material.sayings.points[size * position :][:size]
    else:
        pair, point = material.key, ristretto.multiply(material.key.secret, hashed)
    record = laid.records[position]
    meant: Padding | Record = Padding()
    if record is not None:
        (beside,) = merkle.paths(lines(record.day), [record.place])
        meant = Record(record.record.value, record.record.salt, record.day, record.place, beside)
    return Opened(
        position=position,
        public=public,
        salt=laid.salts[position],
        path=way,
        point=point,
        sent=sent_way,
        proof=oprf.prove(pair, [hashed], [point], ristretto.draw_scalar(entropy)),
        meant=meant,
    )
