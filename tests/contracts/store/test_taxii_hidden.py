"""What an audience may not see: no row of it is touched, and nothing of the answer differs from a world without it."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.contracts.store.places import Place, Places
from tests.contracts.store.samples import START, manifest, release, status
from tocsin.kernel import TLP
from tocsin.store import ReleaseFilter, Store, TaxiiPage
from tocsin.store.engine import Database
from tocsin.store.shelf import Shelf, view_of
from tocsin.store.tables import inbox_audiences, inbox_objects, inbox_views

GREEN, AMBER, RED = TLP.GREEN, TLP.AMBER, TLP.RED
FILTERS = [
    ReleaseFilter(limit=7),
    ReleaseFilter(added_after=START + 3),
    ReleaseFilter(versions=("all",), limit=9),
    ReleaseFilter(versions=("first",)),
    ReleaseFilter(types=("indicator", "report")),
    ReleaseFilter(versions=(START, START + 1)),
    ReleaseFilter(versions=(START + 1,), types=("report",)),
    ReleaseFilter(ids=tuple(f"indicator--{n}" for n in range(40))),
    ReleaseFilter(ids=("indicator--1000", "indicator--3"), versions=("all",)),
]


def fill(store: Store, *, hidden: bool) -> None:
    """Twenty objects that all may see; in the other world RED ones come before, between and in the same post."""
    for number in range(20):
        rows = [release(number, tlp=GREEN, type=("indicator", "report")[number % 2])]
        if hidden:
            rows.insert(0, release(1000 + number, tlp=RED))
            rows.append(release(number, START + 1, tlp=RED))  # a newer version of what is seen
        store.inbox.post(None, rows, status(number, "user:1"))


@pytest.fixture
def worlds(places: Places) -> tuple[Place, Place]:
    """Without hidden objects, and with."""
    plain, other = places.fresh(), places.fresh()
    for place, hidden in ((plain, False), (other, True)):
        store = place.open()
        store.inbox.page(None, ReleaseFilter(), ceiling=GREEN)  # somebody looks from the beginning
        fill(store, hidden=hidden)
    return plain, other


def shown(page: TaxiiPage) -> list[tuple[str, int, int, bytes]]:
    return [(row.id, row.version, row.added, row.stix) for row in page.rows]


@pytest.mark.parametrize("wanted", FILTERS)
def test_two_worlds_answer_alike(worlds: tuple[Place, Place], wanted: ReleaseFilter) -> None:
    pages = [place.open().inbox.page(None, wanted, ceiling=GREEN) for place in worlds]
    assert shown(pages[0]) == shown(pages[1])
    assert pages[0].more is pages[1].more


@pytest.mark.parametrize("ceiling", [TLP.CLEAR, GREEN, TLP.AMBER_STRICT])
def test_a_view_that_is_made_later_is_the_same(places: Places, ceiling: TLP) -> None:
    early, late = places.fresh().open(), places.fresh().open()
    early.inbox.page(None, ReleaseFilter(), ceiling=ceiling)
    for store in (early, late):
        fill(store, hidden=True)
    everything = ReleaseFilter(versions=("all",))
    pages = [store.inbox.page(None, everything, ceiling=ceiling) for store in (early, late)]
    assert shown(pages[0]) == shown(pages[1])


def test_the_work_is_the_same(worlds: tuple[Place, Place]) -> None:
    """SQLite: steps of its machine. PostgreSQL: rows that each node of the plan gave and threw away."""
    for wanted in FILTERS:
        plain, other = (work(place, wanted) for place in worlds)
        assert plain == other, wanted


def work(place: Place, wanted: ReleaseFilter) -> Any:
    database = Database(place.data, place.url)
    shelf = Shelf("inbox", inbox_objects, inbox_views, inbox_audiences)
    query = shelf.query(view_of("", GREEN), wanted, wanted.types or ("indicator", "report"))
    text = str(query.compile(database.engine, compile_kwargs={"literal_binds": True}))
    with database.reading() as connection:
        if place.url is None:
            steps = [0]

            def count() -> int:
                steps[0] += 1
                return 0

            driver: Any = connection.connection.driver_connection
            driver.set_progress_handler(count, 1)
            rows = connection.exec_driver_sql(text).all()
            driver.set_progress_handler(None, 0)
            done: Any = (len(rows), steps[0])
        else:
            for one in ("seqscan", "bitmapscan"):
                connection.exec_driver_sql(f"SET LOCAL enable_{one} = off")
            (explained,) = connection.exec_driver_sql(
                f"EXPLAIN (ANALYZE, FORMAT JSON) {text.replace('%', '%%')}"
            ).one()
            nodes = list(walk(explained[0]["Plan"]))
            assert not [node for node in nodes if node["Node Type"] == "Seq Scan"]
            done = [
                (
                    node["Node Type"],
                    node.get("Index Name"),
                    node["Actual Rows"],
                    node["Actual Loops"],
                    node.get("Rows Removed by Filter", 0),
                    node.get("Rows Removed by Index Recheck", 0),
                )
                for node in nodes
            ]
    database.close()
    return done


def walk(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for one in node.get("Plans", ()):
        yield from walk(one)


def test_a_ceiling_that_was_lowered_hides_what_was_released_before(store: Store) -> None:
    store.releases.log_manifest(manifest("lab"), by="u1", at=START)
    store.releases.release([release(1, tlp=GREEN), release(1, START + 1, tlp=AMBER), release(2, tlp=AMBER)])
    given = store.releases.page("lab", ReleaseFilter(), ceiling=AMBER)
    assert [(row.id[-1], row.version) for row in given.rows] == [("1", START + 1), ("2", START)]
    lowered = store.releases.page("lab", ReleaseFilter(), ceiling=GREEN)
    assert [(row.id[-1], row.version) for row in lowered.rows] == [("1", START)], "the last that is seen"
    store.releases.release([release(3, tlp=AMBER)])
    assert store.releases.page("lab", ReleaseFilter(), ceiling=GREEN) == lowered
    again = store.releases.page("lab", ReleaseFilter(added_after=lowered.rows[-1].added), ceiling=AMBER)
    assert [row.id[-1] for row in again.rows] == ["1", "2", "3"], "who pages on is given what came back"
    assert store.releases.release([release(2, tlp=AMBER)]) == 0


def test_what_was_withdrawn_does_not_come_back(store: Store) -> None:
    for peer in ("lab", "aim"):
        store.releases.log_manifest(manifest(peer), by="u1", at=START)
    rows = [release(1, peer=peer, tlp=AMBER) for peer in ("lab", "aim")] + [release(2, tlp=GREEN)]
    store.releases.release(rows)
    store.releases.page("aim", ReleaseFilter(), ceiling=GREEN)  # and so hidden from it when it goes
    logged = store.releases.manifests()
    assert store.releases.withdraw("indicator--1", None) == 2
    assert store.releases.withdraw("indicator--1", ("all",)) == 0
    assert store.releases.manifests() == logged
    assert store.releases.release(rows) == 0
    assert store.releases.withdrawn("lab") == store.releases.withdrawn("aim") == {("indicator--1", START)}
    for looks, ceiling in (("lab", None), ("aim", RED), (None, None), (None, AMBER), (None, GREEN)):
        ids = [row.id for row in store.releases.page(looks, ReleaseFilter(), ceiling=ceiling).rows]
        assert ids == ([] if looks == "aim" else ["indicator--2"])
    store.releases.release([release(1, START + 1, tlp=AMBER)])
    assert len(store.releases.page("lab", ReleaseFilter()).rows) == 2, "a new version is another"


def test_an_owner_deletes_only_its_own_postings(store: Store) -> None:
    store.inbox.post("peer:lab", [release(1), release(1, START + 1), release(2)], status(1))
    store.inbox.post("peer:aim", [release(1, stix=b"the aim's")], status(2))
    store.inbox.post(None, [release(3, peer="user:1")], status(3))
    assert store.inbox.delete("indicator--3", ("all",), owner="user:2") == 0
    assert store.inbox.delete("indicator--1", None, owner="peer:aim") == 1
    assert store.inbox.page("peer:aim", ReleaseFilter()).rows == ()
    assert store.inbox.delete("indicator--1", None, owner="peer:lab") == 1, "the last version"
    left = store.inbox.page("peer:lab", ReleaseFilter(versions=("all",))).rows
    assert [(row.id, row.version) for row in left] == [("indicator--1", START), ("indicator--2", START)]
    assert [row.id for row in store.inbox.page("peer:lab", ReleaseFilter()).rows] == [row.id for row in left]
    assert store.inbox.delete("indicator--3", ("first",), owner="user:1") == 1
    assert len(store.inbox.page(None, ReleaseFilter()).rows) == 2
    assert store.inbox.delete("indicator--1", ("all",), owner=None) == 1
    assert [row.id for row in store.inbox.page(None, ReleaseFilter()).rows] == ["indicator--2"]


def test_another_who_posted_the_same_takes_the_place(store: Store) -> None:
    store.inbox.post("peer:lab", [release(1, stix=b"the lab's")], status(1))
    store.inbox.post("peer:aim", [release(1, stix=b"the aim's")], status(2))
    assert [row.stix for row in store.inbox.page(None, ReleaseFilter()).rows] == [b"the lab's"]
    store.inbox.delete("indicator--1", ("all",), owner="peer:lab")
    assert [row.stix for row in store.inbox.page(None, ReleaseFilter()).rows] == [b"the aim's"]


def test_paging_is_stable_while_others_write(place: Place) -> None:
    """Three writers, one of them deleting; a reader who pages to the end and on misses nothing that stays."""
    stores = [place.open() for _ in range(4)]
    faults: list[BaseException] = []

    def write(number: int) -> None:
        try:
            for turn in range(25):
                rows = [release(number * 1000 + turn * 10 + n, tlp=(GREEN, RED)[n % 2]) for n in range(6)]
                stores[number].inbox.post(None, rows, status(number * 1000 + turn, "user:1"))
                if number == 2:
                    stores[number].inbox.delete(rows[0].id, None, owner=None)
        except BaseException as fault:
            faults.append(fault)
            raise

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    seen: list[str] = []
    moment, ended = None, False
    while True:
        ended = not any(thread.is_alive() for thread in threads)
        page = stores[3].inbox.page(None, ReleaseFilter(added_after=moment, limit=5), ceiling=GREEN)
        seen += [row.id for row in page.rows]
        moment = page.rows[-1].added if page.rows else moment
        if ended and not page.more:
            break
    assert faults == []
    assert len(seen) == len(set(seen))
    everything = ReleaseFilter(limit=5_000)
    stay = {row.id for row in stores[3].inbox.page(None, everything, ceiling=GREEN).rows}
    assert stay <= set(seen)
    assert len(stay) == 25 * 3 * 3 - 25
