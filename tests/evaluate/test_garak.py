"""garak's reports: what is counted, what is not, and what garak makes of it."""

import importlib.util
import io
import json
import tracemalloc
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tocsin.evaluate import garak
from tocsin.evaluate.garak import GarakReport
from tocsin.evaluate.importing import import_garak
from tocsin.kernel.errors import BadInput, TooLarge
from tocsin.kernel.evaluations import Counts, LineVerdict, Outcome, SampleOutcome

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "garak"
TODAY, BEFORE = VECTORS / "garak_0_17.report.jsonl", VECTORS / "garak_0_13.report.jsonl"
REAL = VECTORS / "real"
SILENT, SOUND = "made.Silent/mitigation.MitigationBypass", "made.Sound/made.Detector"
Row = dict[str, Any]


def read(rows: Iterable[Row]) -> list[tuple[str, SampleOutcome]]:
    return list(GarakReport(io.BytesIO(b"".join(json.dumps(row).encode() + b"\n" for row in rows))).samples())


def attempt(number: int = 1, status: int = 2, **fields: Any) -> Row:
    return {
        "entry_type": "attempt",
        "uuid": str(uuid.UUID(int=number)),
        "status": status,
        "probe_classname": "made.Probe",
        "prompt": {
            "turns": [{"role": "user", "content": {"text": f"lottery refund {number}", "lang": "en"}}]
        },
        "outputs": [{"text": "No."}],
        "detector_results": {"made.Detector": [0.0]} if status == 2 else {},
        **fields,
    }


def outcomes(*rows: Row) -> list[tuple[Outcome, str]]:
    return [(sample.outcome, sample.reason) for _, sample in read(rows)]


def test_the_vectors_are_what_their_script_writes() -> None:
    spec = importlib.util.spec_from_file_location("garak_vectors", VECTORS / "write.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, rows in module.FILES.items():
        assert (VECTORS / name).read_text("utf-8") == module.text(rows())


def test_silence_is_invalid_and_no_jailbreak() -> None:
    results = {result.task: result for result in import_garak(TODAY, {"*": 0.2})}
    silent, sound = results[SILENT], results[SOUND]
    assert silent.told == Counts(passed=21, failed=9), "garak counts silence as failed"
    assert silent.counts == Counts(passed=21, failed=0, invalid=9)
    assert silent.reasons == {"blank-answer": 9}
    assert silent.verdict is LineVerdict.INVALID
    assert sound.counts == Counts(passed=119, failed=0, invalid=1)
    assert sound.rate.clusters == 60
    assert sound.verdict is LineVerdict.BELOW
    assert sound.languages == {"en": sound.counts}
    assert (sound.tool_version, sound.model, len(sound.report)) == ("0.17.0", "test Made", 64)


def test_a_report_from_before() -> None:
    (found,) = import_garak(BEFORE, {"made.Old": 0.2})
    assert found.task == "made.Old/made.Detector"
    assert found.counts == Counts(passed=1, failed=11)
    assert found.told == Counts(passed=1, failed=11), "`total` alone"
    assert found.model == "test Made"
    assert found.verdict is LineVerdict.ABOVE


def test_what_garak_itself_wrote() -> None:
    """Reports of garak 0.17, run with its own test generators: tests/vectors/garak/ORIGIN.md."""
    bypass, always = "test.Test/mitigation.MitigationBypass", "test.Test/always.Pass"
    blank = {found.task: found for found in import_garak(REAL / "test_blank_0_17.report.jsonl", {"*": 0.2})}
    assert blank[bypass].told == Counts(failed=32), "garak takes every silence for a jailbreak"
    assert blank[always].told == Counts(passed=32)
    for found in blank.values():
        assert found.counts == Counts(invalid=32)
        assert found.reasons == {"blank-answer": 32}
        assert found.verdict is LineVerdict.INVALID
        assert (found.tool_version, found.model) == ("0.17.0", "test.Blank")
    (nones,) = import_garak(REAL / "test_nones_0_17.report.jsonl")
    assert nones.told == nones.counts == Counts(invalid=32), "None is the one silence that garak knows"
    spoken = {found.task: found for found in import_garak(REAL / "test_lipsum_0_17.report.jsonl", {"*": 0.2})}
    assert spoken[bypass].counts == spoken[bypass].told == Counts(failed=32)
    assert spoken[bypass].rate.clusters == 8, "eight prompts, four answers each"
    assert spoken["lmrc.Anthropomorphisation/always.Pass"].counts == Counts(passed=24)


@pytest.mark.parametrize(
    "blank", [None, "", " \n\t", {"text": None}, {"text": ""}, {"text": "　"}, {}, {"text": "\u200b\ufeff"}]
)
@pytest.mark.parametrize("score", [0.0, 1.0, None])
def test_every_kind_of_silence(blank: object, score: float | None) -> None:
    row = attempt(outputs=[blank], detector_results={"made.Detector": [score]})
    assert outcomes(row) == [(Outcome.INVALID, "blank-answer")]


def test_an_answer_that_is_a_file_is_an_answer() -> None:
    assert outcomes(attempt(outputs=[{"text": None, "data_path": "a.png"}])) == [(Outcome.PASSED, "")]


@pytest.mark.parametrize("score", [None, True, "1.0", [1.0], {}])
def test_what_is_no_score_is_invalid(score: object) -> None:
    row = attempt(detector_results={"made.Detector": [score]})
    assert outcomes(row) == [(Outcome.INVALID, "no-score")]


def test_the_threshold_is_the_runs() -> None:
    row = attempt(detector_results={"made.Detector": [0.7]})
    assert outcomes(row) == [(Outcome.FAILED, "")]
    strict = {"entry_type": "start_run setup", "run.eval_threshold": 0.7}
    lax = {"entry_type": "start_run setup", "run.eval_threshold": 0.71}
    assert outcomes(strict, row) == [(Outcome.FAILED, "")]
    assert outcomes(lax, row) == [(Outcome.PASSED, "")]
    with pytest.raises(BadInput, match="two models or thresholds"):
        read([strict, lax])


def test_an_attempt_counts_once_and_the_first_judgement_holds() -> None:
    again = attempt(detector_results={"made.Detector": [1.0]})
    assert outcomes(attempt(status=1), attempt(), again, attempt(status=1)) == [(Outcome.PASSED, "")]


def test_what_was_answered_and_never_judged_is_invalid() -> None:
    cut = attempt(2, status=1, outputs=[{"text": "No."}, {"text": "No."}])
    assert Counter(outcomes(attempt(), cut)) == {
        (Outcome.PASSED, ""): 1,
        (Outcome.INVALID, "never-judged"): 2,
    }
    assert outcomes(attempt(detector_results={})) == [(Outcome.INVALID, "never-judged")]


def test_answers_without_their_score_and_scores_without_their_answer() -> None:
    row = attempt(outputs=[{"text": "No."}] * 3, detector_results={"a": [0.0], "b": [0.0, 0.0, 0.0, 1.0]})
    found = Counter((task, sample.outcome, sample.reason) for task, sample in read([row]))
    assert found == {
        ("made.Probe/a", Outcome.PASSED, ""): 1,
        ("made.Probe/a", Outcome.INVALID, "no-score"): 2,
        ("made.Probe/b", Outcome.PASSED, ""): 3,
        ("made.Probe/b", Outcome.INVALID, "blank-answer"): 1,
    }


def test_a_dropped_sample_is_missed(tmp_path: Path) -> None:
    # three passes of 60 rows are taken out; garak's own line still counts them
    kept = [
        line
        for line in TODAY.read_text("utf-8").splitlines()
        if not (
            json.loads(line).get("probe_classname") == "made.Sound" and json.loads(line)["seq"] in {7, 8, 9}
        )
    ]
    file = tmp_path / "dropped.report.jsonl"
    file.write_text("\n".join(kept), "utf-8")
    found = {result.task: result for result in import_garak(file, {"made.Sound": 0.2})}[SOUND]
    assert found.reasons["not-in-report"] == 6
    assert found.verdict is LineVerdict.INVALID


def test_no_text_is_in_a_sample() -> None:
    ((_, sample),) = read([attempt()])
    assert "lottery" not in repr(sample)
    assert (len(sample.prompt), len(sample.answer)) == (64, 64)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "line 1"),
        ("[]", "line 1"),
        ('{"entry_type": "attempt"}', "uuid"),
        (json.dumps(attempt(probe_classname="")), "name"),
        (json.dumps(attempt(detector_results={"\x1b[2J": [0.0]})), "name"),
        ('{"entry_type": "eval", "probe": "a", "detector": "b", "passed": -1, "total": 1}', "less than none"),
        (json.dumps(attempt()) + "\n" + json.dumps(attempt(2))[:-9], "line 2"),
        ("[" * 100_000, "line 1"),
        ("", "no attempt"),
        ('{"entry_type": "init"}', "no attempt"),
    ],
)
def test_what_is_no_report_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "r.jsonl"
    file.write_text(text, "utf-8")
    with pytest.raises(BadInput, match=said):
        import_garak(file)


def test_a_line_for_a_probe_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadInput, match=r"made\.Solid.*made\.Silent"):
        import_garak(TODAY, {"made.Solid": 0.1})
    with pytest.raises(BadInput, match="cannot read"):
        import_garak(VECTORS / "none.jsonl")


@pytest.mark.parametrize(("bound", "value"), [("MAX_LINE_BYTES", 200), ("MAX_ATTEMPTS", 5), ("MAX_TASKS", 1)])
def test_bounds_hold(monkeypatch: pytest.MonkeyPatch, bound: str, value: int) -> None:
    monkeypatch.setattr(garak, bound, value)
    with pytest.raises(TooLarge):
        import_garak(TODAY)


class Endless(io.RawIOBase):
    """Attempts that are made as they are read."""

    def __init__(self, number: int) -> None:
        self._rows: Iterator[bytes] = (
            json.dumps(attempt(one, outputs=[{"text": "No. " * 500}])).encode() + b"\n"
            for one in range(number)
        )
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self._left = self._left or next(self._rows, b"")
        taken = self._left[: len(buffer)]
        self._left = self._left[len(taken) :]
        buffer[: len(taken)] = taken
        return len(taken)


def test_memory_is_a_hundred_bytes_or_so_an_attempt() -> None:
    stream = io.BufferedReader(Endless(500))
    tracemalloc.start()
    try:
        assert sum(1 for _ in GarakReport(stream).samples()) == 500
        assert tracemalloc.get_traced_memory()[1] < 400_000, "1 MB of answers went by"
    finally:
        tracemalloc.stop()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=3),
)
FIELDS = ["status", "probe_classname", "prompt", "outputs", "detector_results"]


@settings(max_examples=40)
@given(st.dictionaries(st.sampled_from(FIELDS), JSON))
def test_any_row_is_samples_or_a_reason(fields: Row) -> None:
    try:
        found = read([attempt(**fields)])
    except BadInput:
        return
    assert all((sample.outcome is Outcome.INVALID) == bool(sample.reason) for _, sample in found)
