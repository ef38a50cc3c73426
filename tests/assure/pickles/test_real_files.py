"""What real libraries write is clean, and says which tensors and libraries are in it."""

import gzip
import zipfile
import zlib
from io import BytesIO

import pytest

from tests.assure.looks import look
from tests.assure.pickles.judged import VECTORS, everything, verdict_of
from tests.assure.pickles.shapes import SHAPES
from tocsin.assure.pickles.tensors import StoredTensor, torch_tensors
from tocsin.assure.pieces import Held
from tocsin.kernel.artefacts import ArtefactVerdict, Fact

FILES = sorted(path.name for path in VECTORS.iterdir() if path.suffix != ".md")


def held(name: str) -> Held:
    return Held(name, (VECTORS / name).read_bytes())


def facts_of(name: str, kind: str) -> list[Fact]:
    return [fact for fact in everything(held(name))[1] if fact.kind == kind]


def test_all_are_clean() -> None:
    told = {name: [found.rule for found in everything(held(name))[0]] for name in FILES}
    assert {name: rules for name, rules in told.items() if rules} == {}


def test_all_are_recognised_without_their_names() -> None:
    unknown = [
        name
        for name in FILES
        if verdict_of((VECTORS / name).read_bytes(), "f") is ArtefactVerdict.NOT_EXAMINED
    ]
    assert unknown == []


def test_cutting_a_file_short_is_never_clean() -> None:
    clean = [
        (name, cut)
        for name in FILES
        for cut in (1, 7)
        if name != "multi.pkl" or cut == 1
        if verdict_of((VECTORS / name).read_bytes()[:-cut], name) is ArtefactVerdict.CLEAN
    ]
    assert clean == []


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("arr-p2.pkl", ["pickle"]),
        ("torch-half-legacy.pt", ["torch-legacy"]),
        ("sk-pipe.joblib", ["joblib"]),
        ("npy-o.npy", ["numpy", "pickle"]),
        ("t-p4.pkl", ["pickle", "torch-legacy"]),
        ("t-p0.pkl", ["pickle", "torch-legacy"]),
    ],
)
def test_formats(name: str, expected: list[str]) -> None:
    assert everything(held(name))[2] == expected


def test_a_state_dictionary_names_its_tensors() -> None:
    tensors = torch_tensors(held("torch-state.data.pkl"))
    assert tensors[0] == StoredTensor("0.weight", "F32", (4, 4), (4, 1), "0", 0, 16)
    assert [tensor.name for tensor in tensors][:3] == ["0.weight", "0.bias", "2.weight"]
    assert [fact.values["count"] for fact in facts_of("torch-state.data.pkl", "tensors")] == [len(tensors)]


def test_tensors_of_a_checkpoint_a_module_and_an_old_file() -> None:
    assert torch_tensors(held("torch-ckpt.data.pkl"))[0].name == "model.0.weight"
    assert torch_tensors(held("torch-module.data.pkl"))[0].name == "0.weight"
    assert torch_tensors(held("torch-half-legacy.pt"))[0].dtype == "F16"
    assert torch_tensors(held("torch-fp8.data.pkl"))[0].dtype == "F8_E4M3"


def test_what_holds_no_tensors_names_none() -> None:
    assert torch_tensors(held("df-p4.pkl")) == ()
    assert torch_tensors(Held("x", b"cos\nsystem\n")) == ()


def test_the_libraries_named_are_told() -> None:
    (fact,) = facts_of("sk-pipe.joblib", "metadata")
    assert {"sklearn", "numpy", "joblib"} <= set(fact.values["libraries"])


def test_numpys_header_is_a_fact() -> None:
    (fact,) = facts_of("npy-f.npy", "tensors")
    assert (fact.values["shape"], fact.values["bytes"]) == ([3, 4], 96)


def test_the_walker_hands_over_what_lies_in_archives() -> None:
    for name, data, verdict in (
        ("data.pkl", (VECTORS / "torch-state.data.pkl").read_bytes(), ArtefactVerdict.CLEAN),
        ("data.pkl", SHAPES["protocol-0"], ArtefactVerdict.FOUND),
        ("array.npy", (VECTORS / "npy-o.npy").read_bytes(), ArtefactVerdict.CLEAN),
    ):
        made = BytesIO()
        with zipfile.ZipFile(made, "w") as archive:
            archive.writestr(f"archive/{name}", data)
        assert look(made.getvalue(), "model.bin").verdict is verdict
        assert look(gzip.compress(made.getvalue(), mtime=0), "model.joblib").verdict is verdict
    assert (
        look(zlib.compress((VECTORS / "jl-arr.joblib").read_bytes()), "m.joblib").verdict
        is ArtefactVerdict.CLEAN
    )
