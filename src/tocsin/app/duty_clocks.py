"""Clocks of duties: told to the channels that duty officers read before they run out, and as a calendar by address.

What leaves names a duty and a step and says when: no word of a case, no id of an incident, and of restricted queues
nothing at all. Each alarm rings once, whatever process looks, and stays where duty officers read it.
"""

import os
import threading
import uuid

from tocsin.app.access import Access
from tocsin.app.duty_words import left_said, local, utc
from tocsin.app.incidents import Clocked, Incidents
from tocsin.app.notice_ids import notice_id
from tocsin.app.queues import Queues
from tocsin.app.settings import Settings
from tocsin.cases.duties.alarms import Alarm, Stage, alarms
from tocsin.kernel import Caller, Clock, NotFound, Notice, micros
from tocsin.kernel.duties import Incident
from tocsin.kernel.incidents import CalendarFeed, ClockAlarm
from tocsin.store.interface import Store
from tocsin.trust import tokens
from tocsin.trust.seal import Entropy
from tocsin.wire.deadline_calendar import DueDate, calendar
from tocsin.wire.notices import Word

LEASE = "duty-clocks"
LEASE_MICROS = 300_000_000
OCCASION = "clock"
"""Of a notice in the outbox whose `warning` is an alarm's id."""

BANDS = {
    Stage.HALF: ("medium", 5.0),
    Stage.LAST_QUARTER: ("high", 7.0),
    Stage.LAST_HOUR: ("high", 9.0),
    Stage.PAST: ("critical", 10.0),
}
"""How loud a receiver of CEF or syslog hears it."""

SHOWN = 5
"""Clocks in the console's banner; the page of incidents has all."""

FEED_PATH = "/calendar/deadlines.ics"
MAX_FEEDS = 5
"""Calendars of one person that count at once."""

_IDS = uuid.UUID("0d8b7f0c-5b59-5c9e-9d0e-2a6d3f6f4b11")
"""Of alarm ids: UUIDv5 over incident and the alarm's own key. A clock that is corrected rings anew."""


class DutyClocks:
    """Rings, shows and hands out clocks."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        access: Access,
        incidents: Incidents,
        queues: Queues,
        clock: Clock,
        entropy: Entropy = os.urandom,
    ) -> None:
        self._store = store
        self._settings = settings
        self._access = access
        self._incidents = incidents
        self._queues = queues
        self._clock = clock
        self._entropy = entropy
        self._holder = f"{os.getpid()}.{os.urandom(4).hex()}"
        self._turn = threading.Lock()

    def tick(self) -> int:
        """Ring what is due to ring; returns how many alarms are new."""
        open_ones = self._store.incidents.listed(closed=False)
        if not open_ones:
            return 0
        with self._turn:
            now = micros(self._clock())
            if not self._store.jobs.lease(LEASE, self._holder, now=now, ttl=LEASE_MICROS):
                return 0
            rung = [
                _rung(incident, alarm, now)
                for incident in open_ones
                for standing in self._incidents.standings(incident)
                for alarm in alarms(standing.deadlines, (), now)  # the store knows which were told
            ]
            with self._store.together():
                new = self._store.clocks.ring(rung)
                self._offer([one for one in new if not self._restricted(one.incident, open_ones)])
            return len(new)

    def release(self) -> None:
        """Give the lease back, so that another process need not wait."""
        self._store.jobs.release_lease(LEASE, self._holder)

    def nearest(self, by: Caller) -> tuple[Clocked, ...]:
        """The nearest clocks for a duty officer's banner; none for anybody else, and none of what they may not see."""
        if not self._access.may(by, "incident.send"):
            return ()
        return self._incidents.clocks(by, limit=SHOWN)

    def make_feed(self, by: Caller) -> tuple[CalendarFeed, str]:
        """A new secret address of the calendar, shown once: the feed and its path. Raises NotAllowed, BadInput."""
        self._access.require(by, "incident.read")
        minted = tokens.mint(self._entropy)
        feed = CalendarFeed(id=minted.id, user=by.user, digest=minted.digest, made=micros(self._clock()))
        counting = [one for one in self._store.clocks.feeds(by.user) if one.revoked is None]
        with self._store.together():
            for old in counting[: max(0, len(counting) - MAX_FEEDS + 1)]:
                self._store.clocks.revoke_feed(old.id, feed.made)
            self._store.clocks.add_feed(feed)
            self._access.audit(by.user, "incident.feed", subject=feed.id, purpose="calendar")
        return feed, f"{FEED_PATH}?key={minted.text}"

    def feeds(self, by: Caller) -> tuple[CalendarFeed, ...]:
        """This person's own, oldest first. Raises NotAllowed."""
        self._access.require(by, "incident.read")
        return self._store.clocks.feeds(by.user)

    def revoke_feed(self, by: Caller, feed_id: str) -> None:
        """End one of one's own. Raises NotAllowed, NotFound."""
        self._access.require(by, "incident.read")
        kept = self._store.clocks.feed(feed_id)
        now = micros(self._clock())
        if kept is None or kept.user != by.user or not self._store.clocks.revoke_feed(feed_id, now):
            raise NotFound(
                "you have no such calendar that still counts: `tocsin incident feed --list` shows yours"
            )
        self._access.audit(by.user, "incident.unfeed", subject=feed_id, purpose="calendar")

    def calendar(self, key: str) -> bytes:
        """The calendar of a secret address. Raises NotFound for every key that does not count, and says no more.

        It shows what the person may see now, as whose it was made, without restricted queues: a calendar service reads
        it. The comparison takes the same time whether a key is known or not.
        """
        presented = tokens.read(key)
        kept = self._store.clocks.feed(presented.id) if presented is not None else None
        known = presented is not None and tokens.matches(presented, kept.digest if kept else None)
        caller = self._access.standing(kept.user) if kept is not None and known else None
        if (
            kept is None
            or kept.revoked is not None
            or caller is None
            or not self._access.may(caller, "incident.read")
        ):
            raise NotFound("there is no such calendar")
        incidents = self._incidents.listed(caller, closed=False)
        shown = [one for one in incidents if not self._restricted(one.id, incidents)]
        return calendar(
            (_date(one) for one in self._incidents.running(shown)), feed=kept.id, node=self._settings.name
        )

    def _offer(self, alarms: list[ClockAlarm]) -> None:
        named = set(self._settings.duty_channels)
        channels = [one for one in self._store.outbox.channels() if one.name in named]
        self._store.outbox.offer(
            [
                Notice(
                    id=notice_id(channel.name, channel.made, alarm.id, OCCASION),
                    channel=channel.name,
                    warning=alarm.id,
                    occasion=OCCASION,
                    made=alarm.at,
                    why="this channel is one of duty officers",
                )
                for alarm in alarms
                for channel in channels
            ]
        )

    def _restricted(self, incident_id: str, among: "tuple[Incident, ...]") -> bool:
        """Whether its case lies in a restricted queue; True as well where that cannot be told."""
        incident = next((one for one in among if one.id == incident_id), None)
        if incident is None:
            return True
        case = self._store.cases.get(incident.case, self._queues.ids())
        return case is None or self._queues.get(case.queue).restricted


def word_of(alarm: ClockAlarm, kept: Notice, *, node: str, at: int, link: str) -> Word:
    """What goes out to a channel."""
    band, score = BANDS[Stage(alarm.level)]
    said = [
        f"Due {utc(alarm.due)}; {left_said(alarm.due, at, 'en')}. A person sends it: this node never does."
    ]
    if not alarm.verified:
        said.append("The pack is unverified: nobody has stood for it. Check the time against the law.")
    return Word(
        id=kept.id,
        occasion=OCCASION,
        node=node,
        at=at,
        link=link,
        title=f"{alarm.duty}, {alarm.step}: {left_said(alarm.due, at, 'en')}",
        why=tuple(said),
        rule=kept.why,
        kind=alarm.level,
        band=band,
        score=score,
        duty=alarm.duty,
        step=alarm.step,
        due=alarm.due,
    )


def shown_local(one: Clocked) -> str:
    """When it is due, in the duty's own zone."""
    return "" if one.deadline.due is None else local(one.deadline.due, one.deadline.zone)


def _rung(incident: Incident, alarm: Alarm, now: int) -> ClockAlarm:
    return ClockAlarm(
        id=str(uuid.uuid5(_IDS, f"{incident.id}\x00{alarm.key}")),
        incident=incident.id,
        duty=alarm.duty,
        step=alarm.step,
        due=alarm.due,
        at=now,
        level=alarm.stage.value,
        verified=alarm.verified,
    )


def _date(one: Clocked) -> DueDate:
    return DueDate(
        incident=one.incident.id,
        duty=one.deadline.duty,
        step=one.deadline.step,
        due=one.deadline.due or 0,
        changed=one.incident.updated,
        verified=one.deadline.verified,
    )
