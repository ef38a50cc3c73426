"""Digests of files: an operator's lines, and patterns that a digest alone fulfils."""

from pathlib import Path

import pytest

from tocsin.assure.intelligence import file_hashes
from tocsin.assure.intelligence.file_hashes import OWN, hashes_in, read_hash_list
from tocsin.assure.intelligence.osv import Unread
from tocsin.kernel import TooLarge
from tocsin.kernel.models import Intelligence

A, B = "a" * 64, "b" * 64


@pytest.mark.parametrize(
    ("pattern", "hashes"),
    [
        (f"[file:hashes.'SHA-256' = '{A}']", (A,)),
        (f"[file:hashes.\"SHA-256\" = '{A.upper()}']", ()),
        (f"[file:hashes.'SHA-256' = '{A.upper()}']", (A,)),
        (f"[file:hashes.SHA256 = '{A}']", (A,)),
        (f"[file:hashes.'SHA-256' = '{A}' OR file:hashes.'SHA-256' = '{B}']", (A, B)),
        (f"[file:hashes.'SHA-256' IN ('{A}', '{B}')]", (A, B)),
        (f"[file:hashes.'SHA-256' = '{A}'] OR [file:hashes.'SHA-256' = '{B}']", (A, B)),
        (f"[file:hashes.'SHA-256' = '{A}' AND file:name = 'model.bin']", ()),
        (f"[file:hashes.'SHA-256' = '{A}'] AND [file:name = 'model.bin']", ()),
        (f"[file:hashes.'SHA-256' != '{A}']", ()),
        (f"[NOT file:hashes.'SHA-256' = '{A}']", ()),
        (f"[file:hashes.MD5 = '{A}']", ()),
        (f"[artifact:hashes.'SHA-256' = '{A}']", ()),
        ("[file:hashes.'SHA-256' = 'short']", ()),
        ("no pattern", ()),
        ("", ()),
    ],
)
def test_only_a_digest_that_says_it_all_is_taken(pattern: str, hashes: tuple[str, ...]) -> None:
    assert hashes_in(pattern) == hashes


def test_an_operators_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "bad.txt"
    file.write_text(f"# what we know\n{A}  model.bin\n\n{B.upper()}\nnonsense\n{A[:60]} x\n", "utf-8")
    read = list(read_hash_list(file, at=4))
    kept = [one for one in read if isinstance(one, Intelligence)]
    assert [(one.id, one.keys, one.title, one.source) for one in kept] == [
        (A, (A,), "model.bin", OWN),
        (B, (B,), "", OWN),
    ]
    assert [one.name for one in read if isinstance(one, Unread)] == ["line 5", "line 6"]
    monkeypatch.setattr(file_hashes, "MAX_LIST_BYTES", 10)
    with pytest.raises(TooLarge):
        list(read_hash_list(file, at=4))
