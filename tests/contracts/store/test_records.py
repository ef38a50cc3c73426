import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contracts.store.places import Place, Places
from tests.contracts.store.samples import START, record
from tocsin.kernel import Conflict, Origin, Record
from tocsin.store import Store


def test_each_version_is_kept_once_and_the_latest_is_given(store: Store) -> None:
    old, new = record(1, START), record(1, START + 5)
    assert store.records.put([new, old]) == (True, True)
    assert store.records.put([old, new, record(2)]) == (False, False, True)
    assert store.records.put([]) == ()
    latest = store.records.get("indicator--1")
    assert latest is not None
    assert (latest.version, latest.stix) == (START + 5, new.stix)
    assert store.records.get("indicator--1", START) is not None
    assert store.records.get("indicator--1", START + 1) is None
    assert store.records.get("indicator--9") is None
    assert [one.version for one in store.records.list(types=["indicator"])] == [START + 5, START]


def test_a_record_comes_back_as_it_was(store: Store) -> None:
    whole = record(1, origin=Origin.PEER, peer="lab", warning="warning-1")
    store.records.put([whole])
    assert store.records.get("indicator--1") == whole


@pytest.mark.parametrize(
    "bad",
    [
        record(1, START + 9, author="identity--2"),
        record(1, START, stix=b"other bytes"),
    ],
    ids=["another author", "other bytes"],
)
def test_put_keeps_all_or_nothing_and_offer_each_for_itself(store: Store, bad: Record) -> None:
    store.records.put([record(1)])
    with pytest.raises(Conflict, match="indicator--1"):
        store.records.put([record(2), bad, record(3)])
    assert store.records.get("indicator--2") is None
    first, second, third, fourth = store.records.offer([record(2), bad, record(3), record(1)])
    assert (first, third, fourth) == (True, True, False)
    assert isinstance(second, Conflict)
    assert store.records.get("indicator--1") == record(1)
    assert store.records.get("indicator--3") is not None


def test_a_conflict_inside_one_batch_is_found(store: Store) -> None:
    with pytest.raises(Conflict):
        store.records.put([record(1), record(1, stix=b"other")])
    with pytest.raises(Conflict):
        store.records.put([record(1), record(1, START + 1, author="identity--2")])
    assert store.records.list() == ()


def test_records_are_listed_by_when_they_came_and_filtered(store: Store) -> None:
    store.records.put(
        [
            record(1, origin=Origin.PEER, peer="lab"),
            record(2, type="sighting", warning="w1"),
            record(3, origin=Origin.PEER, peer="aim", warning="w1"),
        ]
    )

    def names(**wanted: object) -> list[str]:
        return [one.id[-1] for one in store.records.list(**wanted)]  # type: ignore[arg-type]

    assert names() == ["1", "2", "3"]
    assert names(types=["sighting", "report"]) == ["2"]
    assert names(origin=Origin.PEER) == ["1", "3"]
    assert names(origin=Origin.PEER, peer="aim") == ["3"]
    assert names(warning="w1") == ["2", "3"]
    assert names(limit=2) == ["1", "2"]


def test_paging_by_added_misses_nothing_even_with_a_clock_that_stands_still(store: Store) -> None:
    store.records.put([record(n) for n in range(25)])
    store.records.put([record(n, added=START - 100) for n in range(25, 30)])
    found: list[str] = []
    after = 0
    while page := store.records.list(after=after, limit=7):
        found += [one.id for one in page]
        after = page[-1].added
    assert found == [f"indicator--{n}" for n in range(30)]


PUTS = st.lists(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5), st.booleans()), max_size=6), max_size=5
)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PUTS)
def test_the_latest_is_always_the_highest_version(
    places: Places, puts: list[list[tuple[int, int, bool]]]
) -> None:
    place = places.fresh()
    try:
        _run(place, puts)
    finally:
        place.close()


def _run(place: Place, puts: list[list[tuple[int, int, bool]]]) -> None:
    store = place.open()
    kept: dict[tuple[int, int], bool] = {}
    for put in puts:
        expected: list[bool | None] = []
        for number, version, odd in put:
            known = kept.get((number, version))
            expected.append(None if known not in (None, odd) else known is None)
            kept.setdefault((number, version), odd)
        answers = store.records.offer(
            [record(number, START + version, stix=b"odd" if odd else b"even") for number, version, odd in put]
        )
        assert [None if isinstance(one, Conflict) else one for one in answers] == expected
    latest = {(one.id, one.version) for one in store.records.list()}
    assert latest == {
        (f"indicator--{number}", START + max(v for n, v in kept if n == number)) for number, _ in kept
    }
