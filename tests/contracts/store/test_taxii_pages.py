"""Pages of releases and of the inbox, against the filters of TAXII 2.1 section 3.4 written plainly."""

from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.contracts.store.places import Place, Places
from tests.contracts.store.samples import START, manifest, release, status
from tocsin.kernel import TLP, BadInput, Conflict, NotFound, Release, TooLarge
from tocsin.store import ReleaseFilter, Store

TYPES = ("indicator", "sighting", "report")
PEERS = ("lab", "aim")


def log(store: Store) -> None:
    for peer in PEERS:
        store.releases.log_manifest(manifest(peer), by="u1", at=START)


def seen_by(rows: list[Release], peer: str | None, ceiling: TLP) -> list[Release]:
    """Each (id, version) once, the first that came, of what this audience may see, by when it came."""
    seen: set[tuple[str, int]] = set()
    mine = []
    for row in rows:
        if (
            row.tlp.rank <= ceiling.rank
            and row.peer == (peer or row.peer)
            and (row.id, row.version) not in seen
        ):
            seen.add((row.id, row.version))
            mine.append(row)
    return mine


def plain(
    mine: list[Release], moments: Mapping[tuple[str, int], int], wanted: ReleaseFilter
) -> list[Release]:
    """The standard, in the plainest words. `mine` are all that an audience ever saw, `moments` when they came."""

    def chosen(row: Release) -> bool:
        versions = [one.version for one in mine if one.id == row.id]
        names = wanted.versions or ("last",)
        return (
            "all" in names
            or row.version in names
            or ("last" in names and row.version == max(versions))
            or ("first" in names and row.version == min(versions))
        )

    return [
        row
        for row in mine
        if chosen(row)
        and (wanted.added_after is None or moments[row.id, row.version] > wanted.added_after)
        and (not wanted.ids or row.id in wanted.ids)
        and (not wanted.types or row.type in wanted.types)
        and (not wanted.spec_versions or "2.1" in wanted.spec_versions)
    ]


ROWS = st.lists(
    st.builds(
        # one version of an object has one marking, whoever is given it
        lambda number, version, peer, added: release(
            number,
            START + version,
            peer,
            added=START + added,
            type=TYPES[number % 3],
            tlp=list(TLP)[(number * 2 + version) % 5],
        ),
        st.integers(0, 5),
        st.integers(0, 4),
        st.sampled_from(PEERS),
        st.integers(0, 10),
    ),
    max_size=30,
)
FILTERS = st.builds(
    ReleaseFilter,
    added_after=st.none() | st.integers(START - 2, START + 40),
    limit=st.integers(0, 8),
    ids=st.lists(st.sampled_from([f"indicator--{n}" for n in range(7)]), max_size=3).map(tuple),
    types=st.lists(st.sampled_from((*TYPES, "malware")), max_size=3).map(tuple),
    versions=st.none()
    | st.lists(st.sampled_from(["first", "last", "all", START, START + 2, START + 9]), max_size=3).map(tuple),
    spec_versions=st.lists(st.sampled_from(["2.0", "2.1"]), max_size=2).map(tuple),
)


AUDIENCES = [("lab", None), ("aim", TLP.AMBER), ("lab", TLP.GREEN), ("lab", TLP.RED), ("aim", TLP.CLEAR)] + [
    (None, ceiling) for ceiling in (None, TLP.AMBER_STRICT, TLP.GREEN)
]
"""The lab's ceiling goes down and up again."""


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(ROWS, st.lists(FILTERS, min_size=8, max_size=8), st.integers(1, 7))
def test_every_filter_gives_what_the_standard_says(
    places: Places, rows: list[Release], filters: list[ReleaseFilter], size: int
) -> None:
    place = places.fresh()
    try:
        _run(place, rows, filters, size)
    finally:
        place.close()


def _run(place: Place, rows: list[Release], filters: list[ReleaseFilter], size: int) -> None:
    store = place.open()
    log(store)
    have: set[tuple[str, str, int]] = set()
    for start in range(0, len(rows), size):
        piece = rows[start : start + size]
        if start == size:  # a view that is there and one that is made later are the same
            store.releases.page(None, ReleaseFilter(), ceiling=TLP.GREEN)
        new = {(row.peer, row.id, row.version) for row in piece} - have
        assert store.releases.release(piece) == len(new)
        have |= new
    everything = ReleaseFilter(versions=("all",))
    for wanted, (peer, ceiling) in zip(filters, AUDIENCES, strict=True):
        whole = store.releases.page(peer, everything, ceiling=ceiling).rows
        mine = seen_by(rows, peer, ceiling or TLP.RED)
        given = [(row.id, row.version, row.stix) for row in whole]
        assert sorted(given) == sorted((row.id, row.version, row.stix) for row in mine)
        if ceiling is None or peer is None:  # else what was hidden and is shown again comes last
            assert given == [(row.id, row.version, row.stix) for row in mine]
        moments = {(row.id, row.version): row.added for row in whole}
        assert list(moments.values()) == sorted(set(moments.values()))
        mine.sort(key=lambda row: moments[row.id, row.version])
        expected = [(row.id, row.version) for row in plain(mine, moments, wanted)]
        page = store.releases.page(peer, wanted, ceiling=ceiling)
        assert [(row.id, row.version) for row in page.rows] == expected[: wanted.limit]
        assert page.more is (len(expected) > wanted.limit)


def test_pages_follow_one_another_without_gap_or_repeat(store: Store) -> None:
    log(store)
    store.releases.release([release(n, peer=peer) for n in range(23) for peer in PEERS])
    found: list[str] = []
    after, more = 0, True
    while more:
        page = store.releases.page("lab", ReleaseFilter(added_after=after, limit=5))
        found += [row.id for row in page.rows]
        after, more = page.rows[-1].added, page.more
    assert found == [f"indicator--{n}" for n in range(23)]


def test_a_client_that_goes_on_from_the_last_moment_misses_nothing(store: Store) -> None:
    """Clocks that stand still or go back: `added` rises all the same."""
    log(store)
    store.releases.release([release(1), release(2)])
    store.releases.release([release(3, added=START - 1_000_000)])
    first = store.releases.page("lab", ReleaseFilter(limit=1)).rows[0]
    rest = store.releases.page("lab", ReleaseFilter(added_after=first.added)).rows
    assert [row.id for row in rest] == ["indicator--2", "indicator--3"]
    assert store.releases.page("lab", ReleaseFilter(added_after=rest[-1].added)).rows == ()


def test_what_others_have_shows_nowhere(store: Store) -> None:
    """A newer version that only `aim` may see changes nothing for `lab`: not the last version, not `more`."""
    log(store)
    store.releases.release([release(1, START), release(2, START)])
    before = store.releases.page("lab", ReleaseFilter(limit=2))
    store.releases.release([release(1, START + 5, "aim"), release(3, START, "aim")])
    assert store.releases.page("lab", ReleaseFilter(limit=2)) == before
    assert store.releases.page("lab", ReleaseFilter(limit=2)).more is False
    assert store.releases.page("nobody", ReleaseFilter()).rows == ()
    assert [row.version for row in store.releases.page(None, ReleaseFilter()).rows] == [
        START,
        START + 5,
        START,
    ]


def test_nothing_is_released_that_no_manifest_names(store: Store) -> None:
    store.releases.log_manifest(manifest("lab"), by="u1", at=START)
    for row in (release(1, peer="aim"), release(1, manifest="other")):
        with pytest.raises(NotFound, match="manifest"):
            store.releases.release([release(2), row])
    assert store.releases.page(None, ReleaseFilter()).rows == ()
    with pytest.raises(BadInput):
        store.releases.release([release(1, peer="")])


def test_manifests_are_logged_once_and_listed_newest_first(store: Store) -> None:
    for peer, digest in (("lab", "d1"), ("aim", "d1"), ("lab", "d2"), ("lab", "d1")):
        store.releases.log_manifest(manifest(peer, digest), by="u1", at=START)
    store.releases.log_manifest(manifest("lab", "d1"), by="u2", at=START + 5)
    found = store.releases.manifests()
    assert [(one.peer, one.digest) for _, _, one in found] == [("lab", "d2"), ("aim", "d1"), ("lab", "d1")]
    assert found[2] == (START, "u1", manifest("lab", "d1"))
    assert [one.digest for _, _, one in store.releases.manifests(peer="lab")] == ["d2", "d1"]
    assert len(store.releases.manifests(limit=1)) == 1


def test_what_was_fetched_is_counted(store: Store) -> None:
    for objects in (3, 4):
        store.releases.note_fetch("lab", objects=objects, size=100, at=START)
    store.releases.note_fetch("aim", objects=0, size=20, at=START)
    assert store.releases.fetched() == {"lab": (7, 200), "aim": (0, 20)}


def test_the_inbox_keeps_objects_and_status_together(store: Store) -> None:
    store.inbox.post("lab", [release(1, peer="ignored"), release(2)], status(1))
    store.inbox.post("aim", [release(1, stix=b"another's")], status(2, "aim"))
    assert [row.id for row in store.inbox.page("lab", ReleaseFilter()).rows] == [
        "indicator--1",
        "indicator--2",
    ]
    assert {row.peer for row in store.inbox.page("lab", ReleaseFilter()).rows} == {"lab"}
    assert [row.stix for row in store.inbox.page("aim", ReleaseFilter()).rows] == [b"another's"]
    assert len(store.inbox.page(None, ReleaseFilter()).rows) == 2
    assert store.inbox.status("status-1", "lab") == store.inbox.status("status-1", None) == status(1)
    assert store.inbox.status("status-1", "aim") is None
    with pytest.raises(Conflict):
        store.inbox.post("lab", [release(9)], status(1))
    assert len(store.inbox.page("lab", ReleaseFilter()).rows) == 2


def test_a_filter_of_very_many_values_is_refused(store: Store) -> None:
    with pytest.raises(TooLarge):
        store.releases.page("lab", ReleaseFilter(ids=tuple(str(n) for n in range(501))))
    with pytest.raises(TooLarge):
        store.releases.page("lab", ReleaseFilter(types=tuple(str(n) for n in range(101))))
    with pytest.raises(TooLarge, match="several requests"):
        store.releases.page("lab", ReleaseFilter(types=most("x"), versions=(*range(START, START + 5),)))
    assert store.releases.page("lab", ReleaseFilter(types=most("x"), versions=("all",))).rows == ()


def most(name: str) -> tuple[str, ...]:
    return tuple(f"{name}-{n}" for n in range(100))


def test_what_this_nodes_own_people_post_stands_in_their_view_alone(store: Store) -> None:
    store.inbox.post("peer:lab", [release(1, peer="peer:lab")], status(1))
    store.inbox.post(None, [release(1), release(2)], status(2, owner="user:1"))
    store.inbox.post(None, [release(2)], status(3, owner="user:1"))
    assert [row.id for row in store.inbox.page(None, ReleaseFilter()).rows] == [release(1).id, release(2).id]
    assert [row.id for row in store.inbox.page("peer:lab", ReleaseFilter()).rows] == [release(1).id]
    assert store.inbox.page("user:1", ReleaseFilter()).rows == ()
    assert store.inbox.status(status(2).id, "user:1") is not None
