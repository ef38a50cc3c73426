"""Files that people write: every refusal names the file, and says what to do."""

from pathlib import Path

import pytest

from tocsin.kernel import BadInput, TooLarge
from tocsin.taxonomy.yaml_files import FileKind, Versioned, refuse_twice

KIND = FileKind("rows", "docs/rows.md", most_bytes=1 << 10, most_files=2)


class _Rows(Versioned, frozen=True, forbid_unknown_fields=True):
    rows: tuple[str, ...] = ()


def test_a_folder_is_read_by_name_and_may_be_missing(tmp_path: Path) -> None:
    assert list(KIND.files(None)) == list(KIND.files(tmp_path / "none")) == []
    for name in ("b.yaml", "a.yaml", "notes.txt"):
        (tmp_path / name).write_text(name, "utf-8")
    assert list(KIND.files(tmp_path)) == [("a.yaml", b"a.yaml"), ("b.yaml", b"b.yaml")]
    (tmp_path / "a.yaml").write_bytes(b" " * (2 << 10))
    assert len(next(KIND.files(tmp_path))[1]) == KIND.most_bytes + 1
    (tmp_path / "c.yaml").touch()
    with pytest.raises(TooLarge, match="3 files; 2 is the most"):
        list(KIND.files(tmp_path))


def test_what_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").mkdir()
    with pytest.raises(BadInput, match=r"a\.yaml cannot be read"):
        list(KIND.files(tmp_path))


def test_a_file_is_of_its_shape_and_version() -> None:
    assert KIND.read(b"version: 1\nrows: [x]", "a.yaml", _Rows) == _Rows(1, ("x",))
    with pytest.raises(BadInput, match=r"^rows a\.yaml: version 2; version 1 is read$"):
        KIND.read(b"version: 2", "a.yaml", _Rows)
    for bent in (b"version: [", b"version: 1\nmore: 1", b"[" * 900, b"\xff", b""):
        with pytest.raises(BadInput, match=r"^rows a\.yaml: (?s:.)*; docs/rows\.md shows one$"):
            KIND.read(bent, "a.yaml", _Rows)
    with pytest.raises(TooLarge, match=r"^a\.yaml is larger than 1 KiB"):
        FileKind("", "docs/rows.md", 1 << 10).read(b" " * 1_025, "a.yaml", _Rows)


def test_one_id_is_one_thing() -> None:
    refuse_twice(["a", "b"], "rows")
    with pytest.raises(BadInput, match="two rows have the id a"):
        refuse_twice(["a", "b", "a"], "rows")
