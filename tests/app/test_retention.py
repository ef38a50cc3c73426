"""Retention is enforced by destroying the day's key; counts stay."""

from datetime import timedelta

import pytest

from tests.app.test_backup import take
from tests.fixtures import Made
from tocsin.kernel import NotFound


def test_after_retention_nobody_opens_a_text_and_events_stay(made: Made) -> None:
    take(made, 0, 8)
    made.node.store.events.compact()
    day, sealed = made.node.store.events.sealed(["e1"])["e1"]
    made.now += timedelta(days=made.node.settings.retention_text_days + 1)
    take(made, 8, 2)
    made.node.expire()
    with pytest.raises(NotFound):
        made.node.keys.opened(day).open(sealed, "event:e1")
    assert made.node.store.events.sealed(["e1"]) == {}
    assert made.node.store.events.count() == 10
    assert set(made.node.store.events.sealed(["e9"])) == {"e9"}
    assert made.node.store.audit.read(act="key.destroy")[0].detail["days"] == 1


def test_events_go_after_their_own_retention(made: Made) -> None:
    take(made, 0, 8)
    made.now += timedelta(days=made.node.settings.retention_events_days + 1)
    take(made, 8, 2)
    made.node.expire()
    assert made.node.store.events.count() == 2
