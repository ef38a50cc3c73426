"""Recognitions as a node keeps them: of a peer by policy and by a re-run, and the peer's word on our own evaluation."""

from datetime import timedelta
from pathlib import Path

from tests.fixtures import Made
from tests.two_nodes import SHEET, Two, broken, real


def keep_recognitions(made: Made, folder: Path) -> tuple[str, str]:
    """A peer's evaluation contradicted at the second draw, ours reproduced by the peer: (theirs, ours)."""
    peer = Made(folder / "peer", made.now)
    known, by = made.node.recognitions, made.node.access.operator()
    there = Two(made, peer).evaluated(broken)
    known.judge(by, there.evaluation, None)
    first = there.challenge()
    there.answer(first.messages[0])
    known.give_up(by, first.id)
    second = there.challenge(again="their machine was down")
    there.drawn(there.answer(second.messages[0]))
    contradicted = there.recognise(there.answer(there.reveal(second)))
    made.now += timedelta(minutes=10)
    peer.now = made.now
    here = Two(peer, made).evaluated(real)
    _, reveal = here.revealed()
    said = here.recognise(here.answer(reveal))
    known.take(by, said.statement)
    peer.node.close()
    assert contradicted.sheet == said.sheet == SHEET
    return contradicted.evaluation, said.evaluation
