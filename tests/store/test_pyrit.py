"""PyRIT's database as it was written by PyRIT, and as somebody hostile would."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tocsin.kernel import BadInput, TooLarge
from tocsin.store import pyrit
from tocsin.store.pyrit import PyritDatabase

REAL = Path(__file__).resolve().parents[1] / "vectors" / "pyrit" / "pyrit_1_1.db"


def changed(folder: Path, *statements: str) -> Path:
    """The real one, with something done to it."""
    file = folder / "memory.db"
    shutil.copy(REAL, file)
    with closing(sqlite3.connect(file)) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
    return file


def read(file: Path) -> list[pyrit.PyritAttack]:
    with PyritDatabase(file) as database:
        return list(database.attacks())


def test_what_pyrit_itself_wrote() -> None:
    attacks = read(REAL)
    assert len(attacks) == 41
    silent = [attack for attack in attacks if attack.pieces and not attack.pieces[0][0].strip()]
    assert len(silent) == 8
    assert {attack.outcome for attack in silent} == {"success", "failure"}
    assert {attack.outcome for attack in attacks if not attack.pieces} == {"error"}
    assert {attack.version for attack in attacks} == {"1.1.0"}
    with PyritDatabase(REAL) as database:
        assert database.revision == "8d1e3f5a7b9c"


def test_nothing_is_written_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    file = changed(tmp_path)
    before = file.read_bytes()
    read(file)
    assert file.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir()] == ["memory.db"]


def test_a_conversation_that_was_kept_twice_counts_once_by_its_newest_result(tmp_path: Path) -> None:
    columns = "conversation_id, objective, executed_turns, execution_time_ms, attack_metadata, atomic_attack_identifier"
    file = changed(
        tmp_path,
        f"INSERT INTO AttackResultEntries (id, outcome, timestamp, {columns}) "
        f"SELECT 'again', 'undetermined', '2099-01-01 00:00:00', {columns} FROM AttackResultEntries LIMIT 1",
    )
    found = read(file)
    assert len(found) == 41
    assert "again" in {attack.id for attack in found}


def test_an_answer_of_several_pieces_is_no_silence(tmp_path: Path) -> None:
    file = changed(
        tmp_path,
        "INSERT INTO PromptMemoryEntries SELECT 'beside', role, conversation_id, sequence, timestamp, prompt_metadata, "
        "converter_identifiers, response_error, original_value_data_type, original_value, original_value_sha256, "
        "'image_path', 'a.png', converted_value_sha256, original_prompt_id, pyrit_version "
        "FROM PromptMemoryEntries WHERE converted_value = '' LIMIT 1",
    )
    assert sum(len(attack.pieces) == 2 for attack in read(file)) == 1


def test_a_database_of_before_scores_had_a_status(tmp_path: Path) -> None:
    file = changed(
        tmp_path,
        "UPDATE pyrit_memory_alembic_version SET version_num = '4c9a6e1f2b7d'",
        "ALTER TABLE ScoreEntries DROP COLUMN status",
    )
    assert {attack.status for attack in read(file)} == {""}


@pytest.mark.parametrize(
    ("statements", "said"),
    [
        (["UPDATE pyrit_memory_alembic_version SET version_num = 'ffffffffffff'"], "newer Tocsin"),
        (["DELETE FROM pyrit_memory_alembic_version"], "without a revision"),
        (["DROP TABLE pyrit_memory_alembic_version"], "no table pyrit_memory"),
        (["DROP TABLE AttackResultEntries"], "no table AttackResult"),
        (
            ["DROP TABLE ScoreEntries", "CREATE VIEW ScoreEntries AS SELECT * FROM PromptMemoryEntries"],
            "no plain table",
        ),
        (["DROP TABLE ScoreEntries", "CREATE VIRTUAL TABLE ScoreEntries USING fts5(id)"], "no plain table"),
        (
            [
                "DROP TABLE ScoreEntries",
                "CREATE TABLE ScoreEntries (id, score_value, status GENERATED ALWAYS AS (hex(zeroblob(9))))",
            ],
            "no plain table",
        ),
        (["DROP TABLE ScoreEntries", "CREATE TABLE ScoreEntries (id)"], "no such column"),
        (["UPDATE AttackResultEntries SET objective = x'00ff'"], "holds bytes"),
    ],
)
def test_what_pyrit_did_not_make_is_refused(tmp_path: Path, statements: list[str], said: str) -> None:
    file = changed(tmp_path, *statements)
    with pytest.raises(BadInput, match=said):
        read(file)


def test_a_database_in_use_and_junk_are_refused(tmp_path: Path) -> None:
    file = changed(tmp_path)
    (tmp_path / "memory.db-wal").write_bytes(b"1")
    with pytest.raises(BadInput, match="still writes"):
        read(file)
    (tmp_path / "memory.db-wal").unlink()
    # a name in the schema that is no text
    odd = REAL.read_bytes().replace(b"CREATE TABLE", b"CREATE T\x93BLE", 1)
    for junk in (b"", b"SQLite format 3\x00" + b"\xff" * 4_000, REAL.read_bytes()[:5_000], b"{}", odd):
        file.write_bytes(junk)
        with pytest.raises(BadInput):
            read(file)
    with pytest.raises(BadInput, match="no such file"):
        read(tmp_path)


def test_bounds_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = changed(tmp_path)
    monkeypatch.setattr(pyrit, "MAX_ROWS", 3)
    with pytest.raises(TooLarge, match="more than 3 attacks"):
        read(file)
    monkeypatch.undo()
    monkeypatch.setattr(pyrit, "MAX_CELL_BYTES", 1_000)
    with pytest.raises(TooLarge, match="larger than"):
        read(changed(tmp_path, "UPDATE PromptMemoryEntries SET converted_value = printf('%2000s', 'x')"))
    monkeypatch.undo()
    monkeypatch.setattr(pyrit, "_STEPS", 10)
    monkeypatch.setattr(pyrit, "_MAX_STEPS", 10)
    with pytest.raises(TooLarge, match="too long"):
        read(file)
