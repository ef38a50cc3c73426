"""A real PostgreSQL for the tests: started once, in a folder of its own, on a Unix socket only.

Skipped, with a line that says so, where its programs are not installed; under TOCSIN_TEST_ALL=1 that is a
failure. Works as root (the server then runs as `postgres`, for it refuses root) and as anybody else.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from tests.conftest import missing

OLDEST = 15
SERVER_USER = "postgres"


class PostgreSQL:
    """A running server. Each test asks for a database of its own."""

    def __init__(self, folder: Path) -> None:
        self._base = f"postgresql://{SERVER_USER}@/{{}}?host={folder}"
        self._numbers = count(1)
        self._admin = sa.create_engine(
            self._base.format("postgres").replace("postgresql:", "postgresql+psycopg:"),
            isolation_level="AUTOCOMMIT",
            poolclass=sa.NullPool,
        )

    def database(self, like: str = "template1") -> str:
        """The URL of a new database: empty, or a copy of the database that the URL `like` names."""
        name = f"test{next(self._numbers)}"
        template = sa.make_url(like).database if "/" in like else like
        self.run(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self._base.format(name)

    def drop(self, url: str) -> None:
        """Its some 300 files go now: thousands of databases' at the end of the session take minutes."""
        self.run(f"DROP DATABASE {sa.make_url(url).database} WITH (FORCE)")

    def run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(sa.text(statement))


def programs() -> Path | None:
    """The folder of the newest PostgreSQL programs on this machine that are new enough."""
    found = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    for path in sorted(found, key=lambda path: int(path.parent.name), reverse=True):
        if int(path.parent.name) >= OLDEST and (path / "initdb").exists():
            return path
    elsewhere = shutil.which("initdb")
    return Path(elsewhere).resolve().parent if elsewhere else None


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """The server, up for the whole test session."""
    bin_folder = programs()
    if bin_folder is None:
        missing(f"PostgreSQL {OLDEST} or newer")
        raise AssertionError("unreachable")
    as_server: dict[str, Any] = {}
    # Not below pytest's own folder: it is closed to other users, and a socket's path has 107 bytes at most.
    folder = Path(tempfile.mkdtemp(prefix="pg"))
    try:
        if os.geteuid() == 0:
            as_server = {"user": SERVER_USER, "group": SERVER_USER, "extra_groups": []}
            try:
                shutil.chown(folder, SERVER_USER, SERVER_USER)
            except LookupError:
                missing(f"a user {SERVER_USER}, for PostgreSQL refuses root")
        yield from _serve(bin_folder, folder, as_server)
    finally:
        shutil.rmtree(folder)


def _serve(bin_folder: Path, folder: Path, as_server: dict[str, Any]) -> Iterator[PostgreSQL]:
    data = folder / "data"

    def run(program: str, *arguments: str) -> None:
        # Output goes nowhere: the server would inherit a pipe and keep its reader waiting.
        subprocess.run(
            [bin_folder / program, *arguments],
            check=True,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=60,
            **as_server,
        )

    run("initdb", "-D", str(data), "-A", "trust", "-U", SERVER_USER, "-N", "-E", "UTF8", "--locale=C")
    options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
    run("pg_ctl", "-D", str(data), "-w", "-o", options, "start")
    try:
        yield PostgreSQL(folder)
    finally:
        run("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")
