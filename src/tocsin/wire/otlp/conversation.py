"""What a user, and what tools, newly say in one model call, from every spelling the conventions have had.

Now (1.37+): `gen_ai.input.messages`, a list of {role, parts: [{type: text, content}]}, structured or as JSON text.
Before: `gen_ai.prompt` (JSON text or plain), indexed `gen_ai.prompt.0.role|content`, span events
`gen_ai.content.prompt`, and events `gen_ai.user.message` and its siblings, one a message.
"""

import re
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from tocsin.wire.otlp.calls import Attributes, Call

MAX_MESSAGES = 10_000
"""Messages of one history that are looked at: the newest."""

_USER = frozenset({"user", "human"})
_ANSWER = frozenset({"assistant", "model", "ai", "tool", "function"})
_RESULT = frozenset({"tool", "function"})
_NOT_ANSWERING = _RESULT | _USER
_RESULT_PARTS = ("tool_call_response", "tool_result")
MAX_RESULTS = 64
"""Messages after the last answer in which results are looked for: an agent seldom calls more tools at once."""

_INDEXED = re.compile(r"gen_ai\.prompt\.([0-9]{1,5})\.(role|content)")
_EVENT_ROLE = re.compile(r"gen_ai\.(system|user|assistant|tool)\.message")
_TEXT_PARTS = ("text", "input_text", "")
"""Asked with `in` of whatever a sender wrote there, so no set: a list for a type is no part of ours, and no error."""

DETAILS = "gen_ai.client.inference.operation.details"
CONTENT_PROMPT = "gen_ai.content.prompt"
SENT = ("gen_ai.input.messages", "gen_ai.prompt")

Said = tuple[Any, str]
"""A message as it came, and who says it where it does not say so itself."""


class Histories(NamedTuple):
    """The messages of a call and of each of its notes, out of the JSON text that they may be in; None without any."""

    own: Any
    notes: tuple[Any, ...]


def histories_of(call: Call) -> Histories:
    """Unpacked once, for what a user says and what tools brought lie in the same."""
    notes = call.notes
    return Histories(
        _sent(call.attributes), tuple([_sent(note.attributes) for note in notes]) if notes else ()
    )


def _sent(attributes: Attributes) -> Any:
    for name in SENT:
        if name in attributes:
            return _unpacked(attributes[name])
    return None


def new_user_text(call: Call, sent: Histories) -> str | None:
    """What the user newly says, "" where a history ends without it; None where no content was sent at all."""
    history = _history(call, sent)
    if not history:
        return None
    said: list[str] = []
    for item, role in reversed(history[-MAX_MESSAGES:]):
        if isinstance(item, str):
            text = item
        else:
            own = item.get("role")
            role = own.casefold() if isinstance(own, str) else role
            text = _text_of(item) if role in _USER else ""
        if role in _ANSWER:
            break
        if role in _USER and text:
            said.append(text)
    return said[0] if len(said) == 1 else "\n".join(reversed(said))


def tool_results(call: Call, sent: Histories) -> list[str]:
    """What tools newly brought to the model in this call: the results after its last answer, oldest first."""
    for value in (sent.own, *sent.notes):
        if value is not None and (found := _trailing_results(value)):
            return found
    if not call.notes:
        return []
    return [
        result
        for note in call.notes
        if note.name == "gen_ai.tool.message"
        for result in _results(note.body if isinstance(note.body, dict) else note.attributes)
    ][-MAX_RESULTS:]


def _trailing_results(value: Any) -> list[str]:
    if isinstance(value, dict):
        value = value.get("messages")
    items = value if isinstance(value, list) else []
    found: list[list[str]] = []
    for item in reversed(items[-MAX_RESULTS:]):
        role = item.get("role") if isinstance(item, dict) else None
        if not isinstance(role, str) or role.casefold() not in _NOT_ANSWERING:
            break
        if results := _results(item):
            found.append(results)
    return [result for results in found[::-1] for result in results] if found else []


def _results(message: dict[str, Any]) -> list[str]:
    """Texts of tool results in a message: parts `tool_call_response`, or the content of a tool's message."""
    content = message["parts"] if "parts" in message else message.get("content")
    by_tool = str(message.get("role", "tool")).casefold() in _RESULT
    found: list[str] = []
    if not by_tool and not isinstance(content, list | dict):
        return found
    for part in content if isinstance(content, list) else (content,):
        if isinstance(part, dict):
            kind = part.get("type", "")
            if not ((kind in _RESULT_PARTS) or (by_tool and kind in _TEXT_PARTS)):
                continue
            value = part.get("response", part.get("result", part.get("content", part.get("text"))))
            if value is not None:
                found.append(value if isinstance(value, str) else msgspec.json.encode(value).decode())
        elif isinstance(part, str) and by_tool and part:
            found.append(part)
    return found


def _history(call: Call, sent: Histories) -> list[Said]:
    """Messages of the first spelling that has any."""
    found = _from_attributes(call.attributes, sent.own)
    if found:
        return found
    for note, value in zip(call.notes, sent.notes, strict=True):
        found = _from_attributes(note.attributes, value)
        if found:
            return found
    for note in call.notes:
        if note.name == DETAILS and isinstance(note.body, dict):
            found += _from_attributes(note.body, _sent(note.body))
        elif event := _EVENT_ROLE.fullmatch(note.name):
            found += _messages([note.body if note.body is not None else note.attributes], event[1])
        elif note.name == "gen_ai.choice":
            found.append(("", "assistant"))
    return found


def _from_attributes(attributes: Attributes, sent: Any) -> list[Said]:
    if sent is not None:
        return _messages(sent, "user")
    if any(name in attributes for name in SENT):
        return []
    turns: dict[int, dict[str, Any]] = {}
    for key, value in attributes.items():
        if indexed := _INDEXED.fullmatch(key):
            turns.setdefault(int(indexed[1]), {})[indexed[2]] = _unpacked_parts(value)
    return [(turn, "user") for _, turn in sorted(turns.items())]


def _unpacked(value: Any) -> Any:
    """JSON in a string, where it is JSON of a list or an object; anything else as it is."""
    if isinstance(value, str) and (value[:1] if value[:1] > " " else value.lstrip()[:1]) in ("[", "{"):
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


def _messages(value: Any, role: str) -> list[Said]:
    if isinstance(value, dict) and isinstance(value.get("messages"), list):
        value = value["messages"]
    items = value if isinstance(value, list) else [value]
    return [(item, role) for item in items if isinstance(item, str | dict)]


def _text_of(message: dict[str, Any]) -> str:
    content = message.get("parts", message.get("content", message.get("gen_ai.event.content")))
    return content if isinstance(content, str) else "\n".join(_texts(content))


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
