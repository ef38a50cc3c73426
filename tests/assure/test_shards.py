"""Sharded models: every shard that does not fit is named, whatever their number."""

import json
from pathlib import Path

import pytest

from tests.assure.looks import clock
from tocsin.assure import Held, inspect
from tocsin.assure.shards import Shards
from tocsin.kernel.artefacts import Finding

INDEX = "model.safetensors.index.json"


def shard(number: int, count: int) -> str:
    return f"model-{number:05}-of-{count:05}.safetensors"


def told(index: object, *files: str, folder: str = "") -> list[tuple[str, str | None]]:
    text = index if isinstance(index, bytes) else json.dumps(index).encode()
    pieces = {f"{folder}{name}": Held(f"{folder}{name}", b"x") for name in files}
    pieces[f"{folder}{INDEX}"] = Held(f"{folder}{INDEX}", text)
    found = [each for each in Shards().examine(pieces, {}) if isinstance(each, Finding)]
    return [(each.rule.removeprefix("walker."), each.place.field) for each in found]


def mapped(*files: str) -> object:
    return {"metadata": {"total_size": 1}, "weight_map": {f"t{n}": file for n, file in enumerate(files)}}


def test_a_whole_set_is_fine() -> None:
    files = [shard(number, 141) for number in range(1, 142)]
    assert told(mapped(*files), *files) == []
    assert told(mapped(*files), *files, folder="sub/") == []
    assert (
        told(mapped("a.safetensors", "b.safetensors"), "a.safetensors", "b.safetensors", "c.safetensors")
        == []
    )


def test_each_missing_shard_is_named_and_none_ends_the_look() -> None:
    files = [shard(number, 141) for number in range(1, 142)]
    gone = {84, 85, 141}
    there = [file for number, file in enumerate(files, 1) if number not in gone]
    assert told(mapped(*files), *there) == [("shard-missing", shard(number, 141)) for number in sorted(gone)]


def test_surplus_and_misnamed() -> None:
    files = [shard(1, 2), shard(2, 2)]
    assert told(mapped(*files), *files, shard(3, 3)) == [("shard-surplus", shard(3, 3))]
    assert told(mapped(shard(1, 2), shard(2, 3)), shard(1, 2), shard(2, 3)) == [
        ("shard-misnamed", shard(2, 3))
    ]


@pytest.mark.parametrize(
    "path", ["../model.safetensors", "/etc/passwd", "a/../../b", "sub/x.safetensors", "a\\b"]
)
def test_a_shard_lies_beside_its_index(path: str) -> None:
    assert told(mapped(path), folder="deep/down/") == [("shard-path", path)]


@pytest.mark.parametrize("index", [b"{", b"\xff", b"[]", b'{"weight_map": {"a": 1}}', b"[" * 5000])
def test_an_index_that_maps_nothing(index: bytes) -> None:
    assert told(index) == [("shard-index", None)]


def test_the_walker_asks_it(tmp_path: Path) -> None:
    (tmp_path / INDEX).write_text(json.dumps(mapped(shard(1, 1))))
    found = {each.rule for each in inspect(tmp_path, clock=clock).findings}
    assert "walker.shard-missing" in found
