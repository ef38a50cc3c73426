"""The answer's bytes in both encodings: full success is an empty message, partial success says how many and why."""

import msgspec
from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from tocsin.kernel import Refusal
from tocsin.wire.otlp.decode import JSON, form_of

MAX_MESSAGE_CHARS = 1_000


def response(refused: tuple[Refusal, ...], content_type: str | None, signal: str) -> tuple[bytes, str]:
    """The body and media type of a 200 for `signal` ("traces" or "logs"), in the encoding of the request."""
    form = form_of(content_type)
    if form == JSON:
        return _json("rejectedSpans" if signal == "traces" else "rejectedLogRecords", refused), form
    if signal == "traces":
        traces = ExportTraceServiceResponse()
        if refused:
            traces.partial_success.rejected_spans = len(refused)
            traces.partial_success.error_message = _why(refused)
        return traces.SerializeToString(), form
    logs = ExportLogsServiceResponse()
    if refused:
        logs.partial_success.rejected_log_records = len(refused)
        logs.partial_success.error_message = _why(refused)
    return logs.SerializeToString(), form


def error_answer(content_type: str | None, message: str) -> bytes:
    """A google.rpc.Status for an answer that is not 2xx (OTLP specification, "OTLP/HTTP Response").

    Of its fields OTLP uses the message alone.
    """
    text = message[:MAX_MESSAGE_CHARS]
    if form_of(content_type) == JSON:
        return msgspec.json.encode({"message": text})
    status: bytes = Status(message=text).SerializeToString()
    return status


def _json(count: str, refused: tuple[Refusal, ...]) -> bytes:
    if not refused:
        return b"{}"
    # 64-bit integers are strings in protobuf's JSON.
    return msgspec.json.encode({"partialSuccess": {count: str(len(refused)), "errorMessage": _why(refused)}})


def _why(refused: tuple[Refusal, ...]) -> str:
    text = "; ".join(f"{item.line}: {item.field} {item.reason}" for item in refused[:20])
    return text[:MAX_MESSAGE_CHARS]
