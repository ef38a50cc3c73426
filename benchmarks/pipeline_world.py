"""What the pipeline is fed: 5,000 phrases, 100 Sigma rules, and OTLP spans of some 300 characters."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from pydoc_data.topics import topics
from random import Random

import msgspec
from google.protobuf.json_format import ParseDict
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from benchmarks.phrases import PHRASES, vocabulary
from benchmarks.rules import RULES, rule_text

CHARS = 300
ACCOUNTS = 3_000
MESSAGES = 5
"""Of a conversation."""

PHRASED = 0.05
"""Of the texts that hold one of the phrases."""

Texts = Callable[[Random], str]


def made_up(seed: int = 11) -> tuple[list[str], Texts]:
    """Phrases and texts of words that nobody writes: no detector is spared by a word that it knows."""
    rng = Random(seed)
    words = vocabulary(rng)
    phrases = [" ".join(rng.choices(words, k=rng.randint(2, 4))) for _ in range(PHRASES)]

    def text(random: Random) -> str:
        said = random.choices(words, k=45)
        return " ".join([*said, random.choice(phrases)] if random.random() < PHRASED else said)

    return phrases, text


def written(seed: int = 11) -> tuple[list[str], Texts]:
    """The same phrases in English with its digits, signs and line ends: parts of the Python reference."""
    whole = "\n".join(topics.values())
    phrases, _ = made_up(seed)

    def text(random: Random) -> str:
        at = random.randrange(len(whole) - CHARS)
        said = whole[at : at + CHARS]
        return f"{said} {random.choice(phrases)}" if random.random() < PHRASED else said

    return phrases, text


def furnish(data: Path, phrases: list[str]) -> None:
    """Puts the phrases and the rules into a node's folder, as an operator would."""
    (data / "packs").mkdir(exist_ok=True)
    pack = {
        "id": "bench",
        "version": 1,
        "category": "fraud.scam",
        "level": "note",
        "phrases": {"en": phrases},
    }
    (data / "packs" / "bench.yaml").write_bytes(msgspec.yaml.encode(pack))
    (data / "rules").mkdir(exist_ok=True)
    rng = Random(5)
    words = [word for phrase in phrases for word in phrase.split() if word.isalnum() and len(word) > 2]
    for number in range(RULES):
        (data / "rules" / f"bench-{number}.yml").write_text(rule_text(rng, words, number))


def bodies(text: Texts, start: datetime, *, events: int, batch: int, seed: int = 7) -> list[bytes]:
    """ExportTraceServiceRequests in JSON, `batch` spans each."""
    random = Random(seed)
    edges = range(0, events + 1, batch)
    return [_body(text, random, start, range(first, last)) for first, last in pairwise(edges)]


def as_protobuf(body: bytes) -> bytes:
    """The same request in protobuf; its JSON mapping wants ids in base64, so they are set by hand."""
    plain = json.loads(body)
    spans = plain["resourceSpans"][0]["scopeSpans"][0]["spans"]
    ids = [(bytes.fromhex(span.pop("traceId")), bytes.fromhex(span.pop("spanId"))) for span in spans]
    request = ParseDict(plain, ExportTraceServiceRequest())
    for span, (trace_id, span_id) in zip(request.resource_spans[0].scope_spans[0].spans, ids, strict=True):
        span.trace_id, span.span_id = trace_id, span_id
    serialised: bytes = request.SerializeToString()
    return serialised


def _body(text: Texts, random: Random, start: datetime, numbers: range) -> bytes:
    spans = []
    for number in numbers:
        said = text(random)
        nanos = int((start + timedelta(milliseconds=500 * number)).timestamp() * 1e9)
        account = random.randrange(ACCOUNTS)
        attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.request.model": "small",
            "gen_ai.conversation.id": f"conversation-{account}-{number // (ACCOUNTS * MESSAGES)}",
            "user.id": f"account-{account}",
            "gen_ai.input.messages": json.dumps(
                [{"role": "user", "parts": [{"type": "text", "content": said}]}]
            ),
        }
        spans.append(
            {
                "traceId": f"{random.getrandbits(128):032x}",
                "spanId": f"{number + 1:016x}",
                "name": "chat small",
                "startTimeUnixNano": str(nanos),
                "endTimeUnixNano": str(nanos + 10**9),
                "attributes": [{"key": k, "value": {"stringValue": v}} for k, v in attributes.items()],
            }
        )
    resource = {"attributes": [{"key": "service.name", "value": {"stringValue": "bench"}}]}
    return json.dumps({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]}).encode()
