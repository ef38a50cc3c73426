"""PyRIT's memory, a foreign SQLite database: attacks, the last answer of each, and its score.

Enters: a file that anybody may have made. Leaves: rows, one a conversation, the newest of those that were kept twice
(as PyRIT itself shows them). Refuses: a schema whose Alembic revision is not known here, since columns change meaning;
views, virtual tables and functions in place of PyRIT's tables; a database that is still being written. It is never
written to.
"""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import msgspec

from tocsin.kernel import BadInput, TooLarge

REVISIONS = frozenset(
    {
        "ab8f2c1a9d07",
        "e373726d391b",
        "108a72344872",
        "7a1b2c3d4e5f",
        "9c8b7a6d5e4f",
        "f1a2b3c4d5e6",
        "b2f4c6a8d1e3",
        "c3d5e7f9a1b2",
        "d4e6f8a0b2c4",
        "e5f7a9c1b3d2",
        "24b44ef076b6",
        "a1c3e5d7f9b0",
        "3f6e8a0c2d4b",
        "d7e9f1a3b5c6",
        "4c9a6e1f2b7d",
        "5a1d3c7e9f04",
        "6b8d0f2a4c1e",
        "8e2c4a6b0d13",
        "0f2e4d6c8b1a",
        "8d1e3f5a7b9c",
    }
)
"""Of PyRIT's migrations up to 1.1.0; each was read for what it does to the columns below."""

MAX_ROWS = 1_000_000
"""Attacks in one database: a campaign of a year. The rows are sorted in memory, some 200 bytes each."""

MAX_CELL_BYTES = 32 << 20
"""As for a line of garak's report."""

_STEPS, _MAX_STEPS = 1_000_000, 5_000
"""Of SQLite's machine between two looks, and looks: some minutes. A made-up index can send a query in circles."""

_VERSIONS = "pyrit_memory_alembic_version"
_TABLES = ("AttackResultEntries", "PromptMemoryEntries", "ScoreEntries")
_ATTACKS = """
    SELECT a.id, a.conversation_id, a.objective, a.{identifier}, a.outcome, a.pyrit_version,
           p.sequence, p.converted_value, p.converted_value_data_type, p.response_error,
           s.score_value, s.scorer_class_identifier, {status}
    FROM AttackResultEntries a
    LEFT JOIN PromptMemoryEntries p ON p.id = a.last_response_id
    LEFT JOIN ScoreEntries s ON s.id = a.last_score_id
    ORDER BY a.conversation_id, a.timestamp DESC, a.id DESC
"""
_REVISION = "SELECT version_num FROM pyrit_memory_alembic_version"
_PIECES = """
    SELECT converted_value, converted_value_data_type FROM PromptMemoryEntries
    WHERE conversation_id = ? AND sequence = ?
"""


class PyritAttack(msgspec.Struct, frozen=True):
    """One attack. `identifier` and `scorer` are PyRIT's JSON. `answered` is None where no answer was kept.

    `answer` is the answer's first piece; `pieces` are all, with their kinds ("text", "image_path", "error").
    """

    id: str
    objective: str
    identifier: str
    outcome: str
    version: str
    pieces: tuple[tuple[str, str], ...]
    response_error: str
    score: str | None
    scorer: str
    status: str


class PyritDatabase:
    """A file, open for reading alone. Close it, or use it in a `with`."""

    def __init__(self, file: Path) -> None:
        """Raises BadInput for what is no database of PyRIT, or none of a known revision."""
        for beside in ("-wal", "-journal"):
            other = file.with_name(file.name + beside)
            if other.exists() and other.stat().st_size:
                raise BadInput(f"{other.name} lies beside it: PyRIT still writes. Close it, then import")
        if not file.is_file():
            raise BadInput(f"cannot read {file}: no such file")
        try:
            # immutable: nothing is locked, and nothing is made beside a file that is not ours
            self._connection = sqlite3.connect(
                f"{file.absolute().as_uri()}?mode=ro&immutable=1", uri=True, isolation_level=None
            )
            self._guard()
            self.revision = self._known()
            self._columns = {name: self._names(name) for name in _TABLES}
            self._connection.set_authorizer(_only_reading)
        except (sqlite3.Error, UnicodeError) as error:
            raise _not_ours(error) from None

    def __enter__(self) -> "PyritDatabase":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    def attacks(self) -> Iterator[PyritAttack]:
        """Each conversation's newest result. Raises BadInput, TooLarge."""
        before, rows = None, 0
        has_status = "status" in self._columns["ScoreEntries"]
        both = ("atomic_attack_identifier", "attack_identifier")
        identifier = next((name for name in both if name in self._columns["AttackResultEntries"]), None)
        if identifier is None:
            raise BadInput("AttackResultEntries has no identifier of the attack: is this PyRIT's?")
        query = _ATTACKS.format(identifier=identifier, status="s.status" if has_status else "NULL")
        try:
            with closing(self._connection.execute(query)) as found:
                for row in found:
                    rows += 1
                    if rows > MAX_ROWS:
                        raise TooLarge(f"more than {MAX_ROWS:,} attacks: export a part of them")
                    if row[1] != before:
                        before = row[1]
                        yield self._attack(row)
        except (sqlite3.Error, UnicodeError) as error:
            raise _not_ours(error) from None

    def _attack(self, row: tuple[object, ...]) -> PyritAttack:
        name, conversation, objective, identifier, outcome, version = (_text(cell) for cell in row[:6])
        sequence, value, kind, response_error, score, scorer, status = row[6:]
        pieces: tuple[tuple[str, str], ...] = ()
        if kind is not None:
            pieces = ((_text(value), _text(kind)),)
            if not pieces[0][0].strip():
                # an answer has several pieces where it holds a picture, or a thought and a text
                with closing(self._connection.execute(_PIECES, (conversation, sequence))) as found:
                    pieces = tuple((_text(one), _text(of)) for one, of in found.fetchmany(64))
        return PyritAttack(
            id=name,
            objective=objective,
            identifier=identifier,
            outcome=outcome,
            version=version,
            pieces=pieces,
            response_error=_text(response_error),
            score=None if score is None else _text(score),
            scorer=_text(scorer),
            status=_text(status),
        )

    def _guard(self) -> None:
        connection = self._connection
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_CELL_BYTES)
        for pragma in (
            "trusted_schema = OFF",
            "query_only = ON",
            "cell_size_check = ON",
            "temp_store = MEMORY",
        ):
            connection.execute(f"PRAGMA {pragma}")
        looks = 0

        def long() -> int:
            nonlocal looks
            looks += 1
            return looks > _MAX_STEPS

        connection.set_progress_handler(long, _STEPS)

    def _known(self) -> str:
        """The revision, when the tables are tables. What a schema's text says is looked at before anything is read."""
        listed = self._connection.execute("SELECT name, type, sql FROM sqlite_master").fetchmany(1_000)
        kinds = {name: (kind, sql) for name, kind, sql in listed}
        for name in (*_TABLES, _VERSIONS):
            kind, sql = kinds.get(name, ("", ""))
            if not kind:
                raise BadInput(
                    f"there is no table {name}: give PyRIT's database (0.14 or later; open an older one with it once)"
                )
            if (
                kind != "table"
                or not re.match(r"CREATE TABLE\b", str(sql))
                or re.search(r"(?i)\bGENERATED\b|\bAS\s*\(", str(sql))
            ):
                raise BadInput(f"{name} is no plain table: this database was not made by PyRIT")
        revisions = [str(row[0]) for row in self._connection.execute(_REVISION).fetchmany(5)]
        if len(revisions) != 1 or revisions[0] not in REVISIONS:
            raise BadInput(
                f"PyRIT's schema {', '.join(revisions)[:80] or 'without a revision'} is not known here, where those up"
                " to 1.1.0 are: import with a newer Tocsin"
            )
        return revisions[0]

    def _names(self, table: str) -> frozenset[str]:
        return frozenset(str(row[1]) for row in self._connection.execute(f"PRAGMA table_info({table})"))


def _only_reading(action: int, first: str | None, *_: object) -> int:
    """PyRIT's three tables may be read, and nothing else done: no function, no other table, no pragma."""
    if action == sqlite3.SQLITE_SELECT or (action == sqlite3.SQLITE_READ and first in _TABLES):
        return sqlite3.SQLITE_OK
    return sqlite3.SQLITE_DENY


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if not isinstance(cell, str):
        raise BadInput(
            f"a cell holds {type(cell).__name__} where PyRIT keeps text: was the database changed?"
        )
    return cell


def _not_ours(error: Exception) -> BadInput:
    if isinstance(error, sqlite3.DataError) or "too big" in str(error):
        return TooLarge(f"a cell of the database is larger than {MAX_CELL_BYTES:,} bytes")
    if "interrupted" in str(error):
        return TooLarge("reading it takes too long: this is not how PyRIT lays its tables out")
    return BadInput(f"this is no database of PyRIT that can be read ({str(error)[:120]})")
