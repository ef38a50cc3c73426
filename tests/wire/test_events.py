"""Event lines: every refusal names its field, says what to do, and repeats no value."""

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import NOW, event_lines, json_values
from tocsin.kernel import EventLine, Refusal
from tocsin.kernel.limits import MAX_ATTRIBUTES, MAX_LINE_BYTES, MAX_OBSERVABLES, MAX_TEXT_CHARS
from tocsin.wire.events import decode_line

GOOD: dict[str, Any] = {
    "id": "e-1",
    "time": "2026-11-20T11:00:00Z",
    "source": "shop",
    "kind": "model.call",
    "actor": "account-7",
    "text": "When does the shop open?",
}
CANARY = "canary-7f3a"


def line(**changes: Any) -> bytes:
    return json.dumps({**GOOD, **changes}).encode()


def refusal(data: bytes) -> Refusal:
    found = decode_line(5, data, now=NOW)
    assert isinstance(found, Refusal)
    assert found.line == 5
    return found


def event(data: bytes) -> EventLine:
    found = decode_line(1, data, now=NOW)
    assert isinstance(found, EventLine), found
    return found


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"id": ""}, "id"),
        ({"id": CANARY * 30}, "id"),
        ({"id": f"{CANARY}\n"}, "id"),
        ({"id": 7}, "id"),
        ({"source": "x" * 129}, "source"),
        ({"actor": ""}, "actor"),
        ({"actor": f"a\x00{CANARY}"}, "actor"),
        ({"kind": CANARY}, "kind"),
        ({"text": f"{CANARY}\x00"}, "text"),
        ({"text": "a" * (MAX_TEXT_CHARS + 1)}, "text"),
        ({"text": None}, "text"),
        ({"time": CANARY}, "time"),
        ({"time": "2026-11-20T11:00:00"}, "time"),
        ({"time": "2026-11-20T12:05:01Z"}, "time"),
        ({"time": "2014-12-31T23:59:59Z"}, "time"),
        ({"time": "0001-01-01T00:00:00+23:59"}, "time"),
        ({"time": "9999-12-31T23:59:59-23:59"}, "time"),
        ({"time": "2026-02-30T00:00:00Z"}, "time"),
        ({"time": 1763636400}, "time"),
        ({"actor_created": "2026-11-20T11:05:01Z"}, "actor_created"),
        ({"actor_created": "0001-01-01T00:00:00Z"}, "actor_created"),
        ({"actor_created": "2026-01-01T00:00:00"}, "actor_created"),
        ({"actor_created": CANARY}, "actor_created"),
        ({"session": [CANARY]}, "session"),
        ({"session": f"{CANARY}\x1b"}, "session"),
        ({"observables": [{"type": CANARY, "value": "a"}]}, "observables[0].type"),
        ({"observables": [{"type": "email", "value": CANARY}]}, "observables[0].value"),
        ({"observables": [{"type": "device", "value": "a"}, {"type": "device"}]}, "observables[1].value"),
        ({"observables": [{"type": "device", "value": "a"}] * (MAX_OBSERVABLES + 1)}, "observables"),
        ({"observables": CANARY}, "observables"),
        ({"attributes": {str(i): i for i in range(MAX_ATTRIBUTES + 1)}}, "attributes"),
        ({"attributes": {"a": "a" * 70_000}}, "attributes"),
        ({"attributes": {"a": f"{CANARY}\x00"}}, "attributes"),
        ({"attributes": {f"{CANARY}\x00": 1}}, "attributes"),
        ({"attributes": [CANARY]}, "attributes"),
        ({"colour": CANARY}, "colour"),
        ({f"{CANARY}@mail.example": 1}, ""),
    ],
)
def test_a_bad_field_is_named_and_never_quoted(changes: dict[str, Any], field: str) -> None:
    found = refusal(line(**changes))
    assert found.field == field
    assert CANARY not in found.reason
    assert ";" in found.reason or "every" in found.reason  # what to do next


@pytest.mark.parametrize("field", ["id", "time", "source", "kind", "actor", "text"])
def test_a_missing_field_is_named(field: str) -> None:
    found = refusal(json.dumps({key: value for key, value in GOOD.items() if key != field}).encode())
    assert (found.field, found.reason) == (field, "is missing; every event needs it")


def test_an_unknown_observable_type_gets_the_list() -> None:
    assert "address-prefix" in refusal(line(observables=[{"type": "zip", "value": "1"}])).reason


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"hello", "not valid JSON"),
        (b'{"id": "a"', "not valid JSON"),
        (b"[]", "wrong type"),
        (b"\xff\xfe", "not UTF-8"),
        (b'{"id": "\xff"}', "not UTF-8"),
        (b'{"text": NaN}', "NaN"),
        (b'{"attributes": {"a": -Infinity}}', "NaN or Infinity"),
        (b'{"text": "\\ud800"}', "surrogate"),
        (b'{"text": "\\udc00 "}', "surrogate"),
        (b'{"attributes": {"a": 1e999}}', "out of range"),
        (b'{"attributes": {"a": ' + b"9" * 5_000 + b"}}", "out of range"),
        (b"x" * (MAX_LINE_BYTES + 1), "longer than"),
    ],
)
def test_what_is_not_json_is_explained(data: bytes, words: str) -> None:
    assert words in refusal(data).reason


@pytest.mark.parametrize("opening", [b'{"attributes":{"a":', b'{"observables":', b'{"zzz":', b'{"id":', b""])
@pytest.mark.parametrize("closed", [True, False])
def test_a_hundred_thousand_levels_are_a_refusal(opening: bytes, closed: bool) -> None:
    deep = opening + b"[" * 100_000 + (b"]" * 100_000 + b"}" * opening.count(b"{") if closed else b"")
    assert refusal(deep).reason


def test_sixty_four_levels_are_the_bound() -> None:
    def nested(levels: int) -> dict[str, Any]:
        value: Any = 1
        for _ in range(levels - 1):
            value = [value]
        return {"a": value}

    assert event(line(attributes=nested(64))).attributes == nested(64)
    assert "deeper than 64" in refusal(line(attributes=nested(65))).reason


def test_times_come_out_in_utc_and_skew_is_forgiven() -> None:
    found = event(line(time="2026-11-20T19:04:59+08:00", actor_created="2026-11-20T19:08:00+08:00"))
    assert found.time == datetime.fromisoformat("2026-11-20T11:04:59+00:00")
    assert str(found.time.tzinfo) == "UTC"
    assert found.actor_created is not None
    assert str(found.actor_created.tzinfo) == "UTC"


def test_an_empty_optional_text_is_absent() -> None:
    found = event(line(session="", model="", lang="", tool=""))
    assert (found.session, found.model, found.lang, found.tool) == (None, None, None, None)


def test_observables_are_canonical_and_once() -> None:
    twice = [{"type": "domain", "value": "A.Example."}, {"type": "domain", "value": "a.example"}]
    assert [item.value for item in event(line(observables=twice)).observables] == ["a.example"]


def test_text_keeps_every_character() -> None:
    words = 'line\nbreak "quoted" \\u0000 as text, 中文, 😀'
    assert event(line(text=words)).text == words


@given(event_lines())
def test_every_good_line_is_taken(item: dict[str, Any]) -> None:
    found = decode_line(1, json.dumps(item).encode(), now=NOW)
    assert isinstance(found, EventLine), found
    assert found.text == item["text"]
    assert found.attributes == item.get("attributes", {})


@given(
    event_lines(),
    st.sampled_from([*GOOD, "session", "observables", "attributes", "actor_created", "new"]),
    json_values(),
)
def test_any_value_anywhere_is_an_answer_that_does_not_quote(
    item: dict[str, Any], field: str, value: Any
) -> None:
    found = decode_line(1, json.dumps({**item, field: value}).encode(), now=NOW)
    if isinstance(found, Refusal) and isinstance(value, str) and len(value) > 8 and value not in str(GOOD):
        assert value not in found.reason


@given(st.binary(max_size=200))
def test_any_bytes_are_an_answer(data: bytes) -> None:
    assert isinstance(decode_line(1, data, now=NOW), EventLine | Refusal)
