"""What a sample asks, as one digest: the same before the run, in Inspect's dataset, and after it, in Inspect's log.

A prompt that is one text has the sha256 of that text. A conversation, choices or media are hashed as canonical JSON
(RFC 8785) of their messages: [{"role", "content"}...], and of the choices where there are any.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import rfc8785

from tocsin.evaluate.silence import text_digest

MAX_WORD_CHARS = 256
_BCP_47 = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8}){0,4}\Z")

ATTACHED = "attachment://"
"""How a log refers to a long part of a message, which it holds once under `attachments`."""


def prompt_digest(
    asked: str | Sequence[Mapping[str, Any]],
    choices: Sequence[str] | None = None,
    attachments: Mapping[str, str] | None = None,
) -> str:
    """sha256, hex, of what is asked: a text, or messages that each have `role` and `content`."""
    held = attachments or {}
    if isinstance(asked, str):
        said = [("user", _whole(asked, held))]
    else:
        said = [(str(message["role"]), message_text(message.get("content", ""), held)) for message in asked]
    if len(said) == 1 and said[0][0] == "user" and not choices:
        return text_digest(said[0][1])
    document: dict[str, Any] = {"messages": [{"role": role, "content": text} for role, text in said]}
    if choices:
        document["choices"] = [_sound(choice) for choice in choices]
    return text_digest(rfc8785.dumps(document).decode())


def message_text(content: Any, attachments: Mapping[str, str]) -> str:
    """The text of a message's content; other parts as their canonical JSON, so that another picture is told."""
    if isinstance(content, str):
        return _sound(_whole(content, attachments))
    parts = []
    for part in content if isinstance(content, list | tuple) else []:
        if not isinstance(part, Mapping):
            continue
        if part.get("type") == "text":
            parts.append(_whole(str(part.get("text", "")), attachments))
        elif (kind := part.get("type")) in _MEDIA:
            parts.append(f"{kind}:{text_digest(_whole(str(part.get(kind, '')), attachments))}")
    return _sound("\n".join(parts))


def said_text(content: Any, attachments: Mapping[str, str]) -> str:
    """What a model's message says in words: its texts, without its reasoning."""
    if isinstance(content, str):
        return _whole(content, attachments)
    return "\n".join(
        _whole(str(part.get("text", "")), attachments)
        for part in (content if isinstance(content, list | tuple) else [])
        if isinstance(part, Mapping) and part.get("type") == "text"
    )


def cluster_and_language(metadata: Mapping[str, Any], prompt: str) -> tuple[str, str]:
    """As a sample's metadata says. Without a cluster, equal prompts are alike; what is no code is no language."""
    cluster = metadata.get("cluster")
    named = str(cluster)[:MAX_WORD_CHARS] if isinstance(cluster, str | int) else ""
    spoken = metadata.get("language") or metadata.get("lang")
    language = spoken if isinstance(spoken, str) and _BCP_47.match(spoken) else ""
    return (named if named.isprintable() else "") or prompt, language


_MEDIA = ("image", "audio", "video", "document")


def _whole(text: str, attachments: Mapping[str, str]) -> str:
    if text.startswith(ATTACHED):
        return attachments.get(text.removeprefix(ATTACHED), text)
    return text


def _sound(text: str) -> str:
    # half a character has no canonical form; what stands for it is what a printer would show
    return text.encode("utf-8", "replace").decode()
