"""Reports a second at the public door: sent over HTTP on loopback to a served node, each answered once it is durable.

Each report has words, a place and a way to reach its sender, and comes from another network behind a proxy, as in a
flood of honest people. Its form was asked for before. `ours` is by the clock, with the sender on the same machine, and
then by the node's own CPU time. On SQLite; and on PostgreSQL where TOCSIN_BENCH_DATABASE_URL names an empty database.
"""

import http.client
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import Empty, SimpleQueue

from benchmarks.rows import Row
from tests.nodes import Serving, make_node, serving
from tocsin.web.public.tickets import FORM_SECONDS

REPORTS = int(os.environ.get("TOCSIN_BENCH_REPORTS", "3000"))
SENDERS = 24
PROMISED = 200.0
"""Reports a second, acknowledged once they are durable."""
DATABASE_URL = "TOCSIN_BENCH_DATABASE_URL"
WHAT = "Somebody called with my daughter's voice and asked for a lottery refund. It was not her. " * 6
"""Half a kilobyte, as people write."""


def run() -> list[Row]:
    """The rows for each store."""
    rows = list(_on("SQLite", None))
    if url := os.environ.get(DATABASE_URL):
        rows += list(_on("PostgreSQL", url))
    return rows


def _on(name: str, url: str | None) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder).resolve() / "node"
        if url:
            os.environ["TOCSIN_DATABASE_URL"] = url
        try:
            token = make_node(
                data, public_reports=True, public_proxy_prefixes=["127.0.0.0/8"], pull_seconds=0.0
            )
            with serving(data, token) as node:
                tickets = _tickets(node)
                time.sleep(FORM_SECONDS)
                before = _cpu(node)
                # another process: the sender's work is not to wait for the node's turn, nor the other way round
                sent = subprocess.run(
                    [sys.executable, "-m", "benchmarks.reports", node.url],
                    input=json.dumps(tickets),
                    capture_output=True,
                    text=True,
                    check=True,
                )
                took, used = float(sent.stdout), _cpu(node) - before
        finally:
            os.environ.pop("TOCSIN_DATABASE_URL", None)
    rate = REPORTS / took
    about = f"{REPORTS:,} reports by {SENDERS} senders, each durable before its answer; load {os.getloadavg()[0]:.1f}"
    yield Row(f"public reports on {name}", rate, PROMISED, rate / PROMISED, "reports/s", 1.0, about)
    yield Row(
        "... by the node's own time", REPORTS / used, None, None, "reports/CPU-s", None, "all of its threads"
    )


def _tickets(node: Serving) -> list[str]:
    host = node.url.removeprefix("http://")
    line = http.client.HTTPConnection(host)
    given = []
    for _ in range(REPORTS):
        line.request("GET", "/v1/reports/ticket")
        given.append(json.loads(line.getresponse().read())["ticket"])
    line.close()
    return given


def _cpu(node: Serving) -> float:
    fields = Path(f"/proc/{node.process.pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def send(url: str, tickets: list[str]) -> float:
    """Seconds that it takes to send a report by each ticket."""
    waiting = SimpleQueue[tuple[int, str]]()
    for number, ticket in enumerate(tickets):
        waiting.put((number, ticket))
    failed: list[bytes] = []

    def sender() -> None:
        line = http.client.HTTPConnection(url.removeprefix("http://"))
        while True:
            try:
                number, ticket = waiting.get_nowait()
            except Empty:
                return line.close()
            body = json.dumps(
                {"ticket": ticket, "what": WHAT, "where": "forum.example", "contact": "8800-0000"}
            )
            headers = {
                "Content-Type": "application/json",
                "X-Forwarded-For": f"10.{number >> 8}.{number & 255}.1",
            }
            line.request("POST", "/v1/reports", body, headers)
            answer = line.getresponse()
            said = answer.read()
            if answer.status != 201:
                failed.append(said)

    threads = [threading.Thread(target=sender) for _ in range(SENDERS)]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - began
    if failed:
        raise SystemExit(f"{len(failed)} reports were refused: {failed[0][:200]!r}")
    return took


if __name__ == "__main__":
    print(send(sys.argv[1], json.load(sys.stdin)))
