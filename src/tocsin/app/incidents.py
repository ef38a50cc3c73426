"""Incidents of cases: facts and moments as people said them, the duties they chose, the grade and clocks of each.

Enters: what duty officers say. Leaves: an incident with its whole history, computed anew each time it is read. Refuses:
a fact outside the closed list, a moment said twice without a reason. Who may not see the case sees no incident of it:
the answer is that of one that is not there.
"""

import os
from collections.abc import Mapping, Sequence
from typing import Protocol

import msgspec

from tocsin.app.access import Access
from tocsin.app.duty_packs import DutyPacks
from tocsin.cases.duties import Duty, accepted, deadlines, fact, grade
from tocsin.kernel import BadInput, Caller, Clock, NotFound, at_micros, micros
from tocsin.kernel.cases import Case, CaseWords, Queue
from tocsin.kernel.duties import (
    ClockStart,
    Deadline,
    DutyReportState,
    FactValue,
    Graded,
    Incident,
)
from tocsin.kernel.incidents import ChangeKind, IncidentChange
from tocsin.store.interface import Store
from tocsin.taxonomy.incident_tags import checked as checked_tags
from tocsin.trust.seal import Entropy

READ, MANAGE = "incident.read", "incident.manage"
ID_BYTES = 8
MIN_REASON_CHARS, MAX_REASON_CHARS = 8, 400
AHEAD_MICROS = 300_000_000
"""A moment may lie five minutes ahead of this node's clock: two clocks are never quite equal."""

MAX_DUTIES = 40


class CasesOf(Protocol):
    """Cases as their own service gives them: NotFound for one that a person may not see."""

    def get(self, by: Caller, case_id: str) -> Case: ...
    def words(self, by: Caller, case_id: str) -> CaseWords: ...


class QueuesOf(Protocol):
    """Queues by their ids."""

    def get(self, queue_id: str) -> Queue: ...


class Standing(msgspec.Struct, frozen=True):
    """An incident under one duty, as it stands at a moment."""

    duty: Duty
    graded: Graded
    deadlines: tuple[Deadline, ...]


class Clocked(msgspec.Struct, frozen=True):
    """One clock of one incident."""

    incident: Incident
    deadline: Deadline


class Incidents:
    """Every look needs `incident.read` and the right to see the case; every change `incident.manage`."""

    def __init__(
        self,
        store: Store,
        access: Access,
        cases: CasesOf,
        queues: QueuesOf,
        packs: DutyPacks,
        clock: Clock,
        *,
        under: Sequence[str] = (),
        entropy: Entropy = os.urandom,
    ) -> None:
        self._store = store
        self._access = access
        self._cases = cases
        self._queues = queues
        self._packs = packs
        self._clock = clock
        self._under = frozenset(under)
        self._entropy = entropy

    def open(self, by: Caller, case_id: str, *, moments: Mapping[ClockStart, int] | None = None) -> Incident:
        """A new incident of a case. Raises NotAllowed, NotFound, BadInput, Conflict when the case has one."""
        self._access.require(by, MANAGE)
        case = self._cases.get(by, case_id)
        now = micros(self._clock())
        for moment, at in (moments or {}).items():
            _check_moment(moment, at, now)
        made = Incident(
            id=f"incident_{self._entropy(ID_BYTES).hex()}",
            case=case.id,
            opened=now,
            updated=now,
            moments=dict(moments or {}),
        )
        said = ", ".join(f"{moment.value} {_when(at)}" for moment, at in made.moments.items())
        with self._store.together():
            self._store.incidents.add(made, self._change(by, ChangeKind.OPENED, after=said))
            self._audit(by, made, "open")
        return made

    def get(self, by: Caller, incident_id: str) -> Incident:
        """Raises NotAllowed, NotFound: for one that is not there and for one that is not to be seen."""
        self._access.require(by, READ)
        kept = self._store.incidents.get(incident_id)
        try:
            # Asked in either case, so that the answer for a case that is hidden is made as that for one that is not.
            self._cases.get(by, kept.case if kept else incident_id)
        except NotFound:
            raise NotFound(missing(incident_id)) from None
        if kept is None:
            raise NotFound(missing(incident_id))
        return kept

    def of_case(self, by: Caller, case_id: str) -> Incident | None:
        """Raises NotAllowed, NotFound as the case itself."""
        self._access.require(by, READ)
        return self._store.incidents.of_case(self._cases.get(by, case_id).id)

    def listed(self, by: Caller, *, closed: bool | None = None) -> tuple[Incident, ...]:
        """Newest first, of those whose case this person may see. Raises NotAllowed."""
        self._access.require(by, READ)
        return tuple(one for one in self._store.incidents.listed(closed=closed) if self._sees(by, one))

    def history(self, by: Caller, incident_id: str) -> tuple[IncidentChange, ...]:
        """Every change, oldest first. Raises NotAllowed, NotFound."""
        return self._store.incidents.history(self.get(by, incident_id).id)

    def set_facts(
        self, by: Caller, incident_id: str, facts: Mapping[str, FactValue | None], *, reason: str = ""
    ) -> Incident:
        """Say facts, or take them back with None. Raises NotAllowed, NotFound, BadInput, Conflict."""
        before = self._editable(by, incident_id)
        known = {name: accepted(name, value) for name, value in facts.items() if value is not None}
        gone = {fact(name).id for name, value in facts.items() if value is None}
        after = {name: value for name, value in {**before.facts, **known}.items() if name not in gone}
        changes = [
            self._change(
                by,
                ChangeKind.FACT,
                name=name,
                before=_shown(before.facts.get(name)),
                after=_shown(after.get(name)),
                reason=_stated(reason, optional=True),
            )
            for name in facts
            if before.facts.get(name) != after.get(name)
        ]
        return self._put(by, msgspec.structs.replace(before, facts=after), changes)

    def set_moment(
        self, by: Caller, incident_id: str, moment: ClockStart, at: int, *, reason: str = ""
    ) -> Incident:
        """Say when. One that was said already is corrected only with a reason, and the history keeps both.

        Raises NotAllowed, NotFound, BadInput, Conflict.
        """
        before = self._editable(by, incident_id)
        _check_moment(moment, at, micros(self._clock()))
        stood = before.moments.get(moment)
        if stood == at:
            return before
        if stood is not None and not reason.strip():
            raise BadInput(
                f"{moment.value} was said already ({_when(stood)}): give a reason to correct it; both are kept"
            )
        change = self._change(
            by,
            ChangeKind.MOMENT,
            name=moment.value,
            before="" if stood is None else _when(stood),
            after=_when(at),
            reason=_stated(reason, optional=stood is None),
        )
        moments = {**before.moments, moment: at}
        return self._put(by, msgspec.structs.replace(before, moments=moments), [change])

    def name_duties(self, by: Caller, incident_id: str, duties: Sequence[str]) -> Incident:
        """Say which duties apply, all of them. Raises NotAllowed, NotFound, BadInput, Conflict."""
        before = self._editable(by, incident_id)
        if len(duties) > MAX_DUTIES:
            raise BadInput(f"an incident is held against at most {MAX_DUTIES} duties")
        named = tuple(self._packs.get(one).id for one in dict.fromkeys(duties))
        change = self._change(by, ChangeKind.DUTIES, before=" ".join(before.duties), after=" ".join(named))
        return self._put(
            by, msgspec.structs.replace(before, duties=named), [change] * (named != before.duties)
        )

    def set_tags(self, by: Caller, incident_id: str, tags: Mapping[str, Sequence[str]]) -> Incident:
        """Tags of the dimensions that are named; an empty one is cleared. Raises as `set_facts`."""
        before = self._editable(by, incident_id)
        merged = checked_tags({**before.tags, **tags})
        changes = [
            self._change(
                by,
                ChangeKind.TAGS,
                name=name,
                before=" ".join(before.tags.get(name, ())),
                after=" ".join(merged.get(name, ())),
            )
            for name in tags
            if before.tags.get(name, ()) != merged.get(name, ())
        ]
        return self._put(by, msgspec.structs.replace(before, tags=merged), changes)

    def close(self, by: Caller, incident_id: str, *, reason: str) -> Incident:
        """End it: its clocks are shown no more. Raises NotAllowed, NotFound, BadInput, Conflict."""
        before = self._editable(by, incident_id)
        change = self._change(by, ChangeKind.CLOSED, reason=_stated(reason))
        return self._put(by, msgspec.structs.replace(before, closed=micros(self._clock())), [change])

    def reopen(self, by: Caller, incident_id: str, *, reason: str) -> Incident:
        """Take the end back. Raises as `close`."""
        self._access.require(by, MANAGE)
        before = self.get(by, incident_id)
        if before.closed is None:
            raise BadInput("this incident is open")
        change = self._change(by, ChangeKind.REOPENED, reason=_stated(reason))
        return self._put(by, msgspec.structs.replace(before, closed=None), [change])

    def suggested(self, incident: Incident) -> tuple[Duty, ...]:
        """Duties that the node's settings name (by duty, pack or jurisdiction) and that nothing known shuts out.

        A person chooses: nothing is applied by this.
        """
        found = []
        for pack in self._packs.packs:
            for duty in pack.duties:
                named = self._under & {duty.id, pack.id, pack.jurisdiction}
                if named and not _shut_out(grade(duty, incident)):
                    found.append(duty)
        return tuple(found)

    def standings(
        self, incident: Incident, duties: Sequence[str] | None = None, *, language: str = "en"
    ) -> tuple[Standing, ...]:
        """Grade and clocks under each duty that a person named, or under `duties`, of those whose pack is here.

        `language` is that of how each clock was reckoned.
        """
        now = micros(self._clock())
        sent = self._sent(incident.id)
        found = map(self._packs.find, incident.duties if duties is None else duties)
        return tuple(
            Standing(
                duty, grade(duty, incident), deadlines(duty, incident, sent.get(duty.id, {}), now, language)
            )
            for duty in found
            if duty is not None
        )

    def clocks(self, by: Caller, *, limit: int = 200) -> tuple[Clocked, ...]:
        """Every clock that runs in what this person may see, the nearest first. Raises NotAllowed."""
        return self.running(self.listed(by, closed=False))[:limit]

    def running(self, incidents: Sequence[Incident]) -> tuple[Clocked, ...]:
        """Every clock that runs in these, the nearest first: what was sent once and does not repeat runs no more."""
        found = [
            Clocked(incident, deadline)
            for incident in incidents
            for standing in self.standings(incident)
            for deadline in standing.deadlines
            if runs(deadline)
        ]
        return tuple(sorted(found, key=lambda one: (one.deadline.due or 0, one.incident.id)))

    def noted(self, by: Caller, incident: Incident, changes: Sequence[IncidentChange]) -> Incident:
        """Keep changes that concern its reports, within `store.together()`."""
        return self._put(by, incident, list(changes))

    def note(self, by: Caller, name: str, after: str, reason: str = "") -> IncidentChange:
        """A change of a report, to be kept with `noted`."""
        return self._change(by, ChangeKind.REPORT, name=name, after=after, reason=reason)

    def named(self, by: Caller, incident: Incident) -> str:
        """How the audit names it: of a restricted queue not at all (ADR 0043)."""
        return "" if self._queues.get(self._cases.get(by, incident.case).queue).restricted else incident.id

    def _sees(self, by: Caller, incident: Incident) -> bool:
        try:
            self._cases.get(by, incident.case)
        except NotFound:
            return False
        return True

    def _editable(self, by: Caller, incident_id: str) -> Incident:
        self._access.require(by, MANAGE)
        found = self.get(by, incident_id)
        if found.closed is not None:
            raise BadInput("this incident is closed: reopen it with a reason, then change it")
        return found

    def _sent(self, incident_id: str) -> dict[str, dict[str, int]]:
        """Duty → step → when it was last sent."""
        sent: dict[str, dict[str, int]] = {}
        for one in self._store.duty_reports.of(incident_id):
            if one.state is DutyReportState.SENT and one.sent is not None:
                steps = sent.setdefault(one.duty, {})
                steps[one.step] = max(one.sent, steps.get(one.step, 0))
        return sent

    def _put(self, by: Caller, incident: Incident, changes: list[IncidentChange]) -> Incident:
        if not changes:
            return incident
        after = msgspec.structs.replace(incident, version=incident.version + 1, updated=micros(self._clock()))
        with self._store.together():
            self._store.incidents.change(after, changes)
            self._audit(by, after, changes[0].kind.value)
        return after

    def _change(self, by: Caller, kind: ChangeKind, **said: str) -> IncidentChange:
        return IncidentChange(incident="", number=0, at=micros(self._clock()), by=by.user, kind=kind, **said)

    def _audit(self, by: Caller, incident: Incident, act: str) -> None:
        self._access.audit(by.user, f"incident.{act}", subject=self.named(by, incident), purpose="")


def missing(incident_id: str) -> str:
    """The one answer for an incident that is not there and for one that somebody may not know of."""
    return f"there is no incident {incident_id[:64]}: `tocsin incident list` shows those that you may see"


def _shut_out(graded: Graded) -> bool:
    return any(one.met is False for one in graded.scope)


def runs(deadline: Deadline) -> bool:
    """Whether a clock runs: it has an end, and nothing more was sent that ends it."""
    return deadline.applies and deadline.due is not None and not deadline.over


def _check_moment(moment: ClockStart, at: int, now: int) -> None:
    if moment is ClockStart.PREVIOUS:
        raise BadInput("when a report was sent is said of the report: `tocsin incident report sent`")
    if not 0 < at <= now + AHEAD_MICROS:
        raise BadInput("a moment lies in the past: give it with its offset, like 2026-11-20T09:30:00+01:00")


def _stated(reason: str, *, optional: bool = False) -> str:
    said = " ".join(reason.split())
    if optional and not said:
        return ""
    if not MIN_REASON_CHARS <= len(said) <= MAX_REASON_CHARS:
        raise BadInput(f"give a reason in {MIN_REASON_CHARS} to {MAX_REASON_CHARS} characters")
    return said


def _shown(value: FactValue | None) -> str:
    return "" if value is None else msgspec.json.encode(value).decode().strip('"')


def _when(at: int) -> str:
    return at_micros(at).isoformat(timespec="seconds").replace("+00:00", "Z")
