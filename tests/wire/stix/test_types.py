"""Every type of STIX 2.1: sound objects come through whole, broken ones are told."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import inspect
from stix2validator import ValidationOptions, validate_instance

from tests.stix_types import any_sound, sound, with_own_id
from tests.strategies import json_values
from tests.wire.stix.plain_objects import AT, NAMED, PLAIN, REFS, SEEN, UUID
from tocsin.kernel import BadInput
from tocsin.wire.stix import Code, Extended, canonical, check, parse, serialise
from tocsin.wire.stix.objects import LOOSE, OBSERVABLE_TYPES, TYPED
from tocsin.wire.stix.reading import read_many
from tocsin.wire.stix.rules import selects
from tocsin.wire.stix.sco_extensions import STANDARD_EXTENSIONS, standard_extension
from tocsin.wire.stix.sco_ids import advice

_OPTIONS = ValidationOptions(version="2.1", strict=False, disabled="all")


def of(kind: str, **fields: Any) -> bytes:
    """An object of a type with its common properties and these."""
    item: dict[str, Any] = {"type": kind, "spec_version": "2.1", "id": f"{kind}--{UUID}"}
    if kind not in OBSERVABLE_TYPES:
        item |= {"created": AT}
        if kind != "marking-definition":
            item |= {"modified": AT}
    return json.dumps(
        {name: value for name, value in {**item, **fields}.items() if value is not ...}
    ).encode()


def test_every_type_of_the_standard_has_a_struct() -> None:
    assert len(TYPED) == 19 + 2 + 18 + 3
    assert len(OBSERVABLE_TYPES) == 18


@settings(max_examples=120)
@given(any_sound())
def test_a_sound_object_of_any_type_comes_back_whole(item: dict[str, Any]) -> None:
    text = json.dumps(item).encode()
    found = check(text)
    assert found.problems == ()
    assert isinstance(found.item, TYPED[item["type"]])
    assert canonical(found.item) == canonical(msgspec.json.decode(text))
    assert canonical(parse(serialise(found.item))) == canonical(found.item)
    items, problems = read_many([text, text])
    assert (items, problems) == ([found.item, found.item], [])


@settings(max_examples=60)
@given(any_sound(), st.data())
def test_what_nobody_knows_comes_back_whole(item: dict[str, Any], draws: Any) -> None:
    """A custom property at the top, in an extension, in a nested type."""
    item["x_own"] = draws.draw(json_values())
    for name in ("values", "body_multipart", "external_references", "kill_chain_phases"):
        for entry in item.get(name, []):
            entry["x_inner"] = draws.draw(json_values())
    if "x509_v3_extensions" in item:
        item["x509_v3_extensions"]["x_inner"] = 1
    text = json.dumps(item).encode()
    found = check(text)
    assert found.problems == ()
    assert isinstance(found.item, Extended)
    assert canonical(found.item) == canonical(msgspec.json.decode(text))


@pytest.mark.parametrize("kind", sorted(TYPED))
def test_open_parts_are_known(kind: str) -> None:
    """What may hold a float or an open name is looked into for canonical bytes and bounds."""
    info = inspect.type_info(TYPED[kind])
    assert isinstance(info, inspect.StructType)
    found = {field.name for field in info.fields if _is_open(field.type)}
    assert found - {"extensions", "external_references"} == set(LOOSE[kind])


def _is_open(kind: inspect.Type) -> bool:
    match kind:
        case inspect.UnionType(types=types):
            return any(_is_open(inner) for inner in types)
        case inspect.ListType(item_type=item):
            return _is_open(item)
        case inspect.StructType(fields=fields):
            return any(_is_open(field.type) for field in fields)
    return isinstance(kind, inspect.DictType | inspect.FloatType | inspect.AnyType)


LATE = {**SEEN, "last_observed": "2024-12-31T23:59:59.999999999Z"}
RULES: list[tuple[bytes, str, Code]] = [
    (of("location"), "region", Code.MISSING),
    (of("location", latitude=1.5), "longitude", Code.MISSING),
    (of("location", country="mn", precision=9), "precision", Code.VALUE),
    (of("malware", is_family=True), "name", Code.MISSING),
    (of("malware", is_family=False, sample_refs=[f"url--{UUID}"]), "sample_refs[0]", Code.VALUE),
    (of("malware-analysis", product="p"), "result", Code.MISSING),
    (of("observed-data", **SEEN), "object_refs", Code.MISSING),
    (of("observed-data", **SEEN, objects={"0": {"type": "url"}}, object_refs=[f"url--{UUID}"]), "objects", Code.VALUE),
    (of("observed-data", **SEEN, object_refs=[f"campaign--{UUID}"]), "object_refs[0]", Code.VALUE),
    (
        of("observed-data", **LATE, object_refs=[f"url--{UUID}"]),
        "last_observed",
        Code.ORDER,
    ),
    (of("threat-actor", **NAMED, first_seen=AT, last_seen="2024-01-01T00:00:00Z"), "last_seen", Code.ORDER),
    (of("artifact"), "payload_bin", Code.MISSING),
    (of("artifact", url="u"), "hashes", Code.MISSING),
    (of("artifact", payload_bin="", decryption_key="k"), "encryption_algorithm", Code.MISSING),
    (of("email-message", is_multipart=True, body="b"), "body", Code.VALUE),
    (of("email-message", is_multipart=False, body_multipart=[{"body": "b"}]), "body_multipart", Code.VALUE),
    (of("email-message", is_multipart=True, body_multipart=[{}]), "body_multipart[0].body", Code.MISSING),
    (
        of("email-message", is_multipart=True, body_multipart=[{"body_raw_ref": f"url--{UUID}"}]),
        "body_multipart[0].body_raw_ref",
        Code.VALUE,
    ),
    (of("email-message", is_multipart=False, from_ref=f"url--{UUID}"), "from_ref", Code.VALUE),
    (of("file"), "hashes", Code.MISSING),
    (of("file", hashes={"MD5": "00"}), "hashes.MD5", Code.VALUE),
    (of("file", **NAMED, extensions={"archive-ext": {}}), "extensions.archive-ext", Code.VALUE),
    (of("file", **NAMED, extensions={"ntfs-ext": {}}), "extensions.ntfs-ext", Code.MISSING),
    (of("file", **NAMED, extensions={"own": {}}), "extensions", Code.VALUE),
    (
        of("file", **NAMED, extensions={"archive-ext": {"contains_refs": [f"url--{UUID}"]}}),
        "extensions.archive-ext.contains_refs",
        Code.VALUE,
    ),
    (of("ipv4-addr", value="::1"), "value", Code.VALUE),
    (of("ipv4-addr", value="300.0.0.1"), "value", Code.VALUE),
    (of("ipv6-addr", value="198.51.100.1"), "value", Code.VALUE),
    (of("mac-addr", value="D2-FB-49-24-37-18"), "value", Code.VALUE),
    (of("network-traffic", protocols=["tcp"]), "src_ref", Code.MISSING),
    (of("network-traffic", protocols=["tcp"], src_ref=f"ipv4-addr--{UUID}", end=AT, is_active=True), "end", Code.VALUE),
    (of("process"), "", Code.MISSING),
    (of("user-account"), "", Code.MISSING),
    (of("windows-registry-key"), "", Code.MISSING),
    (of("x509-certificate"), "", Code.MISSING),
    (
        of("x509-certificate", x509_v3_extensions={"private_key_usage_period_not_after": "soon"}),
        "x509_v3_extensions.private_key_usage_period_not_after",
        Code.TIMESTAMP,
    ),
    (of("language-content", object_ref=f"report--{UUID}", contents={"not a language": {}}), "contents", Code.VALUE),
    (of("marking-definition", definition_type="statement", definition={}), "definition.statement", Code.MISSING),
    (of("marking-definition", definition_type="tlp", definition={"tlp": "red"}), "definition.tlp", Code.VALUE),
    (
        of("extension-definition", **NAMED, schema="s", version="1.0.0", extension_types=["new-sdo"]),
        "created_by_ref",
        Code.MISSING,
    ),
    (of("sighting", sighting_of_ref=f"url--{UUID}"), "sighting_of_ref", Code.VALUE),
    (of("note", content="c", **REFS, granular_markings=[{"lang": "en", "selectors": ["abstract"]}]),
     "granular_markings[0].selectors[0]", Code.DANGLING),
]  # fmt: skip


@pytest.mark.parametrize(("data", "field", "code"), RULES)
def test_a_broken_rule_is_told_and_the_object_stays_usable(data: bytes, field: str, code: Code) -> None:
    found = check(data)
    assert [(problem.field, problem.code, problem.fatal) for problem in found.problems] == [
        (field, code, False)
    ]
    assert found.item is not None
    assert canonical(found.item) == canonical(msgspec.json.decode(data))
    assert read_many([data, data])[1][0] == found.problems[0]


@pytest.mark.parametrize("kind", sorted(TYPED))
def test_a_plain_object_is_sound_here_and_to_the_independent_validator(kind: str) -> None:
    data = of(kind, **PLAIN[kind])
    assert check(data).problems == ()
    assert isinstance(parse(data), TYPED[kind])
    assert [str(error) for error in validate_instance(json.loads(data), _OPTIONS).errors] == []


FATAL: list[tuple[bytes, str, Code]] = [
    (of("identity", **NAMED, spec_version=...), "spec_version", Code.MISSING),
    (of("url", value="u", spec_version="2.0"), "spec_version", Code.VALUE),
    (of("opinion", opinion="maybe", **REFS), "opinion", Code.VALUE),
    (of("grouping", context="c", object_refs=["x"]), "object_refs[0]", Code.ID),
    (of("file", **NAMED, magic_number_hex="f"), "magic_number_hex", Code.VALUE),
    (of("file", **NAMED, size=-1), "size", Code.NUMBER),
    (of("artifact", payload_bin="a"), "payload_bin", Code.VALUE),
    (of("network-traffic", protocols=["tcp"], src_port=65_536), "src_port", Code.NUMBER),
    (of("location", latitude=91, longitude=0), "latitude", Code.NUMBER),
    (of("report", **NAMED, published="today", **REFS), "published", Code.TIMESTAMP),
    (of("directory", path="/", ctime="2025-02-30T00:00:00Z"), "ctime", Code.TIMESTAMP),
]


@pytest.mark.parametrize(("data", "field", "code"), FATAL)
def test_what_cannot_be_used_is_kept_out(data: bytes, field: str, code: Code) -> None:
    found = check(data)
    assert [(problem.field, problem.code, problem.fatal) for problem in found.problems] == [
        (field, code, True)
    ]
    assert found.item is None


def test_a_defanged_address_need_not_be_one() -> None:
    assert check(of("ipv4-addr", value="198[.]51[.]100[.]1", defanged=True)).problems == ()


def test_an_observable_needs_no_version_and_no_spec_version() -> None:
    assert check(of("url", value="u", spec_version=...)).problems == ()


def test_nine_decimals_are_kept_and_compared() -> None:
    late, early = "2025-01-01T00:00:00.000000002Z", "2025-01-01T00:00:00.000000001Z"
    good = of(
        "observed-data",
        first_observed=early,
        last_observed=late,
        number_observed=1,
        object_refs=[f"url--{UUID}"],
    )
    assert json.loads(serialise(parse(good)))["last_observed"] == late
    bad = of(
        "observed-data",
        first_observed=late,
        last_observed=early,
        number_observed=1,
        object_refs=[f"url--{UUID}"],
    )
    assert [problem.code for problem in check(bad).problems] == [Code.ORDER]


def test_a_new_type_of_an_extension_survives() -> None:
    for how in ("new-sdo", "new-sco", "new-sro"):
        extensions = {f"extension-definition--{UUID}": {"extension_type": how}}
        times = {"created": AT, "modified": AT} if how != "new-sco" else {}
        data = (
            of("x-thing", **times, extensions=extensions, own=[1.5])
            if times
            else of("x-thing", created=..., modified=..., extensions=extensions, own=[1.5])
        )
        found = check(data)
        assert found.problems == ()
        assert found.item is not None
        assert canonical(found.item) == canonical(msgspec.json.decode(data))


def test_a_toplevel_extension_survives() -> None:
    extensions = {f"extension-definition--{UUID}": {"extension_type": "toplevel-property-extension"}}
    data = of("identity", **NAMED, extensions=extensions, rank=3)
    assert json.loads(serialise(parse(data)))["rank"] == 3


@pytest.mark.parametrize("kind", sorted(STANDARD_EXTENSIONS))
@settings(max_examples=20)
@given(draws=st.data())
def test_a_standard_extension_reads_as_its_struct(kind: str, draws: Any) -> None:
    item = draws.draw(sound(kind))
    found = parse(json.dumps(item).encode())
    assert not isinstance(found, Extended)
    for name, struct in STANDARD_EXTENSIONS[kind].items():
        read = standard_extension(found, struct)
        said = item.get("extensions", {}).get(name)
        assert (None if read is None else msgspec.to_builtins(read)) == said


def test_a_broken_standard_extension_does_not_read() -> None:
    found = check(of("file", **NAMED, extensions={"archive-ext": {}})).item
    assert found is not None
    assert not isinstance(found, Extended)
    with pytest.raises(BadInput, match="archive-ext"):
        standard_extension(found, STANDARD_EXTENSIONS["file"]["archive-ext"])


@pytest.mark.parametrize(
    ("selector", "found"),
    [
        ("name", True),
        ("labels.[0]", True),
        ("labels.[1]", False),
        ("labels.[-1]", False),
        ("labels.0", False),
        ("labels.[99999999999999999999]", False),
        ("extensions.a.b", True),
        ("extensions.a.c", False),
        ("name.x", False),
        ("", False),
        ("refs.[0].url", True),
    ],
)
def test_selectors(selector: str, found: bool) -> None:
    whole = {"name": "n", "labels": ["a"], "extensions": {"a": {"b": 1}}, "refs": [{"url": "u"}]}
    assert selects(whole, selector) is found


# Made by `stix2` 3.0.2, the OASIS library.
EXAMPLES: list[tuple[str, dict[str, Any], str]] = [
    ("ipv4-addr", {"value": "198.51.100.3"}, "28bb3599-77cd-5a82-a950-b5bc3caf07c4"),
    ("domain-name", {"value": "example.com"}, "bedb4899-d24b-5401-bc86-8f6b4cc18ec7"),
    ("mac-addr", {"value": "d2:fb:49:24:37:18"}, "757b1725-9903-54f5-a855-1240691d7659"),
    (
        "email-addr",
        {"value": "john@example.com", "display_name": "J"},
        "7165e2a9-671f-585d-b1e1-ca59c671d934",
    ),
    ("autonomous-system", {"number": 3}, "ad377cf7-a942-51c9-8f41-dd8f3f196c4f"),
    (
        "file",
        {"hashes": {"SHA-256": "a" * 64, "MD5": "b" * 32}, "name": "ä.txt"},
        "36c67ced-7eb7-5577-af54-5361aef31349",
    ),
    ("file", {"name": "a", "extensions": {"ntfs-ext": {"sid": "1"}}}, "6032ece7-6b65-5a31-aa9e-ae6c785e2624"),
    (
        "network-traffic",
        {"src_ref": f"ipv4-addr--{UUID}", "src_port": 1, "protocols": ["tcp"]},
        "fe0fe0d9-4cc8-5e54-97b6-bb1d05105de6",
    ),
    (
        "windows-registry-key",
        {"key": "k", "values": [{"name": "n", "data_type": "REG_SZ"}]},
        "2602f527-37ad-5db7-8d17-9394cb31ac46",
    ),
]


@pytest.mark.parametrize(("kind", "fields", "identifier"), EXAMPLES)
def test_ids_are_those_of_the_oasis_library(kind: str, fields: dict[str, Any], identifier: str) -> None:
    identifier = f"{kind}--{identifier}"
    assert advice(parse(of(kind, **fields, id=identifier))) == ()
    (said,) = advice(parse(of(kind, **fields)))
    assert (said.code, said.fatal) == (Code.ADVICE, False)
    assert identifier in said.reason


@given(st.sampled_from(sorted(OBSERVABLE_TYPES)).flatmap(sound))
def test_the_same_properties_are_the_same_object(item: dict[str, Any]) -> None:
    own = with_own_id(item)
    data = json.dumps(own).encode()
    assert advice(parse(data)) == ()
    assert advice(parse(json.dumps({**own, "x_more": 1}).encode())) == ()
