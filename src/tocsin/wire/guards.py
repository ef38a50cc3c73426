"""Guard models over the OpenAI chat interface: what is asked, and what of an answer is believed.

An answer is believed only when it is whole and is nothing but an answer in its model's own shape. Everything else
(prose, two answers, a refusal, a label that is none, an id that was not asked) raises NoVerdict: the caller then
knows nothing, and never takes it for clean. Texts travel as JSON strings and the ids of a batch are fresh for each
request, so a text cannot close its own quotation and answer for its neighbours.

Shapes: Llama Guard 3 (model card: `safe`, or `unsafe` and a line of `S1,S9`), Qwen3Guard-Gen (model card: `Safety:`,
`Categories:`, `Refusal:`), gpt-oss-safeguard (a policy in the system message, JSON as that policy asks for).
"""

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

import msgspec

MAX_ANSWER_BYTES = 64 << 10
"""A verdict has a line; a batch of 16 with reasons some 8 KiB."""

MAX_LABELS = 32
ANSWER_TOKENS = 128
BATCH_ANSWER_TOKENS = 2_048
"""A safeguard model thinks aloud before it answers."""


class Shape(StrEnum):
    """How a model answers."""

    LLAMA_GUARD = "llama-guard"
    QWEN3GUARD = "qwen3guard"
    SAFEGUARD = "safeguard"


class NoVerdict(Exception):
    """The answer is none. `why` is a code: nonsense, refusal, cut-off."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Said(msgspec.Struct, frozen=True):
    """What a guard said of one text. `labels` are the model's own, of an unsafe text alone; `strength` 0 to 1."""

    unsafe: bool
    labels: tuple[str, ...] = ()
    strength: float = 0.0


class Question(msgspec.Struct, frozen=True):
    """A text under an id of this request."""

    id: str
    text: str


class _Message(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    message: _Message
    finish_reason: str | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice]


class _Answer(msgspec.Struct):
    id: str
    violation: int
    category: str = ""
    confidence: str = "medium"


class _Answers(msgspec.Struct):
    answers: list[_Answer]


_COMPLETION = msgspec.json.Decoder(_Completion)
_ANSWERS = msgspec.json.Decoder(_Answers)
_LLAMA = re.compile(r"\s*(?:(safe)|unsafe\s*\n\s*(S\d{1,2}(?:\s*,\s*S\d{1,2})*))\s*")
_QWEN = re.compile(
    r"\s*Safety: (Safe|Unsafe|Controversial)\s*\n\s*Categories: ([^\n]{1,400}?)\s*(?:\n\s*Refusal: (?:Yes|No))?\s*"
)
_QWEN_STRENGTH = {"Unsafe": 0.8, "Controversial": 0.4}
_CONFIDENCE = {"low": 0.4, "medium": 0.7, "high": 0.95}
LLAMA_STRENGTH = 0.7
"""Llama Guard says yes or no and not how sure; alone it never rings for one account (`correlate.guards`)."""


def request(shape: Shape, model: str, policy: str, questions: Sequence[Question]) -> bytes:
    """The body of a chat completion. Llama Guard and Qwen3Guard take one question, whose own template does the rest."""
    messages: list[dict[str, str]]
    if shape is Shape.SAFEGUARD:
        asked = msgspec.json.encode({"texts": questions}).decode()
        messages = [{"role": "system", "content": policy}, {"role": "user", "content": asked}]
        tokens = BATCH_ANSWER_TOKENS
    else:
        (question,) = questions
        messages = [{"role": "user", "content": question.text}]
        tokens = ANSWER_TOKENS
    body: dict[str, Any] = {"model": model, "messages": messages}
    return msgspec.json.encode({**body, "temperature": 0, "max_tokens": tokens, "stream": False})


def read(
    shape: Shape, body: bytes, questions: Sequence[Question], labels: Mapping[str, object]
) -> dict[str, Said]:
    """Id → what was said, for those questions that were answered. Raises NoVerdict.

    `labels` are those that the model may use. Of a batch that is answered in part the rest is simply not there.
    """
    content = _content(body)
    if shape is Shape.SAFEGUARD:
        return _safeguard(content, {question.id for question in questions}, labels)
    said = _llama(content) if shape is Shape.LLAMA_GUARD else _qwen(content)
    if not set(said.labels) <= set(labels):
        raise NoVerdict("nonsense")
    (question,) = questions
    return {question.id: said}


def _content(body: bytes) -> str:
    if len(body) > MAX_ANSWER_BYTES:
        raise NoVerdict("nonsense")
    try:
        completion = _COMPLETION.decode(body)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        raise NoVerdict("nonsense") from None
    if len(completion.choices) != 1:
        raise NoVerdict("nonsense")
    (choice,) = completion.choices
    if choice.message.refusal:
        raise NoVerdict("refusal")
    if choice.finish_reason != "stop":
        raise NoVerdict("cut-off")
    if not choice.message.content:
        raise NoVerdict("nonsense")
    return choice.message.content


def _llama(content: str) -> Said:
    found = _LLAMA.fullmatch(content)
    if found is None:
        raise NoVerdict("nonsense")
    if found[1]:
        return Said(unsafe=False)
    return Said(True, tuple(label.strip() for label in found[2].split(",")), LLAMA_STRENGTH)


def _qwen(content: str) -> Said:
    found = _QWEN.fullmatch(content)
    if found is None:
        raise NoVerdict("nonsense")
    labels = tuple(label.strip() for label in found[2].split(","))[:MAX_LABELS]
    if found[1] == "Safe":
        if labels != ("None",):
            raise NoVerdict("nonsense")
        return Said(unsafe=False)
    return Said(True, tuple(label for label in labels if label != "None"), _QWEN_STRENGTH[found[1]])


def _safeguard(content: str, asked: set[str], labels: Mapping[str, object]) -> dict[str, Said]:
    try:
        answers = _ANSWERS.decode(content.encode()).answers
    except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
        raise NoVerdict("nonsense") from None
    ids = [answer.id for answer in answers]
    if len(set(ids)) != len(ids) or not set(ids) <= asked:
        raise NoVerdict("nonsense")
    return {answer.id: _one(answer, labels) for answer in answers}


def _one(answer: _Answer, labels: Mapping[str, object]) -> Said:
    strength = _CONFIDENCE.get(answer.confidence)
    if answer.violation not in (0, 1) or strength is None:
        raise NoVerdict("nonsense")
    if not answer.violation:
        return Said(unsafe=False)
    if answer.category not in labels:
        raise NoVerdict("nonsense")
    return Said(True, (answer.category,), strength)
