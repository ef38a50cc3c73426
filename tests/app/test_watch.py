"""One watch a node: what is found is found once, survives a restart, and is looked for by one process at a time."""

import json
from datetime import timedelta

from tests.fixtures import Made
from tests.worlds import lottery_campaign
from tocsin.app.node import Node
from tocsin.kernel import EventLine, WarningStatus
from tocsin.wire.events import decode_line


def take(made: Made, text: str) -> None:
    lines = [decode_line(1, line.encode(), now=made.now) for line in text.splitlines()]
    outcome = made.node.acceptor.accept([line for line in lines if isinstance(line, EventLine)])
    assert outcome.accepted == len(lines)


def dated(made: Made) -> str:
    """The world of tests, moved to the fixture's present."""
    rows = [json.loads(line) for line in lottery_campaign().splitlines()]
    for number, row in enumerate(rows):
        age = timedelta(days=600 if row["actor"].startswith("reader") else 2)
        row["time"] = (made.now - timedelta(minutes=7 * number % 9_000)).isoformat()
        row["actor_created"] = (made.now - timedelta(days=8) - age).isoformat()
    return "\n".join(json.dumps(row) for row in rows)


def test_a_campaign_is_found_once_and_grows_under_its_id(made: Made) -> None:
    take(made, dated(made))
    (found,) = made.node.watch.tick()
    assert made.node.watch.tick() == ()
    assert (found.actors, found.status) == (12, WarningStatus.OPEN)
    restarted = Node(made.node.data, clock=made.clock)
    made.node.watch.release()
    assert restarted.watch.tick() == ()  # the same events, the same warning
    assert [warning.id for warning in restarted.store.warnings.list()] == [found.id]
    restarted.close()


def test_a_patient_look_waits_until_the_past_is_filled_in(made: Made) -> None:
    yesterday = (made.now - timedelta(days=1)).isoformat()
    rows = sorted(dated(made).splitlines(), key=lambda row: str(json.loads(row)["time"]))
    old = [row for row in rows if json.loads(row)["time"] < yesterday]
    take(made, "\n".join(old))
    assert made.node.watch.tick(patient=True) == ()
    take(made, "\n".join(rows[len(old) :]))
    assert made.node.watch.tick(patient=True), "what came last is of today: all is there"


def test_one_process_looks_at_a_time(made: Made) -> None:
    take(made, dated(made))
    other = Node(made.node.data, clock=made.clock)
    assert made.node.watch.tick()
    assert other.watch.tick() == ()
    assert other.watch.elsewhere
    made.node.watch.release()
    assert other.watch.tick() == ()
    assert not other.watch.elsewhere
    other.close()


def test_a_confirmation_makes_records_and_a_dismissal_quiets(made: Made) -> None:
    take(made, dated(made))
    (found,) = made.node.watch.tick()
    by = made.node.access.operator()
    made.node.reviewing.review(
        by,
        found.id,
        WarningStatus.DISMISSED,
        category="",
        statement="a raffle of the town, run by its library",
        basis="",
        days=30,
    )
    made.node.watch.tick()
    (kept,) = made.node.store.warnings.list()
    assert kept.status is WarningStatus.DISMISSED
    (benign,) = made.node.store.records.list(types=("indicator",))
    assert b'"benign"' in benign.stix
    assert made.node.store.audit.read(act="warning.review")[0].detail["verdict"] == "dismissed"


def test_opening_samples_is_audited_and_masked(made: Made) -> None:
    take(made, dated(made))
    (found,) = made.node.watch.tick()
    by = made.node.access.operator()
    samples = made.node.reviewing.samples(by, found.id, "to judge this warning")
    assert samples
    assert all("refund" in sample.text_masked or "lottery" in sample.text_masked for sample in samples)
    row = made.node.store.audit.read(act="sample.open")[0]
    assert (row.who, row.purpose, row.detail["events"]) == (
        by.user,
        "to judge this warning",
        len(found.samples),
    )
