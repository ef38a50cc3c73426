"""An endpoint that speaks as guard models do, over real sockets, and as they do when all goes wrong."""

import json
from collections.abc import Callable, Iterable
from typing import Any

from tests.hostile_peer import Asked, Script, answer

Judge = Callable[[str], str]
"""A text → what the model writes."""


def completion(content: str | None, **changed: Any) -> bytes:
    """A chat completion as vLLM and OpenAI write it."""
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": content, "refusal": None},
        "finish_reason": "stop",
    }
    whole = {"id": "chatcmpl-1", "object": "chat.completion", "model": "m", "choices": [choice], "usage": {}}
    choice.update(changed)
    return json.dumps(whole).encode()


def asked_text(asked: Asked) -> str:
    """What a request asks about."""
    said: str = json.loads(asked.body)["messages"][-1]["content"]
    return said


def says(judge: Judge) -> Script:
    """A model that judges one text a request."""
    return lambda asked: [answer(completion(judge(asked_text(asked))), media_type="application/json")]


def safeguard(judge: Callable[[list[dict[str, str]]], list[dict[str, Any]]]) -> Script:
    """A model that judges a batch and answers in JSON."""

    def script(asked: Asked) -> Iterable[bytes]:
        said = judge(json.loads(asked_text(asked))["texts"])
        return [answer(completion(json.dumps({"answers": said})), media_type="application/json")]

    return script


def refunds(text: str) -> str:
    """Llama Guard with one idea: a lottery refund is fraud."""
    return "unsafe\nS2" if "refund" in text else "safe"
