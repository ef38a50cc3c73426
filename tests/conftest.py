"""Sockets are off unless a test says `net`; what this machine lacks is skipped with a line, or fails."""

import logging
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from pytest_socket import disable_socket, enable_socket, socket_allow_hosts

pytest_plugins = ["tests.fixtures", "tests.tiny_answering"]

ALL = "TOCSIN_TEST_ALL"
ADAPTERS = "adapters"

settings.register_profile(
    "house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow], max_examples=60
)
settings.load_profile("house")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What needs the large programs of others runs where it is asked for by name: `make adapters`."""
    if ADAPTERS not in config.option.markexpr:
        away = [item for item in items if item.get_closest_marker(ADAPTERS)]
        config.hook.pytest_deselected(items=away)
        items[:] = [item for item in items if item not in away]


@pytest.fixture(autouse=True)
def _sockets(request: pytest.FixtureRequest) -> Iterator[None]:
    """Unit tests reach nothing; `net` tests reach loopback alone."""
    if request.node.get_closest_marker("net"):
        enable_socket()
        socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)
    else:
        disable_socket(allow_unix_socket=True)
    yield
    enable_socket()


@pytest.fixture(autouse=True)
def _logs() -> Iterator[None]:
    """A command that was run in here configures logs for a stream that is gone when its test is over.

    And what a library set for all logs of the process is not for the next test.
    """
    level = logging.getLogger().level
    yield
    logging.getLogger().setLevel(level)
    if "structlog" in sys.modules:
        import structlog

        structlog.configure(
            logger_factory=structlog.PrintLoggerFactory(sys.__stderr__), cache_logger_on_first_use=False
        )


@pytest.fixture
def now() -> datetime:
    """One fixed present for tests that need any."""
    return datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def shared_data() -> Path:
    """The public data beside the project, where it is present."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        missing(f"the folder {folder.parent.name}/{folder.name} beside the project")
    return folder


def missing(what: str) -> None:
    """Skip with a line that says what is missing; fail where everything must be there."""
    message = f"this machine lacks {what}"
    if os.environ.get(ALL):
        pytest.fail(f"{message}, and {ALL} is set")
    pytest.skip(message)
