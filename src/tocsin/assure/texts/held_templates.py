"""Chat templates that other files hold, as pieces of their own."""

from collections.abc import Iterator
from typing import Any

from tocsin.assure.examining import Nested
from tocsin.assure.pieces import Held
from tocsin.assure.texts.strict_json import objects_in

MAX_TEMPLATES = 64
"""In one file; the most that is published has some ten."""


def templates_in(value: Any, path: str) -> Iterator[Nested]:
    """Every chat template in a decoded file: a text, a list of named ones, or an object of them."""
    given = 0
    for place, item in objects_in(value):
        if "chat_template" not in item:
            continue
        field = f"{place}.chat_template".lstrip(".")
        for name, text in _named(item["chat_template"]):
            given += 1
            if given > MAX_TEMPLATES:
                return
            under = f"{path}!/{field}" + (f".{name.replace('/', '_')}" if name else "")
            yield Nested(Held(under, text.encode("utf-8", "surrogatepass")), "chat-template")


def _named(held: Any) -> Iterator[tuple[str, str]]:
    if isinstance(held, str):
        yield "", held
    elif isinstance(held, dict):
        yield from ((str(name)[:60], text) for name, text in held.items() if isinstance(text, str))
    elif isinstance(held, list):
        for at, one in enumerate(held):
            if isinstance(one, dict) and isinstance(one.get("template"), str):
                yield str(one.get("name", at))[:60], one["template"]
            elif isinstance(one, str):
                yield str(at), one
