"""A session as it was said, kept by either side for an audit: proposal, acceptance, points and tags in their order."""

from typing import NamedTuple, Self

from tocsin.kernel import BadInput
from tocsin.trust import merkle
from tocsin.trust.matching.messages import (
    Acceptance,
    Blinded,
    Proposal,
    Tags,
    Transcript,
    context_of,
    decode,
)
from tocsin.trust.matching.sizes import TAG_BYTES, split
from tocsin.trust.ristretto import POINT_BYTES


class Opening(NamedTuple):
    """How a session began: both first words, and what follows from them."""

    proposal: Proposal
    acceptance: Acceptance
    digest: bytes
    context: bytes


def opening_of(proposal: bytes, acceptance: bytes) -> Opening:
    """Of both first words as they were said. Raises BadInput, TooLarge."""
    first, second = decode(proposal), decode(acceptance)
    transcript = Transcript()
    transcript.add(proposal)
    if not isinstance(first, Proposal) or not isinstance(second, Acceptance):
        raise BadInput("a session begins with a proposal and an acceptance, and this one does not")
    if second.after != transcript.digest or second.session != first.session:
        raise BadInput("the acceptance is of another proposal")
    transcript.add(acceptance)
    return Opening(first, second, transcript.digest, context_of(transcript))


class Sayings(NamedTuple):
    """What an audit needs of a session. `points` are the client's, `tags` the server's, as they were sent."""

    proposal: bytes
    acceptance: bytes
    points: bytes
    tags: bytes

    @classmethod
    def of(cls, said: list[tuple[bytes, bytes]]) -> Self:
        """From each message and its answer, in order. Raises BadInput for a session that did not come to its tags."""
        points, tags = [], []
        for message, answer in said[1:]:
            if isinstance(part := decode(message), Blinded):
                points.append(part.points)
            if isinstance(told := decode(answer), Tags):
                tags.append(told.tags)
        if not points or not tags:
            raise BadInput("this session did not come to its end: there is nothing in it to audit")
        return cls(*said[0], b"".join(points), b"".join(tags))

    def point_lines(self) -> list[bytes]:
        return split(self.points, POINT_BYTES)

    def tag_lines(self) -> list[bytes]:
        return split(self.tags, TAG_BYTES)

    def roots(self) -> tuple[str, str]:
        """Over points and over tags, in hexadecimal."""
        return merkle.root(self.point_lines()).hex(), merkle.root(self.tag_lines()).hex()
