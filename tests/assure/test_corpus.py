"""The corpus that judges the scanner: what it holds, that it is what it says, and what ours makes of it."""

from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from benchmarks.assure_corpus import CANARY, Benign, Shape, benign, malicious, write
from benchmarks.assure_corpus.referee import Loaders, judge, loaders
from benchmarks.assure_matrix import LEAST_FOUND, MOST_FALSE, MOST_UNTOLD, look
from benchmarks.assure_mutations import bound_of, mutations, run_one
from benchmarks.assure_speed import large_safetensors, large_torch, small_files
from tests.assure.known_misses import CALLED_CLEAN
from tocsin.kernel.artefacts import ArtefactVerdict, Inspection

MUTATIONS = 3
"""Flips and cuts a file here; `python -m benchmarks.assure_mutations --most 0` does every byte."""


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Inspection]:
    """Ours of everything, by id."""
    place = tmp_path_factory.mktemp("corpus")
    return {one.id: look(write(one, place)) for one in _everything()}


@cache
def _everything() -> tuple[Shape | Benign, ...]:
    return (*malicious(), *benign())


def test_there_are_enough_and_each_has_an_id_of_its_own() -> None:
    assert len(malicious()) >= 120
    assert len(benign()) >= 60
    assert not [name for name, count in Counter(one.id for one in _everything()).items() if count > 1]


def test_a_corpus_is_the_same_twice() -> None:
    assert malicious() == malicious()
    assert benign() == benign()


def test_every_shape_with_a_loader_makes_its_canary_there() -> None:
    verdicts = judge(malicious())
    assert not [name for name, verdict in verdicts.items() if verdict == "quiet"]
    assert sum(verdict == "fired" for verdict in verdicts.values()) >= 120


def test_no_benign_file_makes_a_canary(tmp_path: Path) -> None:
    """The loaders tell the two apart: otherwise `fired` would say nothing."""
    plain = [one for one in benign() if one.family == "pickle"]
    with loaders() as ask:
        told = {ask("pickle", write(one, tmp_path) / next(iter(one.files))) for one in plain}
    assert told == {"quiet"}


def test_what_is_loaded_writes_nowhere_else(tmp_path: Path) -> None:
    outside = tmp_path / CANARY
    (tmp_path / "evil.py").write_text(f"open({str(outside)!r}, 'w')\n")
    with loaders() as ask:
        if ask("python", tmp_path / "evil.py") == "quiet" and not outside.exists():
            return
    pytest.skip("this kernel has no Landlock; the loaders run in a folder of their own all the same")


def test_nothing_malicious_is_called_clean_but_what_is_written_down(seen: dict[str, Inspection]) -> None:
    clean = {one.id for one in malicious() if seen[one.id].verdict == ArtefactVerdict.CLEAN}
    assert clean <= CALLED_CLEAN


def test_nine_of_ten_are_found(seen: dict[str, Inspection]) -> None:
    shapes = malicious()
    found = sum(seen[one.id].verdict == ArtefactVerdict.FOUND for one in shapes)
    assert found >= LEAST_FOUND * len(shapes)


def test_files_of_real_libraries_are_let_through(seen: dict[str, Inspection]) -> None:
    good = benign()
    verdicts = Counter(seen[one.id].verdict for one in good)
    assert verdicts[ArtefactVerdict.FOUND] <= MOST_FALSE * len(good)
    assert verdicts[ArtefactVerdict.CLEAN] >= (1 - MOST_FALSE - MOST_UNTOLD) * len(good)


def test_looking_runs_no_payload(seen: dict[str, Inspection]) -> None:
    assert seen
    assert not list(Path.cwd().glob(f"{CANARY}*"))


def test_mutations_are_flips_and_cuts() -> None:
    made = dict(mutations(b"abc", 0, "seed"))
    assert [name for name in made if name.startswith("cut")] == ["cut 0", "cut 1", "cut 2"]
    assert made["cut 2"] == b"ab"
    assert all(len(made[f"flip {n}"]) == 3 and made[f"flip {n}"] != b"abc" for n in range(3))
    assert made == dict(mutations(b"abc", 0, "seed"))


@pytest.fixture(scope="module")
def ask() -> Iterator[Loaders]:
    with loaders() as asked:
        yield asked


def test_no_mutation_crashes_or_is_clean_and_fires(ask: Loaders) -> None:
    with bound_of(memory=None):
        outcomes = [run_one(one, MUTATIONS, ask) for one in _everything()]
    assert not [(outcome.id, outcome.wrong) for outcome in outcomes if outcome.wrong]
    assert sum(outcome.scanned for outcome in outcomes) > 1_000


def test_what_the_speed_is_measured_on_is_clean(tmp_path: Path) -> None:
    large_safetensors(tmp_path / "model.safetensors", 1 << 20)
    large_torch(tmp_path / "pytorch_model.bin", 1 << 20)
    small_files(tmp_path / "many", 40)
    inspection = look(tmp_path)
    assert inspection.verdict == ArtefactVerdict.CLEAN, inspection.findings
    assert {part.format for part in inspection.parts} >= {"safetensors", "torch-zip", "pickle"}
