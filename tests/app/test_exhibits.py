"""Exhibits: sealed as they come, opened for a purpose within a day's bound, and every act a signed step."""

import hashlib
import os
import stat
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from tests.console import token_for
from tests.fixtures import Made
from tocsin.app import openings
from tocsin.app.cases import NewCase
from tocsin.app.exhibit_files import FOLDER_NAME, padded, unpadded
from tocsin.kernel import BadInput, Caller, NotAllowed, NotFound, Role, TooLarge, Unavailable
from tocsin.kernel.cases import CaseFlag, CaseOrigin, CaseWords
from tocsin.kernel.custody import CustodyAct, Exhibit
from tocsin.store.exhibit_interface import ExhibitRow

CONTENT = b"lottery refund: send the fee first"
PURPOSE = "to verify the report"


def person(made: Made, name: str, *roles: Role) -> Caller:
    caller = made.node.access.authenticate(token_for(made, name, *roles))
    assert caller is not None
    return caller


@pytest.fixture
def analyst(made: Made) -> Caller:
    return person(made, "ana", Role.ANALYST)


def begun(made: Made, *flags: CaseFlag) -> str:
    words = CaseWords(title="lottery refund")
    return made.node.cases.open(None, NewCase(origin=CaseOrigin.OWN, words=words, flags=flags)).id


@pytest.fixture
def case(made: Made) -> str:
    return begun(made)


def taken(made: Made, case: str, *, quarantined: bool = False, content: bytes = CONTENT) -> Exhibit:
    with made.node.store.together():
        return made.node.exhibits.take(
            case,
            content=content,
            media_type="text/plain",
            name="1.txt",
            by="report",
            source="a forum",
            stripped=("exif",),
            quarantined=quarantined,
            received_sha256="ab" * 32,
        )


def test_an_exhibit_lies_sealed_and_opens_for_a_purpose(made: Made, analyst: Caller, case: str) -> None:
    kept = taken(made, case)
    assert kept.sha256 == hashlib.sha256(CONTENT).hexdigest()
    assert made.node.exhibits.of(analyst, case) == (kept,)
    assert made.node.exhibits.open(analyst, kept.id, PURPOSE) == CONTENT
    steps, broken = made.node.exhibits.custody(analyst, kept.id)
    assert broken is None
    assert [step.act for step in steps] == [
        CustodyAct.RECEIVED,
        CustodyAct.STRIPPED,
        CustodyAct.SEALED,
        CustodyAct.OPENED,
    ]
    assert (steps[-1].by, steps[-1].how) == (analyst.user, PURPOSE)
    assert [row.subject for row in made.node.store.audit.read(act=openings.EXHIBIT)] == [kept.id]
    said = made.node.store.audit.read(act="evidence.step.opened")[0].detail
    assert said == {"step": 4, "chain": steps[-1].chain.hex()}
    for file in [path for path in made.node.data.rglob("*") if path.is_file()]:
        found = file.read_bytes()
        for secret in (CONTENT, kept.sha256.encode(), bytes.fromhex(kept.sha256), b"a forum"):
            assert secret not in found, file


def test_who_may_not_open_the_case_is_told_of_no_exhibit(made: Made, analyst: Caller, case: str) -> None:
    kept = taken(made, case)
    for role in (Role.AUDITOR, Role.ADMIN):
        other = person(made, role.value + " of mine", role)
        with pytest.raises(NotAllowed):
            made.node.exhibits.open(other, kept.id, PURPOSE)
        with pytest.raises(NotAllowed):
            made.node.exhibits.of(other, case)
    with pytest.raises(NotFound, match="there is no exhibit ex_none"):
        made.node.exhibits.open(analyst, "ex_none", PURPOSE)
    made.node.case_keys.destroy(case)
    with pytest.raises(NotFound, match=f"there is no exhibit {kept.id}"):
        made.node.exhibits.open(analyst, kept.id, PURPOSE)


def test_opening_needs_a_purpose_and_counts_against_the_day(
    made: Made, analyst: Caller, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = taken(made, case)
    with pytest.raises(BadInput, match="purpose"):
        made.node.exhibits.open(analyst, kept.id, "")
    monkeypatch.setattr(openings, "MAX_TEXTS_A_DAY", 1)
    made.node.exhibits.open(analyst, kept.id, PURPOSE)
    with pytest.raises(NotAllowed, match="a day"):
        made.node.exhibits.open(analyst, kept.id, "for another purpose")
    assert len(made.node.exhibits.custody(analyst, kept.id)[0]) == 4
    assert made.node.store.audit.read(act=openings.EXHIBIT)[0].outcome == "refused"
    made.now += timedelta(days=1)
    assert made.node.exhibits.open(analyst, kept.id, "for another purpose") == CONTENT


def test_a_quarantined_exhibit_is_kept_and_neither_opened_nor_told_of(
    made: Made, analyst: Caller, case: str
) -> None:
    kept = taken(made, case, quarantined=True)
    (listed,) = made.node.exhibits.of(analyst, case)
    assert listed == kept
    assert (listed.quarantined, listed.sha256, listed.size, listed.received_sha256) == (True, "", 0, "")
    with pytest.raises(NotAllowed, match="not shown here"):
        made.node.exhibits.open(analyst, kept.id, PURPOSE)
    assert made.node.exhibits.custody(analyst, kept.id)[0][-1].act is CustodyAct.QUARANTINED
    assert made.node.store.audit.read(act=openings.EXHIBIT) == ()


def test_who_meets_such_material_shuts_it_for_everybody(made: Made, analyst: Caller, case: str) -> None:
    kept = taken(made, case)
    made.node.exhibits.quarantine(analyst, kept.id)
    made.node.exhibits.quarantine(analyst, kept.id)
    with pytest.raises(NotAllowed, match="not shown here"):
        made.node.exhibits.open(analyst, kept.id, PURPOSE)
    assert made.node.exhibits.of(analyst, case)[0].sha256 == ""
    steps, broken = made.node.exhibits.custody(analyst, kept.id)
    assert [step.act for step in steps].count(CustodyAct.QUARANTINED) == 1
    assert broken is None
    with pytest.raises(NotAllowed):
        made.node.exhibits.quarantine(person(made, "aud", Role.AUDITOR), kept.id)


def test_changed_bytes_and_changed_steps_are_told(
    made: Made, analyst: Caller, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = taken(made, case)
    file = made.node.data / FOLDER_NAME / kept.id
    found = bytearray(file.read_bytes())
    found[-1] ^= 1
    file.write_bytes(found)
    with pytest.raises(Unavailable, match="changed on the disk"):
        made.node.exhibits.open(analyst, kept.id, PURPOSE)
    file.unlink()
    with pytest.raises(Unavailable, match="restore"):
        made.node.exhibits.open(analyst, kept.id, PURPOSE)
    row = made.node.store.exhibits.get(kept.id)
    assert row is not None
    steps = list(made.node.store.exhibits.steps(kept.id))
    steps[1] = msgspec.structs.replace(steps[1], by="somebody else")
    monkeypatch.setattr(made.node.store.exhibits, "steps", lambda _: tuple(steps))
    broken = made.node.exhibits.custody(analyst, kept.id)[1]
    assert broken is not None
    assert broken.number == 2


def test_what_is_undone_leaves_a_file_that_is_swept(made: Made, analyst: Caller, case: str) -> None:
    kept = taken(made, case)

    def cut() -> None:
        with made.node.store.together():
            taken(made, case)
            raise KeyError

    with pytest.raises(KeyError):
        cut()
    folder = made.node.data / FOLDER_NAME
    assert len(list(folder.iterdir())) == 2
    files, present = made.node.exhibits._files, made.node.store.exhibits.present()
    assert files.sweep(present) == 0
    assert files.sweep(present) == 1
    assert [path.name for path in folder.iterdir()] == [kept.id]


def test_the_bytes_are_on_disk_before_the_row_that_speaks_of_them(
    made: Made, analyst: Caller, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []
    fsync, add = os.fsync, made.node.store.exhibits.add

    def synced(descriptor: int) -> None:
        done.append("folder" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else "bytes")
        fsync(descriptor)

    def added(row: ExhibitRow) -> None:
        done.append("row")
        assert (made.node.data / FOLDER_NAME / row.id).stat().st_size > len(CONTENT)
        add(row)

    monkeypatch.setattr(os, "fsync", synced)
    monkeypatch.setattr(made.node.store.exhibits, "add", added)
    taken(made, case)
    assert done == ["bytes", "folder", "row"]


def test_bounds_and_names(made: Made, analyst: Caller, case: str) -> None:
    take = made.node.exhibits.take
    with pytest.raises(TooLarge):
        take(case, content=b"", media_type="text/plain", name="1.txt", by="report")
    with pytest.raises(BadInput, match="name of ours"):
        take(case, content=b"x", media_type="text/plain", name="My Name.txt", by="report")
    with pytest.raises(NotFound):
        take("case_none", content=b"x", media_type="text/plain", name="1.txt", by="report")
    assert not (made.node.data / FOLDER_NAME).exists()


@pytest.mark.parametrize("length", [1, 8, 100, 1000, 65_537, 1_000_000])
def test_padding_hides_the_length_and_costs_an_eighth_at_most(length: int) -> None:
    content = bytes(range(256)) * (length // 256 + 1)
    plain = padded(content[:length])
    assert unpadded(plain) == content[:length]
    assert len(plain) <= (length + 8) * 1.13
    assert length < 1000 or len(padded(content[: length + 1])) == len(padded(content[: length + 3]))


def test_the_folder_is_for_its_owner_alone(made: Made, analyst: Caller, case: str) -> None:
    kept = taken(made, case)
    folder: Path = made.node.data / FOLDER_NAME
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / kept.id).stat().st_mode & 0o777 == 0o600
