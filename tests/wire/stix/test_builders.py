"""What a node makes: accepted by the OASIS validator, read back whole, the same for the same thing."""

import json
from typing import Any

import pytest
from hypothesis import given
from stix2validator import ValidationOptions, validate_string

from tests.strategies import fingerprints
from tocsin.kernel import TLP, BadInput, EvidenceStatus, Fingerprint, Level, RiskVector
from tocsin.wire import stix
from tocsin.wire.stix import extensions
from tocsin.wire.stix.labels import WELL_KNOWN, well_known
from tocsin.wire.stix.objects import Indicator, StixObject

NODE = stix.own_id("identity", "node-key")
AT = 1_763_632_800_000_000
PRINT = Fingerprint(bytes(range(256)), 120)
COMMON: dict[str, Any] = {"author": NODE, "tlp": TLP.GREEN, "created": AT, "modified": AT + 5_000}


def indicator(fingerprint: Fingerprint = PRINT, **changes: Any) -> Indicator:
    given: dict[str, Any] = {
        "category": "fraud.scam",
        "status": EvidenceStatus.OBSERVED,
        "basis": "Two reviewers.",
        "confidence": 70,
        **COMMON,
        **changes,
    }
    return stix.make_indicator(fingerprint, **given)


def everything() -> list[StixObject]:
    found = indicator(valid_until=AT + 86_400_000_000)
    campaign = stix.make_campaign(
        "warning-1",
        name="Lottery refund",
        category="fraud.scam",
        risk=RiskVector(scale=Level.HIGH),
        status=EvidenceStatus.OBSERVED,
        actors=12,
        events=700,
        score_band="high",
        basis="Two reviewers.",
        confidence=70,
        first_seen=AT - 1_000_000,
        last_seen=AT,
        **COMMON,
    )
    dismissal = stix.make_dismissal(
        PRINT, category="fraud.scam", reason="A greeting.", expires=AT + 86_400_000_000, **COMMON
    )
    sighting = stix.make_sighting(found.id, actors=12, events=40, **COMMON)
    relationship = stix.make_relationship("indicates", found.id, campaign.id, **COMMON)
    members = [found.id, campaign.id, sighting.id, relationship.id]
    report = stix.make_report("warning-1", name="r", description="d", objects=members, **COMMON)
    return [
        stix.make_identity(NODE, "platform", at=AT),
        found,
        dismissal,
        campaign,
        sighting,
        relationship,
        report,
        extensions.author(),
        *map(stix.definition, stix.EXTENSIONS),
        *map(stix.marking, TLP),
    ]


@pytest.mark.parametrize("item", everything(), ids=lambda item: item.id)
def test_the_validator_takes_everything(item: StixObject) -> None:
    data = stix.canonical(item)
    result = validate_string(data.decode(), ValidationOptions(version="2.1"))
    assert result.is_valid, [str(error) for error in result.errors]
    # Deterministic ids are UUIDv5; the validator would rather see version 4. Nothing else may be said.
    assert {str(warning).partition("{")[2][:3] for warning in result.warnings} <= {"103"}
    assert stix.canonical(stix.parse(data)) == data


def test_counts_are_never_exact() -> None:
    for item in everything():
        told = json.loads(stix.canonical(item))
        assert "count" not in told
        for extension in told.get("extensions", {}).values():
            assert {type(extension.get(name, "")) for name in ("actors", "events")} == {str}


def test_the_same_thing_has_the_same_id() -> None:
    assert indicator().id == indicator(modified=AT + 9_000, confidence=1).id
    assert indicator().id != indicator(category="cyber.phishing").id
    assert indicator().id != indicator(author=stix.own_id("identity", "other")).id
    assert stix.own_id("a", "b", "cd") != stix.own_id("a", "bc", "d")


def test_ids_never_change() -> None:
    assert stix.own_id("identity", "tocsin") == "identity--5744b28d-2e8d-598e-9c00-54c1d4492fbc"
    assert [stix.extension_id(kind) for kind in stix.EXTENSIONS] == [
        "extension-definition--f50051ce-5d94-564d-bc6a-06342968907b",
        "extension-definition--c8e2526c-dcaf-5744-b93b-d7b8cd4189f2",
        "extension-definition--08bab3d2-e387-5f35-83b5-7f57e9c0e76e",
        "extension-definition--75ef0a9a-f784-5199-b08a-a40be3f77b04",
        "extension-definition--e9d5dae0-3b40-5e5f-874b-d76ee6c00e38",
        "extension-definition--f815aa6a-da86-55ec-8aa8-47b4450cbd49",
    ]


def test_markings_are_those_that_oasis_published() -> None:
    assert stix.canonical(stix.marking(TLP.AMBER_STRICT)).decode() == (
        '{"created":"2022-10-01T00:00:00.000Z","extensions":{"extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d":'
        '{"extension_type":"property-extension","tlp_2_0":"amber+strict"}},'
        '"id":"marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003","name":"TLP:AMBER+STRICT",'
        '"spec_version":"2.1","type":"marking-definition"}'
    )
    for level in TLP:
        assert stix.level_of(stix.marking_id(level)) is level
    assert stix.level_of("marking-definition--613f2e26-407d-48c7-9eca-b8e91df99dc9") is TLP.CLEAR
    assert stix.level_of(NODE) is None


def test_the_strictest_marking_counts_on_parts_too() -> None:
    assert stix.strictest(indicator()) is TLP.GREEN
    assert stix.strictest(stix.marking(TLP.RED)) is None
    plain = stix.parse(stix.canonical(indicator()))
    assert stix.strictest(plain) is TLP.GREEN
    item = json.loads(stix.canonical(indicator()))
    item["granular_markings"] = [{"marking_ref": stix.marking_id(TLP.RED), "selectors": ["name"]}]
    assert stix.strictest(stix.parse(json.dumps(item).encode())) is TLP.RED
    item["x_custom"] = 1
    assert stix.strictest(stix.parse(json.dumps(item).encode())) is TLP.RED


@given(fingerprints)
def test_a_fingerprint_is_read_back(fingerprint: Fingerprint) -> None:
    item = stix.parse(stix.canonical(indicator(fingerprint)))
    extension = stix.read(item, stix.FingerprintExtension)
    assert extension is not None
    assert stix.read_fingerprint(extension) == fingerprint
    assert stix.read(item, stix.DismissalExtension) is None


def test_a_broken_extension_is_refused() -> None:
    key = stix.extension_id(stix.FingerprintExtension)
    good = indicator()
    assert isinstance(good.extensions, dict)
    for name, value in (
        ("signature", "AAAA"),
        ("shingles", 0),
        ("text", "lottery"),
        ("category", "political"),
    ):
        broken = Indicator(
            **{field: getattr(good, field) for field in good.__struct_fields__ if field != "extensions"},
            extensions={key: {**good.extensions[key], name: value}},
        )
        with pytest.raises(BadInput, match="misuse-fingerprint"):
            stix.read(broken, stix.FingerprintExtension)


@pytest.mark.parametrize(
    ("count", "name"),
    [
        (1, "1-4"),
        (4, "1-4"),
        (5, "5-9"),
        (24, "10-24"),
        (99, "25-99"),
        (499, "100-499"),
        (500, "500+"),
        (10**9, "500+"),
    ],
)
def test_counts_leave_as_ranges(count: int, name: str) -> None:
    assert stix.bucket(count) == name


def test_nothing_is_no_count() -> None:
    with pytest.raises(ValueError, match="seen"):
        stix.bucket(0)


def test_what_everybody_has_is_known() -> None:
    assert {
        item.id for item in everything() if item.type in ("extension-definition", "marking-definition")
    } < WELL_KNOWN
    assert well_known(stix.marking_id(TLP.RED)) == stix.marking(TLP.RED)
    assert well_known(NODE) is None
