"""Before a session begins: the other side's pledge, and that it fits ours."""

from tocsin.kernel import BadInput, NotAllowed
from tocsin.trust.matching.accountable.statements import Pledge, Side, opened_statement
from tocsin.trust.matching.messages import Proposal
from tocsin.wire.tlog import NoteKey


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
