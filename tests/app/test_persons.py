"""A person asks: what is held, and that it goes. Counts stay, and nothing of theirs is found in any file."""

import shutil
import stat
from collections import Counter
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.console import a_warning, token_for
from tests.fixtures import Made
from tocsin.app.node import Node
from tocsin.app.persons import Who
from tocsin.kernel import (
    BadInput,
    Caller,
    Conflict,
    EventLine,
    Kind,
    NotAllowed,
    NotFound,
    Observable,
    ObservableType,
    Role,
    WarningKind,
)

HANDLE, SESSION, MAIL = "marigold-of-the-hill", "talk-of-marigold-77", "marigold@flowers.example"
TEXT = "my own lottery refund came late again this week"
WHO = Who(source="chat", actor=HANDLE)
RAW = (HANDLE, SESSION, MAIL, TEXT)


def line(made: Made, number: int, *, theirs: bool) -> EventLine:
    return EventLine(
        id=f"e{number}",
        time=made.now - timedelta(minutes=number),
        source="chat",
        kind=list(Kind)[number % 3],
        actor=HANDLE if theirs else f"somebody-{number % 4}",
        text=f"{TEXT} {number}" if theirs else f"a harmless note with the number {number}",
        session=SESSION if theirs else None,
        lang="en",
        observables=(Observable(ObservableType.EMAIL, MAIL),) if theirs else (),
        attributes={"shown_as": HANDLE} if theirs else {},
    )


def fill(made: Made) -> None:
    """Forty events over two days, every fourth theirs, half of them in Parquet."""
    made.node.acceptor.accept([line(made, n, theirs=n % 4 == 0) for n in range(20)])
    made.node.store.events.compact()
    made.now += timedelta(days=1)
    made.node.acceptor.accept([line(made, n, theirs=n % 4 == 0) for n in range(20, 40)])


def people(made: Made) -> tuple[Caller, Caller]:
    """Two who may approve."""
    found = []
    for name in ("chen", "tuya"):
        caller = made.node.access.authenticate(token_for(made, name, Role.REVIEWER, Role.ADMIN))
        assert caller is not None
        found.append(caller)
    return found[0], found[1]


def counts(node: Node) -> Counter[tuple[object, ...]]:
    rows = [row for batch in node.store.events.batches() for row in batch.to_pylist()]
    found: Counter[tuple[object, ...]] = Counter(
        (row["time"] // 86_400_000_000, row["kind"], row["lang"], signal["category"])
        for row in rows
        for signal in row["signals"] or [{"category": ""}]
    )
    found["accounts",] = len({row["actor"] for row in rows})
    return found


def erase(made: Made, who: Who = WHO) -> None:
    for by in people(made):
        made.node.persons.approve(by, who, "erase")
    made.node.persons.erase(made.node.access.operator(), who, "asked by the person themselves")


def everything(folder: Path) -> bytes:
    return b"\0".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_erased_nothing_is_found_and_every_count_stays(made: Made) -> None:
    fill(made)
    pseudonym = made.node.keys.pseudonyms.of("actor", f"chat\x00{HANDLE}")
    session = made.node.keys.pseudonyms.of("session", f"chat\x00{SESSION}")
    warning = a_warning(1, now=made.now, samples=("e0", "e1"))
    about_them = a_warning(2, now=made.now, kind=WarningKind.AGENT, key=session)
    for one in (warning, about_them):
        made.node.store.warnings.upsert(one)
    made.node.watch.tick()
    before, generation = counts(made.node), made.node.keys.generation
    assert pseudonym.encode() in everything(made.node.data)
    erase(made)
    assert counts(made.node) == before
    assert made.node.store.warnings.get(warning.id) == warning
    kept = made.node.store.warnings.get(about_them.id)
    assert kept is not None
    assert kept == msgspec.structs.replace(about_them, key=kept.key)
    assert kept.key != session
    samples = made.node.reviewing.samples(made.node.access.operator(), warning.id, "what is left to see")
    assert [sample.event_id for sample in samples] == ["e1"]
    (receipt,) = made.node.store.erasures.list()
    assert (receipt.events, receipt.texts, receipt.days, len(receipt.approved)) == (10, 10, 2, 2)
    assert made.node.keys.erased_since(generation) == 1
    made.node.watch.tick()  # the window is filled anew, without their sketches
    seen = made.node.watch._window.view()
    assert {event: seen.text[row] >= 0 for event, row in seen.rows_of(["e0", "e1"]).items()} == {
        "e0": False,
        "e1": True,
    }
    made.node.close()
    content = everything(made.node.data)
    for raw in (*RAW, pseudonym, session):
        assert raw.encode() not in content
    again = Node(made.node.data, clock=made.clock)
    assert again.store.gone.list()[-1].name == receipt.ticket
    with pytest.raises(NotFound):
        again.persons.approve(people_again(made, again), WHO, "erase")
    again.close()


def people_again(made: Made, node: Node) -> Caller:
    caller = node.access.authenticate(made.token)
    assert caller is not None
    return caller


def test_first_only_counts_are_shown_and_nothing_is_changed(made: Made) -> None:
    fill(made)
    held = made.node.persons.held(made.node.access.operator(), WHO, "erase")
    assert (held.accounts, held.events, held.texts, held.approved_by) == (1, 10, 10, ())
    assert sum(held.kinds.values()) == 10
    assert made.node.persons.held(made.node.access.operator(), WHO, "erase") == held
    assert made.node.persons.held(made.node.access.operator(), WHO, "subject").digest != held.digest


def test_two_people_must_have_seen_what_is_held_now(made: Made) -> None:
    fill(made)
    operator, persons = made.node.access.operator(), made.node.persons
    chen, tuya = people(made)
    with pytest.raises(NotAllowed, match="not whoever can read the folder"):
        persons.approve(operator, WHO, "erase")
    persons.approve(chen, WHO, "erase")
    persons.approve(chen, WHO, "erase")  # twice is once
    with pytest.raises(NotAllowed, match="1 did"):
        persons.erase(operator, WHO, "asked by the person")
    persons.approve(tuya, WHO, "subject")  # for another act
    with pytest.raises(NotAllowed, match="1 did"):
        persons.erase(operator, WHO, "asked by the person")
    persons.approve(tuya, WHO, "erase")
    made.node.acceptor.accept([line(made, 44, theirs=True)])  # and now more is held
    with pytest.raises(NotAllowed, match="0 did"):
        persons.erase(operator, WHO, "asked by the person")
    refused = made.node.store.audit.read(act="person.erase")
    assert [row.outcome for row in refused] == ["refused"] * 3
    assert made.node.store.erasures.list() == ()


@pytest.mark.parametrize("role", [Role.ANALYST, Role.AUDITOR, Role.SOURCE, Role.PEER])
def test_others_may_neither_look_nor_approve(made: Made, role: Role) -> None:
    fill(made)
    caller = made.node.access.authenticate(
        token_for(made, "other", role, peer="lab" if role is Role.PEER else None)
    )
    assert caller is not None
    with pytest.raises(NotAllowed):
        made.node.persons.held(caller, WHO, "erase")
    with pytest.raises(NotAllowed):
        made.node.persons.approve(caller, WHO, "erase")


def test_a_hold_blocks_until_it_is_lifted_or_ends(made: Made) -> None:
    fill(made)
    operator, persons = made.node.access.operator(), made.node.persons
    (hold,) = persons.hold(operator, WHO, "order of the district court, file 12")
    persons.hold(operator, WHO, "ends by itself", until=1)
    with pytest.raises(Conflict, match=hold.id):
        erase(made)
    assert made.node.store.audit.read(act="person.erase")[0].outcome == "refused"
    persons.lift(operator, hold.id, "the court ended it")
    persons.erase(operator, WHO, "asked by the person")
    made.node.close()
    pseudonym = made.node.keys.pseudonyms.of("actor", f"chat\x00{HANDLE}")
    assert pseudonym.encode() not in everything(made.node.data)


def test_by_an_identifier_of_their_own(made: Made) -> None:
    fill(made)
    who = Who(observable=Observable(ObservableType.EMAIL, MAIL.upper()))
    assert made.node.persons.held(made.node.access.operator(), who, "erase").events == 10
    erase(made, who)
    assert made.node.store.events.sealed([f"e{n}" for n in range(0, 40, 4)]) == {}
    shared = Who(observable=Observable(ObservableType.WALLET, "0x00000000000000000000000000000000000000aa"))
    with pytest.raises(BadInput, match="own identifier"):
        made.node.persons.held(made.node.access.operator(), shared, "erase")
    with pytest.raises(BadInput, match="--source"):
        made.node.persons.held(made.node.access.operator(), Who(), "erase")


def test_older_data_that_are_put_back_are_erased_again(made: Made, tmp_path: Path) -> None:
    fill(made)
    made.node.close()
    shutil.copytree(made.node.data, tmp_path / "old")
    made.node = Node(made.node.data, clock=made.clock)
    before = counts(made.node)
    erase(made)
    made.node.close()
    for name in ("tocsin.db", "tocsin.db-wal", "tocsin.db-shm"):
        (made.node.data / name).unlink(missing_ok=True)
    shutil.rmtree(made.node.data / "sealed")
    shutil.rmtree(made.node.data / "events")
    for name in ("tocsin.db", "sealed", "events"):
        source = tmp_path / "old" / name
        (shutil.copytree if source.is_dir() else shutil.copy)(source, made.node.data / name)
    made.node = Node(made.node.data, clock=made.clock)
    assert counts(made.node) == before
    assert made.node.store.events.sealed([f"e{n}" for n in range(0, 40, 4)]) == {}
    assert made.node.store.audit.read(act="person.erase")[0].detail == {"events": 10}
    made.node.close()
    pseudonym = made.node.keys.pseudonyms.of("actor", f"chat\x00{HANDLE}")
    assert pseudonym.encode() not in everything(made.node.data)
    made.node = Node(made.node.data, clock=made.clock)
    assert len(made.node.store.audit.read(act="person.erase")) == 1  # and only once


def test_what_they_come_to_say_later_is_kept_anew_under_their_name(made: Made) -> None:
    """An erasure is of what is held; it is no ban, and the same event sent again does not come back."""
    fill(made)
    erase(made)
    again = made.node.acceptor.accept([line(made, 0, theirs=True), line(made, 60, theirs=True)])
    assert (again.accepted, again.duplicates) == (1, 1)
    assert made.node.persons.held(made.node.access.operator(), WHO, "erase").events == 1


def test_the_file_for_the_person_holds_theirs_and_nobody_elses(made: Made, tmp_path: Path) -> None:
    fill(made)
    operator, persons = made.node.access.operator(), made.node.persons
    with pytest.raises(NotAllowed):
        persons.subject(operator, WHO, tmp_path / "file", "asked by the person")
    assert not (tmp_path / "file").exists()
    for by in people(made):
        persons.approve(by, WHO, "subject")
    persons.subject(operator, WHO, tmp_path / "file", "asked by the person")
    told = msgspec.json.decode((tmp_path / "file").read_bytes())["events"]
    assert len(told) == 10
    assert all(one["text"].startswith(TEXT) and one["actor"] == HANDLE for one in told)
    assert all(one["observables"] == [{"type": "email", "value": MAIL}] for one in told)
    content = (tmp_path / "file").read_text()
    assert "harmless note" not in content
    assert "somebody" not in content
    assert "ps_" not in content
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o600
    opened = made.node.store.audit.read(act="subject.open")
    assert [row.outcome for row in opened] == ["done", "refused"]
    assert opened[0].detail["events"] == 10
    with pytest.raises(BadInput, match="new file"):
        persons.subject(operator, WHO, tmp_path / "file", "asked by the person")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.booleans(), min_size=1, max_size=12), st.integers(0, 12))
def test_whoever_is_erased_of_whatever_is_held_counts_stay(
    tmp_path_factory: pytest.TempPathFactory, plan: list[bool], compacted: int
) -> None:
    """Theirs or not, event by event; some in Parquet, some not."""
    from datetime import UTC, datetime

    made = Made(tmp_path_factory.mktemp("node") / "data", datetime(2026, 11, 20, 12, tzinfo=UTC))
    for number, theirs in enumerate(plan):
        made.node.acceptor.accept([line(made, number, theirs=theirs)])
        if number == compacted:
            made.node.store.events.compact()
    before = counts(made.node)
    if any(plan):
        erase(made)
    made.node.close()
    node = Node(made.node.data, clock=made.clock)
    assert counts(node) == before
    kept = {f"e{number}" for number, theirs in enumerate(plan) if not theirs}
    assert set(node.store.events.sealed([f"e{number}" for number in range(len(plan))])) == kept
    node.close()
    content = everything(made.node.data)
    pseudonym = made.node.keys.pseudonyms.of("actor", f"chat\x00{HANDLE}")
    assert not any(raw.encode() in content for raw in (*RAW, pseudonym))
