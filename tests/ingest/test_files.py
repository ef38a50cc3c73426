"""Files and standard input: plain or gzip by content, batches of a bounded size, damage after what was whole."""

import gzip
import io
from pathlib import Path

import pytest

from tests.ingest.test_lines import clock, good
from tocsin.ingest import import_bundle, read_file
from tocsin.ingest.files import BATCH_LINES
from tocsin.kernel import BadInput


@pytest.mark.parametrize("packed", [True, False])
@pytest.mark.parametrize("name", ["events.jsonl", "events.jsonl.gz"])
def test_gzip_is_known_by_its_bytes(tmp_path: Path, packed: bool, name: str) -> None:
    data = b"\n".join(good(number) for number in range(2 * BATCH_LINES)) + b"\njunk\n"
    path = tmp_path / name
    path.write_bytes(gzip.compress(data) if packed else data)
    batches = list(read_file(path, now=clock))
    assert sum(len(batch.lines) for batch in batches) == 2 * BATCH_LINES
    assert [refusal.line for batch in batches for refusal in batch.refused] == [2 * BATCH_LINES + 1]
    assert len(batches) > 1


def test_standard_input() -> None:
    batches = list(read_file(io.BytesIO(gzip.compress(good(1)) + gzip.compress(b"\n" + good(2))), now=clock))
    assert [line.id for batch in batches for line in batch.lines] == ["e1", "e2"]
    assert list(read_file(io.BytesIO(b""), now=clock)) == []


def test_whole_lines_before_the_damage_stand() -> None:
    packed = gzip.compress(b"\n".join(good(number) for number in range(1_000)))
    batches = read_file(io.BytesIO(packed[:-8]), now=clock)
    assert len(next(batches).lines) == 999
    with pytest.raises(BadInput, match="middle"):
        next(batches)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for read in (lambda path: list(read_file(path, now=clock)), import_bundle):
        with pytest.raises(BadInput, match=r"none\.json"):
            read(tmp_path / "none.json")
        with pytest.raises(BadInput):
            read(tmp_path)


def test_a_bundle_from_bytes() -> None:
    assert import_bundle(b'{"type": "bundle"}').objects == ()
