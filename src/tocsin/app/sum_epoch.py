"""One epoch of private sums at one node: boxes are exchanged, a key is made by all, then looks and sums.

Nothing here waits: `hear` takes one message, `advance` does what can be done now, and what is to be sent lies in the
store until it is taken. A node that is down only delays the others. A node that starts anew goes on where it was; if
that was in the making of the key, all begin another attempt.
"""

from typing import Annotated, TypeVar

import msgspec
from msgspec import Meta

from tocsin.app.sum_adding import Adding
from tocsin.app.sum_looks import Looks
from tocsin.app.sum_state import (
    Desk,
    Progress,
    Secrets,
    box_of,
    digest_of,
    log,
    members,
    roster_of,
)
from tocsin.kernel import BadInput, Conflict, NotAllowed, Unavailable
from tocsin.kernel.sums import BOX_BYTES
from tocsin.store.sum_interface import SumAgreement
from tocsin.trust.summing import KeyMaking, Step, write_share

MAX_ATTEMPTS = 32
"""Makings of a key in one epoch: a node that breaks each of them stops the sums, and is seen in the status."""


M = TypeVar("M", bound=msgspec.Struct)

HELLO, MAKING, ASKED, EVALUATED = "hello", "making", "asked", "evaluated"
SUBMISSION, ROLL, SUMS, BITS = "submission", "roll", "sums", "bits"
KINDS = (HELLO, MAKING, ASKED, EVALUATED, SUBMISSION, ROLL, SUMS, BITS)


class Hello(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """That a node agreed to these terms, and its box for this attempt."""

    terms: Annotated[bytes, Meta(min_length=32, max_length=32)]
    attempt: Annotated[int, Meta(ge=0, le=MAX_ATTEMPTS)]
    box: Annotated[bytes, Meta(min_length=BOX_BYTES, max_length=BOX_BYTES)]


class Made(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One message of the making of a key."""

    attempt: Annotated[int, Meta(ge=0, le=MAX_ATTEMPTS)]
    step: Annotated[int, Meta(ge=0, le=int(Step.CONFIRM))]
    body: bytes


class SumEpoch:
    """Not for several threads at once: `Summing` holds a lock."""

    def __init__(self, desk: Desk, agreement: SumAgreement, epoch: int) -> None:
        self._desk, self.epoch = desk, epoch
        self._early: dict[tuple[int, str], bytes] = {}
        self._making: KeyMaking | None = None
        kept = desk.load(epoch)
        if kept is not None and kept[0].agreement.terms == agreement.terms:
            self.progress, self.secrets = kept
            if self.progress.roster is not None and self._takes_part and not self.secrets.share:
                self._begin(self.progress.attempt + 1)  # what the making had in memory is gone
        else:
            self.progress, self.secrets = Progress(agreement), Secrets(b"")
            self._begin(0)
        self.looks = Looks(desk, self)
        self.adding = Adding(desk, self)

    @property
    def _takes_part(self) -> bool:
        return self._desk.me in self.progress.agreement.participants

    @property
    def waiting_for(self) -> tuple[str, ...]:
        """Nodes without whom the key cannot be made now."""
        if self.progress.roster is None:
            return tuple(one for one in members(self.progress.agreement) if one not in self.progress.boxes)
        return self._making.waiting if self._making is not None else ()

    def save(self) -> None:
        self._desk.save(self.epoch, self.progress, self.secrets)

    def advance(self, *, wanted: bool) -> None:
        """All that can be done now. `wanted`: somebody asked for the look whose time is now."""
        self._make()
        self.looks.advance(wanted=wanted)
        self.adding.advance()

    def hear(self, sender: str, kind: str, body: bytes) -> None:
        """A message of a member. Raises BadInput, NotAllowed, Conflict; Unavailable for one that comes too early."""
        if sender not in members(self.progress.agreement):
            raise NotAllowed("this node's operator did not agree to sums with you")
        match kind:
            case "hello":
                self._greet(sender, decoded(body, Hello))
            case "making":
                self._keep_for(sender, decoded(body, Made))
            case "asked":
                self.looks.asked(sender, body)
            case "evaluated":
                self.looks.evaluated(sender, body)
            case "bits":
                self.looks.bits(sender, body)
            case "submission" | "roll" | "sums":
                self.adding.hear(sender, kind, body)
            case _:
                raise BadInput(f"a message of sums is one of: {', '.join(KINDS)}")

    def _begin(self, attempt: int) -> None:
        """Another making of the key, with a fresh box; everybody is told."""
        if attempt > MAX_ATTEMPTS:
            raise Conflict(f"the key of this week was begun {MAX_ATTEMPTS} times: wait for the next week")
        self.progress.attempt, self.progress.roster, self.progress.made = attempt, None, 0
        self.secrets.box, self.secrets.share, self.secrets.outputs = self._desk.fresh_box(), b"", {}
        self.progress.boxes = {self._desk.me: box_of(self.secrets).public}
        self._making = None
        self._early.clear()
        self.save()
        for one in members(self.progress.agreement):
            if one != self._desk.me:
                self._say_hello(one)

    def _say_hello(self, to: str) -> None:
        own = self.progress
        hello = Hello(digest_of(own.agreement), own.attempt, own.boxes[self._desk.me])
        self._desk.post(self.epoch, to, HELLO, msgspec.msgpack.encode(hello))

    def _greet(self, sender: str, hello: Hello) -> None:
        if hello.terms != digest_of(self.progress.agreement):
            raise NotAllowed(
                "our operators agreed to different terms: compare participants, aggregators, holders, looks, noise and "
                "end"
            )
        if hello.attempt < self.progress.attempt:
            self._say_hello(sender)
            return
        if hello.attempt > self.progress.attempt:
            self._begin(hello.attempt)
        before = self.progress.boxes.setdefault(sender, hello.box)
        if before != hello.box:
            raise Conflict("you gave another box in this attempt; begin the next one")
        if self.progress.roster is None and not self.waiting_for:
            self.progress.roster = roster_of(self.progress, self.epoch)
            self._desk.note(
                "sum.epoch",
                str(self.epoch),
                {
                    "roster": self.progress.roster.digest.hex(),
                    "terms": digest_of(self.progress.agreement).hex(),
                    "attempt": self.progress.attempt,
                },
            )
            if self._takes_part:
                box = box_of(self.secrets)
                self._making = KeyMaking(self.progress.roster, self._desk.me, box, self._desk.entropy)
                self._say_step(self._making)
        self.save()
        self._make()

    def _keep_for(self, sender: str, made: Made) -> None:
        """A message of the making, kept until its step comes: some are faster than others."""
        if sender not in self.progress.agreement.participants or not self._takes_part:
            raise BadInput("only participants make the key")
        if made.attempt > self.progress.attempt:
            raise Unavailable("this attempt is not begun here yet: send it again")
        if made.attempt == self.progress.attempt and not self.secrets.share:
            self._early.setdefault((made.step, sender), made.body)
            self._make()

    def _make(self) -> None:
        making = self._making
        if making is None:
            return
        try:
            while making.step is not Step.DONE:
                for sender in making.waiting:
                    raw = self._early.pop((making.step, sender), None)
                    if raw is not None:
                        making.hear(sender, raw)
                if making.waiting:
                    return
                if making.proceed() is not Step.DONE:
                    self._say_step(making)
        except (BadInput, Conflict, NotAllowed) as error:
            log.warning("sums.making-failed", epoch=self.epoch, reason=error.message)
            self._begin(self.progress.attempt + 1)
            return
        self.secrets.share = write_share(making.share)
        self.progress.made = self._desk.now
        self._making = None
        self._early.clear()
        self.save()

    def _say_step(self, making: KeyMaking) -> None:
        made = Made(self.progress.attempt, int(making.step), making.message())
        for one in self.progress.agreement.participants:
            if one != self._desk.me:
                self._desk.post(self.epoch, one, MAKING, msgspec.msgpack.encode(made))


def decoded(body: bytes, kind: type[M]) -> M:
    """What a node says in greeting, or in the making of a key. Raises BadInput."""
    try:
        return msgspec.msgpack.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise BadInput("this is no message of sums, format 1") from None
