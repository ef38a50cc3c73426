"""One of the two who add: shares by tag, sums of the tags that enough nodes hold, noise of its own, a bit for each.

An aggregator's shares alone are uniform. It sees tags, links and padded sizes of each participant, and of the tags that
at least `holders` nodes hold the sum with the other's noise. docs/sums.md says what that tells.
"""

from collections.abc import Callable, Sequence
from enum import IntEnum
from hashlib import sha256
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from tocsin.kernel import BadInput, Conflict, TooLarge
from tocsin.kernel.clock import Clock
from tocsin.kernel.sums import COMPONENTS, MOST_ACTORS, Component, CountVector, SumRoster, mended
from tocsin.trust.boxes import Box, seal_to
from tocsin.trust.matching.sizes import require_step, split
from tocsin.trust.matching.terms import epoch_of
from tocsin.trust.seal import SealBroken
from tocsin.trust.summing.messages import (
    COUNT_BYTES,
    ENTRY_LINKS,
    LABEL,
    LINK_BYTES,
    MAX_ENTRIES,
    TAG_BYTES,
    Bits,
    Boxed,
    Listed,
    M,
    Roll,
    Submission,
    Sums,
    box_label,
    decode,
    encode,
    require_roster,
)
from tocsin.trust.summing.submitting import ENTRY_SHARES, require_look

Noise = Callable[[int, int], Sequence[int]]
"""(how many, scale) → so many draws of discrete Laplace noise of this scale, whole numbers. Not asked at scale 0."""

Rings = Callable[[CountVector, int], bool]
"""(a sum, how many nodes hold it) → whether its score is above the roster's `ring_at`. The same at both aggregators."""

TAIL = 64
"""Scales of noise beyond the range of honest counts within which a noisy sum is believed: past it once in e^64."""

_OWN = range(Component.PAYMENT)
_SHARED = range(Component.PAYMENT, COMPONENTS)
U32 = npt.NDArray[np.uint32]


class Stage(IntEnum):
    """Where a look is."""

    OPEN = 0
    CLOSED = 1
    AGREED = 2
    SCORED = 3


class _Kept(NamedTuple):
    """One participant's submission, opened."""

    raw: bytes
    digest: bytes
    tags: list[bytes]
    links: list[bytes]
    shares: U32


class _Column(NamedTuple):
    """One number of a sum: the tag, what is counted, and whose entries (sender, row) go into it."""

    tag: bytes
    component: int
    entries: tuple[tuple[str, int], ...]


class Aggregator:
    """One look at one aggregator. It lives in memory. Noise that is drawn twice can be averaged away: whoever calls
    keeps what `noise` drew before it is used, and gives a node that starts anew the same, or leaves the look out.
    """

    def __init__(
        self,
        roster: SumRoster,
        me: str,
        box: Box,
        look: int,
        *,
        noise: Noise,
        rings: Rings,
        clock: Clock,
        closed: bytes = b"",
    ) -> None:
        """`box` is the private half of this aggregator's box in the roster. Raises BadInput where it is not.

        `closed` is what `close` said before this node began anew: what it lists is taken again, and nothing else.
        """
        self._roster, self._me, self._box, self.look = roster, me, box, look
        self._noise, self._rings, self._clock = noise, rings, clock
        self._place = roster.place(me)
        if roster.aggregators[self._place].box != box.public:
            raise BadInput("this node's box is another one than the roster names; make a new roster")
        require_look(roster, look)
        self._other = roster.aggregators[1 - self._place]
        self._closed = {one.name: one.digest for one in decode(closed, Roll).listed} if closed else None
        self.stage = Stage.OPEN
        self.left_out: dict[str, str] = {}
        """Participants whose submission is not in the sums, and why."""
        self.void = 0
        """Tags whose sum no honest counts can be: somebody lied. They do not ring."""
        self._kept: dict[str, _Kept] = {}
        self._columns: list[_Column] = []
        self._holders: dict[bytes, int] = {}
        self._said: dict[str, bytes] = {}
        self._values: U32 = np.zeros(0, np.uint32)
        self._ringing: set[bytes] = set()

    @property
    def taken(self) -> tuple[str, ...]:
        """Whose submissions are here."""
        return tuple(sorted(self._kept))

    @property
    def summed(self) -> int:
        """Tags that enough nodes hold, once both have closed."""
        return len(self._holders)

    def take(self, sender: str, raw: bytes) -> None:
        """A participant's submission. The same bytes again change nothing.

        1. The sender is a participant, the message of this roster and look, its week now, and the look not closed.
        2. It has not sent another. 3. Its box opens. 4. Sizes are a step and fit each other, no tag comes twice.

        Raises BadInput, Conflict, TooLarge.
        """
        self._roster.index(sender)  # 1
        boxed = self._boxed(raw)
        if (before := self._kept.get(sender)) is not None:  # 2
            if before.raw == raw:
                return
            raise Conflict(f"{sender} has sent another submission at this look; the first one counts")
        if self.stage is not Stage.OPEN:
            raise Conflict("this look is closed; raise it at the next")
        if epoch_of(self._clock()) != self._roster.epoch:
            raise Conflict("this epoch is not now: set the clocks, or make the key of this week")
        submission = self._open(boxed, "submission", sender, Submission)  # 3
        entries = len(submission.tags) // TAG_BYTES
        if entries > MAX_ENTRIES:
            raise TooLarge(f"a node raises at most {MAX_ENTRIES} keys at one look")
        require_step(entries)  # 4
        lengths = (len(submission.tags), len(submission.links), len(submission.shares))
        if lengths != (entries * TAG_BYTES, entries * ENTRY_LINKS, entries * ENTRY_SHARES):
            raise BadInput("the parts of a submission are not of one size")
        tags = split(submission.tags, TAG_BYTES)
        if len(set(tags)) < entries:
            raise BadInput("a submission holds a tag twice; each key is raised once")
        digest = sha256(LABEL + b"/entries" + submission.tags + submission.links).digest()
        if self._closed is not None and self._closed.get(sender) != digest:
            raise Conflict("this look is closed; raise it at the next")
        self._kept[sender] = _Kept(
            raw,
            digest,
            tags,
            split(submission.links, LINK_BYTES),
            np.frombuffer(submission.shares, "<u4").reshape(entries, COMPONENTS).astype(np.uint32),
        )

    def close(self) -> bytes:
        """For the other aggregator: whose submissions are here. Nothing is taken any more.

        Raises Conflict where this node began anew, and a submission that it had listed is not here again.
        """
        if self.stage is Stage.OPEN:
            if self._closed is not None and self._closed.keys() != self._kept.keys():
                raise Conflict("a submission of this look was lost; the look is left out")
            self.stage = Stage.CLOSED
            listed = tuple(Listed(name, one.digest) for name, one in sorted(self._kept.items()))
            self._said["roll"] = encode(Roll(roster=self._roster.digest, look=self.look, listed=listed))
        return self._said["roll"]

    def hear_roll(self, raw: bytes) -> None:
        """The other's `close`: what both have, alike, is summed; the rest is left out, by name.

        Raises BadInput, Conflict.
        """
        roll = decode(raw, Roll)
        require_roster(roll, self._roster)
        if roll.look != self.look:
            raise Conflict("a message belongs to another look")
        if self._again("heard roll", raw, Stage.CLOSED):
            return
        theirs = {one.name: one.digest for one in roll.listed}
        if len(theirs) < len(roll.listed):
            raise BadInput("a participant is listed twice")
        for name in self._roster.names:
            ours = self._kept.get(name)
            if ours is None and name not in theirs:
                self.left_out[name] = "it sent nothing"
            elif ours is None:
                self.left_out[name] = f"{self._me} has nothing from it"
            elif name not in theirs:
                self.left_out[name] = f"{self._other.name} has nothing from it"
            elif theirs[name] != ours.digest:
                self.left_out[name] = "it sent different keys to the two aggregators"
        self._arrange()
        self.stage = Stage.AGREED

    def sums(self) -> bytes:
        """For the other aggregator, in a box: this one's sums of shares, each with noise of its own. Drawn once."""
        self._require(Stage.AGREED)
        if "sums" not in self._said:
            own = np.array([self._sum(one) for one in self._columns], np.uint32)
            if scale := self._roster.noise:
                drawn = np.array(self._noise(len(own), scale), np.int64)
                if drawn.shape != own.shape:
                    raise BadInput("the source of noise did not draw as much as it was asked for")
                own = own + drawn.astype(np.uint32)
            self._values = own
            told = Sums(order=self._order(), values=own.astype("<u4").tobytes())
            self._said["sums"] = self._sealed(told, "sums", self._other.name, self._other.box)
        return self._said["sums"]

    def hear_sums(self, raw: bytes) -> None:
        """The other's `sums`: together they are scored. Raises BadInput, Conflict."""
        self.sums()
        boxed = self._boxed(raw)
        if self._again("heard sums", raw, Stage.AGREED):
            return
        told = self._open(boxed, "sums", self._other.name, Sums)
        if told.order != self._order() or len(told.values) != COUNT_BYTES * len(self._columns):
            raise Conflict("the other aggregator summed other tags than this one; begin another look")
        whole = (self._values + np.frombuffer(told.values, "<u4").astype(np.uint32)).astype(np.int32)
        self._score(whole.tolist())
        self.stage = Stage.SCORED

    def bits(self, receiver: str) -> bytes:
        """For a participant whose submission was summed, in a box: which of its entries ring.

        Raises Conflict before the end, BadInput for one whose submission was not summed.
        """
        self._require(Stage.SCORED)
        if receiver in self.left_out or receiver not in self._kept:
            self._roster.index(receiver)
            raise BadInput(
                f"nothing of {receiver} was summed: {self.left_out.get(receiver, 'it sent nothing')}"
            )
        name = f"bits {receiver}"
        if name not in self._said:
            ringing = [tag in self._ringing for tag in self._kept[receiver].tags]
            told = Bits(entries=len(ringing), bits=np.packbits(np.array(ringing, np.bool_)).tobytes())
            member = self._roster.participants[self._roster.index(receiver) - 1]
            self._said[name] = self._sealed(told, "bits", receiver, member.box)
        return self._said[name]

    def _arrange(self) -> None:
        """The numbers that are summed, in an order that both aggregators come to."""
        where: dict[bytes, list[tuple[str, int]]] = {}
        for name in sorted(self._kept.keys() - self.left_out.keys()):
            for row, tag in enumerate(self._kept[name].tags):
                where.setdefault(tag, []).append((name, row))
        for tag, entries in sorted(where.items()):
            if len(entries) < self._roster.holders:
                continue
            self._holders[tag] = len(entries)
            self._columns += [_Column(tag, component, tuple(entries)) for component in _OWN]
            for component in _SHARED:
                by_link: dict[bytes, list[tuple[str, int]]] = {}
                for name, row in entries:
                    link = self._kept[name].links[row * len(_SHARED) + component - Component.PAYMENT]
                    by_link.setdefault(link, []).append((name, row))
                self._columns += [
                    _Column(tag, component, tuple(one))
                    for _, one in sorted(by_link.items())
                    if len(one) >= self._roster.holders
                ]

    def _sum(self, column: _Column) -> int:
        return (
            sum(int(self._kept[name].shares[row, column.component]) for name, row in column.entries)
            & 0xFFFFFFFF
        )

    def _score(self, whole: list[int]) -> None:
        """A tag's own counts, and of each type the largest sum of one identifier that enough nodes have in common."""
        slack = TAIL * 2 * self._roster.noise
        found: dict[bytes, list[int]] = {tag: [0] * COMPONENTS for tag in self._holders}
        void = set()
        for column, value in zip(self._columns, whole, strict=True):
            if not -slack <= value <= MOST_ACTORS * len(column.entries) + slack:
                void.add(column.tag)
            counts = found[column.tag]
            counts[column.component] = max(counts[column.component], value)
        for tag, counts in found.items():
            vector = mended(counts)
            if not self._roster.noise and list(vector.counts) != counts:
                void.add(tag)
            if tag not in void and self._rings(vector, self._holders[tag]):
                self._ringing.add(tag)
        self.void = len(void)

    def _order(self) -> bytes:
        whole = sha256(LABEL + b"/order")
        whole.update(msgspec.msgpack.encode([(one.tag, one.component, one.entries) for one in self._columns]))
        return whole.digest()

    def _boxed(self, raw: bytes) -> Boxed:
        boxed = decode(raw, Boxed)
        require_roster(boxed, self._roster)
        if boxed.look != self.look:
            raise Conflict("a message belongs to another look")
        return boxed

    def _open(self, boxed: Boxed, what: str, sender: str, wanted: type[M]) -> M:
        try:
            plain = self._box.open(boxed.box, box_label(self._roster, what, sender, self._me, self.look))
        except SealBroken:
            raise BadInput(
                "a box does not open: it is for another node, look or roster, or another node sealed it"
            ) from None
        return decode(plain, wanted)

    def _sealed(self, told: Sums | Bits, what: str, receiver: str, public: bytes) -> bytes:
        box = seal_to(public, encode(told), box_label(self._roster, what, self._me, receiver, self.look))
        return encode(Boxed(roster=self._roster.digest, look=self.look, box=box))

    def _again(self, what: str, raw: bytes, stage: Stage) -> bool:
        """Whether these bytes were heard before. Raises Conflict for others in their place, or out of turn."""
        if (before := self._said.get(what)) is not None:
            if before == raw:
                return True
            raise Conflict("the other aggregator has said two different things at one look")
        self._require(stage)
        self._said[what] = raw
        return False

    def _require(self, stage: Stage) -> None:
        if self.stage < stage:
            raise Conflict(f"this look is {self.stage.name.lower()}: it has to be {stage.name.lower()} first")
