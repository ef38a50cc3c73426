"""Whether a reviewer, here or at a peer, already found a template harmless."""

from collections.abc import Sequence

from tocsin.kernel import Dismissal, Reason
from tocsin.wire.sketch import U32, signature_array, similarity

SAME_TEMPLATE = 0.5
"""Similarity from which a dismissal speaks of the same template; a stranger's similar text stays audible."""

PEER_MARGIN = 1.5
"""Above the threshold by more than this, one peer's word does not quiet: a hostile peer may dismiss its own."""

PEER_AUTHORS = 2


def quieting(
    signature: U32,
    dismissals: Sequence[Dismissal],
    *,
    now_us: int,
    score: float,
    threshold: float,
    strong: float,
) -> Reason | None:
    """Why the template stays quiet, or None.

    Own dismissals quiet below `strong`; peers' below threshold + PEER_MARGIN, or, from PEER_AUTHORS different
    authors, below `strong` too. Nothing quiets what is above.
    """
    if score >= strong:
        return None
    speaking = [
        dismissal
        for dismissal in dismissals
        if dismissal.expires > now_us
        and similarity(signature, signature_array(dismissal.fingerprint.signature)) >= SAME_TEMPLATE
    ]
    own = [dismissal for dismissal in speaking if dismissal.peer is None]
    if own:
        return Reason("dismissed.here", {"times": len(own)})
    authors = {dismissal.author for dismissal in speaking}
    if authors and (score < threshold + PEER_MARGIN or len(authors) >= PEER_AUTHORS):
        return Reason("dismissed.peers", {"peers": len(authors)})
    return None
