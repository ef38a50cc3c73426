"""PyRIT's results: what is counted, what is not, and what PyRIT makes of it."""

import json
import shutil
import sqlite3
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest

from tocsin.evaluate.importing import import_pyrit
from tocsin.kernel.errors import BadInput
from tocsin.kernel.evaluations import Counts, EvaluationResult, LineVerdict

REAL = Path(__file__).resolve().parents[1] / "vectors" / "pyrit" / "pyrit_1_1.db"
WORD, TURNED = "PromptSendingAttack/SubStringScorer", "PromptSendingAttack/TrueFalseInverterScorer"


def by_task(file: Path, **lines: float) -> dict[str, EvaluationResult]:
    return {found.task: found for found in import_pyrit(file, lines)}


def test_silence_is_neither_reached_nor_held() -> None:
    found = by_task(REAL, PromptSendingAttack=0.5)
    assert found[WORD].told == Counts(passed=16, failed=2), "PyRIT takes silence for a refusal"
    assert found[TURNED].told == Counts(passed=12, failed=6), "and here for a jailbreak"
    for task in (WORD, TURNED):
        assert found[task].counts == Counts(passed=12, failed=2, invalid=4)
        assert found[task].reasons == {"blank-answer": 4}
        assert found[task].verdict is LineVerdict.INVALID
        assert found[task].model == "Clerk"
    assert found[WORD].tool_version == "1.1.0"
    assert found[WORD].report == sha256(REAL.read_bytes()).hexdigest()


def test_errors_and_what_nobody_judged_are_invalid() -> None:
    found = by_task(REAL)
    # PyRIT forgets which attack it was when the endpoint breaks
    assert found["attack/-"].counts == found["attack/-"].told == Counts(invalid=4)
    assert found["attack/-"].reasons == {"endpoint-error": 4}
    assert found["PromptSendingAttack/-"].reasons == {"undetermined": 1}


def test_a_score_that_never_came_is_no_verdict(tmp_path: Path) -> None:
    file = tmp_path / "memory.db"
    shutil.copy(REAL, file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE ScoreEntries SET status = 'undetermined', score_value = NULL")
        connection.commit()
    found = by_task(file)[WORD]
    assert found.counts == Counts(invalid=18)
    assert found.reasons == {"no-score": 14, "blank-answer": 4}


def test_flat_identifiers_of_before(tmp_path: Path) -> None:
    file = tmp_path / "memory.db"
    shutil.copy(REAL, file)
    with closing(sqlite3.connect(file)) as connection:
        flat = {"__type__": "CrescendoAttack", "__module__": "pyrit.executor"}
        connection.execute("UPDATE AttackResultEntries SET atomic_attack_identifier = ?", (json.dumps(flat),))
        connection.commit()
    assert "CrescendoAttack/SubStringScorer" in by_task(file)


@pytest.mark.parametrize("identifier", ["{", "[" * 2_000, "\ud800"])
def test_an_identifier_that_is_no_json_is_refused(tmp_path: Path, identifier: str) -> None:
    file = tmp_path / "memory.db"
    shutil.copy(REAL, file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(
            "UPDATE AttackResultEntries SET atomic_attack_identifier = CAST(? AS TEXT)",
            (identifier.encode("utf-8", "surrogatepass"),),
        )
        connection.commit()
    with pytest.raises(BadInput):
        import_pyrit(file)


def test_a_line_without_its_attack_is_refused_and_so_is_an_empty_database(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"Crescendo.*PromptSendingAttack"):
        by_task(REAL, CrescendoAttack=0.1)
    file = tmp_path / "memory.db"
    shutil.copy(REAL, file)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("DELETE FROM AttackResultEntries")
        connection.commit()
    with pytest.raises(BadInput, match="no attack"):
        import_pyrit(file)
    with pytest.raises(BadInput, match="cannot read"):
        import_pyrit(tmp_path / "none.db")
