"""What is prepared of YAML says what the YAML says; of other YAML it is passed over."""

from pathlib import Path

import msgspec
import pytest

import tocsin
from tocsin.taxonomy import prepared

PACKAGE = Path(tocsin.__file__).parent


class Rule(msgspec.Struct):
    id: str


@pytest.mark.parametrize("file", prepared.sources(PACKAGE), ids=lambda file: file.name)
def test_what_lies_there_is_prepared_of_it(file: Path) -> None:
    lying = file.with_name(file.name + prepared.SUFFIX).read_bytes()
    assert lying == prepared.prepared(file.read_bytes()), "run `make docs`"


def test_yaml_that_was_changed_is_read_itself(tmp_path: Path) -> None:
    file, beside = tmp_path / "a.yaml", tmp_path / f"a.yaml{prepared.SUFFIX}"
    file.write_text("id: one")
    assert prepared.read(tmp_path, "a.yaml", Rule).id == "one"
    beside.write_bytes(prepared.prepared(b"id: one").replace(b'"one"', b'"of the prepared"'))
    assert prepared.read(tmp_path, "a.yaml", Rule).id == "of the prepared"
    file.write_text("id: two")
    assert prepared.read(tmp_path, "a.yaml", Rule).id == "two"
    beside.write_bytes(b"{")
    assert prepared.read(tmp_path, "a.yaml", Rule).id == "two"
