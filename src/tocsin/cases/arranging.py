"""What a person may arrange of warnings, and how each then stands: two that are one, one that is two, one that
waits."""

import uuid
from collections.abc import Mapping, Sequence

import msgspec

from tocsin.cases.disposition import MAX_STATEMENT_CHARS, MIN_STATEMENT_CHARS
from tocsin.kernel import (
    BadInput,
    Caller,
    Conflict,
    Event,
    Handling,
    Reason,
    Snooze,
    Warning,
    WarningStatus,
)

MAX_PARTS = 50
"""Warnings merged into one: a reviewer who merges more wants a rule."""

MAX_SNOOZE_DAYS = 90
SNOOZE_DAYS = 7
FACTOR = 2.0
"""How much the score must grow for a snoozed warning to wake, unless somebody says otherwise."""

LEAST_FACTOR, MOST_FACTOR = 1.1, 10.0
DAY_US = 86_400_000_000
UNDECIDED = frozenset({WarningStatus.OPEN, WarningStatus.QUIETED, WarningStatus.SNOOZED})
NAMESPACE = uuid.UUID("6f0a9c1e-5a3b-5b7e-8d55-0c7b3f1f7a10")
"""Of warning ids (`correlate.describing`): a part that is split off twice is the same part."""


def merged(
    kept: Warning, part: Warning, of_kept: Handling, of_part: Handling, statement: str
) -> tuple[Handling, Handling]:
    """How both stand when `part` is one thing with `kept`. What was merged into the part comes along.

    Raises BadInput, Conflict.
    """
    check_statement(statement)
    if kept.id == part.id:
        raise BadInput("a warning is one thing with itself already: name another")
    for one in (kept, part):
        if one.status not in UNDECIDED:
            raise Conflict(f"warning {one.id} is {one.status.value}: only what is undecided is merged")
    parts = tuple(dict.fromkeys((*of_kept.parts, part.id, *of_part.parts)))
    if len(parts) > MAX_PARTS:
        raise BadInput(f"at most {MAX_PARTS} warnings are merged into one: decide this one first")
    return (
        msgspec.structs.replace(of_kept, parts=parts),
        msgspec.structs.replace(of_part, merged_into=kept.id, parts=(), snooze=None),
    )


def split_off(
    warning: Warning,
    handling: Handling,
    events: Sequence[str],
    facts: Mapping[str, Event],
    statement: str,
    now: int,
) -> tuple[Handling, Warning, Handling]:
    """How the warning stands without these of its samples, and the warning that they make by themselves.

    Raises BadInput, Conflict.
    """
    check_statement(statement)
    given = tuple(dict.fromkeys(events))
    if warning.status not in UNDECIDED:
        raise Conflict(f"this warning is {warning.status.value}: only what is undecided is split")
    if not given or not set(given) <= set(warning.samples):
        raise BadInput("name samples of this warning: the events that are another thing")
    if len(given) == len(warning.samples):
        raise BadInput("that is all of it: leave at least one sample")
    kept = [facts[event] for event in given if event in facts]
    if len(kept) < len(given):
        raise BadInput("one of these events is no longer kept: leave it out")
    times = sorted(event.time for event in kept)
    key = f"{warning.key}/{','.join(sorted(given))}"
    days: dict[int, int] = {}
    for time in times:
        days[time // DAY_US * DAY_US] = days.get(time // DAY_US * DAY_US, 0) + 1
    made = Warning(
        id=str(uuid.uuid5(NAMESPACE, f"split:{key}")),
        kind=warning.kind,
        key=key,
        category=warning.category,
        actors=len({event.actor for event in kept}),
        events=len(kept),
        first_seen=times[0],
        last_seen=times[-1],
        score=warning.score,
        threshold=warning.threshold,
        confidence=warning.confidence,
        risk=warning.risk,
        reasons=(Reason("arranged.split", {"events": len(kept), "warning": warning.id}), *warning.reasons),
        refutations=warning.refutations,
        samples=given,
        timeline=tuple(sorted(days.items())),
        updated=now,
    )
    changed = msgspec.structs.replace(handling, given=tuple(dict.fromkeys((*handling.given, *given))))
    return changed, made, Handling(made.id, split_from=warning.id)


def snoozed(
    warning: Warning, handling: Handling, by: Caller, *, days: float, reason: str, factor: float, now: int
) -> Handling:
    """How it stands while it waits. Raises BadInput, Conflict."""
    check_statement(reason)
    if warning.status not in UNDECIDED:
        raise Conflict(f"this warning is {warning.status.value}: only what is undecided may wait")
    if not 0 < days <= MAX_SNOOZE_DAYS:
        raise BadInput(f"a warning waits at most {MAX_SNOOZE_DAYS} days: what may wait longer is dismissed")
    if not LEAST_FACTOR <= factor <= MOST_FACTOR:
        raise BadInput(f"it wakes when its score grows by a factor of {LEAST_FACTOR} to {MOST_FACTOR:g}")
    pause = Snooze(
        by=by.user,
        at=now,
        until=now + int(days * DAY_US),
        reason=reason.strip(),
        score=warning.score,
        factor=factor,
    )
    return msgspec.structs.replace(handling, snooze=pause)


def check_statement(statement: str) -> None:
    """Whoever arranges something says why. Raises BadInput."""
    if not MIN_STATEMENT_CHARS <= len(statement.strip()) <= MAX_STATEMENT_CHARS:
        raise BadInput(f"say why in {MIN_STATEMENT_CHARS} to {MAX_STATEMENT_CHARS} characters")
