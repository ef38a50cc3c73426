"""The public transparency report: made from the cases' own acts and from the audit, published by a person.

What is counted: cases by origin, conduct and language; decisions by measure and ground; grave ones; appeals; the time
to a decision; requests by authorities; openings of sealed words. Small numbers are withheld, restricted queues are in
totals alone (`cases.transparency`). Whether the audit and the cases say the same is told with it.
"""

import os
from collections import Counter
from collections.abc import Iterable, Mapping

import msgspec

from tocsin.app.access import Access
from tocsin.app.cases import WORDS_ACT
from tocsin.app.openings import CONVERSATION, EXHIBIT, SAMPLES, SUBJECT
from tocsin.app.public_reports import CONTACT_ACT
from tocsin.app.queues import Queues
from tocsin.app.request_counts import Counted, RequestCounts
from tocsin.cases.transparency import Report, Table, as_json, delay, table
from tocsin.kernel import BadInput, Caller, Clock, Conflict, Means, NotAllowed, NotFound, micros
from tocsin.kernel.cases import Case, CaseAct, CaseOrigin
from tocsin.kernel.disposing import GRAVE, Ground
from tocsin.store.interface import Store
from tocsin.store.request_interface import Published
from tocsin.trust.seal import Entropy

READ, PUBLISH = "transparency.read", "transparency.publish"
REQUEST_SHOWN = "request.show"
OPENINGS = (SAMPLES, CONVERSATION, SUBJECT, WORDS_ACT, CONTACT_ACT, EXHIBIT, REQUEST_SHOWN)
"""Acts of the audit that open what somebody wrote or who they are."""
DECIDES = ("dispose", "approve")
_HOUR = 3_600_000_000

Key = tuple[str, ...]


class Kept(msgspec.Struct, frozen=True):
    """A report and where it stands. `published` is when it was let out, None before."""

    id: str
    report: Report
    at: int
    published: int | None


class _Tally:
    """What acts add up to; restricted queues in `apart` alone."""

    def __init__(self) -> None:
        self.rows: dict[str, Counter[Key]] = {}
        self.apart: Counter[str] = Counter()
        self.hours: list[float] = []

    def add(self, name: str, key: Key, *, restricted: bool) -> None:
        if restricted:
            self.apart[name] += 1
        else:
            self.rows.setdefault(name, Counter())[key] += 1


class Transparency:
    """Reports of this node: made, looked at, published."""

    def __init__(
        self,
        store: Store,
        access: Access,
        queues: Queues,
        requests: RequestCounts,
        clock: Clock,
        name: str,
        entropy: Entropy = os.urandom,
    ) -> None:
        self._store = store
        self._access = access
        self._queues = queues
        self._requests = requests
        self._clock = clock
        self._name = name
        self._entropy = entropy

    def report(self, by: Caller, *, since: int, until: int) -> Report:
        """What this node did from `since` to before `until`. Raises NotAllowed, BadInput for a time not over yet."""
        self._access.require(by, READ)
        now = micros(self._clock())
        if not since < until <= now:
            raise BadInput(
                "a report is of a time that is over: name its first day, and the day after its last"
            )
        audited = self._store.transparency.audit_counts(since=since, until=until)
        found = _Tally()
        decided: Counter[str] = Counter()
        unrestricted = self._queues.unrestricted()
        for case, act in self._store.transparency.acts(since=since, until=until):
            # a queue whose file is gone may have been restricted: nobody can say any more
            _count(found, case, act, restricted=case.queue not in unrestricted)
            if act.act in DECIDES:
                decided[act.act] += 1
        agrees = all(audited.get((f"case.{act}", "done"), 0) == decided[act] for act in DECIDES)
        asked = self._requests.of(since=since, until=until)
        return Report(
            node=self._name,
            since=since,
            until=until,
            made=now,
            agrees=agrees,
            tables=(*_case_tables(found), _requests(asked), self._openings(since, until)),
            delay=delay(found.hours),
        )

    def keep(self, by: Caller, *, since: int, until: int) -> Kept:
        """Make a report and keep it, for a person to look at and publish. Raises as `report`."""
        self._access.require(by, PUBLISH)
        made = self.report(by, since=since, until=until)
        kept = Published(
            id=f"transparency_{self._entropy(8).hex()}",
            since=since,
            until=until,
            at=made.made,
            by=by.user,
            body=as_json(made),
        )
        with self._store.together():
            self._store.transparency.add(kept)
            self._access.audit(by.user, "transparency.make", subject=kept.id, purpose="")
        return _kept(kept)

    def publish(self, by: Caller, report_id: str) -> Kept:
        """Let a report out. Two that overlap are not both let out: their difference would tell what each withholds.

        Raises NotAllowed, NotFound, Conflict.
        """
        self._access.require(by, PUBLISH)
        if by.means is Means.STANDING:
            raise NotAllowed("a person publishes a report, not the node by itself")
        with self._store.together():
            found = self._found(report_id)
            for other in self._store.transparency.listed(published=True):
                if other.id != report_id and other.since < found.until and found.since < other.until:
                    raise Conflict(
                        "a report of a part of this time is out: what one withholds, their difference would tell"
                    )
            done = self._store.transparency.publish(report_id, at=micros(self._clock()), by=by.user)
            self._access.audit(by.user, "transparency.publish", subject=report_id, purpose="")
        return _kept(done)

    def listed(self, by: Caller) -> tuple[Kept, ...]:
        """Every report, newest first. Raises NotAllowed."""
        self._access.require(by, READ)
        return tuple(map(_kept, self._store.transparency.listed()))

    def get(self, by: Caller, report_id: str) -> Kept:
        """Raises NotAllowed, NotFound."""
        self._access.require(by, READ)
        return _kept(self._found(report_id))

    def public(self) -> tuple[Kept, ...]:
        """What is out, newest first: for anybody, where the node's settings show it."""
        return tuple(map(_kept, self._store.transparency.listed(published=True)))

    def _openings(self, since: int, until: int) -> Table:
        found = self._store.transparency.audit_subjects(OPENINGS, since=since, until=until)
        rows: Counter[Key] = Counter()
        apart = 0
        for (act, subject), count in found.items():
            if self._is_open(act, subject):
                rows[act,] += count
            else:
                apart += count
        return table("openings", "Openings of sealed words", ("act",), rows, apart=apart)

    def _is_open(self, act: str, subject: str) -> bool:
        """Whether it was of no case, or of one that is in an open queue now."""
        case = subject
        if act in (SAMPLES, CONVERSATION, SUBJECT):
            return True
        if act == EXHIBIT:  # a package's own id says nothing of its case: it counts in the total alone
            exhibit = self._store.exhibits.get(subject)
            case = exhibit.case if exhibit else ""
        elif act == REQUEST_SHOWN:
            request = self._store.authority_requests.get(subject)
            case = request[0].case if request else ""
            if request and not case:
                return True
        return bool(case) and self._store.cases.get(case, self._queues.unrestricted()) is not None

    def _found(self, report_id: str) -> Published:
        found = self._store.transparency.get(report_id)
        if found is None:
            raise NotFound("there is no such report: `tocsin transparency list` shows those there are")
        return found


def _count(found: _Tally, case: Case, act: CaseAct, *, restricted: bool) -> None:
    """One act into the tables it belongs to."""
    if act.number == 1:
        found.add("origins", (case.origin.value,), restricted=restricted)
        found.add("categories", (case.category or "not yet said",), restricted=restricted)
        if case.origin is CaseOrigin.REPORT:
            found.add("languages", (case.lang,), restricted=restricted)
    elif act.act in DECIDES or (act.act == "overturn" and act.detail.get("measures")):
        measures = str(act.detail.get("measures", "")).split()
        ground = case.disposition.ground if case.disposition else Ground.NONE
        for measure in measures:
            found.add("measures", (measure,), restricted=restricted)
        found.add("grounds", (ground.value,), restricted=restricted)
        grave = "two people" if act.act == "approve" else "one person"
        found.add("deciders", (grave,), restricted=restricted)
        if set(measures) & {one.value for one in GRAVE}:
            found.add("grave", (grave,), restricted=restricted)
        if not restricted and act.act in DECIDES:
            found.hours.append((act.at - case.received) / _HOUR)
    elif act.act in ("appeal", "uphold", "overturn"):
        found.add("appeals", (act.act,), restricted=restricted)
    if act.act == "overturn" and act.detail.get("measures"):
        found.add("appeals", ("overturn",), restricted=restricted)


_TITLES: Mapping[str, tuple[str, str]] = {
    "origins": ("Cases that began, by where they came from", "origin"),
    "categories": ("Cases that began, by conduct", "conduct"),
    "languages": ("Reports from outside, by language", "language"),
    "measures": ("Measures that were decided", "measure"),
    "grounds": ("Decisions, by ground", "ground"),
    "deciders": ("Decisions, by how many people decided", "decided by"),
    "grave": ("Grave measures, by how many people decided", "decided by"),
    "appeals": ("Appeals, and what became of them", "act"),
}


def _case_tables(found: _Tally) -> Iterable[Table]:
    for name, (title, column) in _TITLES.items():
        yield table(name, title, (column,), found.rows.get(name, {}), apart=found.apart[name])


def _requests(asked: Counted) -> Table:
    rows: dict[Key, int] = {(kind, became): count for (kind, became), count in asked.rows.items()}
    columns = ("who asked", "what became of it")
    return table("requests", "Requests by authorities", columns, rows, apart=asked.apart)


def _kept(kept: Published) -> Kept:
    return Kept(kept.id, msgspec.json.decode(kept.body, type=Report), kept.at, kept.published)
