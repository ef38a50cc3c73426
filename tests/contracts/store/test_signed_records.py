"""Views under one signed root are one version; another root is refused as equivocation; bytes as received are kept."""

import base64
from typing import Any

import msgspec
import pytest

from tests.contracts.store.samples import START, record
from tests.trust.signed_samples import AUTHOR, SEED, indicator
from tocsin.kernel import Conflict, Equivocation, Origin, Record
from tocsin.store import Store
from tocsin.trust.signed_fields import Verified, sign, verify, withhold
from tocsin.wire.stix import canonical

WHOLE = sign(indicator(), AUTHOR, SEED)
NAMELESS = withhold(WHOLE, ["/name", "/labels/0"])
BARE = withhold(WHOLE, ["/description", "/labels/1"])


def signed(value: dict[str, Any], **changes: Any) -> Record:
    found = verify(value)
    assert isinstance(found, Verified)
    fields = {"id": value["id"], "stix": canonical(value), "author": AUTHOR.stix_identity, "root": found.root}
    return record(1, START, origin=Origin.PEER, peer="lab", **fields | changes)


def unbase64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def kept(store: Store) -> Record:
    found = store.records.get(WHOLE["id"])
    assert found is not None
    return found


def test_views_of_one_root_join_and_come_after_again(store: Store) -> None:
    assert store.records.put([signed(NAMELESS)]) == (True,)
    first = kept(store)
    assert store.records.put([signed(BARE)]) == (True,)
    joined = kept(store)
    assert joined.stix == canonical(WHOLE)
    assert (joined.root, joined.peer, joined.version) == (first.root, "lab", START)
    assert joined.added > first.added, "who asked before asks for what came after, and gets it"
    assert [one.id for one in store.records.list(after=first.added)] == [joined.id]
    for value in (NAMELESS, BARE, WHOLE):
        assert store.records.put([signed(value)]) == (False,), "nothing new"
    assert kept(store) == joined


def test_views_join_within_one_batch(store: Store) -> None:
    assert store.records.put([signed(NAMELESS), signed(BARE), signed(NAMELESS)]) == (True, True, False)
    assert kept(store).stix == canonical(WHOLE)
    assert len(store.records.list()) == 1


def test_a_kept_view_grows_twice_in_one_batch(store: Store) -> None:
    least = withhold(NAMELESS, ["/description", "/labels", "/confidence"])
    store.records.put([signed(least)])
    assert store.records.put([signed(NAMELESS), signed(BARE)]) == (True, True)
    assert kept(store).stix == canonical(WHOLE)


def test_another_root_is_equivocation_and_told_with_both(store: Store) -> None:
    other = sign({**indicator(), "confidence": 20}, AUTHOR, SEED)
    store.records.put([signed(NAMELESS)])
    before = kept(store)
    with pytest.raises(Equivocation, match="equivocation") as caught:
        store.records.put([signed(withhold(other, ["/confidence"]))])
    assert caught.value.record == WHOLE["id"]
    theirs = verify(other)
    assert isinstance(theirs, Verified)
    roots = {unbase64(caught.value.detail[name]) for name in ("kept_root", "given_root")}
    assert roots == {before.root, theirs.root}
    assert unbase64(caught.value.detail["given_signature"]) == theirs.signed.signature, (
        "the proof is complete"
    )
    (answer,) = store.records.offer([signed(other)])
    assert isinstance(answer, Equivocation)
    assert kept(store) == before


def test_an_unsigned_form_of_a_signed_version_is_another_content(store: Store) -> None:
    store.records.put([signed(WHOLE)])
    plain = signed(WHOLE, stix=canonical(indicator()), root=None)
    (answer,) = store.records.offer([plain])
    assert isinstance(answer, Conflict)
    assert not isinstance(answer, Equivocation)


def test_two_versions_that_only_our_clock_takes_for_one_are_no_equivocation(store: Store) -> None:
    # A version is kept to the microsecond; the statement has it as the author wrote it.
    one, two = (
        sign({**indicator(), "modified": f"2026-03-05T10:20:30.123000{tail}Z"}, AUTHOR, SEED) for tail in "12"
    )
    store.records.put([signed(one)])
    (answer,) = store.records.offer([signed(two)])
    assert isinstance(answer, Conflict)
    assert not isinstance(answer, Equivocation)


def test_the_bytes_as_received_are_kept_where_they_differ(store: Store) -> None:
    received = msgspec.json.format(canonical(WHOLE), indent=1)
    store.records.put([signed(WHOLE, original=received), record(2)])
    assert kept(store).original == received
    assert kept(store).stix == canonical(WHOLE)
    other = store.records.get("indicator--2")
    assert other is not None
    assert (other.original, other.root) == (None, None)
