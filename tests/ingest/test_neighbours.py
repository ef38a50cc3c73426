"""A file's format is told where it is clear, and never guessed."""

import json
from pathlib import Path

import pytest

from tests.neighbour_files import INCIDENTS, REPORT, REPORTS, lines
from tocsin.ingest.neighbours import Format, detect, read_neighbour
from tocsin.kernel import BadInput

BUNDLE = b'{"type": "bundle", "id": "bundle--605de3ac-53fd-5ac4-8e2a-5298846423cc", "objects": []}'


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (BUNDLE, Format.STIX),
        (json.dumps(json.loads(BUNDLE), indent=2).encode(), Format.STIX),
        (lines(REPORT, REPORT), Format.AVID),
        (json.dumps([REPORT]).encode(), Format.AVID),
        (json.dumps(REPORT, indent=1).encode(), Format.AVID),
        (INCIDENTS, Format.AIID),
        (REPORTS, Format.AIID),
        (b'{"type": "indicator"}', None),
        (b"[]", None),
        (b"{", None),
        (b"", None),
        (b"a,b,c", None),
        (b"\xff\xfe", None),
    ],
)
def test_the_format_is_told_by_the_first_entry(data: bytes, form: Format | None) -> None:
    assert detect(data) is form


def test_what_is_not_clear_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(b"{}")
    with pytest.raises(BadInput, match="--format"):
        read_neighbour(tmp_path / "x.json")
    with pytest.raises(BadInput, match="cannot read"):
        read_neighbour(tmp_path / "none.json")


def test_atlas_must_hold_atlas(tmp_path: Path, shared_data: Path) -> None:
    (tmp_path / "x.json").write_bytes(BUNDLE)
    with pytest.raises(BadInput, match="ATLAS"):
        read_neighbour(tmp_path / "x.json", Format.ATLAS)
    assert read_neighbour(shared_data / "atlas" / "stix-atlas.json").form is Format.ATLAS
