"""An event line: bytes in, a checked `EventLine` or a `Refusal` out, never an exception.

Enters: one line of JSON from a source, its number, the present. Leaves: the noun, canonical observables,
times in UTC. Refuses, naming line, field and what to do next, and never repeating a value, for a value may
be a person's. Checks, in this order:

1. size (MAX_LINE_BYTES);
2. JSON, its nesting, field names and types (msgspec, typed);
3. length and characters of each field;
4. times: zone, MAX_CLOCK_SKEW_SECONDS, EARLIEST_YEAR, account not newer than its event;
5. bounds on attributes;
6. observables, brought to one spelling (`wire.observables`).
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from tocsin.kernel import BadInput, EventLine, Kind, ObservableType, Refusal
from tocsin.kernel.limits import (
    EARLIEST_YEAR,
    MAX_ATTRIBUTES,
    MAX_ATTRIBUTES_BYTES,
    MAX_CLOCK_SKEW_SECONDS,
    MAX_ID_CHARS,
    MAX_JSON_DEPTH,
    MAX_LABEL_CHARS,
    MAX_LINE_BYTES,
    MAX_OBSERVABLES,
    MAX_TEXT_CHARS,
)
from tocsin.wire.json_bounds import deeper_than, has_nul, why_not_json
from tocsin.wire.observables import canonical_observable

EARLIEST_ACCOUNT_YEAR = 1970
"""Accounts are older than AI systems; before 1970 it is a zero value, not a date."""

REQUIRED_CHARS = {"id": MAX_ID_CHARS, "source": MAX_LABEL_CHARS, "actor": MAX_ID_CHARS}
OPTIONAL_CHARS = {
    "session": MAX_ID_CHARS,
    "model": MAX_ID_CHARS,
    "lang": MAX_LABEL_CHARS,
    "tool": MAX_LABEL_CHARS,
}

_SKEW = timedelta(seconds=MAX_CLOCK_SKEW_SECONDS)
_DECODER = msgspec.json.Decoder(EventLine)
_ENCODER = msgspec.json.Encoder()
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_UNKNOWN = re.compile(
    r"Object contains unknown field `([A-Za-z_][A-Za-z0-9_.-]{0,63})`(?: - at `(.+)`)?\Z", re.DOTALL
)
_MISSING = re.compile(r"Object missing required field `([a-z_]+)`(?: - at `(.+)`)?\Z")
_EXPECTED = re.compile(r"Expected `([a-z| ]+)`, got `([a-z]+)`")
_PATH = re.compile(r" - at `(?:key in )?`?\$\.?([^`]*)`\Z")


class Batch(msgspec.Struct, frozen=True):
    """What came of some lines: those taken, those refused by number, and how many were not meant for us.

    `ignored` counts spans and log records without GenAI content; a JSON line is never ignored.
    """

    lines: tuple[EventLine, ...] = ()
    refused: tuple[Refusal, ...] = ()
    ignored: int = 0


class _FaultError(Exception):
    """A field is at fault; stays within this file."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.reason = reason


def decode_line(number: int, line: bytes, *, now: datetime) -> EventLine | Refusal:
    """One line to an `EventLine`, or why not. `number` counts from 1; `now` is aware UTC. Raises nothing."""
    if len(line) > MAX_LINE_BYTES:
        return too_long(number)
    try:
        event = _DECODER.decode(line)
        return check_event(event, now=now, escaped=b"\\" in line or b"\x7f" in line)
    except _FaultError as fault:
        return Refusal(number, fault.field, fault.reason)
    except msgspec.ValidationError as error:
        return Refusal(number, *_explain(str(error)))
    except RecursionError:
        return Refusal(number, "", f"nests deeper than {MAX_JSON_DEPTH} levels; send flatter values")
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Refusal(number, "", why_not_json(line))


def refuse_or_take(number: int, event: EventLine, *, now: datetime) -> EventLine | Refusal:
    """The same checks for an event that came in another form (OTLP). Raises nothing."""
    try:
        return check_event(event, now=now, escaped=True)
    except _FaultError as fault:
        return Refusal(number, fault.field, fault.reason)


def too_long(number: int) -> Refusal:
    """The refusal of a line that is over the bound, whether it was kept or not."""
    return Refusal(number, "", f"is longer than {MAX_LINE_BYTES} bytes; send a shorter text or split it")


def check_event(event: EventLine, *, now: datetime, escaped: bool) -> EventLine:
    """Checks 3 to 6. `escaped` says that control characters are possible at all."""
    event = _check_strings(event, escaped)
    event = _check_times(event, now)
    if event.attributes:
        _check_attributes(event.attributes, escaped)
    if event.observables:
        return _canonical_observables(event)
    return event


def _check_strings(event: EventLine, escaped: bool) -> EventLine:
    if not (0 < len(event.id) <= MAX_ID_CHARS and 0 < len(event.actor) <= MAX_ID_CHARS):
        _length_fault(event)
    if not 0 < len(event.source) <= MAX_LABEL_CHARS:
        _length_fault(event)
    if len(event.text) > MAX_TEXT_CHARS:
        raise _FaultError(
            "text", f"is longer than {MAX_TEXT_CHARS} characters; send a shorter text or split it"
        )
    empty: dict[str, None] = {}
    optional = (event.session, event.model, event.lang, event.tool)  # as in OPTIONAL_CHARS
    for value, field in zip(optional, OPTIONAL_CHARS, strict=True):
        if value is None:
            continue
        if not value:
            empty[field] = None  # many encoders write "" for what is absent
        elif len(value) > OPTIONAL_CHARS[field]:
            raise _FaultError(field, f"is longer than {OPTIONAL_CHARS[field]} characters; send a shorter one")
    if escaped:
        every = f"{event.id}{event.source}{event.actor}{event.session}{event.model}{event.lang}{event.tool}"
        for field in () if every.isprintable() else (*REQUIRED_CHARS, *OPTIONAL_CHARS):
            if _CONTROL.search(getattr(event, field) or ""):
                raise _FaultError(field, "holds a control character; send plain text")
        if "\x00" in event.text:
            raise _FaultError("text", "holds a NUL character; leave it out")
    return msgspec.structs.replace(event, **empty) if empty else event


def _length_fault(event: EventLine) -> None:
    for field, limit in REQUIRED_CHARS.items():
        value = getattr(event, field)
        if not value:
            raise _FaultError(field, "is empty; every event needs one")
        if len(value) > limit:
            raise _FaultError(field, f"is longer than {limit} characters; send a shorter one")


def _check_times(event: EventLine, now: datetime) -> EventLine:
    time, created = event.time, event.actor_created
    if time.tzinfo is None:
        raise _FaultError("time", "has no zone; write RFC 3339 with Z or an offset")
    if time.year < EARLIEST_YEAR:
        raise _FaultError("time", f"is before {EARLIEST_YEAR}; check the unit and the clock of the source")
    if time > now + _SKEW:
        raise _FaultError(
            "time",
            f"is more than {MAX_CLOCK_SKEW_SECONDS} seconds in the future; check the clock of the source",
        )
    changes: dict[str, datetime] = {}
    if time.tzinfo is not UTC:
        changes["time"] = time.astimezone(UTC)
    if created is not None:
        if created.tzinfo is None:
            raise _FaultError("actor_created", "has no zone; write RFC 3339 with Z or an offset")
        # One day of room: an offset may move the first hours of the year.
        if created.year < EARLIEST_ACCOUNT_YEAR:
            raise _FaultError(
                "actor_created", f"is before {EARLIEST_ACCOUNT_YEAR}; leave it out when it is not known"
            )
        if created > time + _SKEW:
            raise _FaultError("actor_created", "is after the event; check which field is which")
        if created.tzinfo is not UTC:
            changes["actor_created"] = created.astimezone(UTC)
    return msgspec.structs.replace(event, **changes) if changes else event


def _check_attributes(attributes: dict[str, Any], escaped: bool) -> None:
    if len(attributes) > MAX_ATTRIBUTES:
        raise _FaultError("attributes", f"has more than {MAX_ATTRIBUTES} entries; send those that matter")
    if deeper_than(attributes, MAX_JSON_DEPTH):
        raise _FaultError("attributes", f"nests deeper than {MAX_JSON_DEPTH} levels; send flatter values")
    if len(_ENCODER.encode(attributes)) > MAX_ATTRIBUTES_BYTES:
        raise _FaultError(
            "attributes", f"is larger than {MAX_ATTRIBUTES_BYTES} bytes; send those that matter"
        )
    if escaped and has_nul(attributes):
        raise _FaultError("attributes", "holds a NUL character; leave it out")


def _canonical_observables(event: EventLine) -> EventLine:
    if len(event.observables) > MAX_OBSERVABLES:
        raise _FaultError("observables", f"has more than {MAX_OBSERVABLES} entries; send those that matter")
    found = []
    for index, observable in enumerate(event.observables):
        try:
            found.append(canonical_observable(observable))
        except BadInput as error:
            raise _FaultError(f"observables[{index}].value", error.message) from None
    unique = tuple(dict.fromkeys(found))
    return event if unique == event.observables else msgspec.structs.replace(event, observables=unique)


def _explain(message: str) -> tuple[str, str]:
    """Field and reason from msgspec's message, whose own wording may quote a value."""
    if message.startswith("Object contains unknown field"):
        return _explain_unknown(message)
    missing = _MISSING.search(message)
    if missing:
        inside = _field(message)
        name = f"{inside}.{missing[1]}" if inside else missing[1]
        return (
            name,
            "is missing; every event needs it" if not inside else "is missing; every observable needs it",
        )
    field = _field(message)
    if message.startswith("Invalid enum value"):
        known: type[Kind] | type[ObservableType] = Kind if field == "kind" else ObservableType
        return field, f"is not a known value; use one of: {', '.join(known)}"
    if "datetime" in message:
        return field, "is not a time; write RFC 3339, for example 2025-01-31T12:00:00Z"
    expected = _EXPECTED.search(message)
    if expected:
        return field, f"has the wrong type ({expected[2]}); send {expected[1].replace(' | ', ' or ')}"
    if "out of range" in message:
        return field, "holds a number out of range; send it as text"
    return field, "is not as the event schema says; see /schemas/event.json"


def _explain_unknown(message: str) -> tuple[str, str]:
    unknown = _UNKNOWN.search(message)
    fields = ", ".join(EventLine.__struct_fields__)
    if unknown is None:
        return "", f"has a field with an unusual name; known are: {fields}; put others into attributes"
    return unknown[1], f"is not a field of an event; known are: {fields}; put others into attributes"


def _field(message: str) -> str:
    path = _PATH.search(message)
    return path[1].replace("[...]", "[]") if path else ""


_TIME_SHAPE = (
    "^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])[Tt ]"
    "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]+)?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9])$"
)


def event_json_schema() -> dict[str, Any]:
    """JSON Schema 2020-12 of an event line, as published at /schemas/event.json.

    It states shape and bounds. Beyond it the node checks what a schema cannot say: `time` against its clock,
    `actor_created` against `time`, the day within its month, sizes in bytes, and each observable by its type.
    """

    def label(limit: int, what: str, least: int = 1) -> dict[str, Any]:
        return {
            "type": "string" if least else ["string", "null"],
            "minLength": least,
            "maxLength": limit,
            "pattern": "^[^\\u0000-\\u001f\\u007f]*$",
            "description": what,
        }

    def moment(what: str, *, optional: bool = False) -> dict[str, Any]:
        kind = ["string", "null"] if optional else "string"
        return {"type": kind, "format": "date-time", "pattern": _TIME_SHAPE, "description": what}

    observable = {
        "type": "object",
        "required": ["type", "value"],
        "properties": {
            "type": {"enum": [str(kind) for kind in ObservableType]},
            "value": {"type": "string", "minLength": 1},
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:tocsin:schema:event:1",
        "title": "Event",
        "description": "One use of an AI system, or one piece of content seen, as one JSON line.",
        "type": "object",
        "additionalProperties": False,
        "required": ["id", "time", "source", "kind", "actor", "text"],
        "properties": {
            "id": label(MAX_ID_CHARS, "Unique at this node; sending it again changes nothing."),
            "time": moment("When it happened: RFC 3339 with a zone, at most 300 seconds in the future."),
            "source": label(MAX_LABEL_CHARS, "The application or platform that saw it."),
            "kind": {"enum": [str(kind) for kind in Kind], "description": "What happened."},
            "actor": label(MAX_ID_CHARS, "The account. Kept only as a pseudonym under this node's key."),
            "text": {
                "type": "string",
                "maxLength": MAX_TEXT_CHARS,
                "pattern": "^[^\\u0000]*$",
                "description": "What was asked or posted. Kept only sealed, for a set time.",
            },
            "session": label(MAX_ID_CHARS, "Conversation or visit.", 0),
            "model": label(MAX_ID_CHARS, "The model that was called.", 0),
            "lang": label(MAX_LABEL_CHARS, "Language of the text (BCP 47).", 0),
            "tool": label(MAX_LABEL_CHARS, "The tool that was called.", 0),
            "actor_created": moment("When the account was made, not after the event.", optional=True),
            "observables": {"type": "array", "maxItems": MAX_OBSERVABLES, "items": observable},
            "attributes": {
                "type": "object",
                "maxProperties": MAX_ATTRIBUTES,
                "description": f"Anything else, up to {MAX_ATTRIBUTES_BYTES} bytes. Sealed with the text.",
            },
        },
    }
