"""A shelf of a million objects: the first page of each filter, the last pages beside it, and the server's memory.

On SQLite; and on PostgreSQL where TOCSIN_BENCH_DATABASE_URL names an empty database. TOCSIN_BENCH_OBJECTS makes it
smaller.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import urllib3

from benchmarks import taxii_peers
from benchmarks.rows import Row
from benchmarks.taxii import _free_port, _object
from benchmarks.taxii_peers import MEDIA_TYPE, Server
from tocsin.kernel import TLP, Release, micros
from tocsin.store import open_store
from tocsin.store.interface import TaxiiStatus
from tocsin.wire.taxii import next_token, timestamp_micros

OBJECTS = int(os.environ.get("TOCSIN_BENCH_OBJECTS", "1000000"))
DATABASE_URL = "TOCSIN_BENCH_DATABASE_URL"
BATCH = 5_000
REPEATS = 15
LIMIT_MS = 50.0
LIMIT_MB = 300.0
READERS = 8
PAGES = 40
"""Pages of a thousand that each of several readers reads at once before memory is looked at."""

START = micros(datetime(2026, 1, 1, tzinfo=UTC))
_DAY = 24 * 3_600_000_000


def run() -> list[Row]:
    """The table for each store."""
    rows = list(_on("SQLite", None))
    url = os.environ.get(DATABASE_URL)
    if url:
        rows += list(_on("PostgreSQL", url))
    else:
        about = f"set {DATABASE_URL} to the URL of an empty database"
        rows.append(Row("a million objects on PostgreSQL", 0.0, None, None, "ms", None, about))
    return rows


def _on(name: str, url: str | None) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder).resolve()
        if url:
            os.environ["TOCSIN_DATABASE_URL"] = url
        try:
            with taxii_peers.tocsin(place, _free_port(), fill=lambda data: _fill(data, url)) as server:
                yield from _measured(name, server)
        finally:
            os.environ.pop("TOCSIN_DATABASE_URL", None)


def _fill(data: Path, url: str | None) -> None:
    """Every tenth object in a second version, every seventh RED; types by turns; a day's versions at one moment."""
    store = open_store(data, url)
    store.migrate()
    began = time.monotonic()
    for start in range(0, OBJECTS, BATCH):
        rows = [_row(number) for number in range(start, min(start + BATCH, OBJECTS))]
        status = TaxiiStatus(f"bench-{start}", "user:bench", START, (), ())
        store.inbox.post(None, rows, status)
    print(f"filled with {OBJECTS:,} in {time.monotonic() - began:.0f} s", flush=True)
    store.close()


def _row(number: int) -> Release:
    kind = ("indicator", "relationship", "malware", "report")[number % 4] if number % 1000 else "incident"
    stix = _object(number - 1 if number % 10 == 1 else number)
    identifier = stix.partition(b'"id": "')[2].partition(b'"')[0].decode()
    return Release(
        seq=0,
        peer="user:bench",
        id=identifier,
        type=kind if number % 10 != 1 else "relationship",
        version=START + number % 30 * _DAY,
        added=START + number * 1_000,
        stix=stix,
        manifest="",
        tlp=TLP.RED if number % 7 == 0 else TLP.GREEN,
    )


def _measured(name: str, server: Server) -> Iterator[Row]:
    http = urllib3.PoolManager(retries=False, timeout=600)
    last = START + OBJECTS * 1_000
    one = _row(5).id
    version = (datetime(2026, 1, 1, tzinfo=UTC) + timedelta(days=3)).strftime("%Y-%m-%dT00:00:00Z")
    asked = {
        "the whole": {},
        "match[type], common": {"match[type]": "indicator"},
        "match[type], rare": {"match[type]": "incident"},
        "match[type], absent": {"match[type]": "tool"},
        "match[version]=all": {"match[version]": "all"},
        "match[version]=first": {"match[version]": "first"},
        "match[version] by date": {"match[version]": version},
        "match[version] by date and rare type": {"match[version]": version, "match[type]": "incident"},
        "match[spec_version]=2.0": {"match[spec_version]": "2.0"},
        "match[id]": {"match[id]": one},
        "added_after, half way": {"added_after": timestamp_micros((START + last) // 2)},
        "limit=10": {"limit": "10"},
    }
    empty = _memory(server)
    for filter_name, query in asked.items():
        took = _median(http, server, query)
        about = f"{OBJECTS:,} objects, pages of 1,000; median of {REPEATS}, by the clock, client included"
        yield Row(f"{name}: first page, {filter_name}", took, LIMIT_MS, LIMIT_MS / took, "ms", 1.0, about)
    down = {"next": next_token(START + (last - START) * 95 // 100)}
    first, deep = (statistics.median(took) for took in zip(*_in_turns(http, server, [{}, down]), strict=True))
    yield Row(
        f"{name}: a page 95 % down", deep, first, first / deep, "ms", 0.5, "beside the first; flat in depth"
    )
    with ThreadPoolExecutor(READERS) as readers:
        for reading in [readers.submit(_read_on, server) for _ in range(READERS)]:
            reading.result()
    used = _memory(server)
    about = (
        f"resident after {READERS} readers at once read {PAGES} pages each; {empty:,.0f} MB before the first"
    )
    yield Row(f"{name}: memory of the server", used, LIMIT_MB, LIMIT_MB / used, "MB", 1.0, about)


def _read_on(server: Server) -> None:
    http = urllib3.PoolManager(retries=False, timeout=600)
    following: dict[str, str] = {}
    for _ in range(PAGES):
        answer = _get(http, server, following).json()
        following = {"next": answer["next"]} if answer["more"] else {}


def _median(http: urllib3.PoolManager, server: Server, query: dict[str, str]) -> float:
    return statistics.median(took for (took,) in _in_turns(http, server, [query]))


def _in_turns(
    http: urllib3.PoolManager, server: Server, queries: Sequence[dict[str, str]]
) -> Iterator[list[float]]:
    """Milliseconds of each query, asked in turns: what else the machine does falls on all alike."""
    for query in queries:
        _get(http, server, query)
    for _ in range(REPEATS):
        took = []
        for query in queries:
            began = time.perf_counter()
            _get(http, server, query)
            took.append((time.perf_counter() - began) * 1_000)
        yield took


def _get(http: urllib3.PoolManager, server: Server, query: dict[str, str]) -> urllib3.BaseHTTPResponse:
    answer = http.request(
        "GET", server.objects, fields=query, headers=server.headers | {"Accept": MEDIA_TYPE}
    )
    assert answer.status == 200, answer.data[:300]
    return answer


def _memory(server: Server) -> float:
    """Megabytes that the server's process holds."""
    for line in Path(f"/proc/{server.process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1_024
    raise RuntimeError("this system does not say how much memory a process holds")
