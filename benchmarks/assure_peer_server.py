"""A peer's command, run many times without starting Python as often: imported once, forked for each request.

    PYTHON assure_peer_server.py MODULE SCRIPT SECONDS < requests > answers

Runs under the peer's own interpreter. A request is a JSON line: the arguments. The answer is a JSON line: the exit code
(null when it took over SECONDS) and what it printed. Each child runs SCRIPT as its users do, in a folder of its own.
"""

import contextlib
import importlib
import json
import os
import resource
import runpy
import shutil
import signal
import sys
import tempfile
from pathlib import Path

MEMORY_BYTES = 6 << 30
"""Address space of one run: a pickle that grows without end shall not take the machine."""


def answer(script: str, arguments: list[str], seconds: int) -> dict[str, object]:
    """One run of the command in a child."""
    place = tempfile.mkdtemp()
    out = Path(place) / "out"
    child = os.fork()
    if child == 0:
        _run(script, arguments, place, out, seconds)
    _, status = os.waitpid(child, 0)
    told = out.read_text(errors="replace") if out.exists() else ""
    shutil.rmtree(place, ignore_errors=True)
    code = os.waitstatus_to_exitcode(status)
    return {"code": None if code == -signal.SIGALRM else code, "out": told}


def _run(script: str, arguments: list[str], place: str, out: Path, seconds: int) -> None:
    """In the child; never returns."""
    code = 70
    try:
        signal.alarm(seconds)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
        os.environ["HOME"] = place
        os.chdir(place)
        written = os.open(out, os.O_WRONLY | os.O_CREAT)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for descriptor, target in ((nothing, 0), (written, 1), (written, 2)):
            os.dup2(descriptor, target)
        sys.argv = [script, *arguments]
        try:
            runpy.run_path(script, run_name="__main__")
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1 if end.code else 0
    finally:
        with contextlib.suppress(ValueError, OSError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code & 0xFF)


def main() -> None:
    """Answers until the requests end."""
    module, script, seconds = sys.argv[1:4]
    importlib.import_module(module)
    for line in sys.stdin:
        print(json.dumps(answer(script, json.loads(line), int(seconds))), flush=True)


if __name__ == "__main__":
    main()
