"""Weights are found in every carrier, claims are handed on as claims, and what is broken is refused with a sentence."""

import pickle
import sys
import zipfile
from io import BytesIO
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import numpy as np
import pytest

from tests.tiny_models import Array
from tests.weight_files import write_safetensors
from tocsin.assure.lineage import Aligned, Change, Spread, compare
from tocsin.assure.lineage.names import canonical, stream_side
from tocsin.assure.lineage.weights import opened
from tocsin.kernel import BadInput

VECTORS = Path(__file__).parents[2] / "vectors" / "lineage"


def matrices(number: int = 3, seed: int = 1) -> dict[str, Array]:
    rng = np.random.default_rng(seed)
    return {
        f"model.layers.{layer}.mlp.down_proj.weight": rng.standard_normal((64, 96)).astype(np.float32)
        for layer in range(number)
    }


def test_shards_of_a_folder_are_one_model(tmp_path: Path) -> None:
    model = matrices()
    folder = tmp_path / "sharded"
    folder.mkdir()
    for number, (name, value) in enumerate(model.items()):
        write_safetensors(folder / f"model-{number}.safetensors", {name: value})
    (folder / "config.json").write_bytes(msgspec.json.encode({"_name_or_path": "somebody/base"}))
    whole = write_safetensors(tmp_path / "whole.safetensors", model)
    found = compare(whole, folder)
    assert (found.change, found.related, len(found.tensors)) == (Change.SAME, 1.0, 3)
    assert found.claims == {"config.json: _name_or_path": "somebody/base"}


def test_a_claim_changes_nothing_that_is_measured(tmp_path: Path) -> None:
    one = write_safetensors(tmp_path / "one.safetensors", matrices())
    folder = tmp_path / "claims"
    folder.mkdir()
    write_safetensors(folder / "model.safetensors", matrices(seed=2))
    (folder / "config.json").write_bytes(msgspec.json.encode({"_name_or_path": str(one)}))
    found = compare(one, folder)
    assert found.change is Change.UNRELATED
    assert found.claims["config.json: _name_or_path"] == str(one)


class _Storage:
    pass


class _TorchPickler(pickle.Pickler):
    def persistent_id(self, obj: Any) -> Any:
        return obj.tuple if isinstance(obj, _Key) else None


class _Key:
    def __init__(self, storage: type, key: str, elements: int) -> None:
        self.tuple = ("storage", storage, key, "cpu", elements)


class _Rebuilt:
    def __init__(self, call: Any, given: tuple[Any, ...]) -> None:
        self.call, self.given = call, given

    def __reduce__(self) -> Any:
        return self.call, self.given


def torch_zip(path: Path, model: dict[str, Array], monkeypatch: pytest.MonkeyPatch) -> Path:
    """As torch.save writes a state dictionary: a pickle of names and shapes, and a stored member for each storage."""
    torch, inner = ModuleType("torch"), ModuleType("torch._utils")
    storage = type("FloatStorage", (_Storage,), {"__module__": "torch"})

    def _rebuild_tensor_v2(*_: Any) -> None:
        raise AssertionError("nothing is unpickled")

    _rebuild_tensor_v2.__module__, _rebuild_tensor_v2.__qualname__ = "torch._utils", "_rebuild_tensor_v2"
    torch.FloatStorage, inner._rebuild_tensor_v2 = storage, _rebuild_tensor_v2  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", inner)
    state = {
        name: _Rebuilt(
            _rebuild_tensor_v2,
            (_Key(storage, str(number), value.size), 0, value.shape, (value.shape[1], 1), False, {}),
        )
        for number, (name, value) in enumerate(model.items())
    }
    pickled = BytesIO()
    _TorchPickler(pickled, protocol=2).dump(state)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("archive/data.pkl", pickled.getvalue())
        for number, value in enumerate(model.values()):
            archive.writestr(f"archive/data/{number}", value.tobytes())
    return path


def test_a_torch_zip_is_read_where_its_members_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model = matrices()
    found = compare(
        write_safetensors(tmp_path / "base.safetensors", model),
        torch_zip(tmp_path / "model.pt", model, monkeypatch),
    )
    assert (found.change, found.related, found.unread) == (Change.SAME, 1.0, ())
    assert [one.changed_rows for one in found.tensors] == [0, 0, 0]


def test_a_gguf_file_is_compared_with_what_it_was_made_of(tmp_path: Path) -> None:
    rng = np.random.default_rng(28)  # as vectors/lineage/ORIGIN.md says
    sides = {"self_attn.q_proj": 64, "self_attn.o_proj": 64, "mlp.down_proj": 96}
    base = {
        f"model.layers.{layer}.{part}.weight": rng.standard_normal((64, columns)).astype(np.float32)
        for layer in range(3)
        for part, columns in sides.items()
    }
    found = compare(write_safetensors(tmp_path / "base.safetensors", base), VECTORS / "ablated-q4_0.gguf")
    assert found.related == 1.0
    assert {one.aligned for one in found.tensors} == {Aligned.NAME}
    assert found.change is Change.TUNED_QUANTISED
    for one in found.tensors:
        kept = Change.QUANTISED if "q_proj" in one.base else Change.TUNED_QUANTISED
        assert (one.change, one.bits, one.group) == (kept, 4, 32), one
    assert found.signature is not None
    assert (found.signature.spread, found.signature.tensors) == (Spread.SHARED, 6)
    assert found.claims["ablated-q4_0.gguf: general.base_model.0.repo_url"] == "https://models.example/base"


def test_what_is_not_read_is_named(tmp_path: Path) -> None:
    path = write_safetensors(tmp_path / "one.safetensors", matrices(1))
    data = path.read_bytes().replace(b'"F32"', b'"C64"').replace(b"[64, 96]", b"[32, 96]")
    other = tmp_path / "other.safetensors"
    other.write_bytes(data)
    with opened(other) as weights:
        assert weights.tensors == ()
        assert weights.unread == ("model.layers.0.mlp.down_proj.weight (C64, 32x96)",)
    with pytest.raises(BadInput, match="holds no tensor"):
        compare(path, other)


@pytest.mark.parametrize("data", [b"", b"{", b"PK\x03\x04", b"GGUF\x03", b"\x80\x02."])
def test_a_broken_file_is_refused_with_a_sentence(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "broken.bin"
    path.write_bytes(data)
    with pytest.raises(BadInput):
        opened(path)


def test_a_file_that_ends_early_is_refused(tmp_path: Path) -> None:
    path = write_safetensors(tmp_path / "one.safetensors", matrices())
    short = tmp_path / "short.safetensors"
    short.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(BadInput):
        compare(path, short)


def test_a_folder_without_weights_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no safetensors"):
        opened(tmp_path)
    with pytest.raises(BadInput, match="cannot be opened"):
        opened(tmp_path / "none")


def test_heads_that_llama_cpp_interleaved_are_put_back(tmp_path: Path) -> None:
    path = write_safetensors(tmp_path / "one.safetensors", matrices(1))
    with opened(path) as weights:
        (plain,) = weights.tensors
        rows = np.frombuffer(plain.read_rows(0, 64), np.float32).reshape(64, 96)
        # as LlamaModel.permute does: two halves of a head, row by row
        written = rows.reshape(4, 2, 8, 96).swapaxes(1, 2).reshape(64, 96)
        other = write_safetensors(tmp_path / "two.safetensors", {"w": written})
        with opened(other) as interleaved:
            there = interleaved.tensors[0]._replace(head=16)
            assert there.read_rows(0, 64) == rows.tobytes()
            assert there.read_rows(5, 23) == rows[5:23].tobytes()


@pytest.mark.parametrize(
    ("name", "known", "side"),
    [
        ("model.layers.3.self_attn.o_proj.weight", "layers.3.self_attn.o_proj.weight", "left"),
        ("blk.3.attn_output.weight", "layers.3.self_attn.o_proj.weight", "left"),
        (
            "base_model.model.model.layers.3.mlp.up_proj.base_layer.weight",
            "layers.3.mlp.up_proj.weight",
            "right",
        ),
        ("_orig_mod.lm_head.weight", "lm_head.weight", "right"),
        ("token_embd.weight", "embed_tokens.weight", "right"),
        ("w17", "w17", ""),
    ],
)
def test_names_are_brought_to_one_form(name: str, known: str, side: str) -> None:
    assert canonical(name) == known
    assert stream_side(known) == side
