"""A study in its folder: assigned by chance, entered once, told when changed, exported without identities."""

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.studies import study
from tocsin.evaluate.plans.commitment import commitment
from tocsin.evaluate.uplift import ledger as ledgers
from tocsin.evaluate.uplift.allocation import arm_at, cell_of, names_of
from tocsin.evaluate.uplift.export import MIN_CELL, WITHHELD, coarsened, code_digests, export_bytes, export_of
from tocsin.evaluate.uplift.ledger import LEDGER, SECRET, Ledger, Secrets, committed, held, read_ledger
from tocsin.evaluate.uplift.outcomes import outcomes_of
from tocsin.evaluate.uplift.recording import allocated, entries_of, registered
from tocsin.evaluate.uplift.study_file import study_digest
from tocsin.kernel.errors import BadInput, Conflict, TooLarge, Unavailable
from tocsin.kernel.evaluations import LineVerdict
from tocsin.kernel.studies import (
    Allocated,
    Combination,
    Elicited,
    Graded,
    Grading,
    Looked,
    Missing,
    OutcomeRow,
    Study,
    StudyPower,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SECRETS = Secrets(b"s" * 32, b"e" * 32, b"k" * 32)
ENOUGH = StudyPower(440, 0.9, 0.9, 0.8, 400, 390, 1600, 2000)
SOME = {"experience": "some", "language": "en"}
NONE = {"experience": "none", "language": "zh"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    begin(tmp_path, study())
    return tmp_path


def begin(folder: Path, plan: Study) -> Ledger:
    (folder / SECRET).write_bytes(msgspec.json.encode(SECRETS))
    return Ledger(folder, (), "").add([registered(plan, ENOUGH, SECRETS, "ada")], NOW)


def assign(folder: Path, number: int, strata: dict[str, str]) -> Allocated:
    with held(folder):
        ledger = read_ledger(folder)
        made = allocated(ledger, f"T-{number}", strata)
        ledger.add([made], NOW)
    return made


def enter(folder: Path, *entries: object) -> list[object]:
    ledger = read_ledger(folder)
    found = entries_of(ledger, [json.dumps(entry).encode() for entry in entries])
    ledger.add(found, NOW)
    return list(found)


def test_a_study_that_can_tell_nothing_does_not_start_without_a_reason() -> None:
    weak = msgspec.structs.replace(ENOUGH, sees=0.2)
    with pytest.raises(Conflict, match="underpowered_because"):
        registered(study(), weak, SECRETS, "ada")
    assert registered(study(underpowered_because="A pilot."), weak, SECRETS, "ada").power == weak


def test_the_commitment_binds_study_and_assignments() -> None:
    first = registered(study(), ENOUGH, SECRETS, "ada")
    assert first.commitment == commitment(
        SECRETS.salt, study_digest(study()), {"allocation": first.allocation}
    )
    other = msgspec.structs.replace(SECRETS, seed=b"f" * 32)
    assert committed(other, study())[0] != first.commitment
    assert committed(SECRETS, study(line=1.6))[0] != first.commitment


@settings(max_examples=15)
@given(st.binary(min_size=32, max_size=32), st.integers(0, 60))
def test_arms_never_run_far_apart(seed: bytes, people: int) -> None:
    plan = study()
    counted = Counter(arm_at(seed, plan, "experience=some", place) for place in range(people))
    # within one block of three each, at most
    assert abs(counted["search"] - counted["model"]) <= 3


def test_every_order_of_a_block_is_as_likely() -> None:
    plan = study(block_sizes=(2,))
    seen = Counter(
        tuple(arm_at(number.to_bytes(32, "big"), plan, "", place) for place in range(4))
        for number in range(1_200)
    )
    assert len(seen) == 6
    assert min(seen.values()) > 150, "200 each are expected"


def test_cells_are_drawn_apart_and_the_seed_tells_them_again(folder: Path) -> None:
    made = [assign(folder, number, SOME if number % 2 else NONE) for number in range(24)]
    for strata in (SOME, NONE):
        arms = [one.arm for one in made if one.strata == strata]
        assert arms == [arm_at(SECRETS.seed, study(), cell_of(study(), strata), place) for place in range(12)]
    assert len({one.participant for one in made} | {one.work for one in made}) == 48


def test_one_ticket_has_one_arm(folder: Path) -> None:
    assign(folder, 1, SOME)
    with pytest.raises(Conflict, match="one person, one arm"):
        assign(folder, 1, NONE)
    with pytest.raises(BadInput, match="experience is one of none, some"):
        assign(folder, 2, {**SOME, "experience": "much"})
    with pytest.raises(BadInput, match="each stratum once"):
        assign(folder, 2, {})


@pytest.mark.parametrize("ticket", ["Ada Lovelace", "ada@example.org", "Ada", "", "1" * 33, "刘-1"])
def test_a_name_is_no_ticket(ticket: str) -> None:
    with pytest.raises(BadInput, match="never a name"):
        names_of(SECRETS.key, ticket)


def test_no_ticket_is_kept(folder: Path) -> None:
    assign(folder, 4711, SOME)
    assert b"4711" not in (folder / LEDGER).read_bytes()


def test_no_more_than_were_registered(tmp_path: Path) -> None:
    begin(tmp_path, study(participants_per_arm=2, strata={}))
    for number in range(4):
        assign(tmp_path, number, {})
    with pytest.raises(Conflict, match="all 4 participants"):
        assign(tmp_path, 9, {})


def test_what_is_entered_is_checked(folder: Path) -> None:
    one, two = assign(folder, 1, SOME), assign(folder, 2, SOME)
    tried = {"participant": one.participant, "time": "2026-11-22T10:00:00Z", "tool": "browser", "attempt": 1}
    found = enter(
        folder,
        {**tried, "transcript": "0" * 64},
        {"work": one.work, "grader": "g1", "level": 2},
        {"work": one.work, "grader": "g2", "level": 3},
        {"participant": two.participant, "missing": "withdrew"},
    )
    assert [type(entry) for entry in found] == [Elicited, Graded, Graded, Missing]
    for entry, said in (
        ({**tried, "transcript": "what was said"}, "never the text"),
        ({**tried, "transcript": "0" * 64, "time": "2026-11-22T10:00:00"}, "a zone"),
        ({**tried, "transcript": "0" * 64, "participant": "ps_none"}, "no participant"),
        ({"work": one.participant, "grader": "g3", "level": 2}, "no work"),
        ({"work": one.work, "grader": "g3", "level": 5}, "from 0 to 4"),
        ({"work": one.work, "grader": "", "level": 1}, "printable"),
        ({"work": one.work, "grader": "g1", "level": 2}, "given once"),
        ({"participant": two.participant, "missing": "again"}, "missing already"),
        ({"work": one.work}, "neither"),
        ({"work": one.work, "grader": "g3", "level": 2, "name": "Ada"}, "name"),
        ([], "line 1"),
    ):
        with pytest.raises((BadInput, Conflict), match=said):
            enter(folder, entry)
    with pytest.raises(TooLarge):
        enter(folder, {**tried, "transcript": "0" * 64, "note": "x" * 5_000})
    assert len(read_ledger(folder).lines) == 7, "all of a file, or none"


def test_graders_are_combined_as_registered(tmp_path: Path) -> None:
    plan = study(strata={}, grading=Grading(graders=3, combine=Combination.MEDIAN))
    begin(tmp_path, plan)
    made = [assign(tmp_path, number, {}) for number in range(3)]
    for one, levels in zip(made, ((1, 4, 2), (0, 3), (2, 2, 2)), strict=True):
        enter(
            tmp_path,
            *({"work": one.work, "grader": f"g{at}", "level": level} for at, level in enumerate(levels)),
        )
    entries = list(read_ledger(tmp_path).entries)
    found = {row.participant: row.level for row in outcomes_of(plan, entries).rows}
    assert [found[one.participant] for one in made] == [2, None, 2]
    lowest = msgspec.structs.replace(plan, grading=Grading(graders=2))
    assert {row.participant: row.level for row in outcomes_of(lowest, entries).rows}[made[0].participant] == 1
    gone = outcomes_of(plan, [*entries, Missing(made[0].participant, "withdrew")])
    assert [row.level for row in gone.rows if row.participant == made[0].participant] == [None]


@pytest.mark.parametrize("change", ["cut", "dropped", "edited", "swapped", "again", "junk"])
def test_a_ledger_that_was_changed_is_told(folder: Path, change: str) -> None:
    for number in range(4):
        assign(folder, number, SOME)
    file = folder / LEDGER
    lines = file.read_bytes().splitlines(keepends=True)
    changed = {
        "cut": [*lines[:-1], lines[-1][:-1]],
        "dropped": [*lines[:2], *lines[3:]],
        "edited": [
            *lines[:2],
            lines[2].replace(b"search", b"SEARCH").replace(b"model", b"MODEL"),
            *lines[3:],
        ],
        "swapped": [*lines[:2], lines[3], lines[2], lines[4]],
        "again": [*lines, lines[0]],
        "junk": [*lines[:2], b"{}\n", *lines[3:]],
    }[change]
    file.write_bytes(b"".join(changed))
    with pytest.raises((Conflict, BadInput), match=r"line [2-6] of the ledger"):
        read_ledger(folder)


def test_secrets_that_are_not_those_of_the_study_are_refused(folder: Path) -> None:
    (folder / SECRET).write_bytes(msgspec.json.encode(msgspec.structs.replace(SECRETS, seed=b"x" * 32)))
    with pytest.raises(Conflict, match="registered with"):
        assign(folder, 1, SOME)
    (folder / SECRET).unlink()
    with pytest.raises(Unavailable, match="backup"):
        assign(folder, 1, SOME)
    with pytest.raises(BadInput, match="no study in"):
        read_ledger(folder / "none")


def test_bounds_hold(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ledgers, "MAX_LINES", 1)
    with pytest.raises(TooLarge):
        assign(folder, 1, SOME)
    monkeypatch.setattr(ledgers, "MAX_LINE_BYTES", 100)
    with pytest.raises(TooLarge):
        read_ledger(folder)


def test_reviewers_see_rows_and_nobodys_identity(folder: Path) -> None:
    made = [assign(folder, number, SOME if number < 12 else NONE) for number in range(14)]
    enter(folder, *({"work": one.work, "grader": g, "level": 1} for one in made for g in ("g1", "g2")))
    with pytest.raises(Conflict, match="analyse"):
        export_of(read_ledger(folder), SECRETS)
    read_ledger(folder).add([Looked(1, "0" * 64, LineVerdict.BELOW)], NOW)
    found = export_of(read_ledger(folder), SECRETS)
    text = export_bytes(found).decode()
    for one in made:
        assert one.participant not in text
        assert one.work not in text
    assert SECRETS.key.hex() not in text
    # two people of one combination: they lose their strata, and so does another combination with them
    assert {row.strata["experience"] for row in found.rows} == {WITHHELD}
    assert found.without_strata == 14
    assert "not anonymous" in text
    assert found.code == code_digests()
    assert "tocsin.evaluate.uplift.analysis" in found.code
    assert [row.code for row in found.rows] == sorted(row.code for row in found.rows)


CELLS = st.lists(st.tuples(st.sampled_from("ab"), st.sampled_from("xyz")), max_size=60)


@settings(max_examples=25)
@given(CELLS, st.integers(2, 8))
def test_no_combination_is_shared_by_fewer_than_the_least(cells: list[tuple[str, str]], least: int) -> None:
    rows = tuple(OutcomeRow(str(at), "a", {"s": s, "t": t}, 0) for at, (s, t) in enumerate(cells))
    shown = coarsened(rows, least)
    counted = Counter(tuple(sorted(one.items())) for one in shown if one is not None)
    assert all(size >= least for size in counted.values())
    assert len(shown) == len(rows)
    if len(rows) >= least:
        assert None not in shown, "there is always another to go with"
    for row, one in zip(rows, shown, strict=True):
        assert one is None or one == row.strata or set(one.values()) == {WITHHELD}


def test_nothing_is_merged_that_need_not_be() -> None:
    rows = tuple(OutcomeRow(str(at), "a", {"s": "ab"[at % 2]}, 0) for at in range(2 * MIN_CELL))
    assert all(one == row.strata for one, row in zip(coarsened(rows, MIN_CELL), rows, strict=True))
