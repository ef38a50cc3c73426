"""An aggregator's part in an epoch: submissions are taken, and a look is closed, added up and answered with the other.

What was given for a look is in the store before it is acknowledged, and what was listed when it closed before that is
said; noise is kept before the sums leave (`sum_noise`). So a node that starts anew comes to the same sums, or to none:
a sum with one participant more than the one before it would tell that participant's counts.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import TYPE_CHECKING

import msgspec

from tocsin.app.sum_noise import DRAWN, drawn_once
from tocsin.app.sum_state import Desk, box_of, log, look_at
from tocsin.correlate.summed import score
from tocsin.kernel import BadInput, Conflict, TooLarge, Unavailable
from tocsin.kernel.sums import CountVector, SumRoster
from tocsin.store.sum_interface import SumHeard
from tocsin.trust.summing import Aggregator
from tocsin.trust.summing.aggregating import Stage
from tocsin.trust.summing.messages import Boxed, Roll, decode, require_roster

if TYPE_CHECKING:
    from tocsin.app.sum_epoch import SumEpoch

CLOSED = "closed"
"""Under which this node's own roll lies in the store; no message is of this kind."""

EARLY_LOOKS = 1
"""So far ahead of this node's clock a submission is kept: clocks differ. More would fill the memory with weeks to come.
"""


class Adding:
    """All looks of one aggregator."""

    def __init__(self, desk: Desk, epoch: "SumEpoch") -> None:
        self._desk, self._epoch = desk, epoch
        self._looks: dict[tuple[bytes, int], Aggregator] = {}
        self._closed: set[tuple[bytes, int]] = set()
        """Looks that were closed here: after a new start they are closed again, with what was listed then."""
        self._summed: set[tuple[bytes, int]] = set()
        """Looks of which the other aggregator was given our sums by this process."""
        self._from_other: dict[tuple[bytes, int, str], bytes] = {}
        self._restored = b""
        """The roster of which all that was given before this process began is here again."""

    def hear(self, sender: str, kind: str, body: bytes) -> None:
        """A submission, or the other aggregator's roll or sums. Raises BadInput, Conflict, Unavailable."""
        agreed, roster = self._epoch.progress.agreement, self._epoch.progress.roster
        if self._desk.me not in agreed.aggregators:
            raise BadInput("this node does not add up in this agreement")
        if roster is None:
            raise Unavailable("not every node of the week is here yet: send it again")
        message = decode(body, Roll) if kind == "roll" else decode(body, Boxed)
        require_roster(message, roster)
        look = message.look
        if kind == "submission":
            if look > look_at(roster, self._desk.now) + EARLY_LOOKS:
                raise Unavailable("the time of this look is to come: send it again then")
            self._at(roster, look).take(sender, body)
        elif sender not in agreed.aggregators:
            raise BadInput("only the other aggregator says what it has")
        else:
            self._from_other.setdefault((roster.digest, look, kind), body)
        self._keep(roster, look, kind, sender, body)
        self.advance()

    def advance(self) -> None:
        """Every look as far as it goes."""
        roster = self._epoch.progress.roster
        if roster is None or self._desk.me not in self._epoch.progress.agreement.aggregators:
            return
        if self._restored != roster.digest:
            self._restored = roster.digest
            for heard in self._desk.store.heard(self._epoch.epoch):
                if heard.roster == roster.digest.hex():
                    self._at(roster, heard.look)
        for (digest, look), one in list(self._looks.items()):
            if digest == roster.digest and look not in self._epoch.progress.scored:
                self._advance(roster, one)

    def _advance(self, roster: SumRoster, look: Aggregator) -> None:
        """A look is closed when all have submitted, or when its time is over."""
        other = next(one.name for one in roster.aggregators if one.name != self._desk.me)
        all_in = look.taken == tuple(sorted(roster.names))
        try:
            if look.stage is Stage.OPEN and (
                (roster.digest, look.look) in self._closed
                or all_in
                or look_at(roster, self._desk.now) > look.look
            ):
                told = look.close()
                self._keep(roster, look.look, CLOSED, self._desk.me, told)
                self._closed.add((roster.digest, look.look))
                self._desk.post(self._epoch.epoch, other, "roll", told)
            roll = self._from_other.get((roster.digest, look.look, "roll"))
            if look.stage is Stage.CLOSED and roll is not None:
                look.hear_roll(roll)
            if look.stage is Stage.AGREED and (roster.digest, look.look) not in self._summed:
                self._desk.post(self._epoch.epoch, other, "sums", look.sums())
                self._summed.add((roster.digest, look.look))
            sums = self._from_other.get((roster.digest, look.look, "sums"))
            if look.stage is Stage.AGREED and sums is not None:
                look.hear_sums(sums)
                self._answer(look)
        except Unavailable as error:  # no noise can be drawn or kept: nothing was said, and it goes on then
            log.warning("sums.look-waits", epoch=self._epoch.epoch, look=look.look, reason=error.message)
        except (BadInput, Conflict, TooLarge) as error:
            log.error("sums.look-failed", epoch=self._epoch.epoch, look=look.look, reason=error.message)
            self._epoch.progress.scored.append(look.look)
            self._epoch.save()

    def _answer(self, look: Aggregator) -> None:
        roster = self._epoch.progress.roster
        self._desk.note(
            "sum.added",
            f"{self._epoch.epoch}/{look.look}",
            {
                "roster": roster.digest.hex() if roster else "",
                "nodes": len(look.taken) - len(look.left_out),
                "left_out": len(look.left_out),
            },
        )
        for name in look.taken:
            if name not in look.left_out:
                self._desk.post(self._epoch.epoch, name, "bits", look.bits(name))
        for name, why in look.left_out.items():
            log.warning("sums.left-out", epoch=self._epoch.epoch, look=look.look, node=name, reason=why)
        self._epoch.progress.scored.append(look.look)
        self._epoch.save()

    def _at(self, roster: SumRoster, look: int) -> Aggregator:
        """The look, with what was given for it before this process began."""
        known = self._looks.get((roster.digest, look))
        if known is not None:
            return known
        heard_before = [
            one
            for one in self._desk.store.heard(self._epoch.epoch)
            if (one.roster, one.look) == (roster.digest.hex(), look)
        ]
        closed = next((one.body for one in heard_before if one.kind == CLOSED), b"")
        if closed:
            self._closed.add((roster.digest, look))
        made = Aggregator(
            roster,
            self._desk.me,
            box_of(self._epoch.secrets),
            look,
            noise=lambda number, scale: self._noise(roster, look, number, scale),
            rings=lambda total, holders: rings(roster, total),
            clock=self._desk.clock,
            closed=closed,
        )
        self._looks[roster.digest, look] = made
        for heard in heard_before:
            if heard.kind == "submission":
                made.take(heard.sender, heard.body)
            elif heard.kind not in (CLOSED, DRAWN):
                self._from_other.setdefault((roster.digest, look, heard.kind), heard.body)
        return made

    def _noise(self, roster: SumRoster, look: int, number: int, scale: int) -> Sequence[int]:
        """This node's, drawn once for what it was given and both lists. Raises Conflict, Unavailable."""
        given = sorted(
            (one.kind, one.sender, one.body)
            for one in self._desk.store.heard(self._epoch.epoch)
            if (one.roster, one.look) == (roster.digest.hex(), look)
            and one.kind in ("submission", "roll", CLOSED)
        )
        of = sha256(b"tocsin/sums/1/drawn" + msgspec.msgpack.encode(given)).digest()
        return drawn_once(self._desk, self._epoch.epoch, roster.digest.hex(), look, of, number, scale)

    def _keep(self, roster: SumRoster, look: int, kind: str, sender: str, body: bytes) -> None:
        heard = SumHeard(self._epoch.epoch, roster.digest.hex(), look, kind, sender, self._desk.now, body)
        self._desk.store.hear(heard)


def rings(roster: SumRoster, total: CountVector) -> bool:
    """Whether a sum is worth a look, by the score that a node has for its own (`correlate.summed.score`)."""
    return score(total) * 1_000 >= roster.ring_at
