"""OSV's files: every entry kept or named with a reason, within bounds."""

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tocsin.assure.intelligence import osv
from tocsin.assure.intelligence.osv import Unread, read_entry, read_osv
from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.models import Intelligence


def entry(number: int = 1, name: str = "Example_Package", **changed: Any) -> dict[str, Any]:
    plain = {
        "schema_version": "1.7.3",
        "id": f"PYSEC-2026-{number}",
        "modified": "2026-11-01T00:00:00Z",
        "summary": "a made-up flaw",
        "details": "long text " * 50,
        "aliases": [f"CVE-2026-{number}"],
        "affected": [
            {
                "package": {"ecosystem": "PyPI", "name": name, "purl": f"pkg:pypi/{name}"},
                "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.4"}]}],
                "versions": ["1.0", "1.3"],
                "database_specific": {"source": "somewhere"},
            }
        ],
    }
    return {**plain, **changed}


def zipped(path: Path, *entries: dict[str, Any] | bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, one in enumerate(entries):
            archive.writestr(f"{number}.json", one if isinstance(one, bytes) else json.dumps(one))
    return path


def test_an_archive_gives_its_entries_and_names_those_that_are_broken(tmp_path: Path) -> None:
    file = zipped(
        tmp_path / "all.zip", entry(1), b"{", entry(2, withdrawn="2026-11-02T00:00:00Z"), b"[]", b"\xff"
    )
    read = list(read_osv(file, at=5))
    kept = [one for one in read if isinstance(one, Intelligence)]
    assert [(one.id, one.withdrawn, one.at, one.source) for one in kept] == [
        ("PYSEC-2026-1", False, 5, "all.zip"),
        ("PYSEC-2026-2", True, 5, "all.zip"),
    ]
    assert kept[0].keys == ("package:pypi/example-package",)
    assert kept[0].title == "a made-up flaw"
    assert b"long text" not in kept[0].body
    assert [one.name for one in read if isinstance(one, Unread)] == ["1.json", "3.json", "4.json"]


def test_one_entry_by_itself_is_read_too(tmp_path: Path) -> None:
    (tmp_path / "one.json").write_text(json.dumps(entry(7)), "utf-8")
    (read,) = read_osv(tmp_path / "one.json", at=1)
    assert isinstance(read, Intelligence)
    assert read.id == "PYSEC-2026-7"


def test_a_damaged_archive_is_told(tmp_path: Path) -> None:
    whole = zipped(tmp_path / "all.zip", entry(1)).read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(BadInput, match="broken"):
        list(read_osv(tmp_path / "cut.zip", at=1))
    spoilt = bytearray(whole)
    spoilt[60] ^= 0xFF
    (tmp_path / "spoilt.zip").write_bytes(bytes(spoilt))
    assert all(isinstance(one, Unread) for one in read_osv(tmp_path / "spoilt.zip", at=1))
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("readme.txt", "no entry")
    with pytest.raises(BadInput, match="holds no"):
        list(read_osv(tmp_path / "other.zip", at=1))


def test_bounds_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(osv, "MAX_ENTRY_BYTES", 5_000)
    monkeypatch.setattr(osv, "MAX_ENTRIES", 2)
    (read,) = read_osv(zipped(tmp_path / "bomb.zip", b"{" + b" " * 10_000_000 + b"}"), at=1)
    assert isinstance(read, Unread)
    assert "MiB" in read.reason
    with pytest.raises(TooLarge):
        list(read_osv(zipped(tmp_path / "many.zip", entry(1), entry(2), entry(3)), at=1))


@pytest.mark.parametrize(
    "changed",
    [
        {"id": "a b"},
        {"id": ""},
        {"id": "x" * 200},
        {"id": "A\x00B"},
        {"affected": [{"package": {"name": "a\x00b"}}]},
    ],
)
def test_names_that_could_not_be_shown_or_kept_are_refused(changed: dict[str, Any]) -> None:
    assert isinstance(read_entry(json.dumps(entry(1, **changed)).encode(), "x", at=1), Unread)


def test_deep_nesting_is_refused_and_not_a_crash() -> None:
    deep = b'{"id": "A-1", "database_specific": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
    assert isinstance(read_entry(deep, "deep", at=1), Unread)


def test_the_digest_is_of_every_byte_so_that_any_change_is_seen() -> None:
    one, other = (read_entry(json.dumps(entry(1, details=text)).encode(), "x", at=1) for text in ("a", "b"))
    assert isinstance(one, Intelligence)
    assert isinstance(other, Intelligence)
    assert one.digest != other.digest
    assert one.body == other.body


def test_an_entry_that_is_packed_otherwise_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    file = zipped(tmp_path / "all.zip", entry(1))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("other.json", b"{}")
    first, second = read_osv(file, at=1)
    assert not isinstance(first, Unread)
    assert isinstance(second, Unread)
    assert "packed in a way" in second.reason
