"""One GenAI call to one event line: which spans count, who acts, what is kept."""

import re
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from tocsin.kernel import BadInput, EventLine, Kind, Observable, ObservableType, Refusal, at_micros
from tocsin.kernel.events import TOOL_RESULT
from tocsin.wire.events import refuse_or_take
from tocsin.wire.otlp.calls import KIND_INTERNAL, Attributes, Call
from tocsin.wire.otlp.conversation import histories_of, new_user_text, tool_results
from tocsin.wire.otlp.tools import brought, is_tool_call, memory_operation, tool_attributes, tool_text

ACTOR = ("user.id", "enduser.id", "enduser.pseudo.id")
SESSION = ("gen_ai.conversation.id", "session.id")
MODEL = ("gen_ai.response.model", "gen_ai.request.model")
LANG = ("tocsin.lang",)
CREATED = ("tocsin.actor_created",)
DEFAULT_SOURCE = "unknown_service"
"""What the SDKs themselves write when nobody names the service."""

OBSERVABLE = "tocsin.observable."
_AGENT = frozenset({"invoke_agent", "create_agent", "invoke_workflow", "plan"})
_TRACE_ID = re.compile(r"(?!0{32})[0-9a-f]{32}")
_SPAN_ID = re.compile(r"(?!0{16})[0-9a-f]{16}")
_LATEST_MICROS = 253_402_300_799_999_999
"""The end of the year 9999, where datetime ends."""


class Shared(NamedTuple):
    """What all calls of one resource have in common, unless a call says otherwise itself."""

    resource: Attributes
    source: str
    actor: str | None
    session: str | None
    lang: str | None
    created: str | None
    observed: Attributes


def shared_by(resource: Attributes) -> Shared:
    """Read once for all calls of a resource."""
    return Shared(
        resource=resource,
        source=_first(resource, ("service.name",)) or DEFAULT_SOURCE,
        actor=_first(resource, ACTOR),
        session=_first(resource, SESSION),
        lang=_first(resource, LANG),
        created=_first(resource, CREATED),
        observed={key: value for key, value in resource.items() if key.startswith(OBSERVABLE)},
    )


def is_genai(call: Call) -> bool:
    """Whether this is a model or tool call by the conventions.

    An agent's own span of kind INTERNAL is not: its model calls come as spans of their own, and would be
    counted twice.
    """
    operation = call.attributes.get("gen_ai.operation.name")
    if operation is not None:
        return call.kind != KIND_INTERNAL or not isinstance(operation, str) or operation not in _AGENT
    return any(key.startswith("gen_ai.") for key in call.attributes) or any(
        note.name.startswith("gen_ai.") or any(key.startswith("gen_ai.") for key in note.attributes)
        for note in call.notes
    )


def event_of(call: Call, shared: Shared, *, now: datetime) -> EventLine | Refusal:
    """The event of a GenAI call, checked like any other line. Raises nothing."""
    if _TRACE_ID.fullmatch(call.trace_id) is None:
        return Refusal(call.number, "traceId", "is not 32 hexadecimal digits; export it as the SDK gives it")
    if _SPAN_ID.fullmatch(call.span_id) is None:
        return Refusal(call.number, "spanId", "is not 16 hexadecimal digits; export it as the SDK gives it")
    if not 0 <= call.time // 1000 <= _LATEST_MICROS:
        return Refusal(call.number, "time", "is not a time in nanoseconds; check the unit")
    try:
        return refuse_or_take(call.number, _event(call, shared), now=now)
    except BadInput as error:
        field, _, reason = error.message.partition(" ")
        return Refusal(call.number, field, reason)


def _event(call: Call, shared: Shared) -> EventLine:
    own = call.attributes
    model = _first(own, MODEL)
    is_tool = is_tool_call(own, model=model)
    if is_tool:
        text, kept = tool_text(own), tool_attributes(own)
    else:
        sent = histories_of(call)
        text, kept = new_user_text(call, sent) or "", brought(tool_results(call, sent))
    session = _first(own, SESSION) or shared.session
    actor = _first(own, ACTOR) or shared.actor
    if actor is None:
        actor = f"session:{session}" if session is not None else f"trace:{call.trace_id}"
    # A span without content and the log record that has it are two halves: the one with words must not be
    # taken for a repetition of the one without.
    suffix = "" if text or TOOL_RESULT in kept else ":bare"
    return EventLine(
        id=f"otlp:{call.trace_id}:{call.span_id}{suffix}",
        time=at_micros(call.time // 1000),
        source=shared.source,
        kind=Kind.TOOL_CALL if is_tool else Kind.MODEL_CALL,
        actor=actor,
        text=text,
        session=session,
        model=model,
        lang=_first(own, LANG) or shared.lang,
        tool=_first(own, ("gen_ai.tool.name",)) or memory_operation(own),
        actor_created=_created(_first(own, CREATED) or shared.created),
        observables=tuple(_observables(own, shared.observed)),
        attributes=kept,
    )


def _first(place: Attributes, names: tuple[str, ...]) -> str | None:
    """The first value that is there, as text; never an empty one."""
    for name in names:
        value = place.get(name)
        if value is None:
            continue
        if isinstance(value, str):
            if value:
                return value
        elif isinstance(value, int) and not isinstance(value, bool):
            return str(value)
    return None


def _created(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        return msgspec.convert(text, datetime)
    except msgspec.ValidationError:
        raise BadInput(
            "actor_created is not a time; write RFC 3339, for example 2025-01-31T12:00:00Z"
        ) from None


def _observables(own: Attributes, shared: Attributes) -> list[Observable]:
    """Those of a resource and of a call; of two with one name the call's."""
    named = [key for key in own if key.startswith(OBSERVABLE)]
    found: list[Observable] = []
    if not named and not shared:
        return found
    for key, value in (shared | {key: own[key] for key in named}).items():
        try:
            kind = ObservableType(key.removeprefix(OBSERVABLE))
        except ValueError:
            known = ", ".join(ObservableType)
            raise BadInput(f"{OBSERVABLE}* is not a known type; use one of: {known}") from None
        found += [
            Observable(kind, _observed(entry)) for entry in (value if isinstance(value, list) else [value])
        ]
    return found


def _observed(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise BadInput(f"{OBSERVABLE}* is not text; send a string or a list of strings")
