"""tocsin watch replay on the command line."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.nodes import tocsin
from tocsin.app.replay import FOUND, LINES

AT = datetime(2026, 3, 17, 12, tzinfo=UTC)


def test_a_file_is_screened_and_its_signals_kept(tmp_path: Path) -> None:
    rows = [
        {"id": str(number), "time": AT, "source": "forum", "kind": "content.post", "actor": "a", "text": text}
        for number, text in enumerate(["good morning", "claim your lottery refund", "see you"])
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=LINES), tmp_path / "history.parquet")
    done = tocsin(
        "watch", "replay", "--input", str(tmp_path), "--out", str(tmp_path / "out"), "--json", check=False
    )
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert answer["events"] == 3
    assert answer["signals"] == {"phrases": {"fraud.scam": 1}}
    assert pq.read_table(tmp_path / "out" / "signals.parquet", schema=FOUND).column("event").to_pylist() == [
        "1"
    ]


def test_spark_wants_a_place(tmp_path: Path) -> None:
    done = tocsin("watch", "replay", "--input", str(tmp_path), "--engine", "spark", check=False)
    assert done.returncode == 2
    assert "--out" in done.stderr
