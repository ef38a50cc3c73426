"""The side of a tag that has a share of the key: it multiplies what it cannot read, within a cap, and proves it."""

from collections import OrderedDict
from typing import Protocol

from tocsin.kernel import BadInput, Conflict
from tocsin.kernel.clock import Clock
from tocsin.kernel.sums import SumRoster
from tocsin.trust import oprf, ristretto
from tocsin.trust.matching.sizes import LEAST_POINTS, split
from tocsin.trust.matching.terms import epoch_of
from tocsin.trust.ristretto import POINT_BYTES
from tocsin.trust.seal import Entropy
from tocsin.trust.summing.keys import KeyShare, require_group
from tocsin.trust.summing.messages import MAX_ASKED, Asked, Evaluated, decode, encode, require_roster

KEPT_ANSWERS = 64
"""Last answers, for questions that come again because an answer was lost: one part from each of the most participants,
twice."""


class TagSpending(Protocol):
    """The persisted record of what each node had evaluated."""

    def spend(self, asker: str, epoch: int, serial: bytes, part: int, points: int, most: int) -> None:
        """Keep the points, durably, before anything is evaluated.

        Raises Conflict for a part of a serial that was there before, NotAllowed where the asker would have more than
        `most` in this epoch.
        """


class Evaluator:
    """One server of an epoch's tags. Not for several threads at once."""

    def __init__(
        self,
        roster: SumRoster,
        share: KeyShare,
        *,
        spending: TagSpending,
        clock: Clock,
        entropy: Entropy,
        workers: int = 1,
    ) -> None:
        require_group(share.group, roster)
        self._roster, self._share, self._spending = roster, share, spending
        self._clock, self._entropy, self._workers = clock, entropy, workers
        self._answers: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()

    def answer(self, asker: str, raw: bytes) -> bytes:
        """The points under this node's share, with a proof. The same bytes again get the same answer, unpaid.

        1. The asker is a participant, the question of this roster, and its week is now. 2. Its points are distinct,
        no fewer than the least step. 3. They are paid for. 4. Each is an element.

        Raises BadInput, Conflict, NotAllowed, TooLarge.
        """
        self._roster.index(asker)  # 1
        asked = decode(raw, Asked)
        require_roster(asked, self._roster)
        if epoch_of(self._clock()) != self._roster.epoch:
            raise Conflict("this epoch is not now: set the clocks, or make the key of this week")
        if known := self._answers.get((asker, raw)):
            return known
        points = split(asked.points, POINT_BYTES)
        if len(asked.points) % POINT_BYTES or len(set(points)) < len(points):  # 2
            raise BadInput("a question holds a point twice, or no whole number of points")
        if not asked.part and len(points) < LEAST_POINTS:
            raise BadInput(f"values are asked for {LEAST_POINTS} at a time at least; pad them")
        self._spending.spend(  # 3
            asker, self._roster.epoch, asked.serial, asked.part, len(points), MAX_ASKED
        )
        key = self._share.pair
        answers = oprf.evaluate(key.secret, points, self._workers)  # 4
        proof = oprf.prove(key, points, answers, ristretto.draw_scalar(self._entropy), self._workers)
        told = encode(
            Evaluated(
                roster=asked.roster,
                serial=asked.serial,
                part=asked.part,
                points=b"".join(answers),
                proof=proof,
            )
        )
        self._answers[asker, raw] = told
        while len(self._answers) > KEPT_ANSWERS:
            self._answers.popitem(last=False)
        return told
