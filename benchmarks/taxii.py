"""TAXII 2.1 on loopback beside medallion and OpenTAXII: the same objects posted, then read back page by page."""

import json
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import NamedTuple

import urllib3

from benchmarks import taxii_peers
from benchmarks.rows import Row
from benchmarks.taxii_peers import MEDIA_TYPE, Server
from tocsin.wire.stix import own_id

MANY = 20_000
"""For ours alone: where a page and its request weigh less."""

UNIT = "objects/CPU-s"
ROUNDS = 3
"""Of reading, all of them counted; posting is once, into an empty server."""


FLOOR = 0.8
"""What was promised of a floor that does no access check."""

NO_CHECKS = f"{MANY:,} indicators; msgspec and SQLite on the same HTTP stack: no token, no check, no filter, one index"

SETTLE_SECONDS = 3.0
"""A server's own jobs begin in its first seconds; what they load is not the work that is asked for here."""

IDLE = 0.1
"""Of a core: below it a server is at rest between its timers."""

MAX_SETTLES = 40

POST_SIZE = 500
"""Objects in one envelope, for all three."""


class Figures(NamedTuple):
    """Objects per CPU-second of the server, and per second by the clock (the client's own work included)."""

    post: float
    get: float
    post_clock: float
    get_clock: float


def run() -> list[Row]:
    """Posts and reads of each server."""
    objects = [_object(number) for number in range(MANY)]
    many = _measure(taxii_peers.tocsin, objects)
    bare = _measure(taxii_peers.floor, objects)
    rows = [
        _row("TAXII POST against the bare floor", many.post, bare.post, FLOOR, NO_CHECKS),
        _row("TAXII GET against the bare floor", many.get, bare.get, FLOOR, NO_CHECKS),
    ]
    for name, start, number, post_floor, get_floor in (
        ("OpenTAXII", taxii_peers.opentaxii, 5_000, 30.0, 15.0),
        ("medallion", taxii_peers.medallion, 2_000, None, None),  # its reads grow with the square
    ):
        ours = _measure(taxii_peers.tocsin, objects[:number])
        try:
            theirs = _measure(start, objects[:number])
        except (OSError, RuntimeError, subprocess.CalledProcessError) as error:
            first = str(error).strip().splitlines()[0]
            rows.append(Row(f"TAXII against {name}", ours.post, None, None, UNIT, None, f"no peer: {first}"))
            continue
        work = f"{number:,} indicators, {name} on its own terms"
        rows += [
            _row(f"TAXII POST against {name}", ours.post, theirs.post, post_floor, work),
            _row(f"TAXII GET against {name}", ours.get, theirs.get, get_floor, work),
            Row(
                f"... POST against {name}, by the clock",
                ours.post_clock,
                theirs.post_clock,
                ours.post_clock / theirs.post_clock,
                "objects/s",
                None,
                f"{work}; the client's work included",
            ),
        ]
    about = f"{MANY:,} indicators, by the clock, client included; token checked, SQLite, durable"
    rows += [
        Row("... POST by the clock", many.post_clock, None, None, "objects/s", None, about),
        Row("... GET by the clock", many.get_clock, None, None, "objects/s", None, about),
    ]
    return rows


def _row(name: str, ours: float, theirs: float, floor: float | None, work: str) -> Row:
    return Row(name, ours, theirs, ours / theirs, UNIT, floor, work)


def _measure(start: Callable[[Path, int], AbstractContextManager[Server]], objects: list[bytes]) -> Figures:
    with tempfile.TemporaryDirectory() as folder, start(Path(folder).resolve(), _free_port()) as server:
        http = urllib3.PoolManager(retries=False, timeout=600)
        bodies = [
            b'{"objects":[' + b",".join(objects[at : at + POST_SIZE]) + b"]}"
            for at in range(0, len(objects), POST_SIZE)
        ]
        # the first request of any server compiles and connects; what is asked here is the work
        _post(http, server, b'{"objects":[' + _object(-1) + b"]}")
        time.sleep(SETTLE_SECONDS)
        began, used = time.perf_counter(), server.cpu_seconds()
        for body in bodies:
            _post(http, server, body)
        post, post_clock = server.cpu_seconds() - used, time.perf_counter() - began
        _until_idle(server)
        began, used = time.perf_counter(), server.cpu_seconds()
        for _ in range(ROUNDS):
            count = _read(http, server)
            assert count == len(objects) + 1, f"{server.name} gave {count} of {len(objects) + 1}"
        get, get_clock = server.cpu_seconds() - used, time.perf_counter() - began
        http.clear()
        number, read = len(objects), len(objects) * ROUNDS
        tick = 0.01  # the least that the system counts
        return Figures(
            post=number / max(post, tick),
            get=read / max(get, tick),
            post_clock=number / post_clock,
            get_clock=read / get_clock,
        )


def _until_idle(server: Server) -> None:
    """What posting sets off (ours indexes for search) is neither posting nor reading."""
    for _ in range(MAX_SETTLES):
        before = server.cpu_seconds()
        time.sleep(SETTLE_SECONDS)
        if server.cpu_seconds() - before < IDLE * SETTLE_SECONDS:
            return


def _post(http: urllib3.PoolManager, server: Server, body: bytes) -> None:
    headers = server.headers | {"Content-Type": MEDIA_TYPE, "Accept": MEDIA_TYPE}
    answer = http.request("POST", server.objects, body=body, headers=headers)
    assert answer.status == 202, f"{server.name} answered {answer.status}: {answer.data[:500]!r}"
    status = answer.json()
    assert status["failure_count"] == 0, answer.data[:500]
    while status["status"] != "complete":  # a server may answer before it is done
        time.sleep(0.01)
        where = server.objects.split("/collections/")[0] + f"/status/{status['id']}/"
        status = http.request("GET", where, headers=server.headers).json()


def _read(http: urllib3.PoolManager, server: Server) -> int:
    """Page through everything; counts objects by their bytes, as decoding them would be the client's time."""
    count, following = 0, ""
    while True:
        url = f"{server.objects}?limit={server.page_size}{following}"
        answer = http.request("GET", url, headers=server.headers | {"Accept": MEDIA_TYPE})
        assert answer.status == 200, answer.data[:500]
        count += answer.data.count(b'"pattern_type"')
        if not (b'"more":true' in answer.data or b'"more": true' in answer.data):
            return count
        following = f"&next={json.loads(answer.data)['next']}"


def _object(number: int) -> bytes:
    return json.dumps(
        {
            "type": "indicator",
            "spec_version": "2.1",
            "id": own_id("indicator", "bench", str(number)),
            "created_by_ref": own_id("identity", "bench"),
            "created": "2026-01-01T00:00:00.000Z",
            "modified": "2026-01-01T00:00:00.000Z",
            "name": f"Suspicious host {number}",
            "description": "A host seen in several unrelated incidents.",
            "indicator_types": ["malicious-activity"],
            "pattern": f"[ipv4-addr:value = '198.51.100.{number % 256}']",
            "pattern_type": "stix",
            "valid_from": "2026-01-01T00:00:00.000Z",
        }
    ).encode()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
