"""tocsin watch replay on the command line."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.nodes import tocsin
from tocsin.app.replay import FOUND, LINES

AT = datetime(2026, 3, 17, 12, tzinfo=UTC)


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_a_file_is_screened_and_its_signals_kept(tmp_path: Path, jobs: str) -> None:
    rows = [
        {"id": str(number), "time": AT, "source": "forum", "kind": "content.post", "actor": "a", "text": text}
        for number, text in enumerate(["good morning", "claim your lottery refund", "see you"])
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=LINES), tmp_path / "history.parquet")
    asked = ("--input", str(tmp_path), "--out", str(tmp_path / "out"), "--jobs", jobs)
    done = tocsin("watch", "replay", *asked, "--json", check=False)
    assert done.returncode == 1
    answer = json.loads(done.stdout)
    assert answer["events"] == 3
    assert answer["signals"] == {"phrases": {"fraud.scam": 1}}
    assert pq.read_table(tmp_path / "out" / "signals.parquet", schema=FOUND).column("event").to_pylist() == [
        "1"
    ]


@pytest.mark.parametrize("asked", [("--engine", "spark"), ("--campaigns",)])
def test_what_is_found_wants_a_place(tmp_path: Path, asked: tuple[str, ...]) -> None:
    done = tocsin("watch", "replay", "--input", str(tmp_path), *asked, check=False)
    assert done.returncode == 2
    assert "--out" in done.stderr


def test_spark_divides_the_work_itself(tmp_path: Path) -> None:
    asked = ("--input", str(tmp_path), "--out", str(tmp_path / "out"), "--engine", "spark", "--jobs", "2")
    done = tocsin("watch", "replay", *asked, check=False)
    assert done.returncode == 2
    assert "--master" in done.stderr


def test_a_campaign_of_a_history_is_found_under_new_names_each_time(tmp_path: Path) -> None:
    text = (
        "please claim your lottery refund before friday at the town desk with the form that was sent to you"
    )
    rows = [
        {
            "id": str(number),
            "time": AT + timedelta(minutes=number),
            "source": "forum",
            "kind": "content.post",
            "actor": f"a{number % 10}",
            "text": f"{text} {number}",
            "actor_created": AT - timedelta(days=1),
            "observables": [{"type": "email", "value": "desk@claims.example"}],
        }
        for number in range(20)
    ]
    pq.write_table(pa.Table.from_pylist(rows, schema=LINES), tmp_path / "history.parquet")
    names = []
    for out in (tmp_path / "one", tmp_path / "other"):
        done = tocsin(
            "watch",
            "replay",
            "--input",
            str(tmp_path / "history.parquet"),
            "--out",
            str(out),
            "--campaigns",
            "--json",
            check=False,
        )
        assert done.returncode == 1
        assert json.loads(done.stdout)["campaigns"] == 1
        members = pq.read_table(out / "campaigns" / "members.parquet").to_pylist()
        assert [row["events"] for row in members] == [2] * 10
        names.append({row["actor"] for row in members})
    assert not names[0] & names[1]
