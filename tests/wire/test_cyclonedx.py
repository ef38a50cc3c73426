"""Another's bill of materials: bounded, names, versions and hashes alone."""

import json
from typing import Any

import pytest
from hypothesis import given

from tests.strategies import json_values
from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.inventory import BomComponent
from tocsin.wire import cyclonedx
from tocsin.wire.cyclonedx import components_of


def bom(**fields: Any) -> bytes:
    return json.dumps({"bomFormat": "CycloneDX", "specVersion": "1.5", **fields}).encode()


def test_components_come_with_group_hashes_and_what_is_nested() -> None:
    inner = {"type": "library", "name": "inner", "version": "2"}
    hashes = [{"alg": "SHA-256", "content": "AB" * 32}, {"alg": "X", "content": "no hex"}, 3]
    outer = {"type": "library", "group": "org", "name": "outer", "purl": "pkg:pypi/outer@1", "hashes": hashes}
    whole = {"type": "container", "name": "image"}
    read = components_of(
        bom(components=[{**outer, "components": [inner]}, "junk"], metadata={"component": whole})
    )
    assert read == (
        BomComponent("container", "image"),
        BomComponent("library", "org/outer", "", "pkg:pypi/outer@1", {"SHA-256": "ab" * 32}),
        BomComponent("library", "inner", "2"),
    )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<bom/>",
        b"{",
        b"[]",
        b'{"bomFormat": "SPDX"}',
        bom(components={"a": 1}),
        bom(x=json.loads("[" * 80 + "]" * 80)),
        b"[" * 100_000,
        b"\xff",
    ],
)
def test_what_is_no_bill_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(BadInput) as refused:
        components_of(data)
    assert len(refused.value.message) > 20


def test_bounds_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cyclonedx, "MAX_COMPONENTS", 3)
    with pytest.raises(TooLarge):
        components_of(bom(components=[{"name": "a"}] * 4))
    monkeypatch.setattr(cyclonedx, "MAX_BOM_BYTES", 10)
    with pytest.raises(TooLarge):
        components_of(bom())


@given(json_values())
def test_any_components_end_or_are_refused(value: Any) -> None:
    try:
        components_of(bom(components=[value], metadata=value))
    except BadInput:
        return
