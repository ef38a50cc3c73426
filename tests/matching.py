"""Two parties of a match in one process, and a record of spending that is kept in memory."""

import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import NamedTuple

from tocsin.kernel import Conflict, NotAllowed
from tocsin.kernel.clock import micros
from tocsin.trust.matching import (
    Client,
    Inputs,
    MatchKind,
    Proposal,
    Question,
    Reveal,
    Server,
    Terms,
    identifiers,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
ALICE, BOB = "identity--alice", "identity--bob"
SEED = bytes(range(32))
TERMS = Terms(
    peer=ALICE,
    kinds=frozenset(MatchKind),
    questions=frozenset(Question),
    reveals=frozenset(Reveal),
    weekly=1_000_000,
    until=micros(NOW) + 3_600_000_000,
)


def clock() -> datetime:
    return NOW


class Spent:
    """The record of one node, as the store is to keep it."""

    def __init__(self) -> None:
        self.sessions: set[bytes] = set()
        self.points: dict[tuple[str, str, int], int] = {}

    def begin(self, proposal: Proposal, most: int) -> None:
        if proposal.session in self.sessions:
            raise Conflict("this session was begun before")
        key = (proposal.client, proposal.kind, proposal.epoch)
        used = self.points.get(key, 0) + proposal.points
        if used > most:
            raise NotAllowed(f"the peer has used its {most} points of this week")
        self.sessions.add(proposal.session)
        self.points[key] = used


class Pair(NamedTuple):
    client: Client
    server: Server


def pair(
    ours: Inputs,
    theirs: Inputs,
    question: Question = Question.WHICH,
    reveal: Reveal = Reveal.CLIENT,
    terms: Terms | None = TERMS,
    spent: Spent | None = None,
    workers: int = 1,
) -> Pair:
    """A client with `ours`, a server with `theirs`."""
    client = Client(
        ALICE,
        BOB,
        ours,
        question=question,
        reveal=reveal,
        purpose="refund swindle of November",
        spending=Spent(),
        most=1_000_000,
        clock=clock,
        entropy=secrets.token_bytes,
        workers=workers,
    )
    server = Server(
        BOB,
        ALICE,
        theirs,
        terms=terms,
        spending=spent or Spent(),
        seed=SEED,
        clock=clock,
        entropy=secrets.token_bytes,
        workers=workers,
    )
    return Pair(client, server)


def run(parties: Pair) -> list[tuple[bytes, bytes]]:
    """The whole session; what was said, message and answer."""
    said = []
    for message in parties.client.speak():
        answer = parties.server.answer(message)
        parties.client.hear(answer)
        said.append((message, answer))
    return said


def handles(numbers: Iterable[int]) -> Inputs:
    return identifiers(MatchKind.HANDLE, [f"refund-{number}" for number in numbers])
