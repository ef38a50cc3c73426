"""What both encodings of OTLP come down to: spans and log records with plain attribute values."""

from typing import Any

import msgspec

Attributes = dict[str, Any]

MAX_OTLP_DEPTH = 128
"""OTLP's JSON spends three levels on each level of a value, after nine of its own; protobuf allows 100."""

KIND_INTERNAL = 1
"""Span kind INTERNAL (opentelemetry-proto, trace.proto)."""


class Note(msgspec.Struct, frozen=True):
    """A span event or a log record: its event name, its attributes, its body if it has one."""

    name: str
    attributes: Attributes
    body: Any = None


class Call(msgspec.Struct, frozen=True):
    """A span, or the log records of one span. Ids are lower-case hexadecimal; `time` is nanoseconds."""

    number: int
    trace_id: str
    span_id: str
    time: int
    resource: Attributes
    attributes: Attributes
    notes: tuple[Note, ...] = ()
    kind: int = 0
