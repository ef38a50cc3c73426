"""Word of cases to the channels that `case_channels` names: an urgent one came, one is late, an appeal, what waits.

Offered within the act's own transaction: an act that is not kept tells nobody, and one that is kept tells once,
whatever falls over afterwards. What leaves names a queue, an urgency and where to look: no id, nobody's word, and a
category only where the channel's rule names it. Of restricted queues nothing is offered; a case that went into one
while its word waited is passed over.
"""

import re
from enum import StrEnum

import msgspec

from tocsin.app.notice_ids import notice_id
from tocsin.app.queues import Queues
from tocsin.app.settings import Settings
from tocsin.cases.states import OPEN, OVER, Step
from tocsin.kernel import Channel, Notice, Reason, RoutingRule
from tocsin.kernel.cases import Case, CaseAct, CaseFlag, CaseState, Urgency
from tocsin.store.interface import Store
from tocsin.taxonomy.messages import sentence
from tocsin.wire.notices import Word

OCCASION = "case"
"""Of a notice in the outbox whose `warning` is a case, the number of an act, and a cause."""


class Cause(StrEnum):
    """What a channel hears of."""

    URGENT = "urgent"
    LATE = "late"
    APPEAL = "appeal"
    SECOND = "second"
    """A grave decision waits for a second person."""
    OVERTURNED = "overturned"
    """Measures of a decision that does not stand are still to be undone."""


BANDS = {
    Cause.URGENT: ("critical", 10.0),
    Cause.LATE: ("high", 7.0),
    Cause.APPEAL: ("medium", 5.0),
    Cause.SECOND: ("high", 7.0),
    Cause.OVERTURNED: ("high", 7.0),
}
"""How loud a receiver of CEF or syslog hears it."""

_FLAGS = frozenset({CaseFlag.IMMINENT_DANGER, CaseFlag.SPECIAL_GROUP})
_NAMED = re.compile(r"(case_[0-9a-f]{32}):(\d+):([a-z]+)\Z")


class Told(msgspec.Struct, frozen=True):
    """What a notice is about."""

    case: str
    number: int
    cause: Cause


class CaseWords:
    """Offers word of cases, and says what it holds when it leaves."""

    def __init__(self, store: Store, settings: Settings, queues: Queues) -> None:
        self._store = store
        self._settings = settings
        self._queues = queues

    def acted(self, act: CaseAct, before: Case | None, case: Case) -> None:
        """An act is kept: inside its transaction."""
        cause = _cause(act, before, case)
        if cause is not None and (before is None or before.queue in self._open()):
            self._offer(case, act.number, cause, act.at)

    def judged(self, case: Case) -> None:
        """An appeal was judged, and what is to be undone is kept already: inside the same transaction."""
        if case.state is CaseState.OVERTURNED and self._to_undo(case):
            self._offer(case, case.version, Cause.OVERTURNED, case.updated)

    def stands(self, rule: RoutingRule, named: str) -> tuple[Case, Told] | None:
        """The case of a notice, where a person is needed still and the channel's rule admits it; None otherwise."""
        told = told_in(named)
        case = self._store.cases.get(told.case, self._open()) if told else None
        if told is None or case is None or admits_case(rule, case) is None:
            return None
        return (case, told) if self._waits(case, told.cause) else None

    def word(self, channel: Channel, notice: Notice, *, node: str, at: int, url: str) -> Word | None:
        """What goes out to a channel; None for what needs nobody any more."""
        found = self.stands(channel.rule, notice.warning)
        if found is None:
            return None
        case, told = found
        band, score = BANDS[told.cause]
        values: dict[str, str | int | float] = {"queue": case.queue, "urgency": case.urgency.value}
        title = sentence(Reason(f"case.{told.cause.value}", values), channel.language)
        return Word(
            id=notice.id,
            occasion=OCCASION,
            node=node,
            at=at,
            link=f"{url}{path(case, told.cause)}" if url else "",
            title=title,
            rule=notice.why,
            kind=told.cause.value,
            category=case.category if case.category in channel.rule.categories else "",
            band=band,
            score=score,
            due=case.due if told.cause is Cause.LATE else 0,
            queue=case.queue,
            urgency=case.urgency.value,
        )

    def _offer(self, case: Case, number: int, cause: Cause, at: int) -> None:
        named = set(self._settings.case_channels)
        if not named or case.queue not in self._open():
            return
        what = f"{case.id}:{number}:{cause.value}"
        self._store.outbox.offer(
            [
                Notice(
                    id=notice_id(channel.name, channel.made, what, OCCASION),
                    channel=channel.name,
                    warning=what,
                    occasion=OCCASION,
                    made=at,
                    why=why,
                )
                for channel in self._store.outbox.channels()
                if channel.name in named and (why := admits_case(channel.rule, case)) is not None
            ]
        )

    def _waits(self, case: Case, cause: Cause) -> bool:
        match cause:
            case Cause.URGENT:
                return case.state in OPEN
            case Cause.LATE:
                return case.state not in OVER and case.due > 0 and case.tell > case.due
            case Cause.APPEAL:
                return case.state is CaseState.APPEALED
            case Cause.SECOND:
                return case.proposal is not None
            case Cause.OVERTURNED:
                return self._to_undo(case)

    def _to_undo(self, case: Case) -> bool:
        return bool(self._store.reasons.remedies(case=case.id, still=True))

    def _open(self) -> frozenset[str]:
        return frozenset(queue.id for queue in self._queues.all() if not queue.restricted)


def told_in(named: str) -> Told | None:
    """What a notice names; None for one that is about no case."""
    found = _NAMED.match(named)
    return Told(found[1], int(found[2]), Cause(found[3])) if found else None


def admits_case(rule: RoutingRule, case: Case) -> str | None:
    """Which parts of the rule let a case through, in words; None when one does not.

    What a rule says of warnings (kind, language, risk, score) is asked of no case. Categories neither: a case has none
    when it comes.
    """
    checks = (
        (rule.urgencies, case.urgency, f"urgency is {case.urgency.value}"),
        (rule.queues, case.queue, f"queue is {case.queue}"),
    )
    if not all(not asked or given in asked for asked, given, _ in checks):
        return None
    return "; ".join(said for asked, _, said in checks if asked) or "this channel hears of every case"


def path(case: Case, cause: Cause) -> str:
    """Where to look in the console: a list, so that no id of a case leaves."""
    match cause:
        case Cause.APPEAL:
            return f"/cases?queue={case.queue}&appeals=1"
        case Cause.OVERTURNED:
            return f"/cases?queue={case.queue}&state={case.state.value}"
    return f"/cases?queue={case.queue}"


def _cause(act: CaseAct, before: Case | None, case: Case) -> Cause | None:
    """What of an act is told; an appeal that was judged comes by `CaseWords.judged`."""
    match act.act:
        case "received":
            pressed = case.urgency is Urgency.IMMINENT or not _FLAGS.isdisjoint(case.flags)
            return Cause.URGENT if pressed else None
        case Step.TRIAGE:
            # One that a triage moves as well is told by nobody: where it goes is decided in the next transaction.
            raised = before is None or before.urgency is not case.urgency
            pressing = case.urgency is Urgency.IMMINENT and raised and "to" not in act.detail
            return Cause.URGENT if pressing else None
        case Step.ESCALATE:
            return Cause.LATE
        case Step.APPEAL:
            return Cause.APPEAL
        case Step.PROPOSE:
            return Cause.SECOND
    return None
