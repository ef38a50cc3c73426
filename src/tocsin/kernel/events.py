"""Event: one use of an AI system, or one piece of content that a platform saw."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

TOOL_RESULT = "gen_ai.tool.call.result"
"""Attribute of an event: what a tool brought back (OpenTelemetry semantic conventions for GenAI)."""

ROLE = "role"
"""Attribute of an event: who said its text. "assistant" is the model's own side; anything else is a person's."""


class Kind(StrEnum):
    """What happened."""

    POST = "content.post"
    MODEL_CALL = "model.call"
    TOOL_CALL = "tool.call"


class ObservableType(StrEnum):
    """Identifiers that accounts may share. Values are matched canonicalised (`wire.observables`)."""

    PAYMENT = "payment"
    WALLET = "wallet"
    DOMAIN = "domain"
    DEVICE = "device"
    ADDRESS_PREFIX = "address-prefix"
    INVITATION = "invitation"
    EMAIL = "email"
    PHONE = "phone"
    HANDLE = "handle"
    FILE_HASH = "file-hash"


class Observable(msgspec.Struct, frozen=True, gc=False):
    """An identifier seen with an event. In an `EventLine` raw; in an `Event` a pseudonym."""

    type: ObservableType
    value: str


class EventLine(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """An event as its source sent it: raw, checked, not yet under this node's pseudonyms.

    It lives in memory between the door and the seal, and nowhere else.
    """

    id: str
    time: datetime
    source: str
    kind: Kind
    actor: str
    text: str
    session: str | None = None
    model: str | None = None
    lang: str | None = None
    tool: str | None = None
    actor_created: datetime | None = None
    observables: tuple[Observable, ...] = ()
    attributes: dict[str, Any] = {}


class Event(msgspec.Struct, frozen=True, gc=False):
    """An event as this node keeps it: no text, every identifier a pseudonym under this node's key.

    Times are microseconds since 1970. `seal_day` (YYYY-MM-DD, day of receipt) names the key under which the
    text and the fingerprint lie.
    """

    id: str
    time: int
    received: int
    source: str
    kind: Kind
    actor: str
    seal_day: str
    session: str | None = None
    model: str | None = None
    lang: str | None = None
    tool: str | None = None
    actor_created: int | None = None
    observables: tuple[Observable, ...] = ()


class Refusal(msgspec.Struct, frozen=True, gc=False):
    """A line that was not taken. `line` counts from 1; `field` is empty when the whole line is at fault."""

    line: int
    field: str
    reason: str
