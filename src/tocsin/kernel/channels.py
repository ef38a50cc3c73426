"""Where word of a warning goes: channels with their rule, and the notices that wait, left, or could not leave."""

from enum import StrEnum

import msgspec

from tocsin.kernel.cases import Urgency
from tocsin.kernel.warnings import WarningKind


class ChannelKind(StrEnum):
    EMAIL = "email"
    WEBHOOK = "webhook"
    SLACK = "slack"
    SYSLOG = "syslog"


class RoutingRule(msgspec.Struct, frozen=True):
    """Which warnings a channel hears of; what is empty admits all. `risk` is the combined score, 0 to 10."""

    kinds: tuple[WarningKind, ...] = ()
    categories: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    risk: float = 0.0
    score: float = 0.0
    """Times the warning's own threshold: 1.5 is half as much again."""
    urgencies: tuple[Urgency, ...] = ()
    """Of cases, where a channel hears of cases at all (`case_channels`)."""
    queues: tuple[str, ...] = ()


class Channel(msgspec.Struct, frozen=True):
    """A channel as an operator named it. `place` is what may be shown of its address; the rest lies in `sealed`."""

    name: str
    kind: ChannelKind
    place: str
    sealed: bytes
    rule: RoutingRule
    by: str
    made: int
    an_hour: int
    """Messages an hour; what is more comes together as one."""
    allow_private: bool = False
    language: str = "en"
    failures: int = 0
    again: int = 0
    """Not tried before this, in microseconds, after a failure."""
    fault: str = ""
    """What went wrong last, in a sentence without secrets."""


class NoticeState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"
    """It could not be sent in the time there is: a person is told here instead."""
    FOLDED = "folded"
    """It went, or will go, inside a digest."""
    PASSED = "passed"
    """The warning was there before the channel was."""


class Notice(msgspec.Struct, frozen=True):
    """One message to one channel, by an id that is the same however often it is sent."""

    id: str
    channel: str
    warning: str
    occasion: str
    made: int
    state: NoticeState = NoticeState.WAITING
    tries: int = 0
    done: int = 0
    why: str = ""
    """Which part of the channel's rule let it through."""
    digest: tuple[str, ...] = ()
    """For a digest: the notices in it."""
    seq: int = 0
