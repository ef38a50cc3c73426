"""OTLP: JSON and protobuf say the same, every spelling of the GenAI conventions, and nothing else becomes an event."""

import base64
import contextlib
import copy
import json
from typing import Any

import pytest
from google.protobuf.json_format import ParseDict
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceRequest,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
)

from tests.strategies import NOW, texts
from tocsin.kernel import BadInput, EventLine, Kind, TooLarge
from tocsin.kernel.limits import MAX_BATCH_BYTES
from tocsin.wire.events import Batch
from tocsin.wire.media import WrongMediaType
from tocsin.wire.otlp import decode_logs, decode_traces

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
SPAN = "00f067aa0ba902b7"
TIME = "1763632800000000000"
JSON = "application/json"
PROTOBUF = "application/x-protobuf"
Plain = dict[str, Any]


def value(item: Any) -> Plain:
    if isinstance(item, bool):
        return {"boolValue": item}
    if isinstance(item, str):
        return {"stringValue": item}
    if isinstance(item, int):
        return {"intValue": str(item)}
    if isinstance(item, float):
        return {"doubleValue": item}
    if isinstance(item, list):
        return {"arrayValue": {"values": [value(inner) for inner in item]}}
    return {"kvlistValue": {"values": pairs(item)}}


def pairs(attributes: Plain) -> list[Plain]:
    return [{"key": key, "value": value(inner)} for key, inner in attributes.items()]


def span(attributes: Plain, events: list[tuple[str, Plain]] | None = None, **fields: Any) -> Plain:
    return {
        "traceId": TRACE,
        "spanId": SPAN,
        "kind": 3,
        "startTimeUnixNano": TIME,
        "attributes": pairs(attributes),
        "events": [{"name": name, "attributes": pairs(inner)} for name, inner in events or []],
        **fields,
    }


def log(name: str, body: Any = None, attributes: Plain | None = None, **fields: Any) -> Plain:
    record = {"traceId": TRACE, "spanId": SPAN, "timeUnixNano": TIME, "eventName": name, **fields}
    if body is not None:
        record["body"] = value(body)
    return {**record, "attributes": pairs(attributes or {})}


def request(*items: Plain, logs: bool = False, resource: Plain | None = None) -> Plain:
    outer, inner, leaf = (
        ("resourceLogs", "scopeLogs", "logRecords") if logs else ("resourceSpans", "scopeSpans", "spans")
    )
    attributes = pairs({"service.name": "shop", **(resource or {})})
    return {outer: [{"resource": {"attributes": attributes}, inner: [{leaf: list(items)}]}]}


def as_protobuf(body: Plain, *, logs: bool = False) -> bytes:
    """The same request in protobuf; its JSON mapping wants ids in base64."""
    body = copy.deepcopy(body)
    for group in body["resourceLogs" if logs else "resourceSpans"]:
        for scope in group["scopeLogs" if logs else "scopeSpans"]:
            for item in scope["logRecords" if logs else "spans"]:
                for name in ("traceId", "spanId"):
                    item[name] = base64.b64encode(bytes.fromhex(item[name])).decode()
    message = ExportLogsServiceRequest() if logs else ExportTraceServiceRequest()
    return ParseDict(body, message).SerializeToString()


def decoded(body: Plain, *, logs: bool = False) -> Batch:
    """Through both encodings, which must agree."""
    decode = decode_logs if logs else decode_traces
    found = decode(json.dumps(body).encode(), JSON, now=NOW)
    assert found == decode(as_protobuf(body, logs=logs), PROTOBUF, now=NOW)
    return found


def one(body: Plain, *, logs: bool = False) -> EventLine:
    found = decoded(body, logs=logs)
    assert len(found.lines) == 1, found
    return found.lines[0]


HISTORY = [
    {"role": "system", "parts": [{"type": "text", "content": "Be kind."}]},
    {"role": "user", "parts": [{"type": "text", "content": "before"}]},
    {"role": "assistant", "parts": [{"type": "text", "content": "answered"}]},
    {"role": "user", "parts": [{"type": "text", "content": "lottery"}, {"type": "blob", "content": "AAAA"}]},
    {"role": "user", "parts": [{"type": "text", "content": "refund"}]},
]
OLD_HISTORY = [
    {"role": "system", "content": "Be kind."},
    {
        "role": "user",
        "content": [{"type": "text", "text": "lottery"}, {"type": "image_url", "image_url": "x"}],
    },
    {"role": "user", "content": "refund"},
]


@pytest.mark.parametrize(
    ("attributes", "events"),
    [
        ({"gen_ai.input.messages": json.dumps(HISTORY)}, []),
        ({"gen_ai.input.messages": HISTORY}, []),
        ({"gen_ai.input.messages": HISTORY, "gen_ai.prompt": "older"}, []),
        ({"gen_ai.prompt": "lottery\nrefund"}, []),
        ({"gen_ai.prompt": json.dumps(OLD_HISTORY)}, []),
        ({"gen_ai.prompt": json.dumps({"messages": OLD_HISTORY})}, []),
        (
            {
                "gen_ai.prompt.0.role": "system",
                "gen_ai.prompt.0.content": "Be kind.",
                "gen_ai.prompt.10.role": "user",
                "gen_ai.prompt.10.content": "refund",
                "gen_ai.prompt.2.role": "user",
                "gen_ai.prompt.2.content": json.dumps([{"type": "text", "text": "lottery"}]),
            },
            [],
        ),
        ({"gen_ai.system": "x"}, [("gen_ai.content.prompt", {"gen_ai.prompt": json.dumps(OLD_HISTORY)})]),
        (
            {"gen_ai.system": "x"},
            [
                ("gen_ai.system.message", {"content": "Be kind."}),
                ("gen_ai.user.message", {"content": "before"}),
                ("gen_ai.assistant.message", {"content": "answered"}),
                ("gen_ai.user.message", {"content": "lottery"}),
                ("gen_ai.user.message", {"gen_ai.event.content": "refund"}),
            ],
        ),
        (
            {"gen_ai.system": "x"},
            [("gen_ai.client.inference.operation.details", {"gen_ai.input.messages": HISTORY})],
        ),
    ],
)
def test_every_spelling_gives_what_the_user_newly_says(
    attributes: Plain, events: list[tuple[str, Plain]]
) -> None:
    assert one(request(span(attributes, events))).text == "lottery\nrefund"


@pytest.mark.parametrize(
    ("records", "text"),
    [
        (
            [log("gen_ai.client.inference.operation.details", None, {"gen_ai.input.messages": HISTORY})],
            "lottery\nrefund",
        ),
        (
            [log("gen_ai.client.inference.operation.details", {"gen_ai.input.messages": HISTORY})],
            "lottery\nrefund",
        ),
        (
            [
                log("gen_ai.user.message", {"content": "before"}),
                log("gen_ai.choice", {"message": {"content": "answered"}}),
                log("gen_ai.user.message", {"content": "lottery refund", "role": "user"}),
            ],
            "lottery refund",
        ),
        ([log("gen_ai.user.message", "lottery refund")], "lottery refund"),
    ],
)
def test_log_records_of_one_span_are_one_call(records: list[Plain], text: str) -> None:
    assert one(request(*records, logs=True), logs=True).text == text


def test_a_call_in_full() -> None:
    found = one(
        request(
            span(
                {
                    "gen_ai.operation.name": "chat",
                    "gen_ai.request.model": "small",
                    "gen_ai.response.model": "small-2026",
                    "gen_ai.conversation.id": "talk-9",
                    "user.id": "u-1",
                    "gen_ai.input.messages": HISTORY,
                    "gen_ai.output.messages": [
                        {"role": "assistant", "parts": [{"type": "text", "content": "secret"}]}
                    ],
                    "gen_ai.system_instructions": "instructions",
                    "tocsin.actor_created": "2025-01-01T00:00:00Z",
                    "tocsin.observable.domain": ["A.example", "b.example"],
                    "tocsin.lang": "en",
                }
            ),
            resource={"tocsin.observable.device": "rack-1"},
        )
    )
    assert found.id == f"otlp:{TRACE}:{SPAN}"
    assert (found.source, found.kind, found.actor, found.session) == (
        "shop",
        Kind.MODEL_CALL,
        "u-1",
        "talk-9",
    )
    assert (found.model, found.lang, found.tool) == ("small-2026", "en", None)
    assert found.time.isoformat() == "2025-11-20T10:00:00+00:00"
    assert found.actor_created is not None
    assert {(item.type.value, item.value) for item in found.observables} == {
        ("device", "rack-1"),
        ("domain", "a.example"),
        ("domain", "b.example"),
    }
    assert "secret" not in repr(found)
    assert "instructions" not in repr(found)


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ('{"q": "lottery refund"}', '{"q": "lottery refund"}'),
        ({"q": "lottery refund"}, '{"q":"lottery refund"}'),
    ],
)
def test_a_tool_call(arguments: Any, text: str) -> None:
    attributes = {
        "gen_ai.operation.name": "execute_tool",
        "gen_ai.tool.name": "search",
        "gen_ai.tool.call.arguments": arguments,
    }
    found = one(request(span({**attributes, "enduser.id": 7})))
    assert (found.kind, found.tool, found.text, found.actor) == (Kind.TOOL_CALL, "search", text, "7")


@pytest.mark.parametrize(
    ("attributes", "actor"),
    [
        ({"user.id": "a", "enduser.id": "b", "session.id": "s"}, "a"),
        ({"enduser.id": "b", "enduser.pseudo.id": "c"}, "b"),
        ({"enduser.pseudo.id": "c", "session.id": "s"}, "c"),
        ({"session.id": "s"}, "session:s"),
        ({"user.id": ""}, f"trace:{TRACE}"),
    ],
)
def test_who_acts(attributes: Plain, actor: str) -> None:
    assert one(request(span({"gen_ai.system": "x", **attributes}))).actor == actor


def test_a_call_without_content_is_still_somebodys_act() -> None:
    found = one(request(span({"gen_ai.operation.name": "chat", "user.id": "u"})))
    assert (found.text, found.id) == ("", f"otlp:{TRACE}:{SPAN}:bare")


def test_a_span_and_the_log_of_one_call_have_one_id() -> None:
    details = log("gen_ai.client.inference.operation.details", None, {"gen_ai.input.messages": HISTORY})
    by_log = one(request(details, logs=True), logs=True)
    assert by_log.id == one(request(span({"gen_ai.input.messages": HISTORY}))).id


def test_history_that_ends_with_a_tool_says_nothing_new() -> None:
    tail = {"role": "tool", "parts": [{"type": "tool_call_response", "response": "42"}]}
    assert one(request(span({"gen_ai.input.messages": [*HISTORY, tail]}))).text == ""


@pytest.mark.parametrize("odd", [[], {}, [1], {"a": "b"}])
def test_what_is_no_word_where_a_word_belongs_harms_nobody(odd: Any) -> None:
    messages = [
        {"role": "user", "parts": [{"type": odd, "content": "lost"}, {"type": "text", "content": "refund"}]}
    ]
    brought = [{"role": "tool", "parts": [{"type": odd, "content": "lost"}]}]
    spans = (
        span({"gen_ai.prompt": json.dumps(messages)}, spanId="1" * 16),
        span({"gen_ai.prompt": json.dumps(brought)}, spanId="2" * 16),
        span({"gen_ai.operation.name": odd, "gen_ai.prompt": "refund"}, spanId="3" * 16),
        span({"gen_ai.operation.name": odd, "gen_ai.tool.name": "fetch"}, spanId="4" * 16),
    )
    found = decoded(request(*spans))
    assert [line.text for line in found.lines] == ["refund", "", "refund", ""]


def test_other_spans_are_ignored_and_counted() -> None:
    agent = span({"gen_ai.operation.name": "invoke_agent", "gen_ai.input.messages": HISTORY}, kind=1)
    found = decoded(request(span({"http.request.method": "GET"}), agent, span({"gen_ai.system": "x"})))
    assert (len(found.lines), found.refused, found.ignored) == (1, (), 2)


@pytest.mark.parametrize(
    ("fields", "attributes", "field"),
    [
        ({"traceId": "00" * 16}, {}, "traceId"),
        ({"traceId": ""}, {}, "traceId"),
        ({"spanId": "ab"}, {}, "spanId"),
        ({"startTimeUnixNano": "0"}, {}, "time"),
        ({"startTimeUnixNano": "18446744073709551615"}, {}, "time"),
        ({}, {"tocsin.observable.zip": "canary"}, "tocsin.observable.*"),
        ({}, {"tocsin.observable.domain": "canary"}, "observables[0].value"),
        ({}, {"tocsin.observable.domain": {"a": "canary"}}, "tocsin.observable.*"),
        ({}, {"tocsin.actor_created": "canary"}, "actor_created"),
        ({}, {"user.id": "canary" * 100}, "actor"),
    ],
)
def test_a_bad_span_is_refused_alone(fields: Plain, attributes: Plain, field: str) -> None:
    bad = span({"gen_ai.system": "x", **attributes}, **fields)
    found = decoded(request(span({"gen_ai.system": "x"}), bad))
    assert [(item.line, item.field) for item in found.refused] == [(2, field)]
    assert "canary" not in found.refused[0].reason
    assert len(found.lines) == 1


def test_json_takes_numbers_upper_case_and_unknown_fields() -> None:
    item = span(
        {"gen_ai.system": "x"}, startTimeUnixNano=int(TIME), traceId=TRACE.upper(), newField={"deep": [1]}
    )
    found = decode_traces(json.dumps(request(item)).encode(), f"{JSON}; charset=utf-8", now=NOW)
    assert found.lines[0].id == f"otlp:{TRACE}:{SPAN}:bare"


@pytest.mark.parametrize("time", ["", "--6360000", "1e9", "٣", "9" * 5_000, -5, None])
def test_a_number_that_is_none_is_refused_as_a_time(time: Any) -> None:
    body = json.dumps(request(span({"gen_ai.system": "x"}, startTimeUnixNano=time))).encode()
    assert [item.field for item in decode_traces(body, JSON, now=NOW).refused] == ["time"]


@pytest.mark.parametrize("content_type", [None, "", "text/plain", "application/grpc"])
def test_another_media_type_is_415(content_type: str | None) -> None:
    with pytest.raises(WrongMediaType):
        decode_traces(b"{}", content_type, now=NOW)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", JSON),
        (b"{", JSON),
        (b"[]", JSON),
        (b"\xff", JSON),
        (b'{"resourceSpans": 1}', JSON),
        (b'{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": 1}]}]}]}', JSON),
        (b"\xff\xff", PROTOBUF),
        (b"\x0a\x05abc", PROTOBUF),
    ],
)
def test_a_malformed_body_is_400(body: bytes, content_type: str) -> None:
    with pytest.raises(BadInput) as caught:
        decode_traces(body, content_type, now=NOW)
    assert caught.value.status == 400


def test_an_empty_protobuf_body_is_an_empty_request() -> None:
    assert decode_traces(b"", PROTOBUF, now=NOW) == Batch()


def test_deep_json_where_nobody_looks_is_413() -> None:
    with pytest.raises(TooLarge):
        decode_traces(b'{"unknown":' + b"[" * 100_000 + b"]" * 100_000 + b"}", JSON, now=NOW)


def test_a_value_of_thirty_two_levels_is_the_bound() -> None:
    def nested(levels: int) -> Any:
        return "x" if levels == 0 else [nested(levels - 1)]

    assert decoded(request(span({"gen_ai.system": nested(32)}))).lines
    for encode, media in ((lambda body: json.dumps(body).encode(), JSON), (as_protobuf, PROTOBUF)):
        with pytest.raises(TooLarge, match="32"):
            decode_traces(encode(request(span({"gen_ai.system": nested(33)}))), media, now=NOW)


def test_deep_json_inside_a_message_is_only_text() -> None:
    deep = "[" * 100_000 + "]" * 100_000
    found = one(request(span({"gen_ai.prompt": deep})))
    assert found.text == deep


def test_deep_protobuf_is_400() -> None:
    inner = b""
    for _ in range(200):  # AnyValue.array_value.values
        listed = b"\x0a" + _varint(len(inner)) + inner
        inner = b"\x2a" + _varint(len(listed)) + listed
    wrapped = inner
    for field in (b"\x12", b"\x4a", b"\x12", b"\x12", b"\x0a"):  # value, attributes, spans, scope, resource
        wrapped = field + _varint(len(wrapped)) + wrapped
    with pytest.raises(BadInput):
        decode_traces(wrapped, PROTOBUF, now=NOW)


def _varint(number: int) -> bytes:
    out = b""
    while number > 0x7F:
        out += bytes([number & 0x7F | 0x80])
        number >>= 7
    return out + bytes([number])


def test_a_body_over_the_bound_is_413() -> None:
    with pytest.raises(TooLarge):
        decode_traces(b" " * (MAX_BATCH_BYTES + 1), JSON, now=NOW)


@given(
    st.dictionaries(
        st.sampled_from(["gen_ai.prompt", "gen_ai.input.messages", "user.id", "gen_ai.tool.name"]),
        texts,
        max_size=4,
    )
)
def test_any_attributes_are_taken_refused_or_ignored(attributes: Plain) -> None:
    found = decoded(request(span(attributes)))
    assert len(found.lines) + len(found.refused) + found.ignored == 1


@given(st.binary(max_size=120), st.sampled_from([JSON, PROTOBUF]))
def test_any_bytes_are_an_answer(body: bytes, content_type: str) -> None:
    for decode in (decode_traces, decode_logs):
        with contextlib.suppress(BadInput):
            assert isinstance(decode(body, content_type, now=NOW), Batch)
