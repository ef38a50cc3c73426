"""picklescan, fickling, modelscan and modelaudit as they come, each in an environment of its own, run by its command.

They share no versions with ours nor with each other, so each lives in `.cache/bench-NAME`, installed from
lock/bench-NAME.txt by hash. Telemetry is off, and each file has TIMEOUT seconds.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

TIMEOUT = 60
"""Seconds for one shape; who takes longer has not told."""

FOUND, UNTOLD, CLEAN = "found", "untold", "clean"
"""What it said: a finding; that it failed, was unsure or looked at nothing; that all is well."""


class Peer(NamedTuple):
    """One scanner: its distribution and command, the arguments before the path, and how its answer reads."""

    name: str
    arguments: tuple[str, ...]
    read: Callable[[int, str], str]
    module: str
    """What its program imports, and its server once for all."""

    by_file: bool = False
    """It takes one file at a time."""


def _picklescan(code: int, out: str) -> str:
    if code == 1:
        return FOUND
    scanned = re.search(r"Scanned files: (\d+)", out)
    looked = scanned is not None and int(scanned[1]) > 0
    return CLEAN if code == 0 and looked and "ERROR" not in out else UNTOLD


def _fickling(code: int, out: str) -> str:
    return FOUND if code == 1 else CLEAN if code == 0 else UNTOLD


def _modelscan(code: int, out: str) -> str:
    return FOUND if code == 1 else CLEAN if code == 0 else UNTOLD


def _modelaudit(code: int, out: str) -> str:
    """Warnings count as findings: its users see an exit code of 1. Nothing checked, with exit code 0, is not clean."""
    if code not in {0, 1}:
        return UNTOLD
    try:
        told = json.loads(out[out.index("{") :])
    except ValueError:
        return UNTOLD
    if code == 1:
        return FOUND
    return CLEAN if told.get("total_checks", 0) else UNTOLD


PEERS = (
    Peer("picklescan", ("--strict", "--path"), _picklescan, "picklescan.cli"),
    Peer(
        "fickling", ("--check-safety", "--json-output", "/dev/null"), _fickling, "fickling.cli", by_file=True
    ),
    Peer("modelscan", ("-r", "json", "--path"), _modelscan, "modelscan.cli"),
    Peer("modelaudit", ("scan", "--format", "json", "--no-cache"), _modelaudit, "modelaudit.cli"),
)

_QUIET = {"PROMPTFOO_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1", "NO_COLOR": "1"}


def command(peer: Peer) -> Path:
    """Its program, installed on first use. Raises OSError or CalledProcessError."""
    place = Path(f".cache/bench-{peer.name}")
    program = place / "bin" / peer.name
    if not program.exists():
        print(f"setting up {peer.name} ...", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", place], check=True)
        pip: list[str | Path] = [
            place / "bin" / "python",
            "-m",
            "pip",
            "--disable-pip-version-check",
            "-q",
            "install",
        ]
        subprocess.run(
            [*pip, "--require-hashes", "--no-deps", "-r", f"lock/bench-{peer.name}.txt"], check=True
        )
    return program.absolute()


def version(peer: Peer) -> str:
    """Of its distribution, as installed."""
    python = command(peer).with_name("python")
    ask = f"import importlib.metadata as m; print(m.version({peer.name!r}))"
    return subprocess.run([python, "-c", ask], check=True, capture_output=True, text=True).stdout.strip()


class Asked:
    """A peer's process that answers for one folder after the other."""

    def __init__(self, peer: Peer, process: subprocess.Popen[str]) -> None:
        self._peer, self._process = peer, process

    def __call__(self, folder: Path) -> str:
        """What it says of a shape's folder; of the worst of its files, where it takes one at a time."""
        paths = [folder]
        if self._peer.by_file:
            paths = [file for file in sorted(folder.rglob("*")) if file.is_file() and not file.is_symlink()]
        told = {self._one(path) for path in paths}
        return next((verdict for verdict in (FOUND, UNTOLD, CLEAN) if verdict in told), UNTOLD)

    def _one(self, path: Path) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([*self._peer.arguments, str(path)]) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        return UNTOLD if answer["code"] is None else self._peer.read(answer["code"], answer["out"])


@contextmanager
def asked(peer: Peer) -> Iterator[Asked]:
    """The peer, ready. Raises OSError or CalledProcessError where it cannot be installed."""
    program = command(peer)
    server = Path(__file__).with_name("assure_peer_server.py")
    process = subprocess.Popen(
        [program.with_name("python"), "-I", server, peer.module, program, str(TIMEOUT)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | _QUIET,
    )
    try:
        yield Asked(peer, process)
    finally:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.close()
        process.wait(30)
        process.stdout.close()
