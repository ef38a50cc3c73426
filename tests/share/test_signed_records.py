"""What is signed leaves signed: whole or with fields withheld, of ours and of others, and never a byte changed."""

import hashlib
from collections.abc import Collection
from typing import Any

import msgspec
import pytest

from tests.share.said import (
    AUTHOR,
    OTHER,
    PEER,
    changed,
    confirmed,
    dismissed,
    foreign,
    of_type,
    signed,
    standing,
)
from tests.share.test_promise import promise_of, stopped
from tocsin.kernel import Entry, Record, Verdict
from tocsin.share import Draft, Standing, decide
from tocsin.share.candidate import (
    RULE_BACK,
    RULE_LABELS,
    RULE_NEEDED_WITHHELD,
    RULE_NOT_OURS_TO_CHANGE,
    RULE_SIGNATURE,
)
from tocsin.share.promise import check_final
from tocsin.trust.policy import Policies
from tocsin.trust.signed_fields import Verified, verify, withhold
from tocsin.trust.units import SIGNED_FIELDS
from tocsin.wire.stix import canonical

POLICIES = Policies.load()
OURS = tuple(signed(record) for record in confirmed())
THEIRS = tuple(foreign(record) for record in OURS if record.author == AUTHOR)


def nothing(_: frozenset[str]) -> Collection[str]:
    return ()


def decided(records: tuple[Record, ...], stand: Standing | None = None) -> Draft:
    return decide(POLICIES, records, stand or standing(), nothing)


def entry(draft: Draft, record: Record) -> Entry:
    return next(one for one in draft.manifest.entries if one.id == record.id)


def view(draft: Draft, record: Record) -> Verified:
    found = verify(msgspec.json.decode(draft.final[record.id]))
    assert isinstance(found, Verified)
    assert (found.author, found.root) == (AUTHOR, record.root)
    return found


@pytest.mark.parametrize("records", [OURS, THEIRS], ids=["ours", "another's"])
def test_what_is_signed_leaves_whole(records: tuple[Record, ...]) -> None:
    draft = decided(records)
    assert {one.verdict for one in draft.manifest.entries} == {Verdict.RELEASE}
    assert draft.final == {record.id: record.stix for record in records}


def test_a_signed_dismissal_leaves_whole() -> None:
    records = tuple(signed(record) for record in dismissed())
    assert decided(records).final == {record.id: record.stix for record in records}


@pytest.mark.parametrize("of_another", [False, True])
def test_a_field_is_withheld_with_its_salt_and_the_signature_stands(of_another: bool) -> None:
    bent = tuple(
        signed(changed(record, labels=["seen", "lottery"], description="Free words."))
        if record.type == "campaign"
        else signed(record)
        for record in confirmed()
        if record.author == AUTHOR
    )
    records = tuple(foreign(record) for record in bent) if of_another else bent
    campaign = of_type(records, "campaign")
    draft = decided(records)
    found = entry(draft, campaign)
    assert found.verdict is Verdict.RELEASE
    assert {name for name, fate in found.fields.items() if fate != "kept"} == {"labels", "description"}
    assert view(draft, campaign).withheld == 3, "the description, and two labels"
    text = draft.final[campaign.id].decode()
    for word in ("labels", "lottery", "Free words", "description"):
        assert word not in text


@pytest.mark.parametrize("of_another", [False, True])
def test_references_are_withheld_one_by_one(of_another: bool) -> None:
    records = THEIRS if of_another else OURS
    left = tuple(record for record in records if record.type not in ("sighting", "indicator", "relationship"))
    report = of_type(records, "report")
    draft = decided(left)
    assert entry(draft, report).fields["object_refs"] == "withheld: 3 of 4 references"
    assert view(draft, report).withheld == 3
    assert msgspec.json.decode(draft.final[report.id])["object_refs"] == [of_type(records, "campaign").id]


@pytest.mark.parametrize(
    "change", [{"indicator_types": ["x"]}, {"valid_until": "tomorrow"}, {"revoked": "yes"}]
)
def test_what_every_view_shows_is_withheld_with_the_whole_object(change: dict[str, Any]) -> None:
    indicator = signed(changed(of_type(confirmed(), "indicator"), **change))
    draft = decided(tuple(indicator if one.type == "indicator" else one for one in OURS))
    rule = entry(draft, indicator).rule
    assert rule in (f"{RULE_NEEDED_WITHHELD}: {next(iter(change))}", "gate.unreadable")
    assert of_type(OURS, "relationship").id not in draft.final, "what points at it goes, too"


def test_an_extension_of_the_signed_is_not_withheld() -> None:
    value = msgspec.json.decode(of_type(confirmed(), "campaign").stix)
    extensions = {
        **value["extensions"],
        "extension-definition--00000000-0000-4000-8000-000000000001": {
            "extension_type": "property-extension"
        },
    }
    campaign = signed(changed(of_type(confirmed(), "campaign"), extensions=extensions))
    draft = decided(tuple(campaign if one.type == "campaign" else one for one in OURS))
    assert entry(draft, campaign).rule == f"{RULE_NEEDED_WITHHELD}: extensions"


def test_nothing_goes_back_to_its_author_or_its_giver() -> None:
    author = standing(peer=msgspec.structs.replace(PEER, identity=AUTHOR))
    assert {one.rule for one in decided(THEIRS, author).manifest.entries} == {RULE_BACK}
    giver = standing(peer=msgspec.structs.replace(PEER, name="third", identity=OTHER))
    assert {one.rule for one in decided(THEIRS, giver).manifest.entries} == {RULE_BACK}
    assert decided(OURS, author).final, "our own are not back"


def test_a_row_and_its_bytes_agree_on_the_signature() -> None:
    campaign = of_type(OURS, "campaign")
    hidden = msgspec.structs.replace(campaign, root=None)
    assert entry(decided((hidden,)), hidden).rule == RULE_LABELS
    invented = msgspec.structs.replace(of_type(confirmed(), "campaign"), root=campaign.root)
    assert entry(decided((invented,)), invented).rule == RULE_SIGNATURE
    unsigned = foreign(of_type(confirmed(), "campaign"))
    assert entry(decided((unsigned,)), unsigned).rule == RULE_NOT_OURS_TO_CHANGE


INDICATOR = of_type(OURS, "indicator")
VALUE = msgspec.json.decode(INDICATOR.stix)


def with_own(**members: Any) -> dict[str, Any]:
    """The signed indicator with members of its extension changed."""
    own = VALUE["extensions"][SIGNED_FIELDS]
    return {**VALUE, "extensions": {**VALUE["extensions"], SIGNED_FIELDS: {**own, **members}}}


SALTS = VALUE["extensions"][SIGNED_FIELDS]["salts"]
DIGESTS = VALUE["extensions"][SIGNED_FIELDS]["digests"]


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ({**VALUE, "confidence": 79}, "/confidence"),
        (with_own(salts={**SALTS, "confidence": "A" * 22}), "/confidence"),
        (with_own(salts={**SALTS, "x_more": "A" * 22}), "/x_more has a salt"),
        (with_own(digests=DIGESTS[1:]), "/signature"),
        ({key: inner for key, inner in VALUE.items() if key != "name"}, "/name has a salt"),
        ({key: inner for key, inner in VALUE.items() if key != "valid_until"}, "/valid_until"),
    ],
)
def test_final_bytes_that_their_author_did_not_sign_stop_the_release(
    value: dict[str, Any], named: str
) -> None:
    promise = promise_of(INDICATOR, root=INDICATOR.root, properties=frozenset(value))
    said = stopped(canonical(value), promise)
    assert "is not what its author signed" in said
    assert named in said


def test_the_signature_is_the_one_decided_on() -> None:
    view = withhold(VALUE, ["/name", "/description"])
    promise = promise_of(INDICATOR, root=INDICATOR.root, properties=frozenset(view))
    promise = msgspec.structs.replace(promise, sha256=hashlib.sha256(canonical(view)).hexdigest())
    check_final(canonical(view), promise, nothing)
    other = msgspec.json.decode(signed(changed(of_type(confirmed(), "indicator"), confidence=10)).stix)
    assert "another version" in stopped(canonical(other), promise_of(INDICATOR, root=INDICATOR.root))
    assert "not decided on" in stopped(INDICATOR.stix, promise_of(INDICATOR))
    unsigned = of_type(confirmed(), "indicator")
    assert "is not there" in stopped(unsigned.stix, promise_of(unsigned, root=INDICATOR.root))


def test_digests_are_not_looked_up_as_if_they_were_events() -> None:
    asked: set[str] = set()

    def forbidden(words: frozenset[str]) -> Collection[str]:
        asked.update(words)
        return ()

    check_final(INDICATOR.stix, promise_of(INDICATOR, root=INDICATOR.root), forbidden)
    assert VALUE["id"] in asked
    assert not asked & {*DIGESTS, SALTS["name"]}
