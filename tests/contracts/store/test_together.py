"""Several writes as one: all are kept, or none."""

import threading

import pytest

from tests.contracts.store.samples import record
from tocsin.kernel import Conflict
from tocsin.store.interface import AuditRow, Store

ROW = AuditRow(at=1, who="u", act="test", subject="", purpose="", outcome="done")


def test_what_is_written_together_is_kept_together(store: Store) -> None:
    with store.together():
        store.audit.write(ROW)
        store.jobs.set_cursor("here", "1")
        assert store.jobs.cursor("here") == "1"  # its own writes are seen inside
    assert len(store.audit.read(act="test")) == 1
    assert store.jobs.cursor("here") == "1"


def test_a_failure_undoes_all_of_it(store: Store) -> None:
    first = record(1)
    store.records.put([first])

    def clash() -> None:
        with store.together():
            store.audit.write(ROW)
            store.records.put([record(1, stix=b'{"other":"content"}')])

    with pytest.raises(Conflict):
        clash()
    assert store.audit.read(act="test") == ()
    store.audit.write(ROW)  # and the store goes on
    assert len(store.audit.read(act="test")) == 1


def test_another_thread_does_not_join(store: Store) -> None:
    seen: list[str | None] = []
    with store.together():
        store.jobs.set_cursor("here", "1")
        reader = threading.Thread(target=lambda: seen.append(store.jobs.cursor("here")))
        reader.start()
        reader.join()
    assert seen == [None]
