"""The file of SQLite: pages that hold several rows when it is made, and its own when it is older."""

import sqlite3
from pathlib import Path

from tocsin.store.engine import DATABASE_FILE, LOG_BYTES, PAGE_BYTES, Database


def pages(data: Path) -> tuple[int, int]:
    """Bytes of a page, and of the log before it is copied back."""
    database = Database(data, None)
    with database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS kept (at INTEGER)")
        page = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
        log = connection.exec_driver_sql("PRAGMA wal_autocheckpoint").scalar_one()
    database.close()
    return page, page * log


def test_a_new_file_has_large_pages(tmp_path: Path) -> None:
    assert pages(tmp_path) == (PAGE_BYTES, LOG_BYTES)
    assert pages(tmp_path) == (PAGE_BYTES, LOG_BYTES)


def test_an_older_file_keeps_its_pages_and_its_log_is_as_long(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / DATABASE_FILE) as older:
        older.execute("PRAGMA page_size = 4096")
        older.execute("CREATE TABLE before (at INTEGER)")
    older.close()
    assert pages(tmp_path) == (4096, LOG_BYTES)
