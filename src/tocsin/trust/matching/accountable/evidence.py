"""What the log says of a node's standing set and quota: days in a chain, each with a witness's date.

A node's own word for a moment counts for nothing: the date of an entry is the moment at which `need` witnesses had
cosigned a checkpoint that covers it.
"""

from collections import Counter
from enum import StrEnum
from typing import NamedTuple

from tocsin.kernel import BadInput
from tocsin.trust.log_proofs import verify_proof
from tocsin.trust.matching.accountable.answers import Answer, Record, Told
from tocsin.trust.matching.accountable.statements import (
    NOTHING,
    Day,
    Pledge,
    Quota,
    Side,
    digest_of,
    opened_statement,
)
from tocsin.trust.matching.terms import EPOCH_DAYS
from tocsin.wire.strict_json import decode
from tocsin.wire.tlog import NoteKey
from tocsin.wire.tlog.proof import MAX_EXTRA_BYTES

DEFAULT_DAYS = 14
"""Between a record's logging and its first use: a guess of today is asked in two weeks at the earliest."""

MAX_LAG = 2 * 86_400_000_000
"""Microseconds between a statement's own moment and its witnesses': one that claims to be older is back-dated."""

_SECOND = 1_000_000
_DAY = 86_400 * _SECOND


class Fault(StrEnum):
    """What an audit finds, by name."""

    LATE = "late"
    BACK_DATED = "back-dated"
    OVER_QUOTA = "over-quota"
    OUTSIDE_DAYS = "outside-days"
    NO_RECORD = "no-record"
    OTHER_VALUE = "other-value"
    WRONG_PROOF = "wrong-proof"
    NOT_SENT = "not-sent"
    WITHHELD = "withheld"
    WRONG_POSITION = "wrong-position"
    OTHER_SESSION = "other-session"
    OTHER_NONCE = "other-nonce"
    DISPUTED = "disputed"
    UNLOGGED = "unlogged"


class Finding(NamedTuple):
    """One fault, in a sentence; `position` where it is about one."""

    fault: Fault
    why: str
    position: int | None = None


class Audit(NamedTuple):
    """What was opened, and what was found. `values` are the indicators that the auditor learnt."""

    session: str
    side: Side
    positions: tuple[int, ...]
    padding: int
    values: tuple[bytes, ...]
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether these inputs were fixed early and within quota, as far as the drawn positions tell."""
        return not self.findings


class Rules(NamedTuple):
    """Whom an auditor believes: the auditor's own key, both sides' logs, and the witnesses that date entries.

    `need` of them have to have seen an entry, one at least; a record is logged `days` before it is used.
    """

    auditor: NoteKey
    audited: NoteKey
    other: NoteKey
    witnesses: tuple[NoteKey, ...]
    need: int = 1
    days: int = DEFAULT_DAYS

    @property
    def age(self) -> int:
        """In microseconds."""
        return self.days * _DAY


class SeenDay(NamedTuple):
    """A day of records, and when witnesses had seen it; None where they had not."""

    day: Day
    seen: int | None


class History(NamedTuple):
    """Days by number, quotas by digest."""

    days: dict[int, SeenDay]
    quotas: dict[str, Quota]


def logged(told: Told, rules: Rules, act: str, digest: str) -> int | Finding:
    """When witnesses had seen this act about this digest in the audited log (microseconds), or what is wrong."""
    if rules.need < 1:
        return Finding(Fault.UNLOGGED, "no witness is asked for: then nothing has a date; name one at least")
    try:
        proved = verify_proof(told.proof, (rules.audited, *rules.witnesses), need=rules.need)
        said = decode((proved.statement or "").encode(), "the entry", limit=MAX_EXTRA_BYTES, values=1_000)
    except BadInput as error:
        return Finding(Fault.UNLOGGED, error.message)
    if not isinstance(said, dict) or (said.get("act"), said.get("subject")) != (act, digest):
        return Finding(Fault.UNLOGGED, "the entry in the log is about something else")
    first = {one.witness: one.time for one in proved.cosigned}
    return sorted(first.values())[rules.need - 1] * _SECOND


def history_of(answer: Answer, pledge: Pledge, rules: Rules, made: int) -> tuple[History, list[Finding]]:
    """Quotas and days of an answer, and what is wrong with them.

    1. Each quota is of this log and kind and is logged; the pledge's so many days before the session. 2. The days lead
    from the one that the pledge names backwards, without a gap. 3. Each is logged, and witnesses saw it soon after the
    moment it gives. 4. No week has more records than the quotas that its days name; the oldest week is told whole.
    """
    history, wrong = History({}, {}), list[Finding]()
    for told in answer.quotas:  # 1
        quota = opened_statement(told.note, rules.audited)
        if not isinstance(quota, Quota) or quota.kind is not pledge.kind:
            raise BadInput("a statement in the answer stands where a quota of this kind belongs")
        digest = digest_of(quota)
        seen = logged(told, rules, "match.quota", digest)
        if isinstance(seen, Finding):
            wrong.append(seen)
            continue
        history.quotas[digest] = quota
        if digest == pledge.quota and seen > made - rules.age:
            wrong.append(
                Finding(Fault.LATE, f"the quota was not logged {rules.days} days before the session")
            )
    if pledge.quota not in history.quotas:
        wrong.append(Finding(Fault.OVER_QUOTA, "the quota that the pledge names is not shown, or not logged"))
    expected = pledge.days
    for told in answer.days:
        day = opened_statement(told.note, rules.audited)
        if not isinstance(day, Day) or day.kind is not pledge.kind:
            raise BadInput("a statement in the answer stands where a day of this kind belongs")
        if digest_of(day) != expected:  # 2
            wrong.append(Finding(Fault.OUTSIDE_DAYS, f"day {day.number} does not lead to the pledge's"))
            break
        expected = day.before
        seen = logged(told, rules, "match.day", digest_of(day))  # 3
        if isinstance(seen, Finding):
            wrong.append(seen._replace(why=f"day {day.number}: {seen.why}"))
        elif seen > day.at + MAX_LAG:
            wrong.append(
                Finding(Fault.BACK_DATED, f"day {day.number} claims a moment long before any witness saw it")
            )
        history.days[day.number] = SeenDay(day, None if isinstance(seen, Finding) else seen)
    wrong += _over(history, answer)  # 4
    return history, wrong


def week_of_day(day: Day) -> int:
    """The number of the week in which its records count, as `matching.epoch_of` numbers them."""
    return day.at // (EPOCH_DAYS * _DAY)


def _over(history: History, answer: Answer) -> list[Finding]:
    wrong: list[Finding] = []
    taken: Counter[int] = Counter()
    most: dict[int, int] = {}
    for seen in history.days.values():
        week = week_of_day(seen.day)
        taken[week] += seen.day.records
        quota = history.quotas.get(seen.day.quota)
        if quota is None:
            wrong.append(
                Finding(
                    Fault.OVER_QUOTA,
                    f"the quota that day {seen.day.number} names is not shown, or not logged",
                )
            )
        else:
            most[week] = max(most.get(week, 0), quota.records)
    wrong += [
        Finding(Fault.OVER_QUOTA, f"{count} records in week {week}; logged were at most {most[week]}")
        for week, count in taken.items()
        if week in most and count > most[week]
    ]
    if history.days:
        oldest = history.days[min(history.days)].day
        used = {one.meant.day for one in answer.openings if isinstance(one.meant, Record)}
        needed = {week_of_day(history.days[number].day) for number in used & history.days.keys()}
        if oldest.before != NOTHING and week_of_day(oldest) in needed:
            wrong.append(
                Finding(
                    Fault.OVER_QUOTA, "the oldest week is not told whole: how much it took up is not known"
                )
            )
    return wrong
