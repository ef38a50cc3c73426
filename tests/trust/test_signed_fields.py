"""A view verifies, and nothing else does: no byte changed, no field added, none taken away without its salt."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.strategies import json_values, texts
from tests.trust.signed_samples import AUTHOR, OTHER, SAMPLES, SEED, custom, indicator, report
from tocsin.kernel import BadInput
from tocsin.trust.signed_fields import (
    Refused,
    Verified,
    carries_signature,
    narrow,
    sign,
    verify,
    withhold,
)
from tocsin.trust.units import LISTS, MAX_UNITS, SIGNED_FIELDS, Unfit, always_shown, units_of
from tocsin.wire.stix import SignedFieldsExtension, canonical, check

OWN = f"/extensions/{SIGNED_FIELDS}"


def verified(value: dict[str, Any]) -> Verified:
    found = verify(value)
    assert isinstance(found, Verified), found
    return found


def through_json(value: dict[str, Any]) -> dict[str, Any]:
    """As any STIX software hands it on: another order of properties, other spacing, escaped letters."""
    text = json.dumps(dict(reversed(value.items())), indent=3, ensure_ascii=True)
    again: dict[str, Any] = msgspec.json.decode(text.encode())
    return again


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_signed_object_verifies_after_any_software_passed_it_on(name: str) -> None:
    signed = sign(SAMPLES[name](), AUTHOR, SEED)
    found = verified(through_json(signed))
    assert (found.author, found.key, found.withheld) == (AUTHOR.stix_identity, AUTHOR.public, 0)
    assert found == verified(signed)
    assert check(canonical(signed)).problems == ()
    assert canonical(through_json(signed)) == canonical(signed)


def test_signing_the_same_with_one_seed_gives_the_same_bytes_and_another_seed_shows_nothing_equal() -> None:
    one, again, other = (sign(indicator(), AUTHOR, seed) for seed in (SEED, SEED, bytes(32)))
    assert canonical(one) == canonical(again)
    first, second = (set(value["extensions"][SIGNED_FIELDS]["digests"]) for value in (one, other))
    always = sum(not unit.salted for unit in units_of(one))
    assert len(first & second) == always, "what every view shows has no salt; all else differs"


def test_one_seed_for_two_versions_still_links_no_withheld_field() -> None:
    one = sign(indicator(), AUTHOR, SEED)
    later = sign({**indicator(), "modified": "2026-04-01T00:00:00.000Z"}, AUTHOR, SEED)
    same = set(one["extensions"][SIGNED_FIELDS]["digests"]) & set(
        later["extensions"][SIGNED_FIELDS]["digests"]
    )
    assert len(same) == sum(not unit.salted for unit in units_of(one)) - 1, "all that is shown but `modified`"


def test_what_is_withheld_is_gone_with_its_salt_and_its_name() -> None:
    signed = sign(indicator(), AUTHOR, SEED)
    view = withhold(signed, ["/description", "/labels/1"])
    assert verified(view).withheld == 2
    text = canonical(view).decode()
    assert "description" not in text
    salts = signed["extensions"][SIGNED_FIELDS]["salts"]
    assert salts["description"] not in text
    assert salts["labels"][1] not in text
    assert view["labels"] == ["lottery"]
    digests = signed["extensions"][SIGNED_FIELDS]["digests"]
    assert view["extensions"][SIGNED_FIELDS]["digests"] == digests, (
        "where something is withheld does not show"
    )
    assert "/labels/0" in verified(view).shown


def test_withholding_step_by_step_is_withholding_at_once() -> None:
    signed = sign(report(), AUTHOR, SEED)
    at_once = withhold(signed, ["/description", "/object_refs/0", "/object_refs/2"])
    by_steps = withhold(withhold(withhold(signed, ["/object_refs/2"]), ["/object_refs/0"]), ["/description"])
    assert canonical(at_once) == canonical(by_steps)


@pytest.mark.parametrize(
    ("pointers", "why"),
    [
        (["/type"], "nothing that can be"),
        (["/valid_until"], "nothing that can be"),
        (["/indicator_types"], "nothing that can be"),
        (["/revoked"], "nothing that can be"),
        (["/granular_markings"], "nothing that can be"),
        (["/extensions"], "nothing that can be"),
        ([OWN], "nothing that can be"),
        (["/absent"], "nothing that can be"),
        (["/labels/2"], "nothing that can be"),
        (["/extensions/" + next(iter(indicator()["extensions"]))], "not withheld whole"),
    ],
)
def test_what_every_view_shows_is_not_withheld(pointers: list[str], why: str) -> None:
    with pytest.raises(BadInput, match=why):
        withhold(sign(indicator(), AUTHOR, SEED), pointers)


def test_the_last_reference_of_a_report_is_not_withheld() -> None:
    with pytest.raises(BadInput, match="whole object"):
        withhold(sign(report(), AUTHOR, SEED), ["/object_refs"])


def test_narrowing_shows_what_is_wanted_and_adds_nothing() -> None:
    signed = sign(indicator(), AUTHOR, SEED)
    wanted = {name: inner for name, inner in signed.items() if name != "description"} | {"labels": ["refund"]}
    assert canonical(narrow(signed, wanted)) == canonical(withhold(signed, ["/description", "/labels/0"]))
    with pytest.raises(BadInput, match="nothing else"):
        narrow(signed, {**wanted, "name": "another"})
    with pytest.raises(BadInput, match="no view leaves out"):
        narrow(signed, {name: inner for name, inner in wanted.items() if name != "valid_until"})


def test_only_the_author_signs_and_only_once() -> None:
    with pytest.raises(BadInput, match="another's"):
        sign(indicator(), OTHER, SEED)
    with pytest.raises(BadInput, match="signed already"):
        sign(sign(indicator(), AUTHOR, SEED), AUTHOR, SEED)
    with pytest.raises(ValueError, match="32 bytes"):
        sign(indicator(), AUTHOR, b"short")


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"x": None}, "/x"),
        ({"revoked": None}, "/revoked"),
        ({"x": 2**53}, "/x"),
        ({"x": float("nan")}, "/x"),
        ({"x": "\ud800"}, "/x"),
        ({"labels": []}, "/labels"),
        ({"labels": "refund"}, "/labels"),
        ({"labels": ["a", "a"]}, "/labels"),
        ({"extensions": []}, "/extensions"),
        ({"extensions": {"a": {}}}, "/extensions/a"),
        ({"extensions": {"a/b": {"c~d": None}}}, "/extensions/a~1b/c~0d"),
        ({"created": 5}, "/created"),
        ({"modified": 5}, "/modified"),
        ({"created_by_ref": 5}, "/created_by_ref"),
        ({"labels": [f"label {number:05d}" for number in range(MAX_UNITS)]}, ""),
    ],
)
def test_what_cannot_be_a_field_is_refused_by_name(change: dict[str, Any], field: str) -> None:
    with pytest.raises(Unfit) as caught:
        sign({**indicator(), **change}, AUTHOR, SEED)
    assert caught.value.field == field
    signed = sign(indicator(), AUTHOR, SEED)
    if "extensions" in change and isinstance(change["extensions"], dict):
        change = {"extensions": {**signed["extensions"], **change["extensions"]}}
    found = verify({**signed, **change})
    assert isinstance(found, Refused)
    assert found.field in (field, OWN)


def test_the_schema_bounds_the_digests_as_the_code_bounds_the_fields() -> None:
    schema = msgspec.json.schema(SignedFieldsExtension)
    (body,) = (part for part in schema["$defs"].values() if "digests" in part.get("properties", {}))
    assert body["properties"]["digests"]["maxItems"] == MAX_UNITS


def fields_of(text: bytes) -> list[str]:
    """For each byte of a canonical object, the top-level property in whose text it stands."""
    value, at, fields = json.loads(text), 1, [""]
    for name in sorted(value):
        size = len(canonical({name: value[name]})) - 1  # its braces go, a comma or the end comes
        fields += [name] * size
        at += size
    assert len(fields) == len(text) == at
    return fields


@pytest.mark.parametrize(
    ("name", "gone"),
    [
        ("indicator", ["/description", "/labels/0"]),
        ("report", ["/object_refs/1", "/description"]),
        ("identity", ["/identity_class"]),
        ("custom", ["/x_nested", "/aliases/2"]),
    ],
)
@pytest.mark.parametrize("flip", [0x01, 0x02, 0x20])
def test_one_byte_changed_anywhere_is_refused_naming_the_field(name: str, gone: list[str], flip: int) -> None:
    text = canonical(withhold(sign(SAMPLES[name](), AUTHOR, SEED), gone))
    fields, refused = fields_of(text), 0
    for at in range(len(text)):
        changed = text[:at] + bytes([text[at] ^ flip]) + text[at + 1 :]
        try:
            value = msgspec.json.decode(changed)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            continue
        if value == msgspec.json.decode(text):
            continue  # 1e+30 and 1E+30 are one number
        found = verify(value)
        assert isinstance(found, Refused), (at, text[at - 20 : at + 20])
        named = found.field.split("/")[1].replace("~1", "/").replace("~0", "~")
        before = {*msgspec.json.decode(text), *always_shown(name)}
        renamed = set(value) - before  # a changed name is a field taken away and another added
        if fields[at] == "extensions" and named != "extensions":
            # a salt belongs to its field, and a digest to what every view shows
            assert named in before, (at, found)
        else:
            assert named == fields[at] or named in renamed, (at, fields[at], found)
        refused += 1
    assert refused > len(text) / 2


NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), min_size=1, max_size=12)
VALUES = json_values().filter(lambda value: value is not None)
OBJECTS = st.builds(
    lambda base, extra, labels, inner: {
        **base(),
        **{
            name: value
            for name, value in extra.items()
            if name not in always_shown("indicator") and name != "extensions" and name not in LISTS
        },
        **({"labels": labels} if labels else {}),
        **(
            {"extensions": {**base().get("extensions", {}), "extension-definition--x": inner}}
            if inner
            else {}
        ),
    },
    st.sampled_from([indicator, report, custom]),
    st.dictionaries(NAMES, VALUES, max_size=5),
    st.lists(texts, unique=True, max_size=5),
    st.dictionaries(NAMES, VALUES, max_size=4),
)


def _can_go(signed: dict[str, Any], gone: set[str]) -> bool:
    """Whether something is left of each extension, and of the references that a type needs."""
    left = {unit.pointer.rpartition("/")[0] for unit in units_of(signed) if unit.pointer not in gone}
    needed = {unit.pointer.rpartition("/")[0] for unit in units_of(signed) if len(unit.place) == 3}
    return needed | ({"/object_refs"} if "object_refs" in signed else set()) <= left


@given(value=OBJECTS, data=st.data())
def test_any_view_of_any_object_verifies_and_hides_what_it_withholds(
    value: dict[str, Any], data: st.DataObject
) -> None:
    signed = sign(value, AUTHOR, SEED)
    found = verified(through_json(signed))
    gone = data.draw(st.sets(st.sampled_from(found.shown))) if found.shown else set()
    if not _can_go(signed, gone):
        with pytest.raises(BadInput, match="whole"):
            withhold(signed, gone)
        return
    view = withhold(signed, gone)
    seen = verified(through_json(view))
    assert seen.withheld == len(gone)
    assert seen.root == found.root
    kept = {unit.key for unit in units_of(view)}
    assert {unit.key for unit in units_of(signed)} - kept == {
        unit.key for unit in units_of(signed) if unit.pointer in gone
    }


@given(value=OBJECTS, data=st.data())
def test_any_other_value_of_any_field_is_refused(value: dict[str, Any], data: st.DataObject) -> None:
    signed = sign(value, AUTHOR, SEED)
    name = data.draw(st.sampled_from(sorted(name for name in signed if name != "extensions")))
    other = data.draw(json_values())
    if canonical(other) == canonical(signed[name]):
        return
    found = verify({**signed, name: other})
    assert isinstance(found, Refused)
    assert found.field.startswith("/" + name.replace("~", "~0").replace("/", "~1"))


@given(value=json_values(), extension=json_values())
def test_anything_else_is_refused_and_nothing_escapes(value: Any, extension: Any) -> None:
    whole = sign(indicator(), AUTHOR, SEED)
    for hostile in (
        {"extensions": {SIGNED_FIELDS: extension}},
        {**whole, "extensions": {SIGNED_FIELDS: extension}},
        {**whole, "extensions": value},
        {**whole, "type": value, "id": extension},
        value if isinstance(value, dict) else {},
    ):
        assert isinstance(verify(hostile), Refused)


def test_carrying_a_signature_says_nothing_of_it() -> None:
    assert not carries_signature(indicator())
    assert carries_signature({"extensions": {SIGNED_FIELDS: 5}})
    assert not carries_signature({"extensions": 5})
