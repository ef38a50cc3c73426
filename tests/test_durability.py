"""Kill -9 while 100,000 events come in; send all again; 100,000 events, none twice."""

import gzip
import json
import resource
import threading
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import urllib3

from tests.nodes import free_port, make_node, serving, tocsin
from tocsin.web.health import READY_KEPT

EVENTS = 100_000
BATCH = 5_000
PAGE = 4_096


def batches() -> list[bytes]:
    start = datetime.now(UTC) - timedelta(days=2)
    lines = [
        json.dumps(
            {
                "id": f"event-{number}",
                "time": (start + timedelta(seconds=number)).isoformat(),
                "source": "load",
                "kind": "model.call",
                "actor": f"account-{number % 997}",
                "text": f"a harmless question number {number} about the weather in town {number % 89}",
            }
        )
        for number in range(EVENTS)
    ]
    return [
        gzip.compress("\n".join(lines[first : first + BATCH]).encode(), 1)
        for first in range(0, EVENTS, BATCH)
    ]


@pytest.mark.net
@pytest.mark.slow
@pytest.mark.timeout(300)
def test_nothing_acknowledged_is_lost_and_nothing_is_kept_twice(tmp_path: Path) -> None:
    token = make_node(tmp_path / "node", compact_rows=10_000)
    port = free_port()
    bodies = batches()
    acknowledged: list[int] = []
    with serving(tmp_path / "node", token, port) as node:

        def send() -> None:
            for number, body in enumerate(bodies):
                try:
                    answer = node.request("POST", "/v1/events", body, content_encoding="gzip")
                except urllib3.exceptions.HTTPError:
                    return
                assert answer.status == 200
                acknowledged.append(number)

        sender = threading.Thread(target=send)
        sender.start()
        end = time.monotonic() + 60
        while len(acknowledged) < 4 and time.monotonic() < end:
            time.sleep(0.005)
        node.kill()  # while a batch is under way and a compaction likely is
        sender.join(30)
    assert 4 <= len(acknowledged) < len(bodies)

    with serving(tmp_path / "node", token, port) as node:
        kept = {row["id"] for row in events(tmp_path / "node")}
        for number in acknowledged:
            assert {f"event-{index}" for index in range(number * BATCH, (number + 1) * BATCH)} <= kept
        total = Counter[str]()
        for body in bodies:
            answer = json.loads(node.request("POST", "/v1/events", body, content_encoding="gzip").data)
            total.update({"accepted": answer["accepted"], "duplicates": answer["duplicates"]})
        assert total["accepted"] + total["duplicates"] == EVENTS
        assert total["duplicates"] == len(kept)
        ids = [row["id"] for row in events(tmp_path / "node")]
    assert len(ids) == EVENTS
    assert len(set(ids)) == EVENTS


@pytest.mark.net
@pytest.mark.slow
def test_a_full_disk_is_503_and_red_and_nothing_taken_is_lost(tmp_path: Path) -> None:
    token = make_node(tmp_path / "node")
    first, second = batches()[:2]
    with serving(tmp_path / "node", token) as node:
        assert node.request("POST", "/v1/events", first, content_encoding="gzip").status == 200
        # no file of the process may grow: what a full disk does, without filling the machine's
        unlimited = resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE, (PAGE, resource.RLIM_INFINITY))
        refused = node.request("POST", "/v1/events", second, content_encoding="gzip")
        assert refused.status == 503
        assert refused.headers["retry-after"]
        assert json.loads(refused.data)["type"] == "urn:tocsin:problem:unavailable"
        assert str(tmp_path) not in refused.data.decode()
        time.sleep(1.5 * READY_KEPT.total_seconds())  # an outcome of the probe counts this long
        ready = node.request("GET", "/readyz")
        assert ready.status == 503
        assert node.request("GET", "/healthz").status == 200

        resource.prlimit(node.process.pid, resource.RLIMIT_FSIZE, unlimited)
        time.sleep(1.5 * READY_KEPT.total_seconds())
        assert node.request("GET", "/readyz").status == 200
        again = json.loads(node.request("POST", "/v1/events", second, content_encoding="gzip").data)
        assert again["accepted"] == BATCH
        ids = [row["id"] for row in events(tmp_path / "node")]
    assert len(ids) == len(set(ids)) == 2 * BATCH


def events(data: Path) -> list[dict[str, object]]:
    listed: list[dict[str, object]] = json.loads(
        tocsin("watch", "events", "--data", str(data), "--json", "--limit", "1000000").stdout
    )["events"]
    return listed
