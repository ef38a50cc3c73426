"""Bills of materials of either form, and what is neither."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.kernel import BadInput, TooLarge
from tocsin.kernel.artefacts import ArtefactVerdict
from tocsin.kernel.inventory import BomComponent, Inventory, Requirement
from tocsin.wire import bills
from tocsin.wire.bills import MODEL, components_in
from tocsin.wire.cyclonedx import ml_bom
from tocsin.wire.spdx import ai_bom

OURS = Inventory(
    "weather-writer",
    "a" * 64,
    False,
    10,
    0,
    "tocsin 1",
    ArtefactVerdict.CLEAN,
    requirements=(Requirement("example-package", "1.3"),),
)


def test_what_we_write_ourselves_is_read_in_both_forms() -> None:
    for data in (ml_bom(OURS, "1.6"), ai_bom(OURS)):
        found = {(one.kind, one.name, one.version) for one in components_in(data)}
        assert (MODEL, "weather-writer", "") in found
        assert ("library", "example-package", "1.3") in found


def test_spdx_2() -> None:
    document = {
        "spdxVersion": "SPDX-2.3",
        "packages": [
            {
                "name": "example-package",
                "versionInfo": "1.3",
                "externalRefs": [
                    {"referenceType": "cpe23Type", "referenceLocator": "cpe:..."},
                    {"referenceType": "purl", "referenceLocator": "pkg:pypi/example-package@1.3"},
                ],
                "checksums": [
                    {"algorithm": "SHA256", "checksumValue": "AB" * 32},
                    {"algorithm": "MD5", "checksumValue": "no"},
                ],
            },
            "x",
            {},
        ],
    }
    assert components_in(json.dumps(document).encode())[0] == BomComponent(
        "library", "example-package", "1.3", "pkg:pypi/example-package@1.3", {"SHA-256": "ab" * 32}
    )


def test_spdx_3_names_packages_by_url_or_identifier() -> None:
    graph = [
        {"type": "software_Package", "name": "a", "software_packageUrl": "pkg:pypi/a@1"},
        {
            "type": "software_Package",
            "name": "b",
            "externalIdentifier": [
                {"externalIdentifierType": "packageUrl", "identifier": "pkg:pypi/b@2"},
            ],
            "verifiedUsing": [{"algorithm": "sha256", "hashValue": "c" * 64}],
        },
        {"type": "CreationInfo"},
    ]
    found = components_in(json.dumps({"@graph": graph}).encode())
    assert [one.purl for one in found] == ["pkg:pypi/a@1", "pkg:pypi/b@2"]
    assert found[1].hashes == {"SHA-256": "c" * 64}


@pytest.mark.parametrize(
    "data",
    [b"", b"{}", b"[]", b"<bom/>", b"\xff", b'{"spdxVersion": "SPDX-2.3"}', b'{"@graph": {}}', b"[" * 9_000],
)
def test_what_is_none_is_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        components_in(data)


def test_what_is_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(TooLarge, match="nests"):
        components_in(b'{"@graph": ' + b"[" * 100 + b"]" * 100 + b"}")
    monkeypatch.setattr(bills, "MAX_COMPONENTS", 1)
    with pytest.raises(TooLarge, match="components"):
        components_in(b'{"@graph": [{}, {}]}')
    monkeypatch.setattr(bills, "MAX_BOM_BYTES", 1)
    with pytest.raises(TooLarge, match="bytes"):
        components_in(b"{}")


@settings(max_examples=60)
@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    )
)
def test_any_json_is_read_or_refused(value: object) -> None:
    for document in ({"spdxVersion": "x", "packages": value}, {"@graph": value}):
        try:
            components_in(json.dumps(document).encode())
        except BadInput:
            continue
