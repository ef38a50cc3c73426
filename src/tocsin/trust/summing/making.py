"""One epoch's key, made by all participants and known to none: Feldman's sharing by each, committed to beforehand.

Five steps. In each a node says one thing to all, the same to each, and hears one thing of each other. Those who are
silent, or whose share is bad and not made good in the open, are out; at the end all say what they have seen, and a key
counts where at least the threshold saw the same. What is biased by leaving after step 2 is on the page.
"""

from collections.abc import Mapping
from enum import IntEnum
from hashlib import sha256

from tocsin.kernel import BadInput, Conflict, NotAllowed
from tocsin.kernel.sums import SumRoster
from tocsin.trust import ristretto
from tocsin.trust.boxes import Box, seal_to
from tocsin.trust.ristretto import POINT_BYTES
from tocsin.trust.seal import Entropy, SealBroken
from tocsin.trust.summing import sharing
from tocsin.trust.summing.keys import KeyShare, group_key
from tocsin.trust.summing.messages import (
    LABEL,
    Answered,
    Checked,
    Committed,
    Confirmed,
    Dealt,
    Opened,
    box_label,
    decode,
    encode,
    require_roster,
)


class Step(IntEnum):
    """Where a making of a key is."""

    COMMIT = 0
    DEAL = 1
    CHECK = 2
    ANSWER = 3
    CONFIRM = 4
    DONE = 5


_Said = Committed | Dealt | Checked | Answered | Confirmed
_TYPES: dict[Step, type[_Said]] = {
    Step.COMMIT: Committed,
    Step.DEAL: Dealt,
    Step.CHECK: Checked,
    Step.ANSWER: Answered,
    Step.CONFIRM: Confirmed,
}


class KeyMaking:
    """One participant's side. It lives in memory: a node that starts anew begins another attempt with all."""

    def __init__(self, roster: SumRoster, me: str, box: Box, entropy: Entropy) -> None:
        """`box` is the private half of this participant's box in the roster. Raises BadInput where it is not."""
        self._roster, self._me, self._box = roster, me, box
        self._place = roster.index(me)
        if roster.participants[self._place - 1].box != box.public:
            raise BadInput("this node's box is another one than the roster names; make a new roster")
        self.step = Step.COMMIT
        self.out: dict[str, str] = {}
        """Who is out, and why."""
        self._said: dict[Step, bytes] = {}
        self._heard: dict[Step, dict[str, bytes]] = {step: {} for step in Step}
        self._shares: dict[str, bytes] = {}
        self._commitments: dict[str, list[bytes]] = {}
        self._complaints: dict[str, set[str]] = {}
        self._share: KeyShare | None = None
        self._own = sharing.draw(roster.threshold, entropy)
        dealt = self._deal()
        self._say(Step.DEAL, dealt)
        self._say(Step.COMMIT, Committed(roster=roster.digest, digest=_bound(me, encode(dealt))))

    def message(self, step: Step | None = None) -> bytes:
        """What this node says to all in this step or one before. Raises NotAllowed for one that is to come."""
        wanted = self.step if step is None else step
        if wanted > self.step or wanted is Step.DONE:
            raise NotAllowed("this node has not come so far in making the key; ask again")
        return self._said[wanted]

    @property
    def waiting(self) -> tuple[str, ...]:
        """Who has not spoken in this step."""
        if self.step is Step.DONE:
            return ()
        there = self._heard[self.step]
        return tuple(one for one in self._roster.names if one not in there and one not in self.out)

    def hear(self, sender: str, raw: bytes) -> None:
        """What a participant says in this step. The same bytes again change nothing.

        Raises BadInput for what is no message of this step, Conflict for another roster's or a second, other one, and
        NotAllowed for one who is out.
        """
        self._roster.index(sender)
        if sender in self.out:
            raise NotAllowed(f"{sender} is out of this making of a key: {self.out[sender]}")
        if self.step is Step.DONE:
            raise Conflict("this key is made")
        message = decode(raw, _TYPES[self.step])
        require_roster(message, self._roster)
        before = self._heard[self.step].setdefault(sender, raw)
        if before != raw:
            raise Conflict(
                f"{sender} said two different things in one step of making a key; begin another attempt"
            )

    def proceed(self, without_silent: bool = False) -> Step:
        """The next step, once all have spoken. `without_silent`: those who have not are out.

        Raises Conflict while somebody is silent, where too few are left, and where others saw something else.
        """
        if self.waiting and not without_silent:
            raise Conflict(f"{len(self.waiting)} participants have not spoken yet: {', '.join(self.waiting)}")
        for one in self.waiting:
            self.out[one] = "it was silent"
        if self.step is Step.DEAL:
            self._open_all()
        elif self.step is Step.CHECK:
            self._weigh_complaints()
        elif self.step is Step.ANSWER:
            self._conclude()
        elif self.step is Step.CONFIRM:
            self._finish()
        self.step = Step(min(self.step + 1, Step.DONE))
        return self.step

    @property
    def share(self) -> KeyShare:
        """This node's share, when it is made. Raises Conflict before."""
        if self._share is None or self.step is not Step.DONE:
            raise Conflict("the key of this epoch is not made yet")
        return self._share

    def _say(self, step: Step, message: _Said) -> None:
        raw = encode(message)
        self._said[step] = raw
        self._heard[step][self._me] = raw

    def _deal(self) -> Dealt:
        boxes = []
        for place, member in enumerate(self._roster.participants, 1):
            label = box_label(self._roster, "share", self._me, member.name)
            boxes.append(seal_to(member.box, sharing.share(self._own.coefficients, place), label))
        return Dealt(
            roster=self._roster.digest, commitments=b"".join(self._own.commitments), boxes=tuple(boxes)
        )

    def _open_all(self) -> None:
        """After step 2: what was dealt is what was committed to, and this node's share of it is good."""
        against = []
        for dealer in self._in():
            raw = self._heard[Step.DEAL][dealer]
            dealt = decode(raw, Dealt)
            committed = decode(self._heard[Step.COMMIT][dealer], Committed)
            if committed.digest != _bound(dealer, raw):
                self.out[dealer] = "it dealt something else than it had committed to"
                continue
            try:
                self._commitments[dealer] = self._points(dealt)
            except BadInput as error:
                self.out[dealer] = error.message
                continue
            try:
                self._shares[dealer] = self._opened(dealer, dealt)
            except (BadInput, SealBroken):
                against.append(dealer)
        seen = self._digest(Step.COMMIT, Step.DEAL)
        self._say(Step.CHECK, Checked(roster=self._roster.digest, seen=seen, against=tuple(against)))

    def _points(self, dealt: Dealt) -> list[bytes]:
        if len(dealt.boxes) != len(self._roster.names):
            raise BadInput("it did not deal one share to each participant")
        if len(dealt.commitments) != POINT_BYTES * self._roster.threshold:
            raise BadInput("it committed to a polynomial of another degree")
        return [
            ristretto.checked_point(dealt.commitments[at : at + POINT_BYTES])
            for at in range(0, len(dealt.commitments), POINT_BYTES)
        ]

    def _opened(self, dealer: str, dealt: Dealt) -> bytes:
        label = box_label(self._roster, "share", dealer, self._me)
        share = self._box.open(dealt.boxes[self._place - 1], label)
        sharing.require_share(share, self._commitments[dealer], self._place)
        return share

    def _weigh_complaints(self) -> None:
        """After step 3: all have seen the same; the accused open what was complained of."""
        seen = decode(self._said[Step.CHECK], Checked).seen
        self._require_same(
            {one: decode(self._heard[Step.CHECK][one], Checked).seen for one in self._in()}, seen
        )
        for accuser in self._in():
            for dealer in decode(self._heard[Step.CHECK][accuser], Checked).against:
                if dealer in self._commitments and dealer not in self.out:
                    self._complaints.setdefault(dealer, set()).add(accuser)
        shares = tuple(
            Opened(accuser, sharing.share(self._own.coefficients, self._roster.index(accuser)))
            for accuser in sorted(self._complaints.get(self._me, ()))
        )
        if len(shares) >= self._roster.threshold:
            shares = ()  # so many would tell the polynomial: this node is out instead
        self._say(Step.ANSWER, Answered(roster=self._roster.digest, shares=shares))

    def _conclude(self) -> None:
        """After step 4: who did not make a bad share good is out, and the rest is the key."""
        for dealer, accusers in sorted(self._complaints.items()):
            if dealer not in self.out:
                self._hear_out(dealer, accusers)
        dealers = [one for one in self._in() if one in self._shares]
        if len(dealers) < self._roster.threshold or self._me not in dealers:
            raise Conflict(
                "too few are left to make a key of this epoch; begin another attempt without those who are out"
            )
        summed = list(self._commitments[dealers[0]])
        secret = self._shares[dealers[0]]
        for dealer in dealers[1:]:
            summed = [
                ristretto.add(one, more) for one, more in zip(summed, self._commitments[dealer], strict=True)
            ]
            secret = ristretto.scalar_sum(secret, self._shares[dealer])
        self._share = KeyShare(group_key(self._roster, summed, tuple(dealers)), self._place, secret)
        self._say(
            Step.CONFIRM,
            Confirmed(
                roster=self._roster.digest, seen=self._digest(*_BEFORE), public=self._share.group.public
            ),
        )

    def _hear_out(self, dealer: str, accusers: set[str]) -> None:
        opened = {one.name: one.share for one in decode(self._heard[Step.ANSWER][dealer], Answered).shares}
        if len(accusers) >= self._roster.threshold or opened.keys() != accusers:
            self.out[dealer] = "it did not answer those who complained of its shares"
            return
        try:
            for name, share in opened.items():
                sharing.require_share(share, self._commitments[dealer], self._roster.index(name))
        except BadInput as error:
            self.out[dealer] = error.message
            return
        if self._me in opened:
            self._shares[dealer] = opened[self._me]

    def _finish(self) -> None:
        """After step 5: as many as evaluate together have the same key."""
        assert self._share is not None
        own = decode(self._said[Step.CONFIRM], Confirmed)
        told = {
            one: decode(raw, Confirmed)
            for one, raw in self._heard[Step.CONFIRM].items()
            if one not in self.out
        }
        self._require_same(
            {one: said.seen + said.public for one, said in told.items()}, own.seen + own.public
        )
        servers = tuple(one for one in self._share.group.servers if one in told)
        if len(servers) < self._roster.threshold:
            raise Conflict("too few have confirmed the key of this epoch; begin another attempt")
        group = self._share.group
        self._share = KeyShare(
            type(group)(group.roster, group.public, group.shares, servers), self._place, self._share.secret
        )

    def _in(self) -> list[str]:
        return [one for one in self._roster.names if one not in self.out]

    def _digest(self, *steps: Step) -> bytes:
        """Of all that was said in these steps by those who are not out, and who is out."""
        whole = sha256(LABEL + b"/made")
        for name in self._roster.names:
            whole.update(sha256(name.encode()).digest())
            for step in steps:
                raw = self._heard[step].get(name, b"") if name not in self.out else b""
                whole.update(sha256(raw).digest())
        return whole.digest()

    def _require_same(self, said: Mapping[str, bytes], own: bytes) -> None:
        others = sorted(one for one, seen in said.items() if seen != own)
        if others:
            raise Conflict(
                f"{', '.join(others)} saw something else in the making of this key: somebody said two things, or lies;"
                " begin another attempt"
            )


_BEFORE = (Step.COMMIT, Step.DEAL, Step.CHECK, Step.ANSWER)


def _bound(dealer: str, dealt: bytes) -> bytes:
    """What a dealer commits to: its name is in it, so that nobody commits to another's."""
    return sha256(LABEL + b"/commit" + sha256(dealer.encode()).digest() + dealt).digest()
