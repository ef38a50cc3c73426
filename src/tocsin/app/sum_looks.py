"""A participant's part in the looks of an epoch: tags for what it would raise, the submission, and what comes back."""

from hashlib import sha256
from typing import TYPE_CHECKING

from tocsin.app.sum_state import Asked, Desk, Gathered, box_of, ending, log, look_at
from tocsin.kernel import BadInput, Conflict, Unavailable
from tocsin.kernel.sums import SumRoster
from tocsin.store.sum_interface import SumAnswer
from tocsin.trust.summing import (
    Evaluator,
    KeyShare,
    Submitted,
    Tagging,
    read_share,
    rung,
    submit,
    values_of,
)

if TYPE_CHECKING:
    from tocsin.app.sum_epoch import SumEpoch


class _Pending:
    """A look that is being prepared: it lives in memory, and a node that starts anew begins it again."""

    def __init__(self, look: int, gathered: Gathered, tagging: Tagging | None) -> None:
        self.look, self.gathered, self.tagging = look, gathered, tagging


class Looks:
    """What one participant does between the making of the key and the end of its week."""

    def __init__(self, desk: Desk, epoch: "SumEpoch") -> None:
        self._desk, self._epoch = desk, epoch
        self._pending: _Pending | None = None
        self._evaluator: tuple[SumRoster, Evaluator] | None = None

    def advance(self, *, wanted: bool) -> None:
        """Submit at the look whose time is now: when somebody asked for it, or its time is nearly over."""
        roster, secrets = self._epoch.progress.roster, self._epoch.secrets
        if roster is None or not secrets.share:
            self._pending = None
            return
        look = look_at(roster, self._desk.now)
        done = (*self._epoch.progress.looked, *self._epoch.progress.unpaid)
        if look in done or not 0 <= look < roster.looks:
            return
        if not wanted and not ending(roster, look, self._desk.now):
            return
        if self._pending is None or self._pending.look != look:
            self._pending = self._begun(roster, look) if self._holds(roster, look) else None
        if self._pending is not None:
            self._submit(roster, self._pending)

    def asked(self, sender: str, body: bytes) -> None:
        """Values of another participant, which this node cannot read, under its share of the key."""
        roster, secrets = self._epoch.progress.roster, self._epoch.secrets
        if roster is None or not secrets.share:
            raise Unavailable("the key of this week is not made here yet: ask again")
        if self._evaluator is None or self._evaluator[0] != roster:
            evaluator = Evaluator(
                roster,
                read_share(secrets.share),
                spending=self._desk.store,
                clock=self._desk.clock,
                entropy=self._desk.entropy,
            )
            self._evaluator = (roster, evaluator)
        told = self._evaluator[1].answer(sender, body)
        self._desk.post(self._epoch.epoch, sender, "evaluated", told)

    def evaluated(self, sender: str, body: bytes) -> None:
        """An answer to this node's values; one that comes too late is passed over."""
        pending, roster = self._pending, self._epoch.progress.roster
        if pending is None or pending.tagging is None or roster is None:
            return
        try:
            pending.tagging.hear(sender, body)
        except Conflict:
            return  # of a question before a restart
        self._submit(roster, pending)

    def bits(self, sender: str, body: bytes) -> None:
        """What an aggregator says of this node's entries; it counts when both have said it."""
        progress, roster = self._epoch.progress, self._epoch.progress.roster
        if roster is None or sender not in progress.agreement.aggregators:
            raise BadInput("bits come from the two aggregators of the week")
        for look, asked in self._epoch.secrets.submitted.items():
            said = progress.bits.get(look, {})
            if sender in said or not self._fits(roster, look, body):
                continue
            answers = {**said, sender: body}
            if len(answers) < 2:
                progress.bits[look] = answers
                self._epoch.save()
                return
            submitted = Submitted(look, (b"", b""), asked.keys)
            heard = rung(roster, self._desk.me, box_of(self._epoch.secrets), submitted, answers)
            if heard.differing:
                log.error("sums.aggregators-differ", epoch=self._epoch.epoch, look=look)
            self._desk.rang(roster, look, asked, heard.ringing)
            progress.bits[look] = answers
            del self._epoch.secrets.submitted[look]
            self._epoch.save()
            return

    def _fits(self, roster: SumRoster, look: int, body: bytes) -> bool:
        """Whether an answer belongs to this look, and not to another of which an answer is still out."""
        from tocsin.trust.summing.messages import Boxed, decode, require_roster

        boxed = decode(body, Boxed)
        require_roster(boxed, roster)
        return boxed.look == look

    def _begun(self, roster: SumRoster, look: int) -> _Pending | None:
        gathered = self._desk.gather()
        if gathered is None:
            return None  # another process holds the watch, or it has not looked yet
        secrets = self._epoch.secrets
        missing = [value for value in values_of(gathered.held) if value not in secrets.outputs]
        if not missing:
            return _Pending(look, gathered, None)
        share: KeyShare = read_share(secrets.share)
        tagging = Tagging(roster, share.group, missing, entropy=self._desk.entropy)
        tagging.own(share)
        if tagging.waiting:
            for server in share.group.servers:
                if server != self._desk.me:
                    for question in tagging.questions:
                        self._desk.post(self._epoch.epoch, server, "asked", question)
        return _Pending(look, gathered, tagging)

    def _holds(self, roster: SumRoster, look: int) -> bool:
        """Whether this node's budget holds one more look, before others are asked for its tags."""
        try:
            self._desk.purse.require(self._epoch.epoch, roster.noise)
        except (Conflict, Unavailable) as error:
            self._refuse(roster, look, error)
            return False
        return True

    def _refuse(self, roster: SumRoster, look: int, why: Conflict | Unavailable) -> None:
        """Nothing leaves. What the budget does not hold is passed over; what is not known now is looked at again."""
        log.warning("sums.not-paid", epoch=self._epoch.epoch, look=look, reason=why.message)
        self._pending = None
        if isinstance(why, Conflict):
            told: dict[str, str | int | float] = {"roster": roster.digest.hex(), "noise": roster.noise}
            self._desk.note("sum.unpaid", f"{self._epoch.epoch}/{look}", told)
            self._epoch.progress.unpaid.append(look)
            self._epoch.save()

    def _submit(self, roster: SumRoster, pending: _Pending) -> None:
        secrets, progress = self._epoch.secrets, self._epoch.progress
        if pending.tagging is not None:
            if pending.tagging.waiting:
                return
            secrets.outputs.update(pending.tagging.outputs())
        gathered = pending.gathered
        try:
            spend = self._desk.purse.pay(self._epoch.epoch, roster.noise)  # before anything leaves
        except (Conflict, Unavailable) as error:
            self._refuse(roster, pending.look, error)
            return
        submitted = submit(
            roster, self._desk.me, pending.look, gathered.held, secrets.outputs, self._desk.entropy
        )
        asked = Asked(submitted.keys, gathered.owners, gathered.candidates)
        self._desk.note(  # before anything leaves
            "sum.submit",
            f"{self._epoch.epoch}/{pending.look}",
            {
                "roster": roster.digest.hex(),
                "keys": len(gathered.held),
                "boxes": sha256(b"".join(submitted.boxes)).hexdigest(),
                **({"spend": spend} if spend else {}),
            },
        )
        secrets.submitted[pending.look] = asked
        progress.looked.append(pending.look)
        self._epoch.save()
        for aggregator, box in zip(roster.aggregators, submitted.boxes, strict=True):
            self._desk.post(self._epoch.epoch, aggregator.name, "submission", box)
        self._desk.store.answer(
            SumAnswer(
                epoch=self._epoch.epoch,
                look=pending.look,
                at=self._desk.now,
                keys=len(gathered.held),
                candidates=len(gathered.candidates),
            )
        )
        self._pending = None
