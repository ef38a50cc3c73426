"""Tool calls as a source would send them, and what a detector says of them."""

import base64
import json
import random
from collections.abc import Sequence
from typing import Any

from tests.screen.said import AT
from tocsin.kernel import EventLine, Kind
from tocsin.kernel.events import TOOL_RESULT
from tocsin.screen import Detector, prepare
from tocsin.screen.agents.secrets import BASE62, check_sum


def call(tool: str, arguments: object = "", result: object = None, **attributes: Any) -> EventLine:
    """One tool call; arguments that are no text are sent as JSON."""
    if result is not None:
        attributes[TOOL_RESULT] = result
    return EventLine(
        id="call-1",
        time=AT,
        source="shop",
        kind=Kind.TOOL_CALL,
        actor="agent",
        text=arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False),
        tool=tool,
        attributes=attributes,
    )


def post(text: str, **attributes: Any) -> EventLine:
    """What is no tool call."""
    return EventLine(
        id="post-1", time=AT, source="shop", kind=Kind.POST, actor="someone", text=text, attributes=attributes
    )


def said(detector: Detector, lines: Sequence[EventLine]) -> list[tuple[int, float, str]]:
    """(row, strength, evidence) of every finding."""
    found = detector(prepare(lines)).to_pydict()
    return list(zip(found["row"], found["strength"], found["evidence"], strict=True))


def random_text(r: random.Random, length: int, alphabet: str = BASE62) -> str:
    return "".join(r.choice(alphabet) for _ in range(length))


def made_secrets(seed: int) -> dict[str, str]:
    """One of each kind, made now from a seed: no secret lies in the repository."""
    r = random.Random(seed)
    body = random_text(r, 30)
    header = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT"}').decode().rstrip("=")
    digits = random_text(r, 6, "0123456789")
    return {
        "cloud-key": "AK" + "IA" + random_text(r, 16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
        "forge-token": "gh" + "p_" + body + check_sum(body),
        "chat-token": "xo" + "xb-" + digits + "-" + random_text(r, 24),
        "payment-key": "sk_" + "live_" + digits + random_text(r, 20),
        "map-key": "AI" + "za" + digits + random_text(r, 29),
        "model-key": "s" + "k-proj-" + digits + random_text(r, 40),
        "jwt": header + ".ey" + "J" + random_text(r, 30) + "." + random_text(r, 40),
        "private-key": "-----BEGIN RSA " + "PRIVATE KEY-----\n" + random_text(r, 60),
        "named": "api_key = " + digits + random_text(r, 18),
    }
