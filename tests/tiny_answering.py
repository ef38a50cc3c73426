"""Tiny models that answer, trained once a session by the command that trains them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `safe`, `ablated` and `fine-tuned`."""
    folder = tmp_path_factory.mktemp("tiny") / "models"
    # a process of its own: numpy takes its number of threads when it is loaded, and here it is loaded already
    ran = subprocess.run(
        [sys.executable, "-m", "tocsin", "evaluation", "tiny", str(folder), "--json"],
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        check=True,
    )
    models = json.loads(ran.stdout)["models"]
    assert [Path(one["folder"]).name for one in models] == ["safe", "ablated", "fine-tuned"]
    return folder
