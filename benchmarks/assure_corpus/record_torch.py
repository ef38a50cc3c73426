"""Checkpoints as PyTorch and safetensors write them."""

import argparse
import collections
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch as st
import torch
from torch import nn


def _net() -> Any:
    torch.manual_seed(7)
    return nn.Sequential(nn.Linear(8, 16), nn.LayerNorm(16), nn.ReLU(), nn.Linear(16, 4))


def _trained() -> tuple[Any, Any, Any]:
    net = _net()
    optimiser = torch.optim.AdamW(net.parameters(), lr=1e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 10)
    for _ in range(2):
        optimiser.zero_grad()
        net(torch.randn(4, 8)).square().mean().backward()
        optimiser.step()
        schedule.step()
    return net, optimiser, schedule


def _checkpoint(folder: Path) -> None:
    net, optimiser, schedule = _trained()
    content = {
        "epoch": 2,
        "loss": np.float64(0.25),
        "steps": np.int64(20),
        "model": net.state_dict(),
        "optimizer": optimiser.state_dict(),
        "scheduler": schedule.state_dict(),
        "args": argparse.Namespace(lr=1e-3, name="tiny"),
        "rng": torch.get_rng_state(),
        "numpy_rng": np.random.RandomState(3).get_state(),
        "best": np.array([0.5, 0.25]),
    }
    torch.save(content, folder / "checkpoint.pt")


def _whole(folder: Path) -> None:
    torch.save(_net(), folder / "model.pth")


def _saved(
    value: Callable[[], object], name: str = "pytorch_model.bin", **how: Any
) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        torch.save(value(), folder / name, **how)

    return make


def _nested() -> object:
    shared = torch.arange(6, dtype=torch.int64)
    found: Any = collections.defaultdict(list)
    found["a"].append(shared.view(2, 3))
    return collections.OrderedDict(
        tensors=[shared, shared[2:]],
        found=found,
        size=torch.Size([2, 3]),
        device=torch.device("cpu"),
        dtype=torch.bfloat16,
        names={"x", "y"},
        counts=collections.Counter("aab"),
        odd=(1, 2.5, None, True, b"raw", 3 + 4j),
    )


def _dtypes() -> object:
    kinds = (
        "float16",
        "float64",
        "int8",
        "uint8",
        "int16",
        "int32",
        "bool",
        "complex64",
        "float8_e4m3fn",
        "float8_e5m2",
    )
    return {kind: torch.ones(4, 4).to(getattr(torch, kind)) for kind in kinds}


def _quantised() -> object:
    per_tensor = torch.quantize_per_tensor(torch.randn(4, 4), 0.1, 0, torch.qint8)
    channel = torch.quantize_per_channel(torch.randn(4, 4), torch.ones(4), torch.zeros(4), 0, torch.qint8)
    return {"per_tensor": per_tensor, "per_channel": channel}


def _sparse() -> object:
    dense = torch.eye(6)
    return {"coo": dense.to_sparse(), "csr": dense.to_sparse_csr()}


def _script(folder: Path) -> None:
    torch.jit.script(_net()).save(str(folder / "model.pt"))


def _trace(folder: Path) -> None:
    torch.jit.trace(_net().eval(), torch.ones(1, 8)).save(str(folder / "traced.pt"))


def _export(folder: Path) -> None:
    torch.export.save(torch.export.export(_net().eval(), (torch.ones(1, 8),)), folder / "model.pt2")


def _sharded_bin(folder: Path) -> None:
    import json

    state = _net().state_dict()
    names = sorted(state)
    halves = names[:3], names[3:]
    where: dict[str, str] = {}
    for number, half in enumerate(halves, 1):
        file = f"pytorch_model-0000{number}-of-00002.bin"
        torch.save({name: state[name] for name in half}, folder / file)
        where |= dict.fromkeys(half, file)
    index = {"metadata": {"total_size": 1000}, "weight_map": where}
    (folder / "pytorch_model.bin.index.json").write_text(json.dumps(index, indent=2))


def _st(make: Callable[[], dict[str, Any]], metadata: dict[str, str] | None = None) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        st.save_file(make(), folder / "model.safetensors", metadata)

    return write


def _st_sharded(folder: Path) -> None:
    import json

    state = _net().state_dict()
    where = {}
    for number, name in enumerate(sorted(state), 1):
        file = f"model-{number:05}-of-{len(state):05}.safetensors"
        st.save_file({name: state[name]}, folder / file, {"format": "pt"})
        where[name] = file
    size = sum(value.numel() * value.element_size() for value in state.values())
    text = json.dumps({"metadata": {"total_size": size}, "weight_map": where}, indent=2)
    (folder / "model.safetensors.index.json").write_text(text)


MAKERS: dict[str, Callable[[Path], object]] = {
    "torch-state-dict": _saved(lambda: _net().state_dict()),
    "torch-state-dict-protocol-5": _saved(lambda: _net().state_dict(), pickle_protocol=5),
    "torch-legacy": _saved(lambda: _net().state_dict(), _use_new_zipfile_serialization=False),
    "torch-legacy-nested": _saved(_nested, "old.pth", _use_new_zipfile_serialization=False),
    "torch-optimiser": _saved(lambda: _trained()[1].state_dict(), "optimizer.pt"),
    "torch-scheduler": _saved(lambda: _trained()[2].state_dict(), "scheduler.pt"),
    "torch-checkpoint": _checkpoint,
    "torch-whole-module": _whole,
    "torch-bfloat16": _saved(lambda: {k: v.bfloat16() for k, v in _net().state_dict().items()}, "model.ckpt"),
    "torch-dtypes": _saved(_dtypes, "dtypes.pt"),
    "torch-quantised": _saved(_quantised, "quantised.pt"),
    "torch-sparse": _saved(_sparse, "sparse.pt"),
    "torch-nested": _saved(_nested, "nested.pt"),
    "torch-parameter": _saved(lambda: nn.Parameter(torch.ones(3)), "parameter.pt"),
    "torch-tensor": _saved(lambda: torch.ones(3, 3), "tensor.pt"),
    "torch-sharded": _sharded_bin,
    "torchscript-script": _script,
    "torchscript-trace": _trace,
    "torch-export": _export,
    "safetensors": _st(lambda: _net().state_dict(), {"format": "pt"}),
    "safetensors-no-metadata": _st(lambda: _net().state_dict()),
    "safetensors-dtypes": _st(lambda: {k: v for k, v in _as_dict(_dtypes()).items() if k != "complex64"}),
    "safetensors-bfloat16": _st(
        lambda: {"w": torch.ones(4, 4, dtype=torch.bfloat16)}, {"format": "pt", "note": "tiny"}
    ),
    "safetensors-scalar-and-empty": _st(lambda: {"scalar": torch.tensor(1.0), "empty": torch.empty(0, 4)}),
    "safetensors-none": _st(dict, {"format": "pt"}),
    "safetensors-sharded": _st_sharded,
}


def _as_dict(value: object) -> dict[str, Any]:
    assert isinstance(value, dict)
    return value
