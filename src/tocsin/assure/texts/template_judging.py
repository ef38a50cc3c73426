"""What is to be said of one chat template (Jinja), from its tree.

Six questions: can it be read; does it leave the sandbox; does it wait for words in a message and then say something of
its own; does it change what people said; does it put words into somebody's turn; does it hide text or tell the model
to hide something. Docs: docs/chat-templates.md.
"""

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from tocsin.assure.examining import Told, finding
from tocsin.assure.names import shown
from tocsin.assure.texts.chat_templates import FORMAT, NAMES
from tocsin.assure.texts.template_asking import WEAK, strong
from tocsin.assure.texts.template_flow import Emitted, Flow
from tocsin.assure.texts.template_sandbox import outside_the_sandbox
from tocsin.assure.texts.template_syntax import MAX_TEMPLATE_CHARS, Unreadable, every_node, parsed, spelt
from tocsin.assure.texts.template_words import (
    MANIPULATION,
    foreign_address,
    hidden_in,
    is_mark,
    prose,
    tells,
    words_in,
)
from tocsin.kernel.artefacts import Fact, Finding


def judged(text: str, path: str) -> Iterator[Told]:
    """Everything to be said of one template."""
    told: dict[str, Any] = {
        "name": called(path),
        "sha256": hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
        "characters": len(text),
    }
    if len(text) <= MAX_TEMPLATE_CHARS:
        told["text"] = text
    try:
        tree = parsed(text)
        flow = Flow(tree)
    except Unreadable as unread:
        yield Fact(FORMAT, path, told)  # what cannot be judged can still be seen to have changed
        yield finding(unread.rule, path, field=f"line {unread.line}" if unread.line else None, why=unread.why)
        return
    told["asks_for"] = sorted({word for one in flow.asking for word in one.words})[:MAX_WORDS]
    told["uses"] = sorted({spelt(node) for node in every_node(tree) if _is_option(spelt(node))})[:MAX_WORDS]
    yield Fact(FORMAT, path, told)
    yield from outside_the_sandbox(tree, path)
    yield from _triggers(flow, path)
    yield from _rewritten(flow, path)
    yield from _in_turns(flow, path)
    yield from _hidden(flow, path)


def called(path: str) -> str:
    """The name that its place gives a template: "default", or that of a template for tools and the like."""
    last = path.rpartition("!/")[2].rpartition("/")[2]
    if last.casefold().endswith(NAMES):  # a file of its own
        name = last.rpartition(".")[0].removeprefix(_KEY)
    else:  # the key that holds it
        name = last.rpartition(_KEY)[2].removeprefix(".")
    return shown(name)[:MAX_NAME_CHARS] or DEFAULT_TEMPLATE


DEFAULT_TEMPLATE = "default"
"""The name of the template that has none, as transformers calls it."""

_KEY = "chat_template"
MAX_NAME_CHARS = 80
MAX_WORDS = 20
"""Listed of one template in its fact."""

_OPTIONS = frozenset(
    {"tools", "documents", "enable_thinking", "add_generation_prompt", "builtin_tools", "reasoning_effort"}
)


def _is_option(name: str) -> bool:
    return name in _OPTIONS


def _triggers(flow: Flow, path: str) -> Iterator[Finding]:
    told: set[frozenset[str]] = set()
    for one in flow.emitted:
        if not strong(one.asked) and (one.optional or not one.asked):
            continue
        said = tells(one.value.texts)
        if said and one.asked not in told:
            told.add(one.asked)
            yield finding(
                "template.trigger",
                path,
                field=f"line {one.line}",
                words=_listed(one.asked),
                condition=_last(one),
                said=said[:80],
            )
    for asked in flow.asking:
        words = frozenset(word for word in asked.words if not _mere_count(word))
        if words and not any(words <= known for known in told):
            told.add(words)
            yield finding(
                "template.asks-words",
                path,
                field=f"line {asked.line}",
                words=_listed(words),
                condition=asked.condition[:160],
            )


def _mere_count(word: str) -> bool:
    """Lengths, dates and letter case, alone: asked by genuine templates too, and told when something comes of it."""
    return word.startswith(("a length of ", "the date ", "is "))


def _listed(words: frozenset[str]) -> str:
    return ", ".join(sorted(word.removeprefix(WEAK) for word in words))[:160]


def _last(one: Emitted) -> str:
    return one.conditions[-1][:160] if one.conditions else "an expression"


def _rewritten(flow: Flow, path: str) -> Iterator[Finding]:
    for one in flow.turned:
        if one.optional and is_mark(one.old):
            continue
        if _says(one.new) or foreign_address(one.new) or (words_in(one.old) and not is_mark(one.old)):
            yield finding(
                "template.rewrites", path, field=f"line {one.line}", old=one.old[:60], new=one.new[:60]
            )


def _says(text: str) -> bool:
    return words_in(text) > 0 and not re.fullmatch(r"&#?[a-z0-9]{2,6};", text)


def _in_turns(flow: Flow, path: str) -> Iterator[Finding]:
    for one in flow.emitted:
        speaker = one.roles & {"user", "assistant"}
        if len(one.roles) == 1 and speaker and not one.optional and not one.asked:
            said = tells(prose(one.value.texts))
            if said:
                yield finding(
                    "template.words-in-turn",
                    path,
                    field=f"line {one.line}",
                    role=next(iter(speaker)),
                    said=said[:80],
                )


def _hidden(flow: Flow, path: str) -> Iterator[Finding]:
    told: set[str] = set()
    for one in flow.emitted:
        for text in one.value.texts:
            if text in told:
                continue
            told.add(text)
            place = f"line {one.line}"
            manner = hidden_in(text)
            if manner:
                yield finding("template.hidden-text", path, field=place, manner=manner)
            told_to = MANIPULATION.search(text)
            if told_to is not None:
                yield finding("template.tells-to-hide", path, field=place, said=told_to[0][:80])
            host = foreign_address(text)
            if host:
                yield finding("template.address", path, field=place, host=host)
