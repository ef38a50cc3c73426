"""Whether what is agreed holds a session that is under way, and what a session that waits for a yes is known by."""

from typing import TYPE_CHECKING

from tocsin.kernel import NotAllowed
from tocsin.store.match_interface import MatchWish

if TYPE_CHECKING:
    from tocsin.trust.matching import Proposal, Terms


def covers(terms: "Terms | None", proposal: "Proposal") -> bool:
    """Whether what is agreed now still holds a session that is under way."""
    return (
        terms is not None
        and proposal.kind in terms.kinds
        and proposal.question in terms.questions
        and proposal.reveal in terms.reveals
    )


def require_as_agreed(terms: "Terms | None", *, pledged: bool) -> None:
    """That a session is pledged where the terms ask for it, and nowhere else. Raises NotAllowed."""
    if (terms is not None and terms.pledged) is not pledged:
        raise NotAllowed(
            "what was agreed asks for no pledged sessions, and this one is; both operators agree with --pledged"
            if pledged
            else "what was agreed asks for a pledge before each session, and this one has none: both operators agree"
            " with --pledged"
        )


def wish_of(proposal: "Proposal", at: int) -> MatchWish:
    """What a proposal asks for, whatever its session: the same wish again has the same id."""
    from hashlib import sha256

    import msgspec

    said = (
        proposal.client,
        proposal.kind.value,
        proposal.question.value,
        proposal.reveal.value,
        proposal.purpose,
        proposal.points,
    )
    return MatchWish(sha256(msgspec.json.encode(said)).hexdigest()[:16], *said, at=at)
