"""Which positions a challenge draws: by three nonces, none of whose owners knew the others' when it chose its own.

The sides' nonces are in their pledges, as digests, before the session; each is told when it is asked. The auditor's
comes after the pledges are logged, and before either side told its own. So a side that grinds its nonce does not know
the auditor's, an auditor that grinds does not know the sides', and either is held to one.
"""

import hmac
from hashlib import sha512

from tocsin.kernel import BadInput, TooLarge
from tocsin.trust.matching.accountable.statements import Account, Challenge, Pledge, digest_of

LARGEST_SHARE = 5
"""At most one position in five is opened: an auditor learns a part of a set, and never the set."""

MAX_POSITIONS = 128
"""Positions of one challenge, whatever the size: with these a share of 3.5 % of late inputs is caught in 99 of 100."""

_LABEL = b"tocsin/match/accountable/1/draw"


def most_positions(points: int) -> int:
    """How many positions of so many may be challenged."""
    return min(MAX_POSITIONS, points // LARGEST_SHARE)


def require_challenge(challenge: Challenge, pledge: Pledge) -> None:
    """That a challenge is of this pledge, and within bounds. Raises BadInput, TooLarge."""
    if (challenge.session, challenge.side) != (pledge.session, pledge.side):
        raise BadInput("the challenge is of another session, or of its other side")
    if challenge.positions > most_positions(pledge.points):
        raise TooLarge(
            f"a challenge of {challenge.positions} positions: at most {most_positions(pledge.points)} of"
            f" {pledge.points} are opened, for else an auditor would take the set"
        )
    if challenge.at < pledge.at:
        raise BadInput("the challenge is older than the pledge: its nonce was fixed too early")


def drawn(challenge: Challenge, client: Account, server: Account, points: int) -> tuple[int, ...]:
    """The positions, ascending, each once; uniform among so many, but for a bias of 2^-100."""
    parts = (digest_of(challenge), client.nonce, server.nonce, client.client_pledge, client.server_pledge)
    key = sha512(_LABEL + "".join(parts).encode()).digest()
    found: set[int] = set()
    at = 0
    wanted = min(challenge.positions, most_positions(points))
    while len(found) < wanted:
        found.add(int.from_bytes(hmac.digest(key, at.to_bytes(8), "sha256")[:16]) % points)
        at += 1
    return tuple(sorted(found))
