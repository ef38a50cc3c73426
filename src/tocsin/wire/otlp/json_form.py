"""OTLP in JSON: lower camel case, ids in hexadecimal, 64-bit integers as strings, unknown fields passed over.

Source: OTLP specification, "JSON Protobuf Encoding".
"""

import re
from collections.abc import Iterator
from typing import Any, TypeVar

import msgspec

from tocsin.kernel import BadInput, TooLarge
from tocsin.wire.json_bounds import bad_json
from tocsin.wire.otlp.calls import MAX_VALUE_DEPTH, Attributes, Call, Note, too_deep

_INTEGER = re.compile(r"-?[0-9]{1,20}")
Number = int | str | None
"""Encoders write 64-bit integers as strings; some write numbers."""


class _Value(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    string_value: str | None = None
    bool_value: bool | None = None
    int_value: Number = None
    double_value: float | str | None = None
    array_value: "_Values | None" = None
    kvlist_value: "_Pairs | None" = None
    bytes_value: str | None = None


class _Values(msgspec.Struct, frozen=True, gc=False):
    values: list[_Value] | None = None


class _Pair(msgspec.Struct, frozen=True, gc=False):
    key: str = ""
    value: _Value | None = None


class _Pairs(msgspec.Struct, frozen=True, gc=False):
    values: list[_Pair] | None = None


class _Resource(msgspec.Struct, frozen=True, gc=False):
    attributes: list[_Pair] | None = None


class _Event(msgspec.Struct, frozen=True, gc=False):
    name: str = ""
    attributes: list[_Pair] | None = None


class _Span(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    trace_id: str = ""
    span_id: str = ""
    kind: Number = None
    start_time_unix_nano: Number = None
    attributes: list[_Pair] | None = None
    events: list[_Event] | None = None


class _ScopeSpans(msgspec.Struct, frozen=True, gc=False):
    spans: list[_Span] | None = None


class _ResourceSpans(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    resource: _Resource | None = None
    scope_spans: list[_ScopeSpans] | None = None


class _Traces(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    resource_spans: list[_ResourceSpans] | None = None


class _Log(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    trace_id: str = ""
    span_id: str = ""
    time_unix_nano: Number = None
    observed_time_unix_nano: Number = None
    event_name: str = ""
    body: _Value | None = None
    attributes: list[_Pair] | None = None


class _ScopeLogs(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    log_records: list[_Log] | None = None


class _ResourceLogs(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    resource: _Resource | None = None
    scope_logs: list[_ScopeLogs] | None = None


class _Logs(msgspec.Struct, frozen=True, gc=False, rename="camel"):
    resource_logs: list[_ResourceLogs] | None = None


_TRACES = msgspec.json.Decoder(_Traces)
_LOGS = msgspec.json.Decoder(_Logs)


_T = TypeVar("_T")


def _decode(decoder: msgspec.json.Decoder[_T], body: bytes) -> _T:
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        # msgspec's path names fields of OTLP, not of the sender; its first half may quote a value.
        _, at, path = str(error).partition(" - at `")
        where = path.rstrip("`") if at else "$"
        raise BadInput(f"the body is not OTLP: wrong type at {where}; see opentelemetry-proto") from None
    except RecursionError:
        raise TooLarge("the body nests too deep; send flatter values") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise bad_json(body, "the body") from None


def json_spans(body: bytes) -> Iterator[Call]:
    """Spans in order. Raises BadInput or TooLarge before the first."""
    number = 0
    for group in _decode(_TRACES, body).resource_spans or ():
        resource = _attributes(group.resource.attributes if group.resource else None)
        for scope in group.scope_spans or ():
            for span in scope.spans or ():
                number += 1
                yield Call(
                    number=number,
                    trace_id=span.trace_id.lower(),
                    span_id=span.span_id.lower(),
                    time=_integer(span.start_time_unix_nano),
                    resource=resource,
                    attributes=_attributes(span.attributes),
                    notes=tuple([Note(e.name, _attributes(e.attributes)) for e in span.events or ()]),
                    kind=_integer(span.kind),
                )


def json_logs(body: bytes) -> Iterator[Call]:
    """Log records in order, one note each. Raises BadInput or TooLarge before the first."""
    number = 0
    for group in _decode(_LOGS, body).resource_logs or ():
        resource = _attributes(group.resource.attributes if group.resource else None)
        for scope in group.scope_logs or ():
            for log in scope.log_records or ():
                number += 1
                attributes = _attributes(log.attributes)
                yield Call(
                    number=number,
                    trace_id=log.trace_id.lower(),
                    span_id=log.span_id.lower(),
                    time=_integer(log.time_unix_nano) or _integer(log.observed_time_unix_nano),
                    resource=resource,
                    attributes=attributes,
                    notes=(Note(log.event_name, attributes, _plain(log.body)),),
                )


def _integer(value: Number) -> int:
    """The number, or 0 where there is none or it is not one: the checks of the event then say so."""
    if value is None:
        return 0
    if isinstance(value, int):
        return value
    return int(value) if _INTEGER.fullmatch(value) else 0


def _attributes(pairs: list[_Pair] | None, depth: int = 0) -> Attributes:
    return {
        pair.key: text
        if (value := pair.value) is not None
        and (text := value.string_value) is not None
        and depth <= MAX_VALUE_DEPTH
        else _plain(value, depth)
        for pair in pairs or ()
    }


def _plain(value: _Value | None, depth: int = 0) -> Any:
    """A value without its wrapping. Raises TooLarge beyond MAX_VALUE_DEPTH."""
    if value is None:
        return None
    if depth > MAX_VALUE_DEPTH:
        raise too_deep()
    if value.string_value is not None:
        return value.string_value
    if value.array_value is not None:
        return [_plain(inner, depth + 1) for inner in value.array_value.values or ()]
    if value.kvlist_value is not None:
        return _attributes(value.kvlist_value.values, depth + 1)
    if value.int_value is not None:
        return _integer(value.int_value)
    if value.bool_value is not None:
        return value.bool_value
    return value.double_value if value.double_value is not None else value.bytes_value
