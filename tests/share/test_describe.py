"""What a reviewer's word becomes, and what never gets into it."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from tests.share.said import (
    AUTHOR,
    CANARIES,
    DAY,
    NOW,
    OTHER,
    confirmed,
    dismissed,
    of_type,
    review,
    signature,
    warning,
)
from tocsin.kernel import TLP, BadInput, Fingerprint, Origin, Record, WarningKind, WarningStatus, micros
from tocsin.share import (
    K_ACTORS,
    describe,
    describe_dismissal,
    dismissals_from,
    indicators_from,
    introduction,
    sighting_of,
    unusable_in,
)
from tocsin.share.describe import UNSTATED
from tocsin.wire.sketch import MIN_SHARED_SHINGLES
from tocsin.wire.stix import (
    CampaignExtension,
    SightingExtension,
    canonical,
    check,
    marking_id,
    parse,
    read,
)
from tocsin.wire.stix.wording import REPORT_TOO_SHORT


def value(record: Record) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(record.stix)
    return found


def test_a_confirmation_becomes_a_linked_set_of_sound_records() -> None:
    records = confirmed()
    own = [record for record in records if record.author == AUTHOR]
    assert [record.type for record in own] == [
        "identity",
        "campaign",
        "indicator",
        "relationship",
        "sighting",
        "report",
    ]
    for record in records:
        checked = check(record.stix)
        assert checked.item is not None
        assert not checked.problems
        assert canonical(value(record)) == record.stix
        assert record.origin is Origin.OWN
    campaign, indicator = of_type(records, "campaign"), of_type(records, "indicator")
    relationship = value(of_type(records, "relationship"))
    assert (relationship["source_ref"], relationship["target_ref"]) == (indicator.id, campaign.id)
    assert value(of_type(records, "sighting"))["sighting_of_ref"] == indicator.id
    report = value(of_type(records, "report"))
    assert set(report["object_refs"]) == {record.id for record in own[1:-1]}
    assert {value(record)["object_marking_refs"][0] for record in own[1:]} == {marking_id(TLP.GREEN)}
    assert {record.tlp for record in own[1:]} == {TLP.GREEN}
    assert {record.category for record in own} == {"fraud.scam"}


def test_nothing_local_is_in_the_bytes() -> None:
    whole = b"".join(record.stix for record in confirmed() + dismissed())
    for canary in (*CANARIES, warning().id, "user_00112233"):
        assert canary.encode() not in whole
    assert b"317" not in whole
    assert b"5.5" not in whole


def test_times_are_days_and_counts_are_ranges() -> None:
    records = confirmed()
    campaign = value(of_type(records, "campaign"))
    assert campaign["first_seen"].endswith("T00:00:00.000Z")
    assert campaign["last_seen"].endswith("T00:00:00.000Z")
    size = read(parse(of_type(records, "campaign").stix), CampaignExtension)
    seen = read(parse(of_type(records, "sighting").stix), SightingExtension)
    assert size is not None
    assert seen is not None
    assert (size.actors, size.events) == (seen.actors, seen.events) == ("10-24", "100-499")
    assert "count" not in value(of_type(records, "sighting"))


def test_the_same_thing_said_again_has_the_same_ids() -> None:
    later = describe(
        warning(actors=99, id=warning().id, key="another anchor"),
        review(),
        author=AUTHOR,
        name="platform",
        tlp=TLP.GREEN,
        now=NOW + timedelta(hours=1),
    )
    assert [record.id for record in later] == [record.id for record in confirmed()]
    campaign, again = of_type(confirmed(), "campaign"), of_type(later, "campaign")
    assert again.version > campaign.version
    assert value(again)["created"] == value(campaign)["created"]
    assert confirmed() == confirmed()


def test_ids_do_not_tell_what_is_not_shared() -> None:
    """Whoever knows an event's id must not be able to test whether it is in a campaign."""
    moved = describe(
        warning(id="11111111-2222-5333-8444-555555555555", key="evt-7"),
        review(warning="11111111-2222-5333-8444-555555555555"),
        author=AUTHOR,
        name="platform",
        tlp=TLP.GREEN,
        now=NOW,
    )
    assert [record.id for record in moved] == [record.id for record in confirmed()]


def test_an_identity_that_is_kept_is_not_said_again() -> None:
    kept = of_type(confirmed(), "identity")

    def said(name: str) -> list[str]:
        records = describe(
            warning(), review(), author=AUTHOR, name=name, tlp=TLP.GREEN, now=NOW, identity=kept
        )
        return [record.type for record in records if record.id == AUTHOR]

    assert said("platform") == []
    assert said("renamed") == ["identity"]


@pytest.mark.parametrize(
    "changes",
    [
        {"shingle_count": MIN_SHARED_SHINGLES - 1},
        {"signature": None},
        {"kind": WarningKind.PHRASE, "signature": None},
    ],
)
def test_a_short_text_has_no_indicator_and_the_report_says_so(changes: dict[str, Any]) -> None:
    records = confirmed(**changes)
    types = [record.type for record in records if record.author == AUTHOR]
    assert types == ["identity", "campaign", "sighting", "report"]
    assert REPORT_TOO_SHORT in value(of_type(records, "report"))["description"]
    assert value(of_type(records, "sighting"))["sighting_of_ref"] == of_type(records, "campaign").id
    assert signature() not in b"".join(record.stix for record in records)
    assert indicators_from(records) == ()


def test_fewer_than_k_accounts_make_no_sighting() -> None:
    assert "sighting" not in {record.type for record in confirmed(actors=K_ACTORS - 1)}
    assert "sighting" in {record.type for record in confirmed(actors=K_ACTORS)}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"verdict": WarningStatus.DISMISSED}, "confirmed"),
        ({"verdict": WarningStatus.OPEN}, "confirmed"),
        ({"warning": "another"}, "this very warning"),
        ({"category": "political.petition"}, "closed list"),
        ({"category": ""}, "closed list"),
        ({"basis": "  "}, "basis"),
    ],
)
def test_what_is_not_a_confirmation_says_nothing(changes: dict[str, Any], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        describe(warning(), review(**changes), author=AUTHOR, name="p", tlp=TLP.GREEN, now=NOW)


def test_a_long_basis_is_cut_and_its_lines_joined() -> None:
    records = describe(
        warning(), review(basis="a\n b" + "x" * 900), author=AUTHOR, name="p", tlp=TLP.GREEN, now=NOW
    )
    (indicator,) = indicators_from(records)
    assert indicator.basis.startswith("a bx")
    assert len(indicator.basis) == 500


def test_indicators_come_back_as_they_were_said() -> None:
    (indicator,) = indicators_from(confirmed())
    assert indicator.fingerprint == Fingerprint(signature=signature(), shingles=200)
    assert (indicator.author, indicator.peer, indicator.category) == (AUTHOR, None, "fraud.scam")
    assert indicator.basis == review().basis
    assert indicator.valid_from <= micros(NOW)
    assert indicator.valid_until is not None
    assert indicator.valid_until > micros(NOW)
    assert dismissals_from(confirmed()) == ()
    assert unusable_in(confirmed()) == ()


def test_a_dismissal_comes_back_as_it_was_said() -> None:
    (dismissal,) = dismissals_from(dismissed())
    assert dismissal.fingerprint == Fingerprint(signature=signature(), shingles=200)
    assert dismissal.reason == review().basis
    assert dismissal.expires // 1_000 == (micros(NOW) + 30 * DAY) // 1_000
    assert indicators_from(dismissed()) == ()
    assert dismissals_from(dismissed(basis=""))[0].reason == UNSTATED


def test_a_dismissal_needs_an_end_and_a_text_that_may_be_shared() -> None:
    endless = review(verdict=WarningStatus.DISMISSED)
    with pytest.raises(BadInput, match="ends"):
        describe_dismissal(warning(), endless, author=AUTHOR, name="p", tlp=TLP.GREEN, now=NOW)
    ending = review(verdict=WarningStatus.DISMISSED, expires=micros(NOW) + DAY)
    short = warning(shingle_count=3)
    assert describe_dismissal(short, ending, author=AUTHOR, name="p", tlp=TLP.GREEN, now=NOW) == ()


def test_a_record_that_stands_alone_is_introduced() -> None:
    said = introduction(author=AUTHOR, name="platform", now=NOW)
    assert [record.type for record in said if record.id == AUTHOR] == ["identity"]
    kept = of_type(said, "identity")
    assert kept.id == AUTHOR
    again = introduction(author=AUTHOR, name="platform", now=NOW, identity=kept)
    assert AUTHOR not in {record.id for record in again}
    assert {record.type for record in again} == {"identity", "extension-definition"}


def test_a_sighting_of_a_peers_indicator_says_a_range_and_a_day() -> None:
    theirs = msgspec.structs.replace(of_type(confirmed(), "indicator"), origin=Origin.PEER, peer="platform")
    seen = sighting_of(theirs, warning(actors=6), review(), author=OTHER, tlp=TLP.GREEN, now=NOW)
    assert seen is not None
    said = value(seen)
    assert said["sighting_of_ref"] == theirs.id
    assert said["created_by_ref"] == OTHER
    assert said["created"].endswith("T00:00:00.000Z")
    assert said["modified"].endswith("T00:00:00.000Z")
    size = read(parse(seen.stix), SightingExtension)
    assert size is not None
    assert size.actors == "5-9"
    assert sighting_of(theirs, warning(actors=1), review(), author=OTHER, tlp=TLP.GREEN, now=NOW) is None
    unconfirmed = review(verdict=WarningStatus.DISMISSED)
    with pytest.raises(BadInput):
        sighting_of(theirs, warning(), unconfirmed, author=OTHER, tlp=TLP.GREEN, now=NOW)
