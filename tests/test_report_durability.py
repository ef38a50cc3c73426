"""Kill -9 while reports come in: each that was acknowledged is found by its receipt, and none is kept twice."""

import json
import threading
import time
from collections import Counter
from pathlib import Path
from queue import SimpleQueue

import pytest
import urllib3

from tests.nodes import free_port, make_node, serving
from tocsin.app.node import Node
from tocsin.web.public.tickets import FORM_SECONDS

TICKETS = 600
SENDERS = 12
ENOUGH = 40
"""Acknowledged reports after which the node is killed; as many as SENDERS are under way then."""


def report(ticket: str, number: int) -> bytes:
    return json.dumps(
        {"ticket": ticket, "what": f"report {number}: a lottery refund", "contact": "8800-0000"}
    ).encode()


@pytest.mark.net
@pytest.mark.timeout(180)
def test_no_acknowledged_report_is_lost_and_none_is_kept_twice(tmp_path: Path) -> None:
    token = make_node(
        tmp_path / "node", public_reports=True, public_proxy_prefixes=["127.0.0.0/8"], pull_seconds=0.0
    )
    port = free_port()
    acknowledged: dict[int, dict[str, str]] = {}
    http = urllib3.PoolManager(retries=False, timeout=20, maxsize=SENDERS)
    with serving(tmp_path / "node", token, port) as node:
        tickets = [
            json.loads(http.request("GET", f"{node.url}/v1/reports/ticket").data) for _ in range(TICKETS)
        ]
        time.sleep(FORM_SECONDS)
        waiting = SimpleQueue[tuple[int, str]]()
        for number, given in enumerate(tickets):
            waiting.put((number, given["ticket"]))

        def send() -> None:
            while not waiting.empty():
                number, ticket = waiting.get()
                try:
                    answer = http.request(
                        "POST",
                        f"{node.url}/v1/reports",
                        body=report(ticket, number),
                        headers={
                            "Content-Type": "application/json",
                            "X-Forwarded-For": f"10.{number // 256}.{number % 256}.1",
                        },
                    )
                except urllib3.exceptions.HTTPError:
                    return
                assert answer.status == 201, answer.data
                acknowledged[number] = json.loads(answer.data)

        senders = [threading.Thread(target=send) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        end = time.monotonic() + 60
        while len(acknowledged) < ENOUGH and time.monotonic() < end:
            time.sleep(0.002)
        node.kill()
        for sender in senders:
            sender.join(30)
    assert ENOUGH <= len(acknowledged) < TICKETS, "it was killed while reports came in"

    opened = Node(tmp_path / "node")
    try:
        for receipt in acknowledged.values():
            followed = opened.public_reports.follow(receipt["number"], receipt["secret"])
            assert followed.number == receipt["number"]
            assert followed.contact
        operator = opened.access.operator()
        said = Counter[str]()
        after = None
        while True:
            page = opened.cases.page(operator, limit=200, after=after)
            said.update(opened.cases.words(operator, case.id).what for case in page.cases)
            if (after := page.after) is None:
                break
        assert set(said.values()) == {1}, "none twice"
        assert {f"report {number}: a lottery refund" for number in acknowledged} <= set(said)
        assert len(said) <= len(acknowledged) + SENDERS, "what was under way, and nothing else"
    finally:
        opened.close()
