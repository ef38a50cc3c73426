"""Replay: the same signals from one process and from Spark, bad rows named, a stream screened once over a restart."""

import json
import random
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import missing
from tocsin.app import replay as replay_room
from tocsin.app import replay_spark
from tocsin.app.replay import BATCH_LINES, FOUND, LINES, Counted, Recipe, found_in, gathered, lines_of, replay
from tocsin.app.replay import history as history_of
from tocsin.kernel import BadInput
from tocsin.sandbox import generate
from tocsin.sandbox.scenario import to_json_line
from tocsin.taxonomy.packs import shipped_packs

NOW = datetime(2026, 3, 17, 15, 30, tzinfo=UTC)
RECIPE = Recipe(packs=shipped_packs())


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two files of one invented node, phrases and disguises among them, and a row that no door would take."""
    folder = tmp_path_factory.mktemp("history")
    world = generate(random.Random(3), NOW, scale=0.2)
    rows = [msgspec.to_builtins(line) for line in world.nodes["platform"]]
    for number, row in enumerate(rows):
        row["time"] = datetime.fromisoformat(row["time"])
        row["actor_created"] = row["actor_created"] and datetime.fromisoformat(row["actor_created"])
        row["attributes"] = json.dumps(row["attributes"]) if row["attributes"] else None
        if number % 50 == 0:
            row["text"] += " please claim your l0ttery r3fund"
    rows.append(rows[0] | {"id": "bad", "kind": "content.unknown"})
    for name, part in (("first", rows[: len(rows) // 2]), ("second", rows[len(rows) // 2 :])):
        pq.write_table(pa.Table.from_pylist(part, schema=LINES), folder / f"{name}.parquet")
    return folder


def rows_of(folder: Path) -> list[tuple[object, ...]]:
    table = pq.read_table(folder / "signals.parquet", schema=FOUND)
    return sorted((tuple(row.values()) for row in table.to_pylist()), key=repr)


def test_history_is_screened_as_the_door_would(history: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    counted = replay([history], RECIPE, tmp_path / "out", lambda done, of: told.append((done, of)))
    assert told[-1] == (counted.events, counted.events)
    assert counted.refused == 1
    assert counted.first_refused[0].startswith("bad: kind")
    assert counted.signals["phrases"]["fraud.scam"] >= counted.events // 50
    found = rows_of(tmp_path / "out")
    assert sum(row[-1] is None for row in found) == sum(sum(by.values()) for by in counted.signals.values())
    with pytest.raises(BadInput, match="exists already"):
        replay([history], RECIPE, tmp_path / "out")


def test_what_is_no_history_is_said(tmp_path: Path) -> None:
    pq.write_table(pa.table({"id": ["a"], "text": ["b"]}), tmp_path / "other.parquet")
    with pytest.raises(BadInput, match="no column time, source, kind, actor"):
        replay([tmp_path], RECIPE, None)
    (tmp_path / "broken.parquet").write_bytes(b"PAR1 nothing")
    with pytest.raises(BadInput, match="not a Parquet file"):
        replay([tmp_path / "broken.parquet"], RECIPE, None)
    with pytest.raises(BadInput, match="no Parquet file"):
        replay([tmp_path / "nowhere"], RECIPE, None)


def test_json_lines_and_columns_say_the_same(history: Path) -> None:
    world = generate(random.Random(3), NOW, scale=0.2)
    lines = [to_json_line(line).decode() for line in world.nodes["platform"][:200]]
    by_lines = found_in(RECIPE, pa.RecordBatch.from_pylist([{"value": line} for line in lines]))
    batch = next(pq.ParquetFile(history / "first.parquet").iter_batches(200))
    by_columns = found_in(RECIPE, batch)
    disguised = [row for row in by_columns.to_pylist() if row["detector"] == "evasion"]
    assert disguised == [row for row in by_lines.to_pylist() if row["detector"] == "evasion"]
    assert by_lines.column("refused").null_count == by_lines.num_rows


SECOND = 1_773_761_400
TICKS = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


@pytest.mark.parametrize("zone", ["UTC", "Asia/Ulaanbaatar", "-03:30"])
@pytest.mark.parametrize("unit", list(TICKS))
def test_a_time_is_the_same_in_every_unit_and_zone(unit: str, zone: str) -> None:
    (line,), refused = lines_of(
        at(pa.array([SECOND * TICKS[unit]], pa.int64()).cast(pa.timestamp(unit, zone)))
    )
    assert line.time == datetime.fromtimestamp(SECOND, UTC)
    assert not refused


def test_a_part_of_a_second_stays_to_the_microsecond() -> None:
    ticks = pa.array([SECOND * 10**9 + 123_456_789], pa.int64())
    ((line,), _) = lines_of(at(ticks.cast(pa.timestamp("ns", "UTC"))))
    assert line.time == datetime.fromtimestamp(SECOND, UTC) + timedelta(microseconds=123_456)


@pytest.mark.parametrize(
    ("unit", "ticks"),
    [
        ("us", 253_402_300_800 * 10**6),
        ("us", -62_135_596_801 * 10**6),
        # 65,536 years later: Arrow writes the year in 16 bits, and would write today's
        ("us", SECOND * 10**6 + 65_536 * 31_556_952 * 10**6),
        ("s", 2**62),
        ("ms", -(2**63)),
    ],
)
def test_a_time_that_no_calendar_has_is_refused_and_its_neighbour_kept(unit: str, ticks: int) -> None:
    times = pa.array([ticks, SECOND * TICKS[unit], None], pa.int64()).cast(pa.timestamp(unit, "UTC"))
    (line,), refused = lines_of(at(times))
    assert line.time == datetime.fromtimestamp(SECOND, UTC)
    assert [reason.partition(":")[0] for _, reason in refused] == ["time", "time"]


def test_a_time_without_a_zone_is_refused_as_the_door_would() -> None:
    (), refused = lines_of(at(pa.array([SECOND * 10**6], pa.int64()).cast(pa.timestamp("us"))))
    line = (
        b'{"id":"0","time":"2026-03-17T15:30:00","source":"s","kind":"content.post","actor":"a","text":"t"}'
    )
    (), also = lines_of(pa.record_batch({"value": [line]}))
    assert [reason for _, reason in refused] == [reason for _, reason in also]


def at(times: "pa.Array[Any]") -> pa.RecordBatch:
    """A batch of lines at these times."""
    said = {"source": "s", "kind": "content.post", "actor": "a", "text": "t"}
    columns: dict[str, Any] = {name: [value] * len(times) for name, value in said.items()}
    return pa.record_batch({"id": [str(n) for n in range(len(times))], "time": times, **columns})


@pytest.fixture
def java() -> None:
    if shutil.which("java") is None:
        missing("Java (Spark runs on it)")


@pytest.mark.net
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_spark_and_one_process_say_the_same(java: None, history: Path, tmp_path: Path) -> None:
    here = replay([history], RECIPE, tmp_path / "here")
    there = replay_spark.replay([history], RECIPE, tmp_path / "there", master="local[2]")
    assert rows_of(tmp_path / "there") == rows_of(tmp_path / "here")
    assert (there.events, there.signals, there.refused) == (here.events, here.signals, here.refused)
    _stream(tmp_path)


def _stream(folder: Path) -> None:
    """Files of JSON lines through a stream that is stopped in between: each line is screened once."""
    world = generate(random.Random(4), NOW, scale=0.05)
    lines = [to_json_line(line).decode() for line in world.nodes["platform"]]
    inbox, out, checkpoint = folder / "inbox", folder / "out", folder / "checkpoint"
    inbox.mkdir()
    half = len(lines) // 2
    for number, part in enumerate((lines[:half], lines[half:])):
        (inbox / f"{number}.jsonl").write_text("\n".join(part) + "\n")
        spark = replay_spark.session("local[2]")
        query = replay_spark.follow(spark.readStream.text(str(inbox)), RECIPE, out, checkpoint)
        query.processAllAvailable()
        query.stop()
        spark.stop()
    expected = Counted()
    expected.add(found_in(RECIPE, pa.RecordBatch.from_pylist([{"value": line} for line in lines])))
    counted = Counted()
    for file in out.glob("*.parquet"):
        counted.add(pq.read_table(file, schema=FOUND))
    assert counted.signals == expected.signals


def test_what_was_read_does_not_stay(tmp_path: Path) -> None:
    """A history may be larger than memory: of forty row groups no more than a few are held at any time."""
    rng = random.Random(5)
    file = tmp_path / "long.parquet"
    columns = {name: pa.array([None] * BATCH_LINES, LINES.field(name).type) for name in LINES.names}
    with pq.ParquetWriter(file, LINES, compression="none", use_dictionary=False) as writer:
        for _ in range(40):
            texts = [rng.randbytes(50).hex() for _ in range(BATCH_LINES)]
            writer.write_table(pa.table(columns | {"text": pa.array(texts)}, schema=LINES))
    before, most = pa.total_allocated_bytes(), 0
    total, batches = history_of([file])
    for batch in batches:
        total -= batch.num_rows
        most = max(most, pa.total_allocated_bytes() - before)
    assert total == 0
    assert most < file.stat().st_size / 4


@given(st.lists(st.integers(0, 5_000)))
def test_what_is_found_is_gathered_in_its_order(sizes: list[int]) -> None:
    starts = [sum(sizes[:at]) for at in range(len(sizes))]
    batches = [
        pa.record_batch({"row": pa.array(range(first, first + size), pa.int64())})
        for first, size in zip(starts, sizes, strict=True)
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(replay_room, "GROUP_ROWS", 4_000)
        tables = list(gathered(batches))
    assert [row for table in tables for row in table.column("row").to_pylist()] == list(range(sum(sizes)))
    assert all(table.num_rows >= 4_000 for table in tables[:-1])
    assert 0 not in {table.num_rows for table in tables}
