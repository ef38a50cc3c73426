"""Random records and random peers: no byte outside the decision ever leaves."""

import hashlib
from collections.abc import Collection
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.share.agreed import all_made
from tests.share.said import (
    AUTHOR,
    CANARIES,
    OTHER,
    PEER,
    PURPOSE,
    changed,
    confirmed,
    dismissed,
    signed,
    standing,
)
from tocsin.kernel import TLP, BadInput, Origin, PeerStatus, Record, Verdict
from tocsin.share import Standing, decide
from tocsin.share.promise import ReleaseStopped
from tocsin.trust.policy import Policies
from tocsin.trust.signed_fields import Verified, verify
from tocsin.trust.units import units_of
from tocsin.wire.stix import canonical, marking_id, own_id
from tocsin.wire.stix.labels import WELL_KNOWN, well_known

POLICIES = Policies.load()
BASE = tuple(
    {
        one.id: one
        for one in (*confirmed(), *(made for made in dismissed() if made.type == "indicator"), *all_made())
    }.values()
)
ELSEWHERE = own_id("indicator", "elsewhere")

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 1 << 60),
    st.text(max_size=20),
    st.sampled_from(
        [
            *CANARIES,
            AUTHOR,
            OTHER,
            ELSEWHERE,
            marking_id(TLP.RED),
            "2026-03-05T10:20:30.123Z",
            f"see {ELSEWHERE}",
        ]
    ),
    st.lists(st.sampled_from([OTHER, ELSEWHERE, BASE[0].id, BASE[-1].id, marking_id(TLP.RED)]), max_size=3),
    st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=2),
)
NAMES = st.one_of(
    st.sampled_from(sorted({name for record in BASE for name in msgspec.json.decode(record.stix)})),
    st.sampled_from(
        ["x_secret", "count", "labels", "aliases", "external_references", "granular_markings", "lang"]
    ),
    st.text(max_size=12),
)


@st.composite
def records(draw: st.DrawFn) -> tuple[Record, ...]:
    """Some of a description's records, each perhaps bent in its bytes, in its row, or in both."""
    chosen = draw(st.lists(st.sampled_from(BASE), unique_by=lambda record: record.id, max_size=len(BASE)))
    bent = []
    for record in chosen:
        changes: dict[str, Any] = draw(st.one_of(st.just({}), st.dictionaries(NAMES, VALUES, max_size=2)))
        try:
            made = changed(record, **changes)
            made = signed(made) if draw(st.booleans()) else made
        except (ValueError, BadInput):
            made = record
        row = draw(st.one_of(st.just({}), st.fixed_dictionaries({"tlp": st.sampled_from(TLP)})))
        row |= draw(st.one_of(st.just({}), st.fixed_dictionaries({"origin": st.sampled_from(Origin)})))
        if "tlp" in row and draw(st.booleans()):
            made = changed(made, object_marking_refs=[marking_id(row["tlp"])])
        bent.append(msgspec.structs.replace(made, **row))
    return tuple(bent)


@st.composite
def standings(draw: st.DrawFn) -> Standing:
    """A peer of any status, ceiling, purposes and history."""
    peer = msgspec.structs.replace(
        PEER,
        status=draw(st.sampled_from([PeerStatus.TRUSTED, PeerStatus.TRUSTED, *PeerStatus])),
        ceiling=draw(st.sampled_from(TLP)),
        purposes=draw(st.sampled_from([(PURPOSE,), (PURPOSE, "research"), ()])),
    )
    return standing(
        peer=peer,
        given=draw(st.sampled_from([frozenset(), frozenset({ELSEWHERE}), frozenset({OTHER})])),
        released=draw(st.sampled_from([frozenset(), frozenset({AUTHOR})])),
        sightings=draw(st.integers(0, 60)),
        sighting_delay=draw(st.sampled_from([0, 1 << 50])),
    )


def units(stix: bytes) -> set[tuple[str, bytes]]:
    return {unit.key for unit in units_of(msgspec.json.decode(stix))}


def forbidden(words: frozenset[str]) -> Collection[str]:
    return words & set(CANARIES)


@given(records(), standings())
def test_no_byte_outside_the_decision_leaves(given_records: tuple[Record, ...], stand: Standing) -> None:
    try:
        draft = decide(POLICIES, given_records, stand, forbidden)
    except ReleaseStopped:
        return  # nothing left at all
    entries = {entry.id: entry for entry in draft.manifest.entries}
    assert set(entries) == {record.id for record in given_records}
    released = {entry.id for entry in draft.manifest.released}
    assert set(draft.final) == released
    if stand.peer.status is not PeerStatus.TRUSTED or stand.purpose not in stand.peer.purposes:
        assert not released
    rows = {record.id: record for record in given_records}
    for identifier, final in draft.final.items():
        entry, row = entries[identifier], rows[identifier]
        value = msgspec.json.decode(final)
        assert hashlib.sha256(final).hexdigest() == entry.sha256
        assert len(final) == entry.size
        kept = {name for name, fate in entry.fields.items() if fate == "kept" or fate.endswith("references")}
        assert set(value) == kept
        assert row.tlp.rank <= stand.peer.ceiling.rank
        assert row.tlp is not TLP.RED
        assert marking_id(row.tlp) in value["object_marking_refs"]
        own = well_known(identifier)
        assert own is None or final == canonical(own)
        assert value.get("created_by_ref", row.author) == row.author
        if row.origin is not Origin.OWN:
            assert row.root is not None
            assert row.tlp in (TLP.CLEAR, TLP.GREEN)
            assert row.peer != stand.peer.name
        if row.root is not None:
            found = verify(value)
            assert isinstance(found, Verified)
            assert (found.root, found.author) == (row.root, row.author)
            assert found.withheld == len(units(row.stix)) - len(units(final))
            assert units(final) <= units(row.stix)
        text = final.decode()
        for canary in CANARIES[:3]:
            assert f'"{canary}"' not in text
        if ELSEWHERE not in stand.given:
            assert ELSEWHERE not in text
        for record in given_records:
            if record.id not in released | stand.given | stand.released | WELL_KNOWN:
                assert record.id not in text
    for entry in draft.manifest.entries:
        if entry.verdict is Verdict.REFUSE:
            assert entry.rule
            assert (entry.sha256, entry.size) == ("", 0)


@given(records(), standings())
def test_the_same_question_has_the_same_manifest(given_records: tuple[Record, ...], stand: Standing) -> None:
    def ask(some: tuple[Record, ...]) -> str:
        try:
            return decide(POLICIES, some, stand, forbidden).manifest.digest
        except ReleaseStopped as error:
            return error.code

    assert ask(given_records) == ask(tuple(reversed(given_records)))
