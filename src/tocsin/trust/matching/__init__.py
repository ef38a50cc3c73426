"""What two nodes both have, and nothing else: two-party intersection over an oblivious function. Unaudited.

Enters: two sets of inputs of one kind, and each other side's messages as bytes. Leaves: messages, and for the client
which inputs both have, or a rounded count. Refuses: what nobody consented to, sizes that lie, duplicates, points that
are no elements, a key that changes, messages out of order, said twice or of another session. No sockets, no files.

Protocol, proof sketch, what each side learns and what is not prevented: docs/matching.md.
"""

from tocsin.trust.matching.client import Client, Found
from tocsin.trust.matching.kinds import Inputs, MatchKind, bands, identifiers, texts_of
from tocsin.trust.matching.messages import Proposal, Question, Reveal
from tocsin.trust.matching.server import Learnt, Server
from tocsin.trust.matching.terms import Spending, Terms, epoch_of, most_points

__all__ = [
    "Client",
    "Found",
    "Inputs",
    "Learnt",
    "MatchKind",
    "Proposal",
    "Question",
    "Reveal",
    "Server",
    "Spending",
    "Terms",
    "bands",
    "epoch_of",
    "identifiers",
    "most_points",
    "texts_of",
]
