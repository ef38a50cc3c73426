"""The public pages, as somebody without an account or a script meets them."""

from collections.abc import Iterator

import pytest
from litestar.testing import TestClient

from tests.fixtures import Made
from tests.public_reporters import (
    Client,
    key,
    open_door,
    receipt_in,
    send_report,
)
from tocsin.kernel.cases import CaseOrigin

WHAT = "A caller with my daughter's voice asked for a lottery refund."


@pytest.fixture
def door(copied: Made) -> Made:
    """A node whose public door is open."""
    open_door(copied.node.data)
    copied.node.close()
    return copied


@pytest.fixture
def client(door: Made) -> Iterator[Client]:
    from tocsin.app.node import Node
    from tocsin.web.server import create_app

    door.node = Node(door.node.data, clock=door.clock)
    with TestClient(create_app(door.node, jobs=False), raise_server_exceptions=False) as client:
        yield client


def only_case(door: Made):
    by = door.node.access.operator()
    found = door.node.cases.page(by).cases
    assert len(found) == 1
    return door.node.cases.get(by, found[0].id)


def test_a_report_becomes_a_case_and_is_followed(door: Made, client: Client) -> None:
    page = send_report(
        door, client, what=WHAT, where="forum.example", when="yesterday", category="fraud.scam", answer="mn"
    )
    assert page.status_code == 201
    receipt = receipt_in(page.text)
    case = only_case(door)
    print(case)
    assert (case.origin, case.lang, case.category) == (CaseOrigin.REPORT, "mn", "fraud.scam")
    followed = client.post("/report/follow", data=key(receipt))
    assert followed.status_code == 200
    assert receipt.number in followed.text
    assert WHAT not in followed.text
