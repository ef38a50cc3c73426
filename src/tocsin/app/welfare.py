"""A reviewer's welfare: what is hard to look at comes veiled, within limits that the person set for themselves.

Limits are a person's own. Lower ones hold at once; higher ones from the next day on, or today with a colleague's yes,
so that nobody raises them in the middle of a bad case. How much somebody opened is told to them alone and deleted
after a week; no list, count or rating is made of it: nothing here asks for anybody else's.
"""

import hashlib
from datetime import date, timedelta

import msgspec

from tocsin.app.access import Access
from tocsin.cases.quarantine import Use, forbidden
from tocsin.cases.veiled import MEDIA_TYPE, Veil, veiled
from tocsin.kernel import Approval, BadInput, Caller, Clock, Means, NotAllowed, Role, micros
from tocsin.kernel.cases import Case
from tocsin.kernel.custody import Exhibit
from tocsin.store import Store
from tocsin.store.care_interface import Chosen, Limits

WORDS, ALLOW = "case.words", "openings.allow"
YES = "welfare.allow"

MAX_A_DAY = 200
"""Beyond it nobody looks well, whatever they chose."""
MAX_MINUTES_BETWEEN = 240
MAX_REMIND_AFTER = 100
KEPT_DAYS = 7
"""Counts are for the day; a week, so that a person sees how theirs went."""
_MINUTE = 60_000_000


class Today(msgspec.Struct, frozen=True):
    """A person's own day: `wait_until` is 0 where the next may be opened now."""

    opened: int
    left: int
    wait_until: int
    break_due: bool
    limits: Limits


class Shown(msgspec.Struct, frozen=True):
    """A picture as it is shown, and how the day stands after it."""

    content: bytes
    media_type: str
    today: Today


class Welfare:
    """Limits, counts and veils, each for the person who asks."""

    def __init__(self, store: Store, access: Access, clock: Clock) -> None:
        self._store = store
        self._access = access
        self._clock = clock

    def limits(self, by: Caller) -> Limits:
        """What holds for this person today."""
        chosen = self._store.care.chosen(by.user)
        if chosen is None:
            return Limits()
        due = chosen.later is not None and chosen.later_from <= self._day().isoformat()
        return chosen.later if due and chosen.later is not None else chosen.now

    def later(self, by: Caller) -> Limits | None:
        """What this person chose for the days from tomorrow on, where it is not what holds today."""
        chosen = self._store.care.chosen(by.user)
        due = chosen is None or chosen.later is None or chosen.later_from <= self._day().isoformat()
        return None if chosen is None or due else chosen.later

    def choose(self, by: Caller, limits: Limits) -> Limits:
        """Set one's own limits; what protects less holds from tomorrow. Returns what holds today. Raises BadInput."""
        _person(by)
        _check(limits)
        now = self.limits(by)
        today = _stricter(now, limits)
        if today == limits:
            self._store.care.choose(by.user, Chosen(limits))
        else:
            tomorrow = (self._day() + timedelta(days=1)).isoformat()
            self._store.care.choose(by.user, Chosen(today, limits, tomorrow))
        return today

    def today(self, by: Caller) -> Today:
        """How one's own day stands."""
        return self._today(by, self.limits(by))

    def allow(self, by: Caller, name: str) -> None:
        """A colleague's yes: as much again for somebody today. Raises NotAllowed, NotFound, BadInput."""
        self._access.require(by, ALLOW)
        _person(by)
        user = self._access.named(name)
        if self._access.person(user.id) == self._access.person(by.user):
            raise BadInput("a colleague says yes: nobody does for themselves")
        now = self._clock()
        self._store.approvals.add(Approval(_digest(user.id, now.date()), by.user, "", micros(now)))
        self._access.audit(by.user, YES, subject=user.name, purpose="more today")

    def require_room(self, by: Caller) -> None:
        """One more may be opened now. Raises NotAllowed: asked before anything is opened and written down."""
        self._require_room(by, self.limits(by))

    def show(
        self, by: Caller, case: Case, exhibit: Exhibit, content: bytes, veil: Veil | None = None
    ) -> Shown:
        """A picture of a case as this person may see it now, counted; `veil` is for this one picture.

        1. What is quarantined is never shown. 2. It is within the day's limit and the pause. 3. It is veiled.
        Raises NotAllowed; BadInput for what is no picture, which is not counted.
        """
        self._access.require(by, WORDS)
        refused = forbidden(case, Use.PREVIEW) or forbidden(exhibit, Use.PREVIEW)  # 1
        if refused is not None:
            raise NotAllowed(refused.reason)
        limits = self.limits(by)
        with self._store.together():
            self._count(by, limits)  # 2
            picture = veiled(content, veil or Veil(blur=limits.blur, grey=limits.grey))  # 3
        return Shown(picture, MEDIA_TYPE, self._today(by, limits))

    def count(self, by: Caller) -> Today:
        """One opening of something that is no picture, within the same limits. Raises NotAllowed."""
        limits = self.limits(by)
        with self._store.together():
            self._count(by, limits)
        return self._today(by, limits)

    def forget(self) -> int:
        """Delete counts that are over a week old; returns how many."""
        return self._store.care.forget_before((self._day() - timedelta(days=KEPT_DAYS)).isoformat())

    def _count(self, by: Caller, limits: Limits) -> None:
        self._require_room(by, limits)
        day, now = self._day().isoformat(), micros(self._clock())
        if self._store.care.note(by.user, day, now).opened > self._most(by, limits):
            raise NotAllowed(_enough(limits))

    def _require_room(self, by: Caller, limits: Limits) -> None:
        before = self._store.care.day(by.user, self._day().isoformat())
        if before.last and micros(self._clock()) < before.last + limits.minutes_between * _MINUTE:
            raise NotAllowed(
                f"your own limit is {limits.minutes_between} minutes between two: take the time, it is yours"
            )
        if before.opened >= self._most(by, limits):
            raise NotAllowed(_enough(limits))

    def _today(self, by: Caller, limits: Limits) -> Today:
        day = self._store.care.day(by.user, self._day().isoformat())
        until = day.last + limits.minutes_between * _MINUTE if day.last and limits.minutes_between else 0
        return Today(
            opened=day.opened,
            left=max(0, self._most(by, limits) - day.opened),
            wait_until=until if until > micros(self._clock()) else 0,
            break_due=bool(day.opened and limits.remind_after and day.opened % limits.remind_after == 0),
            limits=limits,
        )

    def _most(self, by: Caller, limits: Limits) -> int:
        """The day's limit, once more for each colleague who said yes and still may."""
        said = [one.user for one in self._store.approvals.of(_digest(by.user, self._day()))]
        standing = [user for user in said if self._may_say_yes(user)]
        others = self._access.distinct_people(standing) - {self._access.person(by.user)}
        return min(MAX_A_DAY, limits.a_day * (1 + len(others)))

    def _may_say_yes(self, user_id: str) -> bool:
        caller = self._access.standing(user_id)
        return caller is not None and self._access.may(caller, ALLOW)

    def _day(self) -> date:
        return self._clock().date()


def _enough(limits: Limits) -> str:
    return f"your own limit is {limits.a_day} a day: it is enough for today, or a colleague says yes to more"


def _stricter(one: Limits, other: Limits) -> Limits:
    """Of each the one that protects more."""
    reminders = [limit.remind_after for limit in (one, other) if limit.remind_after]
    return Limits(
        blur=one.blur or other.blur,
        grey=one.grey or other.grey,
        a_day=min(one.a_day, other.a_day),
        minutes_between=max(one.minutes_between, other.minutes_between),
        remind_after=min(reminders, default=0),
    )


def _check(limits: Limits) -> None:
    if not (
        1 <= limits.a_day <= MAX_A_DAY
        and 0 <= limits.minutes_between <= MAX_MINUTES_BETWEEN
        and 0 <= limits.remind_after <= MAX_REMIND_AFTER
    ):
        raise BadInput(
            f"choose 1 to {MAX_A_DAY} a day, 0 to {MAX_MINUTES_BETWEEN} minutes between, a break after 0 to "
            f"{MAX_REMIND_AFTER}"
        )


def _person(by: Caller) -> None:
    if by.means in (Means.OPERATOR, Means.STANDING) or by.has(Role.PEER, Role.SOURCE):
        raise NotAllowed("a person does this for themselves, in the console or with a token of their own")


def _digest(user_id: str, day: date) -> str:
    """What a yes is for: this person, on this day."""
    return hashlib.sha256(msgspec.json.encode(("welfare", user_id, day.isoformat()))).hexdigest()
