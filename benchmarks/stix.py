"""STIX 2.1: parse, check and serialise, beside `stix2` (which checks) and `orjson` (which does not)."""

import gc
import json
import time
from collections.abc import Callable
from random import Random
from uuid import UUID

import orjson
import stix2

from benchmarks.rows import Row
from tocsin.wire.stix import check, parse_bundle, serialise, serialise_many, timestamp

OBJECTS = 50_000
STIX2_OBJECTS = 2_000
"""The peer that checks is some hundred times slower: a sample says as much."""

PAGE = 5_000
"""Objects in one TAXII envelope at most."""

ROUNDS = 5


def run() -> list[Row]:
    """Half indicators, half relationships, of one author under one marking, as sets are exchanged."""
    objects = _objects()
    texts = [json.dumps(item).encode() for item in objects]
    whole = bundle_of(texts)
    pages = [bundle_of(texts[start : start + PAGE]) for start in range(0, OBJECTS, PAGE)]
    assert not parse_bundle(whole).problems

    checked = best_rate(
        lambda: [stix2.parse(text).serialize() for text in texts[:STIX2_OBJECTS]], STIX2_OBJECTS, rounds=2
    )
    bundle, unchecked = _beside(
        lambda: serialise_many(parse_bundle(whole).objects), lambda: orjson.dumps(orjson.loads(whole))
    )
    paged, unchecked_paged = _beside(
        lambda: [serialise_many(parse_bundle(page).objects) for page in pages],
        lambda: [orjson.dumps(orjson.loads(page)) for page in pages],
    )
    single, unchecked_single = _beside(
        lambda: [_one(text) for text in texts], lambda: [orjson.dumps(orjson.loads(text)) for text in texts]
    )
    extended = [json.dumps({**item, "x_note": "n"}).encode() for item in objects[: OBJECTS // 5]]
    with_unknown = bundle_of(extended)
    lossless = best_rate(lambda: serialise_many(parse_bundle(with_unknown).objects), len(extended))
    about = "parse, check, serialise; half indicators, half relationships"

    def row(name: str, ours: float, theirs: float, floor: float | None, work: str) -> Row:
        return Row(
            name=name,
            ours=ours,
            peer=theirs,
            ratio=ours / theirs,
            unit="objects/CPU-s",
            floor=floor,
            work=work,
        )

    return [
        row("STIX against stix2, which checks", bundle, checked, 40, f"one bundle of {OBJECTS:,}; {about}"),
        row("STIX against orjson, unchecked", bundle, unchecked, 0.75, f"one bundle of {OBJECTS:,}; {about}"),
        row(
            "... by envelopes",
            paged,
            unchecked_paged,
            None,
            f"against orjson; envelopes of {PAGE:,}; {about}",
        ),
        row(
            "... object by object", single, unchecked_single, None, f"against orjson; each by itself; {about}"
        ),
        row(
            "... with unknown properties", lossless, checked, None, "against stix2; the slower, lossless way"
        ),
    ]


def _one(text: bytes) -> bytes:
    item = check(text).item
    assert item is not None
    return serialise(item)


def _beside(ours: Callable[[], object], theirs: Callable[[], object]) -> tuple[float, float]:
    """Both rates, taken in turns, so that what else the machine does falls on both."""
    best = [0.0, 0.0]
    for _ in range(ROUNDS):
        for which, work in enumerate((ours, theirs)):
            best[which] = max(best[which], best_rate(work, OBJECTS, rounds=1))
    return best[0], best[1]


def best_rate(work: Callable[[], object], objects: int, rounds: int = ROUNDS) -> float:
    """Objects per CPU-second, the best of some rounds."""
    best = 0.0
    for _ in range(rounds):
        gc.collect()
        start = time.process_time()
        result = work()
        best = max(best, objects / (time.process_time() - start))
        del result
    return best


def bundle_of(texts: list[bytes]) -> bytes:
    return (
        b'{"type":"bundle","id":"bundle--5b3f83a9-e987-4fad-8b7e-d5be3b969808","objects":['
        + b",".join(texts)
        + b"]}"
    )


def _objects() -> list[dict[str, object]]:
    random = Random(1)

    def new(kind: str) -> str:
        return f"{kind}--{UUID(int=random.getrandbits(128), version=4)}"

    def moment() -> str:
        return timestamp(random.randint(1_420_070_400_000, 1_760_000_000_000) * 1_000)

    author, marking = new("identity"), new("marking-definition")
    found: list[dict[str, object]] = []
    for number in range(OBJECTS // 2):
        created, modified = sorted((moment(), moment()))
        common: dict[str, object] = {
            "spec_version": "2.1",
            "created_by_ref": author,
            "created": created,
            "modified": modified,
            "object_marking_refs": [marking],
        }
        indicator = {
            "type": "indicator",
            "id": new("indicator"),
            **common,
            "name": f"Suspicious host {number}",
            "description": "A host seen in several unrelated incidents.",
            "indicator_types": ["malicious-activity"],
            "pattern": f"[ipv4-addr:value = '198.51.100.{number % 256}']",
            "pattern_type": "stix",
            "valid_from": created,
            "labels": ["seen", "shared"],
            "confidence": number % 101,
        }
        relationship = {
            "type": "relationship",
            "id": new("relationship"),
            **common,
            "relationship_type": "indicates",
            "source_ref": indicator["id"],
            "target_ref": new("campaign"),
        }
        found += [indicator, relationship]
    return found
