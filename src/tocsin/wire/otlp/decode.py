"""A request body to a batch: the encoding by its media type, the bounds, the grouping of log records."""

from collections.abc import Iterable, Iterator
from datetime import datetime

import msgspec

from tocsin.kernel import EventLine, Refusal, TooLarge
from tocsin.kernel.limits import MAX_BATCH_BYTES, MAX_BATCH_LINES
from tocsin.wire.events import Batch
from tocsin.wire.media import WrongMediaType, media_ranges
from tocsin.wire.otlp.calls import Call
from tocsin.wire.otlp.genai import event_of, is_genai, shared_by
from tocsin.wire.otlp.json_form import json_logs, json_spans
from tocsin.wire.otlp.protobuf_form import protobuf_logs, protobuf_spans

JSON = "application/json"
PROTOBUF = "application/x-protobuf"


def form_of(content_type: str | None) -> str:
    """JSON or PROTOBUF. Raises WrongMediaType (415) for anything else."""
    ranges = media_ranges(content_type or "")
    if len(ranges) == 1 and ranges[0][0] in (JSON, PROTOBUF):
        return ranges[0][0]
    raise WrongMediaType(f"OTLP is {PROTOBUF} or {JSON}; send one of them as Content-Type")


def decode_traces(body: bytes, content_type: str | None, *, now: datetime) -> Batch:
    """Events of an ExportTraceServiceRequest. Refusals count spans from 1.

    Raises WrongMediaType, TooLarge, or BadInput when the body as a whole cannot be read.
    """
    form = _checked(body, content_type)
    return _batch(json_spans(body) if form == JSON else protobuf_spans(body), now)


def decode_logs(body: bytes, content_type: str | None, *, now: datetime) -> Batch:
    """Events of an ExportLogsServiceRequest: the records of one span are one call. Raises as `decode_traces`."""
    form = _checked(body, content_type)
    return _batch(_joined(json_logs(body) if form == JSON else protobuf_logs(body)), now)


def _checked(body: bytes, content_type: str | None) -> str:
    form = form_of(content_type)
    if len(body) > MAX_BATCH_BYTES:
        raise TooLarge(f"the body is larger than {MAX_BATCH_BYTES} bytes; export smaller batches")
    return form


def _joined(records: Iterable[Call]) -> Iterator[Call]:
    """Log records of one span as one call; records without GenAI content stand alone."""
    calls: dict[tuple[str, str], Call] = {}
    for record in _bounded(records):
        if not is_genai(record):
            yield record
            continue
        key = (record.trace_id, record.span_id)
        first = calls.get(key)
        calls[key] = (
            record
            if first is None
            else msgspec.structs.replace(
                first, notes=first.notes + record.notes, attributes=first.attributes | record.attributes
            )
        )
    yield from calls.values()


def _bounded(calls: Iterable[Call]) -> Iterator[Call]:
    for call in calls:
        if call.number > MAX_BATCH_LINES:
            raise TooLarge(
                f"more than {MAX_BATCH_LINES} spans or records in one request; export smaller batches"
            )
        yield call


def _batch(calls: Iterable[Call], now: datetime) -> Batch:
    lines: list[EventLine] = []
    refused: list[Refusal] = []
    ignored = 0
    shared = shared_by({})
    for call in _bounded(calls):
        if not is_genai(call):
            ignored += 1
            continue
        if shared.resource is not call.resource:
            shared = shared_by(call.resource)
        found = event_of(call, shared, now=now)
        if isinstance(found, EventLine):
            lines.append(found)
        else:
            refused.append(found)
    return Batch(tuple(lines), tuple(refused), ignored)
