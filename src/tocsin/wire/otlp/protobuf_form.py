"""OTLP in protobuf, read by the published messages (opentelemetry-proto)."""

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar

from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from tocsin.kernel import BadInput
from tocsin.wire.otlp.calls import MAX_VALUE_DEPTH, Attributes, Call, Note, too_deep

_M = TypeVar("_M", bound=Message)


def _parse(message: _M, body: bytes) -> _M:
    try:
        message.ParseFromString(body)
    except DecodeError:  # malformed, or nested deeper than protobuf's own bound of 100
        raise BadInput("the body is not OTLP in protobuf; see opentelemetry-proto") from None
    return message


def protobuf_spans(body: bytes) -> Iterator[Call]:
    """Spans in order. Raises BadInput before the first."""
    number = 0
    for group in _parse(ExportTraceServiceRequest(), body).resource_spans:
        resource = _attributes(group.resource.attributes)
        for scope in group.scope_spans:
            for span in scope.spans:
                number += 1
                yield Call(
                    number=number,
                    trace_id=span.trace_id.hex(),
                    span_id=span.span_id.hex(),
                    time=span.start_time_unix_nano,
                    resource=resource,
                    attributes=_attributes(span.attributes),
                    notes=tuple([Note(event.name, _attributes(event.attributes)) for event in span.events]),
                    kind=span.kind,
                )


def protobuf_logs(body: bytes) -> Iterator[Call]:
    """Log records in order, one note each. Raises BadInput before the first."""
    number = 0
    for group in _parse(ExportLogsServiceRequest(), body).resource_logs:
        resource = _attributes(group.resource.attributes)
        for scope in group.scope_logs:
            for log in scope.log_records:
                number += 1
                attributes = _attributes(log.attributes)
                yield Call(
                    number=number,
                    trace_id=log.trace_id.hex(),
                    span_id=log.span_id.hex(),
                    time=log.time_unix_nano or log.observed_time_unix_nano,
                    resource=resource,
                    attributes=attributes,
                    notes=(Note(log.event_name, attributes, _plain(log.body)),),
                )


def _attributes(pairs: Iterable[KeyValue], depth: int = 0) -> Attributes:
    # nearly all are texts: one that is not empty is told without asking which kind the value is
    return {
        pair.key: text
        if (text := (value := pair.value).string_value) and depth <= MAX_VALUE_DEPTH
        else _plain(value, depth)
        for pair in pairs
    }


def _plain(value: AnyValue, depth: int = 0) -> Any:
    """A value without its wrapping. Raises TooLarge beyond MAX_VALUE_DEPTH."""
    if depth > MAX_VALUE_DEPTH:
        raise too_deep()
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    if kind == "array_value":
        return [_plain(inner, depth + 1) for inner in value.array_value.values]
    if kind == "kvlist_value":
        return _attributes(value.kvlist_value.values, depth + 1)
    if kind == "bytes_value":
        return value.bytes_value.hex()
    return getattr(value, kind)
