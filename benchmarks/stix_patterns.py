"""STIX indicators with their patterns parsed: parse, check and serialise, beside `stix2`, which parses them too."""

import json
from random import Random
from uuid import UUID

import stix2
from stix2patterns.validator import validate

from benchmarks.rows import Row
from benchmarks.stix import best_rate, bundle_of
from tocsin.wire.stix import parse_bundle, serialise_many
from tocsin.wire.stix.patterns import parsing

OBJECTS = 20_000
PEER_OBJECTS = 1_000
"""The peer is some fifty times slower: a sample says as much."""

REPEATED = 256
"""Distinct patterns where a feed sends the same ones again and again."""


def run() -> list[Row]:
    """Four shapes of pattern in equal parts, every pattern another one, then the same few again."""
    return [
        _row("every pattern another one", OBJECTS, 20.0),
        _row(f"{REPEATED} patterns in turn", REPEATED, 20.0),
        _alone(),
    ]


def _row(how: str, distinct: int, floor: float) -> Row:
    texts = [json.dumps(item).encode() for item in _indicators(distinct)]
    whole = bundle_of(texts)
    assert not parse_bundle(whole).problems

    def ours() -> bytes:
        parsing.forget()  # so that each round parses what it would parse at the first reading
        return serialise_many(parse_bundle(whole).objects)

    rate = best_rate(ours, OBJECTS)
    peer = best_rate(
        lambda: [stix2.parse(text).serialize() for text in texts[:PEER_OBJECTS]], PEER_OBJECTS, 2
    )
    work = f"{OBJECTS:,} indicators in a bundle, {how}; parse, pattern included, check, serialise"
    return Row("indicators against stix2", rate, peer, rate / peer, "objects/CPU-s", floor, work)


def _alone() -> Row:
    patterns = [_pattern(number) for number in range(OBJECTS)]
    assert all(validate(text) for text in patterns[:8])

    def ours() -> None:
        parsing.forget()
        for text in patterns:
            parsing.parse_pattern(text)

    rate = best_rate(ours, OBJECTS)
    peer = best_rate(lambda: [validate(text) for text in patterns[:PEER_OBJECTS]], PEER_OBJECTS, 2)
    return Row(
        "... the patterns alone, against stix2-patterns",
        rate,
        peer,
        rate / peer,
        "patterns/CPU-s",
        None,
        "each another one",
    )


def _pattern(number: int) -> str:
    host = f"{number // 65536 % 256}.{number // 256 % 256}.{number % 256}"
    match number % 4:
        case 0:
            return f"[ipv4-addr:value = '198.{host}']"
        case 1:
            return f"[file:hashes.'SHA-256' = '{number:064x}' OR file:name = 'invoice-{number}.exe']"
        case 2:
            return f"[url:value LIKE 'https://host-{number}.example/%' AND url:value NOT IN ('a', 'b', 'c')]"
        case _:
            return (
                f"([domain-name:value = 'host-{number}.example'] FOLLOWEDBY "
                f"[network-traffic:dst_ref.value = '10.{host}' AND network-traffic:dst_port IN (443, 8443)]) "
                "WITHIN 300 SECONDS"
            )


def _indicators(distinct: int) -> list[dict[str, object]]:
    random = Random(2)

    def new(kind: str) -> str:
        return f"{kind}--{UUID(int=random.getrandbits(128), version=4)}"

    author = new("identity")
    return [
        {
            "type": "indicator",
            "spec_version": "2.1",
            "id": new("indicator"),
            "created_by_ref": author,
            "created": "2025-01-31T12:00:00.000Z",
            "modified": "2025-01-31T12:00:00.000Z",
            "name": f"Indicator {number}",
            "indicator_types": ["malicious-activity"],
            "pattern": _pattern(number % distinct),
            "pattern_type": "stix",
            "pattern_version": "2.1",
            "valid_from": "2025-01-31T12:00:00.000Z",
        }
        for number in range(OBJECTS)
    ]
