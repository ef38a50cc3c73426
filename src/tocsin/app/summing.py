"""Private sums at this node: what an operator agreed to, the weeks that follow from it, and messages in and out.

Enters: an operator's consent, messages of the nodes that it names. Leaves: messages to those nodes and no others, and
warnings here. Refuses: anything without consent, and a node that it does not name. Docs: docs/sums.md.
"""

import os
import threading
from collections.abc import Callable, Sequence

import msgspec

from tocsin.app.access import Access
from tocsin.app.noise import require_noise
from tocsin.app.sum_epoch import KINDS, SumEpoch
from tocsin.app.sum_keys import SumKeys
from tocsin.app.sum_state import WEEK_MICROS, Desk, digest_of, log, members
from tocsin.correlate.evidence import THRESHOLD
from tocsin.kernel import (
    BadInput,
    Caller,
    Clock,
    Conflict,
    NotAllowed,
    NotFound,
    PeerStatus,
    TocsinError,
    Unavailable,
    micros,
)
from tocsin.kernel.counts import SUMS_PURSE
from tocsin.kernel.sums import (
    LEAST_HOLDERS,
    LEAST_PARTICIPANTS,
    MOST_LOOKS,
    MOST_NOISE,
    MOST_PARTICIPANTS,
)
from tocsin.store.interface import Store
from tocsin.store.sum_interface import SumAgreement, SumAnswer, SumMail
from tocsin.trust.matching.terms import epoch_of
from tocsin.trust.seal import Entropy
from tocsin.trust.summing import least_scale, look_cost

LEASE = "sums"
LEASE_MICROS = 60_000_000
WANTED = "sums.wanted"
"""Cursor with the look (`EPOCH/LOOK`) that an operator asked for: the command line is another process."""

LOOKS_A_WEEK = 7
"""A look a day: waiting for the end of a week costs a third to a half of the gain (decision 52)."""

MAX_DAYS = 366
"""Consent ends, and is given anew by a person who has seen what came of it."""

SOON_MICROS = 200_000
LATER_MICROS = 30_000_000
"""A node that is not so far yet is asked again soon; one that cannot be reached, later."""

MAX_BODY_BYTES = 4 << 20
MAX_SENT_AT_ONCE = 200
MAX_LISTED = 5_000
"""Messages of which the status tells: a week of 20 nodes and 56 looks."""

Send = Callable[[str, int, str, bytes], None]
"""(a node's STIX identity, epoch, kind, body): gives a message to a node. Raises TocsinError with its reason."""


class SumStatus(msgspec.Struct, frozen=True):
    """How sums stand here. `waiting_for` are nodes without whom it does not go on."""

    agreement: SumAgreement | None
    epoch: int
    stage: str
    attempt: int = 0
    look: int = 0
    looks_done: tuple[int, ...] = ()
    waiting_for: tuple[str, ...] = ()
    evaluated: dict[str, int] = {}
    answers: tuple[SumAnswer, ...] = ()
    left: tuple[SumMail, ...] = ()
    unpaid: tuple[int, ...] = ()
    week_left: int = 0
    life_left: int = 0
    """Thousandths of epsilon, where there is noise."""


class Summing:
    """One serving process works at sums; a command only says what is wanted."""

    def __init__(
        self,
        store: Store,
        access: Access,
        keys: SumKeys,
        me: str,
        clock: Clock,
        desk: Callable[[], Desk],
        send: Send,
        entropy: Entropy = os.urandom,
    ) -> None:
        """`me` is this node's STIX identity; `desk` gives what an epoch needs, `send` reaches another node."""
        self._store, self._access, self._keys, self.me = store, access, keys, me
        self._clock, self._make_desk, self._send = clock, desk, send
        self._lock = threading.RLock()
        self._now: SumEpoch | None = None
        self._holder = f"{os.getpid()}.{entropy(4).hex()}"

    def agree(
        self,
        by: Caller,
        participants: Sequence[str],
        aggregators: Sequence[str],
        until: int,
        *,
        holders: int = LEAST_HOLDERS,
        looks: int = LOOKS_A_WEEK,
        noise: int = 0,
    ) -> SumAgreement:
        """Consent to sums with named peers, `""` for this node itself, until a time in microseconds.

        1. There are enough participants, two different aggregators, and this node is one of them. 2. Each peer is
        trusted. 3. One look at this noise costs no more than a week may. 4. It ends within MAX_DAYS. It takes effect
        when the operators of all have agreed to the same. Raises NotAllowed, NotFound, BadInput, and Unavailable for
        an aggregator that cannot draw noise.
        """
        self._access.require(by, "sum.agree")
        named = tuple(sorted({self._identity(name) for name in participants}))
        adding = tuple(sorted({self._identity(name) for name in aggregators}))
        if not LEAST_PARTICIPANTS <= len(named) <= MOST_PARTICIPANTS:  # 1
            raise BadInput(
                f"sums have {LEAST_PARTICIPANTS} to {MOST_PARTICIPANTS} participants; two nodes alone match their "
                "candidates instead (`tocsin share match`)"
            )
        if len(adding) != 2:
            raise BadInput("name two different aggregators: nodes that add up, best such that take no part")
        if self.me not in (*named, *adding):
            raise BadInput("this node is to be a participant or an aggregator of what it agrees to")
        if not LEAST_HOLDERS <= holders <= len(named):
            raise BadInput(f"at least {LEAST_HOLDERS} holders, and no more than there are participants")
        if not 1 <= looks <= MOST_LOOKS:
            raise BadInput(f"from 1 to {MOST_LOOKS} looks a week")
        require_scale(noise)  # 3
        if noise and self.me in adding:
            require_noise()
        now = micros(self._clock())
        if not now < until <= now + MAX_DAYS * 86_400_000_000:  # 4
            raise BadInput(f"it ends within {MAX_DAYS} days from now: agree anew then")
        agreement = SumAgreement(
            participants=named,
            aggregators=(adding[0], adding[1]),
            holders=holders,
            looks=looks,
            noise=noise,
            ring_at=round(THRESHOLD * 1_000),
            until=until,
            by=by.user,
            at=now,
        )
        with self._store.together():
            self._store.sums.agree(agreement)
            self._access.audit(
                by.user,
                "sum.agree",
                subject=digest_of(agreement).hex(),
                purpose="private sum",
                detail={"participants": len(named), "holders": holders, "looks": looks, "noise": noise},
            )
        return agreement

    def withdraw(self, by: Caller) -> None:
        """Take consent back: the week's key is destroyed at once, whatever it was at. Raises NotAllowed, NotFound."""
        self._access.require(by, "sum.agree")
        with self._store.together():
            if not self._store.sums.withdraw(micros(self._clock())):
                raise NotFound("no sums are agreed to here")
            self._access.audit(by.user, "sum.withdraw", subject="", purpose="private sum")
        for epoch in self._store.sums.epochs():
            self._end(epoch)

    def look(self, by: Caller) -> tuple[int, int]:
        """Ask that this node submits at the look whose time is now: (epoch, look). Raises NotAllowed, Conflict."""
        self._access.require(by, "sum.run")
        agreement = self._standing()
        if agreement is None:
            raise Conflict("no sums are agreed to here: `tocsin share sum agree`")
        epoch = epoch_of(self._clock())
        look = self._look_of(agreement, epoch)
        self._store.jobs.set_cursor(WANTED, f"{epoch}/{look}")
        self._access.audit(by.user, "sum.look", subject=f"{epoch}/{look}", purpose="private sum")
        return epoch, look

    def status(self, by: Caller) -> SumStatus:
        """How it stands, what left and what came back. Raises NotAllowed."""
        self._access.require(by, "sum.read")
        agreement, epoch = self._standing(), epoch_of(self._clock())
        told = SumStatus(
            agreement=agreement,
            epoch=epoch,
            stage="off" if agreement is None else "waiting",
            answers=self._store.sums.answers(limit=50),
            left=self._store.sums.mail(limit=MAX_LISTED),
            evaluated=self._store.sums.spent(epoch),
        )
        desk = self._make_desk()
        kept = desk.load(epoch) if agreement is not None else None
        if agreement is not None and agreement.noise:
            left = desk.purse.week_left(epoch), desk.purse.life_left()
            told = msgspec.structs.replace(told, week_left=left[0], life_left=left[1])
        if agreement is None or kept is None:
            return told
        progress = kept[0]
        missing = tuple(one for one in members(agreement) if one not in progress.boxes)
        stage = "greeting" if progress.roster is None else "looking"
        if progress.roster is not None and self.me in agreement.participants and not progress.made:
            stage = "making the key"
        return msgspec.structs.replace(
            told,
            stage=stage,
            attempt=progress.attempt,
            look=self._look_of(agreement, epoch),
            looks_done=tuple(progress.looked if self.me in agreement.participants else progress.scored),
            waiting_for=missing,
            unpaid=tuple(progress.unpaid),
        )

    def tick(self) -> None:
        """Go on as far as it goes, and send what waits. Nothing without consent.

        Nor while the log is stopped: an older backup has forgotten which looks were closed, and what was evaluated.
        """
        with self._lock:
            epoch = epoch_of(self._clock())
            agreement = self._standing()
            for old in self._store.sums.epochs():
                if old != epoch or agreement is None:
                    self._end(old)
            if agreement is None:
                self._now = None
                return
            if self._store.log.head().stopped:
                log.warning("sums.log-stopped")
                return
            now = micros(self._clock())
            if not self._store.jobs.lease(LEASE, self._holder, now=now, ttl=LEASE_MICROS):
                return
            current = self._current(agreement, epoch)
            wanted = self._store.jobs.cursor(WANTED) == f"{epoch}/{self._look_of(agreement, epoch)}"
            current.advance(wanted=wanted)
        self._deliver()

    def take(self, sender: str, epoch: int, kind: str, body: bytes) -> None:
        """A message of another node, named by its STIX identity as its signature proved.

        Raises NotAllowed without consent to it, Unavailable for what comes too early, BadInput, Conflict.
        """
        with self._lock:
            agreement = self._standing()
            if agreement is None or sender not in members(agreement):
                raise NotAllowed("this node's operator did not agree to sums with you")
            if self._store.log.head().stopped:
                raise NotAllowed("this node's log is stopped: its operator settles it first")
            if kind not in KINDS or len(body) > MAX_BODY_BYTES:
                raise BadInput(
                    f"a message of sums is one of {', '.join(KINDS)}, of at most {MAX_BODY_BYTES} bytes"
                )
            if epoch != epoch_of(self._clock()):
                raise Conflict("this epoch is not now: set the clocks, or wait for the next week")
            self._current(agreement, epoch).hear(sender, kind, body)
            self._store.sums.hurry(sender, micros(self._clock()))

    def release(self) -> None:
        """Give the lease back, so that another process need not wait."""
        self._store.jobs.release_lease(LEASE, self._holder)

    def _deliver(self) -> None:
        """What waits goes out, by node in order; a node that does not answer does not hold up the others."""
        down: set[str] = set()
        for mail in self._store.sums.due(micros(self._clock()), MAX_SENT_AT_ONCE):
            if mail.peer in down:
                continue
            try:
                if mail.peer == self.me:
                    self.take(self.me, mail.epoch, mail.kind, mail.body)
                else:
                    self._send(mail.peer, mail.epoch, mail.kind, mail.body)
            except Unavailable:
                down.add(mail.peer)
                self._store.sums.later(mail.seq, micros(self._clock()) + SOON_MICROS)
                continue
            except (BadInput, Conflict) as error:
                log.warning("sums.refused", to=mail.peer, kind=mail.kind, reason=error.message)
            except TocsinError as error:
                log.info("sums.not-delivered", to=mail.peer, kind=mail.kind, reason=error.message)
                down.add(mail.peer)
                self._store.sums.later(mail.seq, micros(self._clock()) + LATER_MICROS)
                continue
            self._store.sums.sent(mail.seq, micros(self._clock()))

    def _current(self, agreement: SumAgreement, epoch: int) -> SumEpoch:
        now = self._now
        if now is None or now.epoch != epoch or now.progress.agreement.terms != agreement.terms:
            now = self._now = SumEpoch(self._make_desk(), agreement, epoch)
        return now

    def _standing(self) -> SumAgreement | None:
        agreed = self._store.sums.agreed()
        return agreed if agreed is not None and agreed.until > micros(self._clock()) else None

    def _look_of(self, agreement: SumAgreement, epoch: int) -> int:
        return (micros(self._clock()) - epoch * WEEK_MICROS) * agreement.looks // WEEK_MICROS

    def _end(self, epoch: int) -> None:
        """The week is over, or consent is: its key goes first, then what lay under it."""
        self._keys.destroy(epoch)
        self._store.sums.close_epoch(epoch)

    def _identity(self, name: str) -> str:
        if not name:
            return self.me
        peer = self._store.peers.get(name)
        if peer is None:
            raise NotFound(f"there is no peer {name[:64]}: `tocsin peer list` shows them")
        if peer.identity is None or peer.status_at(micros(self._clock())) is not PeerStatus.TRUSTED:
            raise NotAllowed(f"peer {name} is not trusted: compare its key with its operator first")
        return peer.identity


def require_scale(noise: int) -> None:
    """That noise is none, or enough that the budget could ever hold a look. Raises BadInput with what it costs."""
    if not 0 <= noise <= MOST_NOISE:
        raise BadInput(f"noise has a scale of 0 (none) to {MOST_NOISE}")
    if look_cost(noise) > SUMS_PURSE.week:
        raise BadInput(
            f"at a scale of {noise} one look is an epsilon of {look_cost(noise) / 1_000:g} for an account, and a week's"
            f" budget is {SUMS_PURSE.week / 1_000:g}: that is no privacy. Take {least_scale(SUMS_PURSE.week)} or more, "
            "or 0 for none"
        )
