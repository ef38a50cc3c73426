"""AVID reports: real ones as they are published, and what nobody should publish."""

import json
from pathlib import Path

import msgspec
import pytest

from tocsin.assure.intelligence import avid
from tocsin.assure.intelligence.avid import AvidReport, read_avid, read_report
from tocsin.assure.intelligence.names import folded, model_keys
from tocsin.assure.intelligence.osv import Unread
from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.models import Intelligence

REPORT = {
    "data_type": "AVID",
    "metadata": {"report_id": "AVID-2026-R9001"},
    "affects": {
        "developer": ["Example"],
        "deployer": ["Somebody"],
        "artifacts": [{"type": "Model", "name": "Example Helper 7B"}, {"type": "System", "name": "n/a"}],
    },
    "problemtype": {"description": {"lang": "eng", "value": "answers\x00 wrongly"}},
    "impact": {"avid": {"risk_domain": ["Performance"], "sep_view": ["P0200: Model issues"]}},
    "reported_date": "2026-10-01",
}


def test_every_real_report_is_read(shared_data: Path) -> None:
    read = list(read_avid(shared_data / "avid" / "reports.jsonl", at=3))
    assert len(read) == 396
    assert not [one for one in read if isinstance(one, Unread)]
    by_id = {one.id: one for one in read if isinstance(one, Intelligence)}
    gpt_neo = by_id["AVID-2022-R0005"]
    assert gpt_neo.keys == ("model:eleutherai/gpt-neo-125m", "model:gpt-neo-125m")
    named = [one for one in by_id.values() if "model:gpt-oss-20b" in one.keys]
    assert len(named) == 22
    assert not [one for one in by_id.values() if "model:n/a" in one.keys or "model:a" in one.keys]


def test_a_name_is_found_with_and_without_its_developer() -> None:
    read = read_report(json.dumps(REPORT).encode(), "line 1", at=1, source="reports.jsonl")
    assert isinstance(read, Intelligence)
    assert read.keys == ("model:example-helper-7b", "model:helper-7b")
    assert read.title == "answers wrongly"
    kept = msgspec.json.decode(read.body, type=AvidReport)
    assert (kept.developers, kept.domains, kept.reported) == (("Example",), ("Performance",), "2026-10-01")


@pytest.mark.parametrize("name", ["Foo/Bar_7B", "foo/bar-7b", "FOO/Bar.7b", " foo / bar 7b "])
def test_names_are_folded(name: str) -> None:
    assert model_keys(name) == ("model:foo/bar-7b", "model:bar-7b")
    assert folded("  ") == ""
    assert model_keys("n/a") == model_keys("--") == model_keys("/") == ()


@pytest.mark.parametrize(
    "row",
    [b"{}", b"17", b"nonsense", b"\xff\xfe", b'{"metadata": {"report_id": "a b"}}', b'{"metadata": null}'],
)
def test_what_is_no_report_is_named_and_the_others_are_kept(row: bytes, tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_bytes(row + b"\n\n" + json.dumps(REPORT).encode())
    read = list(read_avid(tmp_path / "r.jsonl", at=1))
    assert [type(one) for one in read] == [Unread, Intelligence]
    assert isinstance(read[0], Unread)
    assert read[0].name == "line 1"


def test_a_list_is_read_and_a_broken_one_told(tmp_path: Path) -> None:
    (tmp_path / "r.json").write_text(json.dumps([REPORT, {}]), "utf-8")
    assert [type(one) for one in read_avid(tmp_path / "r.json", at=1)] == [Intelligence, Unread]
    (tmp_path / "r.json").write_text("[{", "utf-8")
    with pytest.raises(BadInput):
        list(read_avid(tmp_path / "r.json", at=1))


def test_bounds_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(avid, "MAX_REPORT_BYTES", 50)
    assert isinstance(read_report(json.dumps(REPORT).encode(), "x", at=1), Unread)
    monkeypatch.setattr(avid, "MAX_FILE_BYTES", 10)
    (tmp_path / "r.jsonl").write_text(json.dumps(REPORT), "utf-8")
    with pytest.raises(TooLarge):
        list(read_avid(tmp_path / "r.jsonl", at=1))
