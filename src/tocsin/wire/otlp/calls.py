"""What both encodings of OTLP come down to: spans and log records with plain attribute values.

They hold no cycles, so the collector need not look at them (`gc=False`): it took a seventh of the way in.
"""

from typing import Any

import msgspec

from tocsin.kernel import TooLarge

Attributes = dict[str, Any]

MAX_VALUE_DEPTH = 32
"""Nesting of one attribute's value. Messages with tool calls use eight; protobuf itself ends at about fifty."""


def too_deep() -> TooLarge:
    """The error for a value that nests deeper than MAX_VALUE_DEPTH."""
    return TooLarge(f"an attribute nests deeper than {MAX_VALUE_DEPTH} levels; send flatter values")


KIND_INTERNAL = 1
"""Span kind INTERNAL (opentelemetry-proto, trace.proto)."""


class Note(msgspec.Struct, frozen=True, gc=False):
    """A span event or a log record: its event name, its attributes, its body if it has one."""

    name: str
    attributes: Attributes
    body: Any = None


class Call(msgspec.Struct, frozen=True, gc=False):
    """A span, or the log records of one span. Ids are lower-case hexadecimal; `time` is nanoseconds.

    `resource` is one object for all spans of a resource.
    """

    number: int
    trace_id: str
    span_id: str
    time: int
    resource: Attributes
    attributes: Attributes
    notes: tuple[Note, ...] = ()
    kind: int = 0
