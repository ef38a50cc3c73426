"""The real loaders, each in a forked child in a cage: does what they load make the canary?

    python loaders.py < requests > answers

A request is a line with tabs between: the loader's name, a module that the payload needs or nothing, the file. The
answer is `fired`, `quiet`, or `missing` where this interpreter lacks a library. Nothing of the project is needed, so
that any interpreter with the libraries can run it.
"""

import atexit
import contextlib
import importlib.util
import os
import shutil
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))
from confine import confine  # the folder of this script, for there may be no project here

CANARY = "tocsin-canary"


def _pickle(path: str) -> object:
    import pickle

    with Path(path).open("rb") as file:
        return pickle.load(file)


def _pickle_here(path: str) -> object:
    """In the model's own folder, where Python looks for modules first."""
    sys.path.insert(0, str(Path(path).parent))
    return _pickle(path)


def _pickles(path: str) -> object:
    """Every stream of a file, as who appends to a log of objects reads it."""
    import pickle

    found = []
    with Path(path).open("rb") as file:
        while file.peek(1) if hasattr(file, "peek") else True:
            found.append(pickle.load(file))
    return found


def _joblib(path: str) -> object:
    import joblib

    return joblib.load(path)


def _numpy(path: str) -> object:
    import numpy as np

    loaded: Any = np.load(path, allow_pickle=True)
    return [loaded[name] for name in loaded.files] if hasattr(loaded, "files") else loaded


def _torch(path: str) -> object:
    import torch

    return torch.load(path, weights_only=False)


def _torchscript(path: str) -> object:
    import torch

    return torch.jit.load(path)(torch.ones(1))


def _pandas(path: str) -> object:
    import pandas as pd  # type: ignore[import-untyped]

    return pd.read_pickle(path)


def _yaml(path: str) -> object:
    import yaml

    return yaml.unsafe_load(Path(path).read_text())


def _keras(path: str) -> object:
    import keras

    return keras.saving.load_model(path, safe_mode=False, compile=False)


def _archive(path: str) -> object:
    """What an installer does: unpack, then load what has a pickle's name, whatever it lies in."""
    import pickle
    import tarfile
    import zipfile

    place = tempfile.mkdtemp(dir=".")
    if tarfile.is_tarfile(path):
        with tarfile.open(path) as tar:
            tar.extractall(place, filter="data")
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            archive.extractall(place)
    else:
        import py7zr

        with py7zr.SevenZipFile(path) as seven:
            seven.extractall(place)
    found: list[object] = []
    for file in sorted(Path(place).rglob("*")):
        if file.suffix in {".pkl", ".pickle"}:
            found.append(pickle.loads(file.read_bytes()))
        elif file.suffix in {".zip", ".tar", ".tgz"}:
            found.append(_archive(str(file)))
    return found


def _jinja(path: str) -> object:
    """A chat template in the unsandboxed environment that several serving stacks had."""
    import json

    from jinja2 import Environment

    text = Path(path).read_text()
    if path.endswith(".json"):
        text = json.loads(text)["chat_template"]
        if isinstance(text, list):
            text = text[-1]["template"]
    return _render(Environment(), text)


def _gguf(path: str) -> object:
    from gguf import GGUFReader
    from jinja2 import Environment

    field = GGUFReader(path).fields["tokenizer.chat_template"]
    return _render(Environment(), bytes(field.parts[-1]).decode())


def _render(environment: Any, text: str) -> object:
    messages = [{"role": "user", "content": "hello"}]
    return environment.from_string(text).render(messages=messages, add_generation_prompt=True, bos_token="")


def _python(path: str) -> object:
    """Code that a configuration names, as `trust_remote_code` imports it."""
    spec = importlib.util.spec_from_file_location("remote_code", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


LOADERS: dict[str, tuple[Callable[[str], object], tuple[str, ...]]] = {
    "pickle": (_pickle, ()),
    "pickle-here": (_pickle_here, ()),
    "pickles": (_pickles, ()),
    "joblib": (_joblib, ("joblib",)),
    "numpy": (_numpy, ("numpy",)),
    "torch": (_torch, ("torch",)),
    "torchscript": (_torchscript, ("torch",)),
    "pandas": (_pandas, ("pandas",)),
    "yaml": (_yaml, ("yaml",)),
    "keras": (_keras, ("keras", "torch")),
    "archive": (_archive, ()),
    "archive-7z": (_archive, ("py7zr",)),
    "jinja": (_jinja, ("jinja2",)),
    "gguf": (_gguf, ("gguf", "jinja2")),
    "python": (_python, ()),
}


def fires(loader: str, path: str) -> bool:
    """Whether the canary appears when `loader` opens `path`, in a child that is caged and short-lived."""
    place = tempfile.mkdtemp(prefix="canary-")
    child = os.fork()
    if child == 0:
        _load(loader, path, place)
    os.waitpid(child, 0)
    fired = any(entry.name.startswith(CANARY) for entry in os.scandir(place))
    shutil.rmtree(place, ignore_errors=True)
    return fired


def _load(loader: str, path: str, place: str) -> None:
    """In the child; never returns. What hangs on the end of a process (atexit, finalizers) gets its turn."""
    try:
        os.chdir(place)
        os.environ.update(TMPDIR=place, HOME=place)
        tempfile.tempdir = place
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(nowhere, descriptor)
        confine(place)
        kept = LOADERS[loader][0](path)
        _wind_up()
        del kept
    except BaseException:  # noqa: BLE001  # a load that fails after the canary has fired all the same
        _wind_up()
    finally:
        os._exit(0)


def _wind_up() -> None:
    """What the end of a process would wait for: its threads, its children, what was registered."""
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            thread.join(1)
    atexit._run_exitfuncs()
    with contextlib.suppress(ChildProcessError):
        while True:
            os.waitpid(-1, 0)


def present(loader: str, needs: str = "") -> bool:
    """Whether this interpreter has what the loader and the payload take."""
    wanted = (*LOADERS[loader][1], *([needs] if needs else []))
    return all(importlib.util.find_spec(name) for name in wanted)


def main() -> None:
    """Answers requests until they end. A library is imported here once, that the children need not."""
    warnings.simplefilter("ignore")
    os.environ.setdefault("KERAS_BACKEND", "torch")
    for line in sys.stdin:
        loader, needs, path = line.rstrip("\n").split("\t", 2)
        if not present(loader, needs):
            print("missing", flush=True)
            continue
        for name in LOADERS[loader][1]:
            importlib.import_module(name)
        print("fired" if fires(loader, path) else "quiet", flush=True)


if __name__ == "__main__":
    main()
