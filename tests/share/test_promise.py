"""The check on the final bytes: with any part of it removed, a test here fails."""

import hashlib
from collections.abc import Collection

import msgspec
import pytest

from tests.share.said import AUTHOR, OTHER, changed, confirmed, of_type, with_basis
from tocsin.kernel import TLP, Record
from tocsin.share.promise import Promise, ReleaseStopped, check_final
from tocsin.wire.stix import extension_id, marking_id, own_id
from tocsin.wire.stix.extensions import SightingExtension
from tocsin.wire.stix.labels import WELL_KNOWN

RECORDS = confirmed()
IDS = frozenset(record.id for record in RECORDS)


def promise_of(record: Record, **changes: object) -> Promise:
    value = msgspec.json.decode(record.stix)
    plain = Promise(
        id=record.id,
        type=record.type,
        version=value["modified"],
        tlp=record.tlp,
        properties=frozenset(value),
        may_name=WELL_KNOWN | IDS,
        sha256=hashlib.sha256(record.stix).hexdigest(),
    )
    return msgspec.structs.replace(plain, **changes)


def nothing(_: frozenset[str]) -> Collection[str]:
    return ()


def stopped(stix: bytes, promise: Promise) -> str:
    """The reason these bytes are stopped, when their hash is the one promised."""
    with pytest.raises(ReleaseStopped) as caught:
        check_final(stix, msgspec.structs.replace(promise, sha256=hashlib.sha256(stix).hexdigest()), nothing)
    assert promise.id in caught.value.message
    assert "nothing was released" in caught.value.message
    return caught.value.message


def bent(kind: str, **properties: object) -> str:
    """The reason a record is stopped after a property was set, when the promise holds all its properties."""
    record = of_type(RECORDS, kind)
    stix = changed(record, **properties).stix
    return stopped(stix, promise_of(record, properties=frozenset(msgspec.json.decode(stix))))


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: str(record.type))
def test_what_was_promised_passes(record: Record) -> None:
    check_final(record.stix, promise_of(record), nothing)


def test_the_hash_is_the_manifests() -> None:
    record = RECORDS[0]
    with pytest.raises(ReleaseStopped, match="another hash"):
        check_final(record.stix, promise_of(record, sha256="0" * 64), nothing)


def test_the_size_is_bounded() -> None:
    assert "larger than" in stopped(b" " * (300 << 10), promise_of(RECORDS[0]))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda stix: stix + b" ",
        lambda stix: b" " + stix,
        lambda stix: stix.replace(b'"name":', b'"name" :'),
        lambda stix: stix.replace(b'"type":"campaign"', b'"type":"campaign","type":"campaign"'),
        lambda stix: stix[:-1] + b',"name":"second"}',
        lambda stix: b"[" + stix + b"]",
        lambda stix: stix + stix,
        lambda stix: stix.replace(b"scam", b"sc\\u0061m").replace(b"Scam", b"Sc\\u0061m"),
    ],
)
def test_only_canonical_bytes_of_one_object_pass(spoil: object) -> None:
    record = of_type(RECORDS, "campaign")
    assert callable(spoil)
    assert spoil(record.stix) != record.stix
    assert "JSON" in stopped(spoil(record.stix), promise_of(record)) or "canonical" in stopped(
        spoil(record.stix), promise_of(record)
    )


def test_type_id_and_version_are_those_decided() -> None:
    record = of_type(RECORDS, "campaign")
    other = of_type(RECORDS, "indicator")
    assert "another type, id or version" in stopped(other.stix, promise_of(record))
    assert "another type, id or version" in stopped(
        record.stix, promise_of(record, version="2020-01-01T00:00:00.000Z")
    )
    renamed = changed(record, id=own_id("campaign", "other")).stix
    assert "another type, id or version" in stopped(renamed, promise_of(record))


def test_no_property_more_and_none_less() -> None:
    record = of_type(RECORDS, "campaign")
    assert "x_more" in stopped(changed(record, x_more=1).stix, promise_of(record))
    assert "confidence" in stopped(changed(record, confidence=None).stix, promise_of(record))


@pytest.mark.parametrize(
    ("kind", "properties", "where"),
    [
        ("campaign", {"x_more": 1}, "x_more"),
        ("campaign", {"first_seen": "2026-02-24T11:22:33.000Z"}, "first_seen"),
        ("campaign", {"confidence": 101}, "confidence"),
        ("sighting", {"count": 317}, "count"),
        ("sighting", {"first_seen": "2026-02-24T11:22:33.000Z"}, "first_seen"),
        ("relationship", {"relationship_type": "attributed-to"}, "relationship_type"),
        ("relationship", {"target_ref": AUTHOR}, "target_ref"),
        ("report", {"object_refs": []}, "object_refs"),
        ("report", {"external_references": [{"source_name": "s"}]}, "external_references"),
        ("indicator", {"pattern": "[file:name = 'x']"}, "pattern"),
        ("identity", {"contact_information": "mail"}, "contact_information"),
    ],
)
def test_every_property_is_on_the_table(kind: str, properties: dict[str, object], where: str) -> None:
    assert f"{where} may not leave" in bent(kind, **properties)


def test_every_property_at_every_depth_is_on_the_table() -> None:
    sighting = of_type(RECORDS, "sighting")
    extensions = msgspec.json.decode(sighting.stix)["extensions"]
    extensions[extension_id(SightingExtension)]["actor"] = "x"
    assert f"extensions.{extension_id(SightingExtension)} may not leave" in bent(
        "sighting", extensions=extensions
    )


def test_the_marking_is_there_and_is_the_one_decided() -> None:
    record = of_type(RECORDS, "indicator")
    assert "marking" in bent("indicator", object_marking_refs=[marking_id(TLP.CLEAR)])
    assert "marking" in bent("indicator", object_marking_refs=[marking_id(TLP.GREEN), marking_id(TLP.RED)])
    assert "marking" in bent("indicator", object_marking_refs=None)
    assert "marking" in stopped(record.stix, promise_of(record, tlp=TLP.AMBER))


def test_nothing_is_named_that_was_not_released() -> None:
    record = of_type(RECORDS, "report")
    left_out = of_type(RECORDS, "indicator").id
    assert "not released" in stopped(record.stix, promise_of(record, may_name=WELL_KNOWN | IDS - {left_out}))
    campaign = of_type(RECORDS, "campaign")
    for hidden in (f"as in {OTHER}", f"as in {OTHER}".upper(), f"x{OTHER}x"):
        said = with_basis(campaign, hidden)
        assert "not released" in stopped(said.stix, promise_of(said))


def test_nothing_forbidden_stands_in_any_string() -> None:
    record = with_basis(of_type(RECORDS, "campaign"), "the (secret-id), said twice: secret-id.")
    asked: set[str] = set()

    def forbidden(words: frozenset[str]) -> Collection[str]:
        asked.update(words)
        return words & {"secret-id"}

    with pytest.raises(ReleaseStopped, match="never leaves"):
        check_final(record.stix, promise_of(record), forbidden)
    assert "object_marking_refs" in asked, "names of properties are strings too"
    assert record.id in asked


def test_it_is_sound_stix_in_the_end() -> None:
    record = of_type(RECORDS, "indicator")
    backwards = changed(record, valid_until="2020-01-01T00:00:00.000Z").stix
    assert "not sound STIX" in stopped(backwards, promise_of(record))
