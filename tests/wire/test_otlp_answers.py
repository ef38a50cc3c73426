"""Answers to OTLP exporters, read back by the published messages."""

import json

from google.rpc.status_pb2 import Status
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from tocsin.kernel import Refusal
from tocsin.wire.otlp import error_answer, response

JSON = "application/json"
PROTOBUF = "application/x-protobuf"


def test_answers_are_read_back_by_the_published_messages() -> None:
    refused = (Refusal(3, "time", "is bad"), Refusal(4, "actor", "is bad"))
    body, media = response(refused, PROTOBUF, "traces")
    traces = ExportTraceServiceResponse.FromString(body)
    assert (media, traces.partial_success.rejected_spans) == (PROTOBUF, 2)
    assert "3: time is bad" in traces.partial_success.error_message
    logs = ExportLogsServiceResponse.FromString(response(refused, PROTOBUF, "logs")[0])
    assert logs.partial_success.rejected_log_records == 2
    plain = json.loads(response(refused, JSON, "logs")[0])
    assert plain["partialSuccess"]["rejectedLogRecords"] == "2"
    assert response((), JSON, "traces") == (b"{}", JSON)
    assert response((), PROTOBUF, "logs") == (b"", PROTOBUF)


def test_errors_are_a_status() -> None:
    message = "too large: " + "é" * 300
    status = Status.FromString(error_answer(PROTOBUF, message))
    assert (status.code, status.message) == (0, message)
    assert json.loads(error_answer(JSON, message)) == {"message": message}
