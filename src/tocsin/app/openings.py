"""Every opening of sealed text: bounded by person and purpose, written down before it happens, told to auditors.

A person opens samples of a warning, or the file that another person asked for; the node opens fingerprints to compare
them. Each leaves a line with who, in which roles, for which purpose, how many, and of what.
"""

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

import msgspec

from tocsin.app.access import Access
from tocsin.kernel import Approval, BadInput, Caller, Clock, Means, NotAllowed, Role, at_micros, micros
from tocsin.store import AuditRow, Store

SAMPLES, CONVERSATION, SUBJECT = "sample.open", "conversation.open", "subject.open"
EXHIBIT = "exhibit.open"
BOUNDED = (SAMPLES, CONVERSATION, EXHIBIT)
"""What counts against a day's bound; a subject's own file was asked for and needs two people anyway."""
MACHINE_ACTS = frozenset({"sketch.open", "text.open", "identifier.open"})
"""What the node opens for itself: fingerprints to compare, texts for a guard model, identifiers for exclusion lists."""
ACTS = (*BOUNDED, SUBJECT, *sorted(MACHINE_ACTS))
ALLOW = "openings.allow"

MAX_TEXTS_A_DAY = 120
"""Texts that one person opens in a day, and that are opened for one purpose, before somebody else has said yes. Ten
warnings with all their samples: a full day of review. Both, because a purpose can be worded anew."""

MAX_LISTED = 200
MAX_READ = 20_000
"""Lines of one act that a page reads: beyond, a year of a busy node, it says so."""

MAX_WEEKS = 53
DEFAULT_WEEKS = 8
_WARNING_ID = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}").fullmatch
MACHINE = "machine"
"""The role under which the node itself opens fingerprints."""


class Opening(msgspec.Struct, frozen=True):
    """One line. `texts` that people opened, `sketches` or whatever else the node did; `roles` as they were then."""

    at: int
    who: str
    roles: str
    act: str
    purpose: str
    subject: str
    texts: int
    sketches: int
    outcome: str

    @property
    def warning(self) -> bool:
        """Its subject is a warning, not the single event of a drawn sample: warnings have UUIDv5 ids."""
        return self.act == SAMPLES and _WARNING_ID(self.subject) is not None


class Week(msgspec.Struct, frozen=True):
    """What may be told to anybody of one week (from Monday, UTC): counts, no person, no purpose, no warning."""

    begins: str
    openings: int
    texts: int
    warnings: int
    people: int
    refused: int
    sketches: int


class Openings:
    """Lets texts be opened within the bound, and says what was opened."""

    def __init__(self, store: Store, access: Access, clock: Clock) -> None:
        self._store = store
        self._access = access
        self._clock = clock

    def note(self, by: Caller, act: str, *, subject: str, purpose: str, texts: int) -> None:
        """Write an opening down before it happens. Raises NotAllowed, audited, where another must say yes first.

        The line is written before the day is counted, in one transaction: of two requests at once each sees the other.
        """
        now = self._clock()
        row = AuditRow(
            at=micros(now),
            who=by.user,
            act=act,
            subject=subject,
            purpose=purpose,
            outcome="done",
            detail={"events": texts, "roles": " ".join(sorted(by.roles))},
        )
        allowed = MAX_TEXTS_A_DAY * (1 + len(self._others(by.user, now.date())))
        try:
            with self._store.together():
                self._store.audit.write(row)
                today = [one for kind in BOUNDED for one in self._of(kind, since=_midnight(now.date()))]
                self._within(sum(one.texts for one in today if one.who == by.user), allowed, "you opened")
                same = _folded(purpose)
                self._within(
                    sum(one.texts for one in today if _folded(one.purpose) == same),
                    allowed,
                    "were opened for this purpose",
                )
        except NotAllowed:
            self._access.audit(
                by.user, act, subject=subject, purpose=purpose, outcome="refused", detail={"events": texts}
            )
            raise

    def allow(self, by: Caller, name: str) -> None:
        """A second person's yes: as much again for a colleague today. Raises NotAllowed, NotFound, BadInput."""
        self._access.require(by, ALLOW)
        if by.means is Means.OPERATOR or by.has(Role.PEER, Role.SOURCE):
            raise NotAllowed("a person says yes, in the console or with a token of their own")
        user = self._access.named(name)
        if self._access.person(user.id) == self._access.person(by.user):
            raise BadInput("somebody else says yes: nobody allows themselves")
        now = self._clock()
        self._store.approvals.add(Approval(_digest(user.id, now.date()), by.user, "", micros(now)))
        self._access.audit(by.user, ALLOW, subject=user.name, purpose="more texts today")

    def listed(self, *, limit: int = MAX_LISTED) -> tuple[Opening, ...]:
        """Openings, newest first."""
        found = [one for act in ACTS for one in self._of(act, limit=limit)]
        return tuple(sorted(found, key=lambda one: one.at, reverse=True)[:limit])

    def weeks(self, number: int = DEFAULT_WEEKS) -> tuple[Week, ...]:
        """The last weeks, this one first: fit to be published as it is. Raises BadInput."""
        if not 1 <= number <= MAX_WEEKS:
            raise BadInput(f"ask for 1 to {MAX_WEEKS} weeks")
        today = self._clock().date()
        monday = today - timedelta(days=today.weekday())
        begins = [monday - timedelta(weeks=back) for back in range(number)]
        found = [one for act in ACTS for one in self._of(act, since=_midnight(begins[-1]), refused=True)]
        return tuple(_week(day, [one for one in found if _monday(one.at) == day]) for day in begins)

    def _of(self, act: str, *, since: int = 0, limit: int = MAX_READ, refused: bool = False) -> list[Opening]:
        rows = self._store.audit.read(act=act, since=since, limit=limit)
        return [_opening(row) for row in rows if refused or row.outcome == "done"]

    def _others(self, user_id: str, day: date) -> frozenset[str]:
        """Distinct people, not this one, who said yes for today and still may."""
        found = []
        for approval in self._store.approvals.of(_digest(user_id, day)):
            user = self._store.people.user(approval.user)
            if user is None or user.disabled:
                continue
            standing = Caller(
                user=user.id, name=user.name, roles=frozenset(user.roles), means=Means.SESSION, mfa=True
            )
            if self._access.may(standing, ALLOW):
                found.append(user.id)
        return self._access.distinct_people(found) - {self._access.person(user_id)}

    @staticmethod
    def _within(texts: int, allowed: int, what: str) -> None:
        if texts > allowed:
            raise NotAllowed(
                f"{allowed} texts a day {what}, and this would be more: somebody else says yes first, on the page of "
                "openings or with `tocsin watch allow NAME --token -`"
            )


def _opening(row: AuditRow) -> Opening:
    machine = row.act in MACHINE_ACTS
    return Opening(
        at=row.at,
        who=row.who,
        roles=MACHINE if machine else str(row.detail.get("roles", "")),
        act=row.act,
        purpose=row.purpose,
        subject=row.subject,
        texts=0 if machine else int(row.detail.get("events", 0)),
        sketches=int(row.detail.get("sketches", row.detail.get("events", 0))) if machine else 0,
        outcome=row.outcome,
    )


def _week(begins: date, found: Sequence[Opening]) -> Week:
    done = [one for one in found if one.outcome == "done"]
    opened = [one for one in done if one.act not in MACHINE_ACTS]
    return Week(
        begins=begins.isoformat(),
        openings=len(opened),
        texts=sum(one.texts for one in opened),
        warnings=len({one.subject for one in opened if one.warning}),
        people=len({one.who for one in opened}),
        refused=len(found) - len(done),
        sketches=sum(one.sketches for one in done),
    )


def _monday(at: int) -> date:
    day = at_micros(at).date()
    return day - timedelta(days=day.weekday())


def _midnight(day: date) -> int:
    return micros(datetime.combine(day, time(), UTC))


def _folded(purpose: str) -> str:
    """Two purposes that differ in case and spaces are one."""
    return " ".join(purpose.casefold().split())


def _digest(user_id: str, day: date) -> str:
    """What a yes is for: this person, on this day."""
    return hashlib.sha256(msgspec.json.encode(("openings", user_id, day.isoformat()))).hexdigest()
