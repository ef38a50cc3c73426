"""Tool and memory spans: arguments, results and what names the call are kept, and nothing long costs the event."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.wire.test_otlp import log, one, request, span
from tocsin.kernel import Kind
from tocsin.kernel.events import TOOL_RESULT as RESULT
from tocsin.kernel.limits import MAX_ATTRIBUTES_BYTES
from tocsin.wire.otlp.tools import MAX_RESULT_BYTES, shortened

EXECUTED = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "fetch", "user.id": "7"}


@pytest.mark.parametrize(
    ("name", "result", "kept"),
    [
        ("gen_ai.tool.call.result", "the page", "the page"),
        ("gen_ai.tool.call.result", {"rows": [1, 2]}, '{"rows":[1,2]}'),
        ("traceloop.entity.output", "the page", "the page"),
        ("output.value", "the page", "the page"),
        ("gen_ai.tool.call.result", "a\x00b", "a\ufffdb"),
    ],
)
def test_a_result_is_kept_in_every_spelling(name: str, result: Any, kept: str) -> None:
    found = one(request(span({**EXECUTED, "gen_ai.tool.call.arguments": '{"url":"x"}', name: result})))
    assert found.text == '{"url":"x"}'
    assert found.attributes == {"gen_ai.operation.name": "execute_tool", RESULT: kept}


def test_a_call_with_a_result_alone_is_not_bare() -> None:
    found = one(request(span({**EXECUTED, "gen_ai.tool.call.result": "done"})))
    assert found.text == ""
    assert not found.id.endswith(":bare")


def test_what_names_a_call_is_kept_and_bounded() -> None:
    named = {"gen_ai.tool.call.id": "c1", "gen_ai.agent.name": "clerk" * 200, "gen_ai.tool.type": 5}
    found = one(request(span({**EXECUTED, **named})))
    assert found.attributes["gen_ai.tool.call.id"] == "c1"
    assert len(found.attributes["gen_ai.agent.name"]) == 256
    assert "gen_ai.tool.type" not in found.attributes


def test_a_memory_write_is_a_tool_call_with_its_records() -> None:
    records = json.dumps([{"content": "the office closes at five"}])
    written = {
        "gen_ai.operation.name": "create_memory",
        "gen_ai.memory.records": records,
        "gen_ai.memory.store.id": "notes",
        "gen_ai.request.model": "small",
    }
    found = one(request(span(written)))
    assert (found.kind, found.tool, found.text) == (Kind.TOOL_CALL, "create_memory", records)
    assert found.attributes["gen_ai.memory.store.id"] == "notes"


def test_what_a_memory_gives_back_is_a_result() -> None:
    read = {
        "gen_ai.operation.name": "search_memory",
        "gen_ai.memory.query.text": "opening hours",
        "gen_ai.memory.records": [{"content": "five"}],
    }
    found = one(request(span({"gen_ai.operation.name": "search_memory", **read})))
    assert found.attributes[RESULT] == '[{"content":"five"}]'


def test_a_model_call_has_the_results_that_are_new_in_its_history() -> None:
    def result(text: str, **more: Any) -> dict[str, Any]:
        return {"role": "tool", "parts": [{"type": "tool_call_response", "response": text, **more}]}

    history = [
        result("of an earlier turn"),
        {"role": "assistant", "parts": [{"type": "tool_call", "name": "fetch"}]},
        result("first page"),
        {"role": "tool", "content": "second page", "tool_call_id": "c2"},
        {"role": "user", "content": [{"type": "tool_result", "content": "third page"}]},
    ]
    attributes = {"gen_ai.request.model": "small", "gen_ai.input.messages": json.dumps(history)}
    found = one(request(span(attributes)))
    assert found.kind is Kind.MODEL_CALL
    assert found.attributes == {RESULT: "first page\nsecond page\nthird page"}


def test_a_model_call_without_results_keeps_nothing() -> None:
    found = one(request(span({"gen_ai.request.model": "small", "gen_ai.prompt": "hello"})))
    assert found.attributes == {}


def test_log_events_of_tools_are_results_too() -> None:
    body = request(
        log("gen_ai.user.message", {"content": "look it up"}),
        log("gen_ai.tool.message", {"content": "the page", "id": "c1"}),
        logs=True,
    )
    assert one(body, logs=True).attributes == {RESULT: "the page"}


@given(st.text(max_size=300), st.integers(0, 2_000))
def test_a_long_result_never_costs_the_event(text: str, times: int) -> None:
    cut = shortened(text * times)
    assert len(json.dumps(cut, ensure_ascii=False).encode("utf-8", "surrogatepass")) < MAX_ATTRIBUTES_BYTES
    if len(text) * times * 6 < MAX_RESULT_BYTES:
        assert cut == (text * times).replace("\x00", "\ufffd")


def test_beginning_and_end_of_a_long_result_are_kept() -> None:
    cut = shortened("first words " + "页" * 60_000 + " last words")
    assert cut.startswith("first words ")
    assert cut.endswith(" last words")
    assert len(cut.encode()) <= MAX_RESULT_BYTES


def test_results_of_one_message_keep_their_order() -> None:
    parts = [{"type": "tool_call_response", "response": word} for word in ("first", "second")]
    messages = [{"role": "tool", "parts": parts}, {"role": "tool", "content": "third"}]
    found = one(
        request(span({"gen_ai.request.model": "small", "gen_ai.input.messages": json.dumps(messages)}))
    )
    assert found.attributes == {RESULT: "first\nsecond\nthird"}
