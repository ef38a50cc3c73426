"""OTLP over HTTP: both encodings, partial success, and errors in the form of the request."""

import json
from typing import Any

import pytest
from google.rpc.status_pb2 import Status
from litestar import Litestar
from litestar.testing import TestClient
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from tests.fixtures import Made

Client = TestClient[Litestar]
PROTOBUF = "application/x-protobuf"
JSON = "application/json"


def span(**attributes: Any) -> bytes:
    named = [
        {"key": key.replace("__", "."), "value": {"stringValue": value}} for key, value in attributes.items()
    ]
    one = {
        "traceId": "5b8efff798038103d269b633813fc60c",
        "spanId": "eee19b7ec3c1b174",
        "name": "chat",
        "startTimeUnixNano": "1795172400000000000",
        "attributes": named,
    }
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [one]}]}]}).encode()


CALL = {
    "gen_ai__operation__name": "chat",
    "gen_ai__request__model": "small",
    "user__id": "customer",
    "gen_ai__input__messages": json.dumps(
        [{"role": "user", "parts": [{"type": "text", "content": "hello"}]}]
    ),
}


def post(client: Client, made: Made, body: bytes, media: str, path: str = "/v1/traces") -> Any:
    return client.post(path, content=body, headers=made.bearer | {"Content-Type": media})


def test_a_span_in_json_is_taken_and_a_retry_changes_nothing(client: Client, made: Made) -> None:
    for _ in range(2):
        answer = post(client, made, span(**CALL), JSON)
        assert (answer.status_code, answer.json()) == (200, {})
    assert made.node.store.events.count() == 1


def test_an_empty_protobuf_is_a_success(client: Client, made: Made) -> None:
    answer = post(client, made, b"", PROTOBUF)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith(PROTOBUF)
    ExportTraceServiceResponse.FromString(answer.content)


@pytest.mark.parametrize(
    ("media", "body", "status"),
    [(PROTOBUF, b"\xff\xff\xff", 400), (JSON, b"{", 400), (JSON, b'{"a":' * 10_000, 413)],
)
def test_a_malformed_body_is_refused_in_the_form_of_the_request(
    client: Client, made: Made, media: str, body: bytes, status: int
) -> None:
    answer = post(client, made, body, media)
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith(media)
    message = answer.json()["message"] if media == JSON else Status.FromString(answer.content).message
    assert message


def test_no_token_is_401_and_another_media_type_415(client: Client, made: Made) -> None:
    refused = client.post("/v1/traces", content=b"", headers={"Content-Type": PROTOBUF})
    assert refused.status_code == 401
    assert "www-authenticate" in refused.headers
    assert post(client, made, b"", "text/plain").status_code == 415


def test_a_span_that_cannot_be_taken_is_a_partial_success(client: Client, made: Made) -> None:
    late = span(**CALL).replace(b"1795172400000000000", b"1895172400000000000")
    answer = post(client, made, late, JSON).json()
    assert answer["partialSuccess"]["rejectedSpans"] == "1"
