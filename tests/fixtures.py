"""A real node in a temporary folder, and its application without sockets."""

import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from litestar import Litestar
from litestar.datastructures import State
from litestar.testing import TestClient

if TYPE_CHECKING:
    from tocsin.app.node import Node


class Made:
    """A node with its first token and its clock in hand."""

    def __init__(self, data: Path, now: datetime, token: str = "") -> None:
        """A new node, or with a `token` the one that lies in the folder."""
        self.now = now
        from tocsin.app.node import Node
        from tocsin.app.setup import initialise

        self.token = token or initialise(data, name="node", clock=self.clock).admin_token
        self.node = Node(data, clock=self.clock)

    def clock(self) -> datetime:
        return self.now

    @property
    def bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A new node's folder and its token, to be copied: a third of the time of making one."""
    made = Made(tmp_path_factory.mktemp("prepared") / "node", datetime(2026, 11, 20, 12, 0, tzinfo=UTC))
    made.node.close()
    return made.node.data, made.token


@pytest.fixture
def made(prepared: tuple[Path, str], tmp_path: Path, now: datetime) -> Iterator[Made]:
    """A node, closed afterwards. Every test's is the same one; a second node that a test wants is a new `Made`."""
    data, token = prepared
    made = Made(shutil.copytree(data, tmp_path / "node"), now, token)
    yield made
    made.node.close()


@pytest.fixture
def copied(made: Made) -> Made:
    """The same, for a test that needs one node only and says so."""
    return made


_applications: defaultdict[tuple[bool, bool], list[Litestar]] = defaultdict(list)
"""Those that answer for nobody at the moment, by what they serve: laying out all addresses is half of such a test."""


@contextmanager
def answering(node: "Node", raise_server_exceptions: bool = False) -> Iterator[TestClient[Litestar]]:
    """The node's HTTP surface, without background jobs, as a client sees it."""
    from tocsin.web.server import application, state_of

    node.build_all()
    serves = (node.settings.public_reports, node.settings.applicants)
    free = _applications[serves]
    app = free.pop() if free else application(public_reports=serves[0], applicants=serves[1], tls=False)
    app.state = state_of(node, jobs=False)
    with TestClient(app, raise_server_exceptions=raise_server_exceptions) as client:
        yield client
    app.state = State()
    free.append(app)


@pytest.fixture
def client(made: Made) -> Iterator[TestClient[Litestar]]:
    """The node's HTTP surface, without background jobs."""
    with answering(made.node) as client:
        yield client
