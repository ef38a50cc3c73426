"""The withdrawn form: less than its holder has, whatever it is made of."""

import msgspec
import pytest

from tests.share.said import NOW, confirmed, of_type
from tocsin.kernel import BadInput, Record, Release, micros
from tocsin.share.promise import ReleaseStopped
from tocsin.share.recall import draft_recall, next_version, recallable, withdrawn_form
from tocsin.wire.stix import canonical, check

VERSION = micros(NOW) // 1000 * 1000 + 60_000_000
RECORDS = [record for record in confirmed() if recallable(record.type)]


def given(record: Record, peer: str = "lab", **changes: object) -> Release:
    plain = Release(0, peer, record.id, record.type, record.version, 1, record.stix, "digest")
    return msgspec.structs.replace(plain, **changes)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.type)
def test_nothing_is_in_it_that_the_peer_has_not(record: Record) -> None:
    draft = draft_recall("lab", [given(record)], VERSION, "policy", lambda _: ())
    (entry,) = draft.manifest.entries
    had, now = msgspec.json.decode(record.stix), msgspec.json.decode(draft.final[record.id])
    assert now.pop("revoked") is True
    assert now.pop("modified") != had["modified"]
    assert {name: had[name] for name in now} == now
    assert (now["id"], now["created_by_ref"], now["created"]) == (
        had["id"],
        had["created_by_ref"],
        had["created"],
    )
    assert "description" not in now
    assert "confidence" not in now
    checked = check(draft.final[record.id], 0)
    assert checked.item is not None
    assert not checked.problems
    assert (entry.rule, entry.sha256 != "", entry.size) == (
        "share.recalled",
        True,
        len(draft.final[record.id]),
    )


def test_a_peer_that_was_given_less_is_told_less() -> None:
    report = of_type(confirmed(), "report")
    value = msgspec.json.decode(report.stix)
    value["object_refs"] = value["object_refs"][:1]
    partial = given(report, stix=canonical(value))
    whole = given(report, peer="institute")
    (less,) = draft_recall("lab", [partial], VERSION, "p", lambda _: ()).final.values()
    (more,) = draft_recall("institute", [whole], VERSION, "p", lambda _: ()).final.values()
    assert len(msgspec.json.decode(less)["object_refs"]) == 1 < len(msgspec.json.decode(more)["object_refs"])


def test_a_recall_is_made_of_what_this_very_peer_was_given() -> None:
    record = RECORDS[0]
    with pytest.raises(ReleaseStopped, match="this very peer"):
        draft_recall("lab", [given(record, peer="institute")], VERSION, "p", lambda _: ())
    with pytest.raises(ReleaseStopped, match="never leaves"):
        draft_recall("lab", [given(record)], VERSION, "p", lambda words: list(words)[:1])


@pytest.mark.parametrize("kind", ["identity", "marking-definition", "extension-definition", "no-type"])
def test_what_everybody_has_and_who_speaks_cannot_be_taken_back(kind: str) -> None:
    assert not recallable(kind)
    if kind == "identity":
        with pytest.raises(BadInput, match="cannot be taken back"):
            withdrawn_form(of_type(confirmed(), "identity").stix, VERSION)


def test_a_recall_is_newer_than_all_that_was_given() -> None:
    assert next_version([5_000], 9_999_999) == 9_999_000
    assert next_version([9_999_000, 20_000_000], 9_999_999) == 20_001_000
