"""Word of warnings to channels: offered once, sent in order, tried again, folded in a flood, dead after a day.

A notice is a row before it is a message. It is sent, then marked: a crash between the two sends it twice under one
id, which a webhook and a mailbox can tell and Slack and syslog cannot. What goes out has no text and no identifier
of anybody.
"""

import os
import threading
from collections import Counter
from collections.abc import Sequence
from datetime import datetime

import msgspec
import structlog

from tocsin.app.artefact_words import OCCASION as MODEL
from tocsin.app.artefact_words import word_of
from tocsin.app.case_words import OCCASION as CASE
from tocsin.app.case_words import CaseWords, told_in
from tocsin.app.channels import OPENED, Channels
from tocsin.app.duty_clocks import OCCASION as CLOCK
from tocsin.app.duty_clocks import word_of as clock_word_of
from tocsin.app.notice_ids import notice_id
from tocsin.app.settings import Settings
from tocsin.app.weighing import Weighed, Weighing
from tocsin.kernel import (
    Channel,
    Clock,
    Notice,
    NoticeState,
    Reason,
    RoutingRule,
    TocsinError,
    Warning,
    WarningStatus,
    micros,
)
from tocsin.store.interface import Store
from tocsin.taxonomy import category
from tocsin.taxonomy.messages import sentence
from tocsin.wire.notices import Word

LEASE = "routing"
LEASE_MICROS = 600_000_000
"""Longer than a turn can last (TURN slow messages to each channel): two processes would send twice."""

MAX_SCANNED = 2_000
"""Open warnings looked at, newest first."""

TURN = 10
"""Messages to one channel in one turn, so that a slow one does not hold up the others for long."""

WAITING = 500
"""Notices of one channel read at once; a digest folds at most so many."""

DEAD_AFTER_MICROS = 24 * 3_600_000_000
"""Older word is no warning: a person reads it here instead. `doctor` and the console say how many there are."""

HOUR_MICROS = 3_600_000_000
FIRST_WAIT_MICROS = 10_000_000
MAX_WAIT_MICROS = 1_800_000_000
MAX_SENTENCES = 4
DIGEST = "digest"
_log = structlog.get_logger("tocsin.routing")


class Routing:
    """Offers and delivers. A lease keeps other processes out."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        weighing: Weighing,
        channels: Channels,
        clock: Clock,
        *,
        cases: CaseWords,
    ) -> None:
        self._store = store
        self._settings = settings
        self._weighing = weighing
        self._channels = channels
        self._cases = cases
        self._clock = clock
        self._holder = f"{os.getpid()}.{os.urandom(4).hex()}"
        self._turn = threading.Lock()

    def tick(self) -> int:
        """Offer what is new and send what is due; returns how many messages left."""
        channels = self._store.outbox.channels()
        if not channels:
            return 0
        with self._turn:
            now = micros(self._clock())
            if not self._store.jobs.lease(LEASE, self._holder, now=now, ttl=LEASE_MICROS):
                return 0
            self._offer(channels, now)
            return sum(self._deliver(channel) for channel in channels)

    def release(self) -> None:
        """Give the lease back, so that another process need not wait."""
        self._store.jobs.release_lease(LEASE, self._holder)

    def _offer(self, channels: Sequence[Channel], now: int) -> None:
        """A notice for each open warning and channel whose rule admits it; one that woke is offered anew."""
        warnings = self._store.warnings.list(status=WarningStatus.OPEN, limit=MAX_SCANNED)
        handlings = self._store.handlings.every()
        wanted = {}
        for warning in warnings:
            handling = handlings.get(warning.id)
            occasion = f"woke-{handling.woken}" if handling is not None and handling.woken else OPENED
            for channel in channels:
                notice = notice_id(channel.name, channel.made, warning.id, occasion)
                wanted[notice] = (channel, warning, occasion)
        known = self._store.outbox.known(wanted)
        fresh = {notice: parts for notice, parts in wanted.items() if notice not in known}
        if not fresh:
            return
        asked = {warning.id: warning for _, warning, _ in fresh.values()}
        weighed = self._weighing.of(list(asked.values()))
        languages = self._languages(list(asked.values()), channels)
        offered = []
        for notice, (channel, warning, occasion) in fresh.items():
            why = admits(channel.rule, warning, weighed[warning.id], languages.get(warning.id, ()))
            if why is not None:
                offered.append(Notice(notice, channel.name, warning.id, occasion, now, why=why))
        offered.sort(key=lambda notice: (asked[notice.warning].last_seen, notice.id))
        self._store.outbox.offer(offered)

    def _languages(
        self, warnings: Sequence[Warning], channels: Sequence[Channel]
    ) -> dict[str, tuple[str, ...]]:
        """Warning → languages of its samples, where any rule asks for one."""
        if not any(channel.rule.languages for channel in channels):
            return {}
        facts = self._store.events.facts({event for warning in warnings for event in warning.samples})
        return {
            warning.id: tuple({facts[event].lang or "und" for event in warning.samples if event in facts})
            for warning in warnings
        }

    def _deliver(self, channel: Channel) -> int:
        """In order: 1. what is too old is dead; 2. what is decided meanwhile is passed over; 3. within the hour's
        bound each leaves by itself, what is more together; 4. at the first failure the channel rests."""
        now = micros(self._clock())
        if now < channel.again:
            return 0
        waiting = self._bury(self._store.outbox.waiting(channel.name, limit=WAITING), now)  # 1
        if not waiting:
            return 0
        room = channel.an_hour - self._store.outbox.sent_since(channel.name, now - HOUR_MICROS)
        waiting = self._pass_over(channel, waiting, now)  # 2
        if not waiting or room <= 0:
            return 0
        if len(waiting) > room:  # 3
            waiting = (*waiting[: room - 1], self._fold(channel, waiting[room - 1 :], now))
        sent = 0
        for notice in waiting[:TURN]:
            word = self._word(channel, notice, self._clock())
            try:
                if word is not None:
                    self._channels.speak(channel, word)
            except TocsinError as fault:  # 4
                self._rest(channel, notice, fault.message)
                return sent
            self._sent(channel, notice)
            channel = self._store.outbox.get(channel.name) or channel
            sent += 1
        return sent

    def _sent(self, channel: Channel, notice: Notice) -> None:
        done = micros(self._clock())
        with self._store.together():
            self._store.outbox.update(
                [msgspec.structs.replace(notice, state=NoticeState.SENT, tries=notice.tries + 1, done=done)]
            )
            if channel.failures or channel.fault:
                self._store.outbox.replace(msgspec.structs.replace(channel, failures=0, again=0, fault=""))

    def _rest(self, channel: Channel, notice: Notice, fault: str) -> None:
        failures = channel.failures + 1
        wait = min(FIRST_WAIT_MICROS * 2 ** min(failures - 1, 20), MAX_WAIT_MICROS)
        again = micros(self._clock()) + wait
        with self._store.together():
            self._store.outbox.update([msgspec.structs.replace(notice, tries=notice.tries + 1)])
            self._store.outbox.replace(
                msgspec.structs.replace(channel, failures=failures, again=again, fault=fault)
            )
        _log.warning("channel.failed", channel=channel.name, reason=fault, failures=failures)

    def _bury(self, waiting: Sequence[Notice], now: int) -> tuple[Notice, ...]:
        dead = [notice for notice in waiting if now - notice.made >= DEAD_AFTER_MICROS]
        if dead:
            self._store.outbox.update(
                [msgspec.structs.replace(notice, state=NoticeState.DEAD, done=now) for notice in dead]
            )
            _log.error("channel.dead-letters", channel=dead[0].channel, notices=len(dead))
        return tuple(notice for notice in waiting if now - notice.made < DEAD_AFTER_MICROS)

    def _pass_over(self, channel: Channel, waiting: Sequence[Notice], now: int) -> tuple[Notice, ...]:
        """What a person decided, merged, snoozed or moved while its word waited needs nobody's eye now."""
        kept: list[Notice] = []
        passed: list[Notice] = []
        for notice in waiting:
            (kept if self._needed(channel, notice) else passed).append(notice)
        if passed:
            self._store.outbox.update(
                [msgspec.structs.replace(notice, state=NoticeState.PASSED, done=now) for notice in passed]
            )
        return tuple(kept)

    def _needed(self, channel: Channel, notice: Notice) -> bool:
        if notice.occasion == CASE:
            return self._cases.stands(channel.rule, notice.warning) is not None
        if notice.occasion == DIGEST:
            told = [one for one in notice.digest if told_in(one)]
            # one that held cases alone, all of which are seen to or gone from sight, is no word of anything
            return len(told) < len(notice.digest) or any(
                self._cases.stands(channel.rule, one) for one in told
            )
        if notice.occasion in (MODEL, CLOCK):
            return True
        warning = self._store.warnings.get(notice.warning)
        return warning is not None and warning.status is WarningStatus.OPEN

    def _fold(self, channel: Channel, rest: Sequence[Notice], now: int) -> Notice:
        """One notice for all that an hour does not hold. A digest that still waits is folded into it."""
        ids = tuple(dict.fromkeys(one for notice in rest for one in (notice.digest or (notice.warning,))))
        digest = Notice(
            id=notice_id(channel.name, channel.made, ",".join(notice.id for notice in rest), DIGEST),
            channel=channel.name,
            warning="",
            occasion=DIGEST,
            made=min(notice.made for notice in rest),
            why=f"more than {channel.an_hour} messages an hour come together",
            digest=ids,
        )
        if len(rest) == 1 and rest[0].occasion == DIGEST:
            return rest[0]
        with self._store.together():
            self._store.outbox.offer([digest])
            self._store.outbox.update(
                [
                    msgspec.structs.replace(notice, state=NoticeState.FOLDED, done=now)
                    for notice in rest
                    if notice.id != digest.id
                ]
            )
        return next(
            notice
            for notice in self._store.outbox.waiting(channel.name, limit=WAITING + 1)
            if notice.id == digest.id
        )

    def _word(self, channel: Channel, notice: Notice, now: datetime) -> Word | None:
        """What goes out; None for a warning that is gone."""
        if notice.occasion == DIGEST:
            return self._digest(channel, notice, now)
        if notice.occasion == MODEL:
            told = self._store.artefact_notices.get(notice.warning)
            if told is None:
                return None
            link, name = self._link(f"/models/{told.artefact}"), self._settings.name
            return word_of(told, notice, node=name, at=micros(now), link=link, language=channel.language)
        if notice.occasion == CLOCK:
            alarm = self._store.clocks.alarm(notice.warning)
            link, name = self._link("/incidents"), self._settings.name
            return (
                None if alarm is None else clock_word_of(alarm, notice, node=name, at=micros(now), link=link)
            )
        if notice.occasion == CASE:
            url, name = self._link(""), self._settings.name
            return self._cases.word(channel, notice, node=name, at=micros(now), url=url)
        warning = self._store.warnings.get(notice.warning)
        if warning is None:
            return None
        weighed = self._weighing.one(warning)
        listed = category(warning.category)
        label = warning.category if listed is None else listed.label(channel.language)
        woke = notice.occasion != OPENED
        return Word(
            id=notice.id,
            occasion="woke" if woke else OPENED,
            node=self._settings.name,
            at=micros(now),
            link=self._link(f"/warnings/{warning.id}"),
            title=f"{label}: {weighed.combined.band} risk{' (awake again)' if woke else ''}",
            why=spoken(warning.reasons, channel.language),
            rule=notice.why,
            warning=warning.id,
            kind=warning.kind.value,
            category=warning.category,
            accounts=warning.actors,
            events=warning.events,
            risk=str(weighed.risk),
            score=weighed.combined.score,
            band=weighed.combined.band,
            confidence=warning.confidence,
            first_seen=warning.first_seen,
            last_seen=warning.last_seen,
        )

    def _digest(self, channel: Channel, notice: Notice, now: datetime) -> Word:
        found = [self._store.warnings.get(one) for one in notice.digest]
        still = [one for one in found if one is not None and one.status is WarningStatus.OPEN]
        weighed = self._weighing.of(still)
        models = sum(self._store.artefact_notices.get(one) is not None for one in notice.digest)
        clocks = sum(self._store.clocks.alarm(one) is not None for one in notice.digest)
        cases = sum(self._cases.stands(channel.rule, one) is not None for one in notice.digest)
        highest = max((weighed[one.id].combined for one in still), key=lambda one: one.score, default=None)
        return Word(
            id=notice.id,
            occasion=DIGEST,
            node=self._settings.name,
            at=micros(now),
            link=self._link(_where(len(still), models, clocks, cases)),
            title=f"{len(still)} more warnings"
            + (f", {models} words about models" if models else "")
            + (f", {cases} words of cases" if cases else "")
            + (f", {clocks} CLOCKS OF DUTIES" if clocks else ""),
            rule=notice.why,
            score=highest.score if highest else 0.0,
            band=highest.band if highest else "none",
            counts=tuple(sorted(Counter(one.category for one in still).items())),
        )

    def _link(self, path: str) -> str:
        return f"{self._settings.public_url.rstrip('/')}{path}" if self._settings.public_url else ""


def _where(warnings: int, models: int, clocks: int, cases: int) -> str:
    """What a digest leads to: a clock before all, for it runs out; then a case."""
    if clocks:
        return "/incidents"
    if cases:
        return "/cases"
    return "/warnings?status=open" if warnings or not models else "/models"


def admits(rule: RoutingRule, warning: Warning, weighed: Weighed, languages: Sequence[str]) -> str | None:
    """Which parts of the rule let a warning through, in words; None when one does not."""
    score = warning.score / warning.threshold if warning.threshold > 0 else 0.0
    checks = (
        (not rule.kinds or warning.kind in rule.kinds, bool(rule.kinds), f"kind is {warning.kind.value}"),
        (
            not rule.categories or warning.category in rule.categories,
            bool(rule.categories),
            f"category is {warning.category}",
        ),
        (
            not rule.languages or bool(set(languages) & set(rule.languages)),
            bool(rule.languages),
            f"language is {' or '.join(sorted(set(languages) & set(rule.languages)))}",
        ),
        (
            weighed.combined.score >= rule.risk,
            rule.risk > 0,
            f"risk {weighed.combined.score:g} is at least {rule.risk:g}",
        ),
        (
            score >= rule.score,
            rule.score > 0,
            f"score is {score:.1f} times its threshold, at least {rule.score:g}",
        ),
    )
    if not all(passed for passed, _, _ in checks):
        return None
    return "; ".join(said for _, asked, said in checks if asked) or "this channel hears of every warning"


def spoken(reasons: Sequence[Reason], language: str) -> tuple[str, ...]:
    """The first reasons as sentences; one that carries a word of anybody's (a peer, a rule, an address) stays here."""
    numbers = (
        reason for reason in reasons if not any(isinstance(value, str) for value in reason.values.values())
    )
    return tuple(sentence(reason, language) for reason in numbers)[:MAX_SENTENCES]
