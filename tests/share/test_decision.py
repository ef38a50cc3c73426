"""Each rule of the gate alone: with it removed, its test fails."""

import json
from collections.abc import Collection
from typing import Any

import msgspec
import pytest

from tests.share.said import (
    AUTHOR,
    CANARIES,
    OTHER,
    PEER,
    changed,
    confirmed,
    dismissed,
    foreign,
    judged,
    of_type,
    standing,
    with_basis,
)
from tocsin.kernel import TLP, BadInput, Entry, Manifest, Origin, PeerStatus, Record, Verdict
from tocsin.share import Draft, Standing, decide, decision, manifest_digest
from tocsin.share.candidate import (
    RULE_LABELS,
    RULE_NEEDED_WITHHELD,
    RULE_NOT_OURS_TO_CHANGE,
    RULE_TYPE,
    RULE_UNREADABLE,
)
from tocsin.share.decision import mentionable
from tocsin.share.promise import ReleaseStopped
from tocsin.share.sightings import MAX_SIGHTINGS_A_WEEK, RULE_CAP, RULE_TOO_SOON
from tocsin.trust.policy import Policies
from tocsin.trust.pseudonyms import looks_like_pseudonym
from tocsin.wire.stix import canonical, extension_id, marking_id, own_id
from tocsin.wire.stix.extensions import CampaignExtension

POLICIES = Policies.load()
HOUR = 3_600_000_000


def forbidden(words: frozenset[str]) -> Collection[str]:
    return [word for word in words if looks_like_pseudonym(word) or word in CANARIES]


def decided(records: tuple[Record, ...], stand: Standing | None = None) -> Draft:
    return decide(POLICIES, records, stand or standing(), forbidden)


def entry(draft: Draft, record: Record) -> Entry:
    return next(one for one in draft.manifest.entries if one.id == record.id)


def with_one(record: Record) -> tuple[Record, ...]:
    """The confirmed records, with one of them put in another's place."""
    return tuple(record if one.id == record.id else one for one in confirmed())


def refusal_of(record: Record, stand: Standing | None = None) -> str:
    found = entry(decided(with_one(record), stand), record)
    assert found.verdict is Verdict.REFUSE
    assert (found.sha256, found.size) == ("", 0)
    return found.rule


def test_what_a_reviewer_confirmed_leaves_whole() -> None:
    records = confirmed()
    draft = decided(records)
    assert {one.verdict for one in draft.manifest.entries} == {Verdict.RELEASE}
    assert draft.final == {record.id: record.stix for record in records}
    assert draft.versions == {record.id: record.version for record in records}
    assert {fate for one in draft.manifest.entries for fate in one.fields.values()} == {"kept"}
    whole = b"".join(draft.final.values())
    for canary in CANARIES:
        assert canary.encode() not in whole
    assert b"317" not in whole, "an exact count"


def test_a_dismissal_leaves_whole() -> None:
    draft = decided(dismissed())
    assert {one.verdict for one in draft.manifest.entries} == {Verdict.RELEASE}


def test_the_manifest_is_the_same_for_the_same_and_names_what_decided() -> None:
    one, other = decided(confirmed()), decided(tuple(reversed(confirmed())))
    assert one.manifest == other.manifest
    assert one.manifest.policy == POLICIES.digest
    assert one.manifest.digest == manifest_digest(one.manifest)
    assert manifest_digest(msgspec.structs.replace(one.manifest, purpose="other")) != one.manifest.digest
    assert decided(confirmed()[1:]).manifest.digest != one.manifest.digest


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"status": PeerStatus.ADDED}, "share.peer-not-trusted"),
        ({"ceiling": TLP.CLEAR}, "share.marking-above-ceiling"),
        ({"purposes": ("research",)}, "share.purpose-not-agreed"),
    ],
)
def test_policy_decides_on_the_peer(change: dict[str, Any], rule: str) -> None:
    stand = standing(peer=msgspec.structs.replace(PEER, **change))
    draft = decided(confirmed(), stand)
    marked = {one.type: one.rule for one in draft.manifest.entries}
    assert marked["indicator"] == rule
    assert "indicator" not in {one.type for one in draft.manifest.released}


def test_the_category_is_decided_on() -> None:
    indicator = of_type(confirmed(), "indicator")
    value = msgspec.json.decode(indicator.stix)
    for category, rule in (
        ("political.petition", "share.category-not-listed share.category-refused"),
        ("fraud.everything", "share.category-not-listed"),
    ):
        for extension in value["extensions"].values():
            extension["category"] = category
        record = changed(indicator, extensions=value["extensions"])
        assert refusal_of(msgspec.structs.replace(record, category=category)) == rule


def test_a_marking_that_the_row_does_not_know_is_refused() -> None:
    indicator = of_type(confirmed(), "indicator")
    assert refusal_of(changed(indicator, object_marking_refs=[marking_id(TLP.RED)])) == RULE_LABELS
    assert refusal_of(changed(indicator, object_marking_refs=None)) == RULE_LABELS
    two = [marking_id(TLP.GREEN), marking_id(TLP.AMBER)]
    assert refusal_of(changed(indicator, object_marking_refs=two)) == RULE_LABELS
    downgraded = msgspec.structs.replace(indicator, tlp=TLP.CLEAR)
    assert refusal_of(downgraded) == RULE_LABELS
    granular = [{"marking_ref": marking_id(TLP.RED), "selectors": ["name"]}]
    assert refusal_of(changed(indicator, granular_markings=granular)) == RULE_LABELS


def test_a_category_that_the_row_does_not_know_is_refused() -> None:
    indicator = of_type(confirmed(), "indicator")
    assert refusal_of(msgspec.structs.replace(indicator, category="cyber.phishing")) == RULE_LABELS
    campaign = of_type(confirmed(), "campaign")
    assert refusal_of(changed(campaign, extensions=None)) == RULE_LABELS


def test_an_author_that_the_row_does_not_know_is_refused() -> None:
    campaign = of_type(confirmed(), "campaign")
    assert refusal_of(changed(campaign, created_by_ref=OTHER)) == RULE_LABELS
    assert refusal_of(msgspec.structs.replace(campaign, author=OTHER)) == RULE_LABELS


def test_bytes_that_are_not_the_record_are_refused() -> None:
    indicator = of_type(confirmed(), "indicator")
    for stix in (b"", b"{}", b"[1]", indicator.stix + b"x", b'{"type":"indicator","id":"' + b"x" * 9 + b'"}'):
        assert refusal_of(msgspec.structs.replace(indicator, stix=stix)) == RULE_UNREADABLE
    campaign = of_type(confirmed(), "campaign")
    assert refusal_of(msgspec.structs.replace(indicator, stix=campaign.stix)) == RULE_UNREADABLE


def test_a_property_that_is_not_on_the_table_is_withheld_and_the_rest_leaves() -> None:
    campaign = of_type(confirmed(), "campaign")
    record = changed(campaign, x_actor=CANARIES[0], aliases=["one"], labels=["a"], objective="o")
    draft = decided(with_one(record))
    found = entry(draft, campaign)
    assert found.verdict is Verdict.RELEASE
    withheld = {name for name, fate in found.fields.items() if fate != "kept"}
    assert withheld == {"x_actor", "aliases", "labels", "objective"}
    assert draft.final[campaign.id] == campaign.stix


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        ("campaign", "first_seen", "2026-02-24T11:22:33.000Z"),
        ("campaign", "description", "x" * 5_000),
        ("campaign", "confidence", True),
        ("identity", "description", "over\u202eride"),
        ("sighting", "where_sighted_refs", [AUTHOR, OTHER]),
        ("indicator", "name", "\x07bell"),
    ],
)
def test_a_value_of_another_form_is_withheld(kind: str, name: str, value: object) -> None:
    record = changed(of_type(confirmed(), kind), **{name: value})
    draft = decided(with_one(record))
    found = entry(draft, record)
    if found.verdict is Verdict.RELEASE:
        assert found.fields[name].startswith("withheld")
        assert name not in msgspec.json.decode(draft.final[record.id])
    else:
        assert found.rule == RULE_UNREADABLE


def test_an_exact_count_on_a_sighting_is_withheld() -> None:
    record = changed(of_type(confirmed(), "sighting"), count=317)
    draft = decided(with_one(record))
    assert entry(draft, record).fields["count"].startswith("withheld")
    assert b"317" not in draft.final[record.id]


@pytest.mark.parametrize("name", ["pattern", "valid_from", "extensions"])
def test_without_a_property_that_the_type_needs_the_object_is_refused(name: str) -> None:
    indicator = of_type(confirmed(), "indicator")
    bad = {
        "pattern": "[domain-name:value = 'victim.example']",
        "valid_from": None,
        "extensions": {
            **msgspec.json.decode(indicator.stix)["extensions"],
            extension_id(CampaignExtension): {},
        },
    }
    rule = refusal_of(changed(indicator, **{name: bad[name]}))
    assert rule in (f"{RULE_NEEDED_WITHHELD}: {name}", RULE_UNREADABLE, RULE_LABELS)
    if name == "pattern":
        assert rule == f"{RULE_NEEDED_WITHHELD}: pattern"


def test_a_pattern_that_names_another_fingerprint_is_refused() -> None:
    indicator = of_type(confirmed(), "indicator")
    other = f"[x-tocsin-text:minhash_1 = '{'0' * 64}']"
    assert refusal_of(changed(indicator, pattern=other)) == f"{RULE_NEEDED_WITHHELD}: pattern"


def test_a_fingerprint_of_a_short_text_is_refused() -> None:
    indicator = of_type(confirmed(), "indicator")
    extensions = msgspec.json.decode(indicator.stix)["extensions"]
    for extension in extensions.values():
        extension["shingles"] = 30
    rule = refusal_of(changed(indicator, extensions=extensions))
    assert rule == f"{RULE_NEEDED_WITHHELD}: extensions"


def test_what_points_at_a_refused_object_goes_with_it() -> None:
    campaign = of_type(confirmed(), "campaign")
    records = with_one(msgspec.structs.replace(campaign, tlp=TLP.RED))
    draft = decided(records)
    relationship = of_type(records, "relationship")
    assert entry(draft, relationship).rule == f"{RULE_NEEDED_WITHHELD}: target_ref"
    report = of_type(records, "report")
    assert entry(draft, report).fields["object_refs"] == "withheld: 2 of 4 references"
    left = msgspec.json.decode(draft.final[report.id])["object_refs"]
    assert set(left) <= {one.id for one in draft.manifest.released}
    assert campaign.id.encode() not in b"".join(draft.final.values())


def test_without_its_author_nothing_of_an_author_leaves() -> None:
    records = tuple(record for record in confirmed() if record.type != "identity" or record.id != AUTHOR)
    draft = decided(records)
    assert {one.type for one in draft.manifest.released} == {"identity", "extension-definition"}
    assert {
        one.verdict for one in decided(records, standing(released=frozenset({AUTHOR}))).manifest.entries
    } == {Verdict.RELEASE}


def test_an_id_hidden_in_a_text_is_a_reference_too() -> None:
    hidden = own_id("indicator", "somewhere else")
    campaign = of_type(confirmed(), "campaign")
    record = with_basis(campaign, f"see {hidden.upper()} for more")
    assert entry(decided(with_one(record)), record).verdict is Verdict.REFUSE
    known = decided(with_one(with_basis(campaign, f"see {hidden}")), standing(given=frozenset({hidden})))
    assert entry(known, record).verdict is Verdict.RELEASE


@pytest.mark.parametrize("kind", ["campaign", "indicator", "report", "identity"])
def test_names_and_descriptions_are_a_closed_set(kind: str) -> None:
    """A fault that puts a user's text into a sentence of ours does not get it out."""
    leak = "your lottery ticket was counted wrongly and a refund is waiting"
    record = changed(of_type(confirmed(), kind), description=leak)
    draft = decided(with_one(record))
    assert entry(draft, record).fields["description"].startswith("withheld")
    assert leak.encode() not in b"".join(draft.final.values())
    if kind != "identity":  # a node may call itself what it likes
        named = changed(of_type(confirmed(), kind), name=leak)
        assert leak.encode() not in b"".join(decided(with_one(named)).final.values())


def test_an_unsigned_record_of_another_author_never_leaves() -> None:
    draft = decided(tuple(foreign(record) for record in confirmed()))
    assert {one.rule for one in draft.manifest.entries} == {RULE_NOT_OURS_TO_CHANGE}
    assert draft.final == {}


def test_a_type_without_a_table_is_refused() -> None:
    campaign = of_type(confirmed(), "campaign")
    made = own_id("attack-pattern", "x")
    stix = changed(
        campaign, type="attack-pattern", id=made, first_seen=None, last_seen=None, extensions=None
    ).stix
    record = msgspec.structs.replace(campaign, type="attack-pattern", id=made, stix=stix)
    assert entry(decided((*confirmed(), record)), record).verdict is Verdict.REFUSE


def test_only_the_standards_own_definitions_leave() -> None:
    definition = of_type(confirmed(), "extension-definition")
    assert refusal_of(changed(definition, description="ours now")) == RULE_TYPE
    project = next(one for one in confirmed() if one.type == "identity" and one.id != AUTHOR)
    assert refusal_of(changed(project, name="ours now")) == RULE_TYPE
    other = own_id("extension-definition", "other")
    stix = changed(definition, id=other).stix
    renamed = msgspec.structs.replace(definition, id=other, stix=stix)
    assert entry(decided((*confirmed(), renamed)), renamed).rule == RULE_TYPE


def sighting_of_theirs() -> tuple[Record, frozenset[str]]:
    theirs = own_id("indicator", "theirs")
    sighting = of_type(confirmed(), "sighting")
    return changed(sighting, sighting_of_ref=theirs), frozenset({theirs})


def test_a_sighting_of_what_they_gave_us_waits_for_its_time() -> None:
    record, given = sighting_of_theirs()
    stand = standing(given=given, sighting_delay=HOUR, now=record.added + HOUR - 1)
    assert refusal_of(record, stand) == RULE_TOO_SOON
    later = decided(with_one(record), standing(given=given, sighting_delay=HOUR, now=record.added + HOUR))
    assert entry(later, record).verdict is Verdict.RELEASE


def test_sightings_of_what_they_gave_us_are_capped() -> None:
    record, given = sighting_of_theirs()
    assert refusal_of(record, standing(given=given, sightings=MAX_SIGHTINGS_A_WEEK)) == RULE_CAP
    second = own_id("sighting", "second")
    other = msgspec.structs.replace(record, id=second, stix=changed(record, id=second).stix)
    draft = decided((*with_one(record), other), standing(given=given, sightings=MAX_SIGHTINGS_A_WEEK - 1))
    verdicts = {one.id: one.rule for one in draft.manifest.entries if one.type == "sighting"}
    assert sorted(verdicts.values()) == [RULE_CAP, "share.known-type"]


def test_an_opinion_leaves_as_its_value_to_who_has_the_record() -> None:
    records = confirmed()
    opinion = judged(of_type(records, "campaign"))
    draft = decided((*records, opinion), standing())
    assert entry(draft, opinion).fields["explanation"] == "withheld: not on the table of what may leave"
    sent = json.loads(draft.final[opinion.id])
    assert (sent["opinion"], sent["object_refs"]) == ("disagree", [of_type(records, "campaign").id])
    assert CANARIES[3].encode() not in b"".join(draft.final.values())
    alone = decided((*(r for r in records if r.type == "identity"), opinion), standing())
    assert entry(alone, opinion).verdict is Verdict.REFUSE


def test_a_sighting_names_a_third_partys_indicator_only_where_its_marking_goes() -> None:
    record, ids = sighting_of_theirs()
    hidden = decided(with_one(record), standing())
    assert entry(hidden, record).verdict is Verdict.REFUSE
    stand = standing(mentionable=ids, sighting_delay=HOUR, now=record.added + HOUR)
    assert entry(decided(with_one(record), stand), record).verdict is Verdict.RELEASE
    early = standing(mentionable=ids, sighting_delay=HOUR, now=record.added)
    assert refusal_of(record, early) == RULE_TOO_SOON
    campaign = of_type(confirmed(), "campaign")  # anything but a sighting names it nowhere
    draft = decided(
        with_one(changed(campaign, description=f"see {next(iter(ids))}")), standing(mentionable=ids)
    )
    assert next(iter(ids)).encode() not in b"".join(draft.final.values())


@pytest.mark.parametrize(
    ("tlp", "ceiling", "may"),
    [
        (TLP.CLEAR, TLP.CLEAR, True),
        (TLP.GREEN, TLP.GREEN, True),
        (TLP.GREEN, TLP.CLEAR, False),
        (TLP.AMBER, TLP.RED, False),
        (TLP.RED, TLP.RED, False),
    ],
)
def test_what_may_be_mentioned_follows_the_marking(tlp: TLP, ceiling: TLP, may: bool) -> None:
    theirs = msgspec.structs.replace(of_type(confirmed(), "indicator"), origin=Origin.PEER, tlp=tlp)
    peer = msgspec.structs.replace(standing().peer, ceiling=ceiling)
    assert mentionable(theirs, peer) is may
    assert not mentionable(msgspec.structs.replace(theirs, origin=Origin.OWN), peer)
    assert not mentionable(of_type(confirmed(), "report"), peer)


def test_our_own_sighting_of_our_own_indicator_does_not_wait() -> None:
    draft = decided(confirmed(), standing(sighting_delay=HOUR, sightings=MAX_SIGHTINGS_A_WEEK))
    assert {one.verdict for one in draft.manifest.entries} == {Verdict.RELEASE}


def test_a_held_sighting_is_not_named_by_the_report() -> None:
    record, given = sighting_of_theirs()
    draft = decided(with_one(record), standing(given=given, sighting_delay=HOUR))
    report = of_type(confirmed(), "report")
    assert record.id.encode() not in draft.final[report.id]


def test_a_forbidden_value_stops_everything() -> None:
    for canary in CANARIES[:3]:
        campaign = of_type(confirmed(), "campaign")
        with pytest.raises(ReleaseStopped, match="never leaves"):
            decided(with_one(with_basis(campaign, f"seen ({canary}).")))


def test_a_fault_after_the_decision_stops_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    real = decision._final_bytes

    def leaking(candidate: Any) -> bytes:
        if candidate.record.type == "report":
            return canonical({**candidate.value, "x_note": "derived"})
        return real(candidate)

    monkeypatch.setattr(decision, "_final_bytes", leaking)
    with pytest.raises(ReleaseStopped, match="other properties"):
        decided(confirmed())


def test_too_many_or_one_twice_is_bad_input(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInput, match="one version"):
        decided((*confirmed(), confirmed()[0]))
    monkeypatch.setattr("tocsin.share.decision.MAX_RELEASE_RECORDS", 3)
    with pytest.raises(BadInput, match="at most 3"):
        decided(confirmed())


def test_nothing_to_decide_is_an_empty_manifest() -> None:
    draft = decided(())
    assert draft.manifest == Manifest(
        peer="lab",
        purpose=standing().purpose,
        policy=POLICIES.digest,
        entries=(),
        digest=draft.manifest.digest,
    )
    assert draft.final == {}
