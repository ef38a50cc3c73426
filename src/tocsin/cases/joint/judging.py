"""What each message may do, by what its author had seen when it wrote; and who decides, by the case's rule."""

from collections.abc import Iterable, Iterator

from msgspec import UnsetType

from tocsin.cases.joint.delivery import Delivered
from tocsin.kernel.joint_cases import (
    Acceptance,
    Choice,
    Close,
    Decision,
    Decline,
    Fact,
    FactWithdrawn,
    Invitation,
    JointCase,
    JointMessage,
    JointOutcome,
    JointRule,
    JointStanding,
    Leave,
    Proposal,
    Says,
    Task,
    TaskDeclined,
    TaskDone,
    Vote,
)

NOT_JOINED = "its author had not joined"
HAS_LEFT = "its author had left"
HAS_DECLINED = "its author had declined"
HAS_JOINED = "its author had joined already"
IS_CLOSED = "its author had seen that the case was closed"
NOT_SEEN = "it answers what its author had not seen, or what is no such thing"
NOT_ITS_OWN = "it is another party's to say"
NO_SUCH_PARTY = "it speaks of somebody who is no party"
CONVENER_STAYS = "the convener closes a case; it does not leave one"
NOT_CLOSING = "only the convener closes a case"
DECIDED = "it was decided already"
NOT_DECIDED = "the case's rule does not decide so by the votes that its author had seen"
ANSWERED = "its task was answered already"


class Judged:
    """Every delivered message with why it does not count, or nothing; what comes later never changes the answer."""

    def __init__(self, case: JointCase, delivered: Delivered) -> None:
        self.case = case
        self.delivered = delivered
        self.why: dict[str, str] = {}
        """By id; empty for what counts."""
        self._standing: dict[str, JointStanding] = {}
        self._of: dict[str, list[JointMessage]] = {party: [] for party in case.parties}
        self._about: dict[str, list[JointMessage]] = {}
        """What counts of votes, decisions and answers, by what they are about."""
        self._closing: list[JointMessage] = []
        self._forked = {fork.party for fork in delivered.forks}
        self._by_id = {one.id: one for one in delivered.messages}
        for message in delivered.messages:
            self._take(message)

    def counting(self, kind: type[Says]) -> Iterator[JointMessage]:
        """What counts and says this, in order."""
        for message in self.delivered.messages:
            if not self.why[message.id] and isinstance(message.says, kind):
                yield message

    def about(self, target: str, kind: type[Says]) -> Iterator[JointMessage]:
        """What counts, says this, and is about that message; in order."""
        return (one for one in self._about.get(target, ()) if isinstance(one.says, kind))

    def of(self, party: str) -> tuple[JointMessage, ...]:
        """A party's messages, those that do not count among them; in order."""
        return tuple(self._of[party])

    def standing(self, messages: Iterable[JointMessage]) -> JointStanding:
        """Where a party stands after the last of its messages."""
        last = max(messages, key=lambda one: (one.number, one.id), default=None)
        return JointStanding.INVITED if last is None else self._standing[last.id]

    def counted(self, decision: JointMessage, proposal: str) -> dict[str, JointMessage]:
        """By party the vote that a decision rests on: its last that the author had, none from a fork that it had."""
        votes: dict[str, JointMessage] = {}
        for vote in self.about(proposal, Vote):
            if self.delivered.had_seen(decision, vote.id):
                kept = votes.get(vote.party)
                if kept is None or kept.number < vote.number:
                    votes[vote.party] = vote
        return {
            party: vote for party, vote in votes.items() if vote.number < self._forked_in(decision, party)
        }

    def _take(self, message: JointMessage) -> None:
        before = self._by_id.get(message.previous)
        was = JointStanding.INVITED if before is None else self._standing[before.id]
        why = self._may_not(message, was)
        self.why[message.id] = why
        self._of[message.party].append(message)
        now = was
        if not why:
            match message.says:
                case Invitation() | Acceptance():
                    now = JointStanding.JOINED
                case Decline():
                    now = JointStanding.DECLINED
                case Leave():
                    now = JointStanding.LEFT
                case Close():
                    self._closing.append(message)
            target = _target(message.says)
            if target:
                self._about.setdefault(target, []).append(message)
        self._standing[message.id] = now

    def _may_not(self, message: JointMessage, was: JointStanding) -> str:
        """1. Who is in. 2. Whether it is over. 3. Whether it is theirs to say, of something that they had."""
        says = message.says
        if isinstance(says, Invitation):
            return ""
        if was in (JointStanding.LEFT, JointStanding.DECLINED):  # 1
            return HAS_LEFT if was is JointStanding.LEFT else HAS_DECLINED
        if isinstance(says, Acceptance | Decline):
            if was is JointStanding.JOINED:
                return HAS_JOINED
        elif was is not JointStanding.JOINED:
            return NOT_JOINED
        if any(self.delivered.had_seen(message, one.id) for one in self._closing):  # 2
            return IS_CLOSED
        return self._not_theirs(message)  # 3

    def _not_theirs(self, message: JointMessage) -> str:
        says = message.says
        match says:
            case FactWithdrawn(fact=target):
                fact = self._had(message, target, Fact)
                return NOT_SEEN if fact is None else "" if fact.party == message.party else NOT_ITS_OWN
            case Task(whose=whose):
                return "" if whose in self.case.parties else NO_SUCH_PARTY
            case TaskDone(task=target) | TaskDeclined(task=target):
                task = self._had(message, target, Task)
                if task is None or not isinstance(task.says, Task):
                    return NOT_SEEN
                if task.says.whose != message.party:
                    return NOT_ITS_OWN
                return ANSWERED if self._answered(message, target) else ""
            case Proposal():
                if any(part.party not in self.case.parties for part in says.parts):
                    return NO_SUCH_PARTY
                return "" if all(self._had(message, one, Fact) for one in facts_of(says)) else NOT_SEEN
            case Vote(proposal=target):
                return "" if self._had(message, target, Proposal) else NOT_SEEN
            case Decision():
                return self._not_deciding(message, says)
            case Leave():
                return CONVENER_STAYS if message.party == self.case.convener else ""
            case Close():
                return "" if message.party == self.case.convener else NOT_CLOSING
        return ""

    def _not_deciding(self, message: JointMessage, says: Decision) -> str:
        if self._had(message, says.proposal, Proposal) is None:
            return NOT_SEEN
        each = self.case.rule is JointRule.EACH
        before = (
            one
            for one in self.about(says.proposal, Decision)
            if self.delivered.had_seen(message, one.id) and (not each or one.party == message.party)
        )
        if any(before):
            return DECIDED
        if each:
            return ""
        if self.case.rule is JointRule.CONVENER:
            return "" if message.party == self.case.convener else NOT_ITS_OWN
        return "" if self._decides(message, says) else NOT_DECIDED

    def _decides(self, message: JointMessage, says: Decision) -> bool:
        """More than half, or all, of those who neither declined nor left, as far as the author knew."""
        votes = self.counted(message, says.proposal)
        voters = {party for party in self.case.parties if self._votes_still(message, party)}
        cast = [
            vote.says.choice
            for party, vote in votes.items()
            if party in voters and isinstance(vote.says, Vote)
        ]
        yes, no = cast.count(Choice.YES), cast.count(Choice.NO)
        if self.case.rule is JointRule.UNANIMOUS:
            return no > 0 if says.outcome is JointOutcome.REJECTED else yes == len(voters)
        return 2 * no >= len(voters) if says.outcome is JointOutcome.REJECTED else 2 * yes > len(voters)

    def _votes_still(self, message: JointMessage, party: str) -> bool:
        had = (one for one in self._of[party] if self.delivered.had_seen(message, one.id))
        return self.standing(had) not in (JointStanding.DECLINED, JointStanding.LEFT)

    def _forked_in(self, decision: JointMessage, party: str) -> int:
        """The first number under which an author had two messages of a party; beyond all numbers when under none."""
        if party not in self._forked:
            return len(self.delivered.messages) + 1
        had = [one.number for one in self._of[party] if self.delivered.had_seen(decision, one.id)]
        return min((one for one in had if had.count(one) > 1), default=len(self.delivered.messages) + 1)

    def _had(self, message: JointMessage, target: str, kind: type[Says]) -> JointMessage | None:
        """The message of this kind that counts and that an author had."""
        found = self._by_id.get(target)
        if found is None or not isinstance(found.says, kind) or not self.delivered.had_seen(message, target):
            return None
        return None if self.why[target] else found

    def _answered(self, message: JointMessage, task: str) -> bool:
        answers = (*self.about(task, TaskDone), *self.about(task, TaskDeclined))
        return any(self.delivered.had_seen(message, one.id) for one in answers)


def facts_of(says: Proposal) -> tuple[str, ...]:
    """What a proposal rests on."""
    return () if isinstance(says.facts, UnsetType) else tuple(says.facts)


def _target(says: Says) -> str:
    match says:
        case FactWithdrawn(fact=target) | TaskDone(task=target) | TaskDeclined(task=target):
            return target
        case Vote(proposal=target) | Decision(proposal=target):
            return target
    return ""
