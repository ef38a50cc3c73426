"""What a user, and what tools, newly say in one model call, from every spelling the conventions have had.

Now (1.37+): `gen_ai.input.messages`, a list of {role, parts: [{type: text, content}]}, structured or as JSON text.
Before: `gen_ai.prompt` (JSON text or plain), indexed `gen_ai.prompt.0.role|content`, span events
`gen_ai.content.prompt`, and events `gen_ai.user.message` and its siblings, one a message.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from tocsin.wire.otlp.calls import Attributes, Call

MAX_MESSAGES = 10_000
"""Messages of one history that are looked at: the newest."""

_USER = frozenset({"user", "human"})
_ANSWER = frozenset({"assistant", "model", "ai", "tool", "function"})
_RESULT = frozenset({"tool", "function"})
_RESULT_PARTS = frozenset({"tool_call_response", "tool_result"})
MAX_RESULTS = 64
"""Messages after the last answer in which results are looked for: an agent seldom calls more tools at once."""

_INDEXED = re.compile(r"gen_ai\.prompt\.([0-9]{1,5})\.(role|content)")
_EVENT_ROLE = re.compile(r"gen_ai\.(system|user|assistant|tool)\.message")
_TEXT_PARTS = frozenset({"text", "input_text", ""})
DETAILS = "gen_ai.client.inference.operation.details"
CONTENT_PROMPT = "gen_ai.content.prompt"

Message = tuple[str, str]
"""(role, text)"""


def new_user_text(call: Call) -> str | None:
    """What the user newly says, "" where a history ends without it; None where no content was sent at all."""
    history = list(_history(call))
    if not history:
        return None
    said: list[str] = []
    for role, text in reversed(history[-MAX_MESSAGES:]):
        if role in _ANSWER:
            break
        if role in _USER and text:
            said.append(text)
    return "\n".join(reversed(said))


def tool_results(call: Call) -> list[str]:
    """What tools newly brought to the model in this call: the results after its last answer, oldest first."""
    found: list[str] = []
    for attributes in (call.attributes, *(note.attributes for note in call.notes)):
        for name in ("gen_ai.input.messages", "gen_ai.prompt"):
            if name in attributes:
                found = _trailing_results(_unpacked(attributes[name]))
                break
        if found:
            return found
    return [
        result
        for note in call.notes
        if note.name == "gen_ai.tool.message"
        for result in _results([note.body if isinstance(note.body, dict) else note.attributes])
    ][-MAX_RESULTS:]


def _trailing_results(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = value.get("messages")
    items = value if isinstance(value, list) else []
    found: list[str] = []
    for item in reversed(items[-MAX_RESULTS:]):
        role = item.get("role") if isinstance(item, dict) else None
        if not isinstance(role, str) or role.casefold() not in _RESULT | _USER:
            break
        found += _results([item])
    return found[::-1]


def _results(messages: list[Any]) -> Iterator[str]:
    """Texts of tool results in messages: parts `tool_call_response`, or the content of a tool's message."""
    for message in messages:
        if not isinstance(message, dict):
            continue
        content = message.get("parts", message.get("content"))
        by_tool = str(message.get("role", "tool")).casefold() in _RESULT
        for part in content if isinstance(content, list) else [content]:
            if isinstance(part, dict):
                is_result = part.get("type") in _RESULT_PARTS
                value = part.get("response", part.get("result", part.get("content", part.get("text"))))
                if value is not None and (is_result or (by_tool and part.get("type", "") in _TEXT_PARTS)):
                    yield value if isinstance(value, str) else msgspec.json.encode(value).decode()
            elif isinstance(part, str) and by_tool and part:
                yield part


def _history(call: Call) -> Iterator[Message]:
    """Messages of the first spelling that has any."""
    for attributes in (call.attributes, *(note.attributes for note in call.notes)):
        found = [*_from_attributes(attributes)]
        if found:
            yield from found
            return
    for note in call.notes:
        if note.name == DETAILS and isinstance(note.body, dict):
            yield from _from_attributes(note.body)
        elif event := _EVENT_ROLE.fullmatch(note.name):
            body = note.body if note.body is not None else note.attributes
            yield from _message(body, event[1])
        elif note.name == "gen_ai.choice":
            yield "assistant", ""


def _from_attributes(attributes: Attributes) -> Iterator[Message]:
    for name in ("gen_ai.input.messages", "gen_ai.prompt"):
        if name in attributes:
            yield from _messages(_unpacked(attributes[name]))
            return
    turns: dict[int, dict[str, Any]] = {}
    for key, value in attributes.items():
        if indexed := _INDEXED.fullmatch(key):
            turns.setdefault(int(indexed[1]), {})[indexed[2]] = _unpacked_parts(value)
    for _, turn in sorted(turns.items()):
        yield from _message(turn, "user")


def _unpacked(value: Any) -> Any:
    """JSON in a string, where it is JSON of a list or an object; anything else as it is."""
    if isinstance(value, str) and value.lstrip()[:1] in ("[", "{"):
        try:
            return msgspec.json.decode(value)
        except (msgspec.MsgspecError, RecursionError):
            return value
    return value


def _unpacked_parts(value: Any) -> Any:
    """A content that an older instrumentation wrote as a JSON list of parts; user text that is JSON stays text."""
    found = _unpacked(value)
    parts = isinstance(found, list) and all(isinstance(part, dict) and "type" in part for part in found)
    return found if parts and found else value


def _messages(value: Any) -> Iterator[Message]:
    if isinstance(value, dict) and isinstance(value.get("messages"), list):
        value = value["messages"]
    if not isinstance(value, list):
        value = [value]
    for item in value:
        yield from _message(item, "user")


def _message(item: Any, role: str) -> Iterator[Message]:
    if isinstance(item, str):
        yield role, item
    elif isinstance(item, dict):
        said = item.get("role")
        content = item.get("parts", item.get("content", item.get("gen_ai.event.content")))
        yield (said.casefold() if isinstance(said, str) else role), "\n".join(_texts(content))


def _texts(content: Any) -> Iterable[str]:
    if isinstance(content, str):
        return [content]
    if isinstance(content, dict):
        content = [content]
    found: list[str] = []
    for part in content if isinstance(content, list) else ():
        if isinstance(part, str):
            found.append(part)
        elif isinstance(part, dict) and part.get("type", "") in _TEXT_PARTS:
            text = part.get("content", part.get("text"))
            if isinstance(text, str):
                found.append(text)
    return found
