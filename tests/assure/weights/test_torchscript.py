"""TorchScript: what torch writes is clean; operators that open files, call out or are strangers' are told."""

import io
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.assure.weights.looking import found, held, look, vector
from tocsin.assure.weights.torchscript import TorchscriptExaminer

EXAMINER = TorchscriptExaminer()
PATH = "m.pt!/m/code/__torch__.py"


def sources(name: str) -> dict[str, bytes]:
    """The source in an archive that torch wrote."""
    with zipfile.ZipFile(io.BytesIO(vector(f"torchscript/{name}.pt"))) as archive:
        members = [member for member in archive.namelist() if member.endswith(".py")]
        return {f"{name}.pt!/{member}": archive.read(member) for member in members}


@pytest.mark.parametrize("name", ["script", "quant"])
def test_what_torch_writes_is_clean(name: str) -> None:
    read = sources(name)
    assert read
    for path, source in read.items():
        assert found(EXAMINER, source, path) == []


@pytest.mark.parametrize("name", ["fromfile", "save"])
def test_what_torch_writes_of_files_is_told(name: str) -> None:
    told = [rule for path, source in sources(name).items() for rule in found(EXAMINER, source, path)]
    assert told == ["torchscript.file"]


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("torch.save(x, 'a')", "file"),
        ("torch . \\\n save(x, 'a')", "file"),
        ("torch # a\n .from_file('a')", "file"),
        ("ops.aten.save(x, 'a')", "file"),
        ("ops.image.read_file('a')", "file"),
        ("(x).save('a')", "file"),
        ("self.w.save('a')", "file"),
        ("getattr(self.w, 'save')('a')", "file"),
        ("f = torch.save", "file"),
        ("ops.prim.PythonOp(x)", "calls-out"),
        ("torch.rpc_sync('w', f)", "calls-out"),
        ("ops.mylib.run(x)", "custom-operator"),
        ("y : __torch__.torch.classes.tensorrt.Engine", "custom-class"),
        ("torch.not_yet_known(x)", "unknown-operator"),
        ("torch.a.b.c(x)", "unknown-operator"),
        ("ops.aten.not_yet_known(x)", "unknown-operator"),
    ],
)
def test_what_does_more_than_compute_is_told(line: str, rule: str) -> None:
    assert found(EXAMINER, f"def f(x):\n  {line}\n".encode(), PATH) == [f"torchscript.{rule}"]


@pytest.mark.parametrize(
    "line",
    [
        "_0 = 'torch.save(x)'",
        "_0 = '''ops.mylib.run'''",
        "# torch.save(x)",
        "self.save(x)",
        "x = ops.prim.dtype(x)",
        "y = __torch__.torch.nn.functional.load(x)",
        "z = torch.linalg_norm(x) + 1.e-05",
        "y : __torch__.torch.classes.quantized.LinearPackedParamsBase",
    ],
)
def test_what_only_computes_or_says_so_in_a_text_is_clean(line: str) -> None:
    assert found(EXAMINER, f"def f(x):\n  {line}\n".encode(), PATH) == []


@pytest.mark.parametrize(
    ("source", "rule"),
    [(b"\xff", "unreadable"), (b"a\x00b", "unreadable"), (b" " * ((4 << 20) + 1), "too-large")],
)
def test_what_cannot_be_read_is_told(source: bytes, rule: str) -> None:
    assert found(EXAMINER, source, PATH) == [f"torchscript.{rule}"]


def test_it_is_known_by_its_place_in_the_archive() -> None:
    assert EXAMINER.recognises(held(b"", "a.zip!/a/code/__torch__/torch/nn.py")) == "torchscript"
    assert EXAMINER.recognises(held(b"", "a.zip!/code/setup.py")) == ""
    assert EXAMINER.recognises(held(b"", "a.zip!/a/code/__torch__.py.debug_pkl")) == ""


@given(source=st.text(alphabet="torch.saveops\"'#\\\n (_1é", max_size=60))
@settings(max_examples=200)
def test_any_source_is_told_of_and_raises_nothing(source: str) -> None:
    look(EXAMINER, source.encode(), PATH)
