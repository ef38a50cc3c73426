"""0002: what was on the shelves before views had ceilings is on them afterwards, at the same moments."""

from typing import Any

import msgspec
import sqlalchemy as sa

from tests.contracts.store.places import Places
from tests.contracts.store.samples import START
from tocsin.kernel import TLP
from tocsin.store import ReleaseFilter
from tocsin.store.engine import Database
from tocsin.store.migrate import migrate
from tocsin.wire.stix import marking_id

OBJECT = "INSERT INTO {}_objects VALUES (:seq, :owner, :id, :type, :version, :added, :manifest, '2.1', :stix)"
VIEW = "INSERT INTO {}_views VALUES (:view, :seq, :id, :type, :version, '2.1', :place)"


def stix(tlp: TLP | None) -> bytes:
    refs = {} if tlp is None else {"object_marking_refs": [marking_id(tlp)]}
    return msgspec.json.encode({"type": "indicator"} | refs)


def test_what_was_there_is_there(places: Places) -> None:
    place = places.empty()
    database = Database(place.data, place.url)
    migrate(database, "0001")
    rows: list[dict[str, Any]] = [
        {"seq": 1, "version": START, "added": START + 5, "stix": stix(TLP.GREEN), "place": 1},
        {"seq": 2, "version": START + 1, "added": START + 9, "stix": stix(TLP.RED), "place": 2},
    ]
    same = {"owner": "lab", "id": "indicator--1", "type": "indicator", "manifest": "digest"}
    unmarked = {"seq": 3, "version": START, "added": START + 11, "stix": stix(None), "place": 3}
    with database.writing() as connection:
        for row in [row | same for row in rows] + [unmarked | same | {"id": "indicator--2"}]:
            connection.execute(sa.text(OBJECT.format("release")), row)
            for view in ("lab", ""):
                connection.execute(sa.text(VIEW.format("release")), row | {"view": view})
    database.close()
    store = place.open()
    store.migrate()
    for peer in ("lab", None):
        page = store.releases.page(peer, ReleaseFilter(versions=("all",)))
        assert [(row.seq, row.added, row.tlp) for row in page.rows] == [
            (1, START + 5, TLP.GREEN),
            (2, START + 9, TLP.RED),
            (3, START + 11, TLP.AMBER),
        ]
    lowered = store.releases.page("lab", ReleaseFilter(), ceiling=TLP.AMBER).rows
    assert [(row.seq, row.added) for row in lowered] == [(1, START + 5), (3, START + 11)]
    assert [row.seq for row in store.releases.page(None, ReleaseFilter(), ceiling=TLP.GREEN).rows] == [1]
