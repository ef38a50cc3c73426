"""Search finds the same on both backends: words of any script, fields, references; newest first, page by page."""

import msgspec
import pytest

from tests.contracts.store.places import Place
from tests.contracts.store.samples import START, record
from tocsin.kernel import TLP, BadInput, Origin, Record
from tocsin.store import Store, Wanted
from tocsin.store.search import CHUNK, MAX_FOUND

UUID = "00000000-0000-4000-8000-00000000000{}"


def said(number: int, version: int = START, **properties: object) -> Record:
    """An indicator with these STIX properties."""
    kept = {"id": f"indicator--{number}", "type": "indicator", "name": "", **properties}
    return record(number, version, stix=msgspec.json.encode(kept))


def names(store: Store, words: str = "", **wanted: object) -> list[str]:
    found = store.search.find(Wanted(words=words, **wanted))  # type: ignore[arg-type]
    assert found.behind == 0
    return [one.id.rpartition("--")[2] for one in found.records]


def test_words_are_found_whatever_their_case_form_and_place(store: Store) -> None:
    store.records.put(
        [
            said(1, name="Lottery refund", description="Write to the clerk"),
            said(2, labels=["LOTTERY"], description="a raffle"),
            said(3, extensions={"x": {"basis": "Terms of use, rule 4.2: no scams"}}),
            said(4, name="Ｌｏｔｔｅｒｙ full width, Ärger über die Straße"),
        ]
    )
    assert names(store, "lottery") == ["4", "2", "1"]
    assert names(store, "lottery refund") == ["1"]
    assert names(store, "scam") == ["3"], "the beginning of a word of three letters and more"
    assert names(store, "raf lot") == ["2"]
    assert names(store, "ra") == []
    assert names(store, "STRASSE ärger") == ["4"]
    assert names(store, "clerk nobody") == []
    assert names(store, "\"; DROP TABLE records; --' * OR (NEAR") == []
    assert names(store) == ["4", "3", "2", "1"]


def test_scripts_without_spaces_are_found_by_any_part(store: Store) -> None:
    store.records.put(
        [
            said(1, name="彩票退款诈骗团伙"),
            said(2, name="团伙利用彩票"),
            said(3, name="宝くじの払い戻し"),
            said(4, description="복권 환급"),
            said(5, name="mixed 彩票 refund"),
        ]
    )
    assert names(store, "彩票") == ["5", "2", "1"]
    assert names(store, "诈骗团伙") == ["1"]
    assert names(store, "伙") == ["2", "1"], "one letter, at an end too"
    assert names(store, "彩票 refund") == ["5"]
    assert names(store, "払い戻") == ["3"]
    assert names(store, "환급") == ["4"]
    assert names(store, "票彩") == []


def test_fields_and_references(store: Store) -> None:
    one, two = f"campaign--{UUID.format(1)}", f"malware--{UUID.format(2)}"
    store.records.put(
        [
            record(1, origin=Origin.PEER, peer="Lab-1", tlp=TLP.AMBER_STRICT, category="cyber.malware"),
            record(2, type="sighting", author="identity--2", category=""),
            said(3, description=f"speaks of {one}", sighting_of_ref=one, deep={"object_refs": [two]}),
        ]
    )
    assert names(store, type="sighting") == ["2"]
    assert names(store, without=("sighting", "report")) == ["3", "1"]
    assert names(store, category="fraud.scam", without=("sighting",)) == ["3"]
    assert names(store, peer="Lab-1") == ["1"]
    assert names(store, origin=Origin.OWN) == ["3", "2"]
    assert names(store, tlp=TLP.AMBER_STRICT) == ["1"]
    assert names(store, author="identity--2") == ["2"]
    assert names(store, category="cyber.malware", type="indicator") == ["1"]
    assert names(store, refers_to=one) == ["3"]
    assert names(store, refers_to=two) == ["3"]
    assert names(store, refers_to="indicator--3") == [], "itself is no reference"
    assert names(store, ids=("indicator--1", "indicator--9")) == ["1"]
    assert names(store, type="indicator' OR 1=1") == []


def test_only_latest_versions_are_found(store: Store) -> None:
    store.records.put([said(1, name="raffle")])
    assert names(store, "raffle") == ["1"]
    store.records.put([said(1, START + 5, name="lottery")])
    assert names(store, "raffle") == []
    assert names(store, "lottery") == ["1"]
    store.records.put([said(1, START + 2, name="an older raffle that came late")])
    assert names(store, "raffle") == []


def test_pages_go_on_and_end(store: Store) -> None:
    store.records.put([said(number, name=f"refund {number % 2}") for number in range(25)])
    found: list[str] = []
    before = None
    while True:
        page = store.search.find(Wanted(words="refund 1", limit=5, before=before))
        found += [one.id for one in page.records]
        if not page.more:
            break
        before = page.records[-1].added
    assert found == [f"indicator--{number}" for number in range(24, -1, -1) if number % 2]
    newest = store.search.find(Wanted(limit=1)).records[0].added
    assert len(store.search.find(Wanted(since=newest)).records) == 1
    for limit in (0, MAX_FOUND + 1):
        with pytest.raises(BadInput, match="at a time"):
            store.search.find(Wanted(limit=limit))


def test_the_index_follows_in_pieces_and_survives_another_process(place: Place) -> None:
    store, other = place.open(), place.open()
    store.records.put([said(number, name="refund") for number in range(CHUNK + 3)])
    assert store.search.index(10) == 10
    assert other.search.index() == CHUNK - 7
    assert store.search.index() == 0
    assert len(names(store, "refund", limit=MAX_FOUND)) == MAX_FOUND


def test_hostile_records_are_indexed_within_bounds(store: Store) -> None:
    many = [f"campaign--{number:08x}-0000-4000-8000-000000000000" for number in range(3_000)]
    store.records.put(
        [
            said(1, object_refs=many, name="kept"),
            said(2, name="x" * 100_000, description="lottery"),
            said(3, name="a'b\\c\"d e\u0301 \u202e \ud7ff"),
            record(4, stix=b'"no object"'),
        ]
    )
    assert names(store, refers_to=many[0]) == ["1"]
    assert names(store, "lottery") == []
    assert names(store, "x" * 64) == ["2"]
    assert names(store, type="indicator") == ["4", "3", "2", "1"]
