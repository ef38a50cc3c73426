"""Nodes of the demo: real programs in real folders, made, served, asked and ended as an operator would.

Only `demo` uses this. The driver plays the outside: the operator at a terminal, and a source that sends
events over HTTP. So its requests go out here and not through `net`, which is for a node's own.
"""

import gzip
import http.client
import os
import re
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec

from tocsin.app.settings import FILE_NAME
from tocsin.kernel import TocsinError
from tocsin.trust.identity import fingerprint

LOOPBACK = "127.0.0.1"
COMMAND_SECONDS = 60.0
READY_SECONDS = 120.0
"""Five nodes that begin at once on two busy cores have taken more than 45."""

LOOK_SECONDS = 120.0
"""How long a node may take to look at all that it was sent."""
END_SECONDS = 10.0
PAUSE_SECONDS = 0.05
BATCH_LINES = 2_000
MAX_TAIL_CHARS = 600
"""Of a failing program's words, the last so many are shown."""

NODE_COMMAND = (sys.executable, "-c", "from tocsin.cli import main; main()")
SHELL = """
import io, json, sys, traceback
from contextlib import redirect_stderr, redirect_stdout
from importlib import import_module
answers, main = sys.stdout, import_module(sys.argv[1]).main
for line in sys.stdin:
    sys.argv, code = ["tocsin", *json.loads(line)], 0
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with redirect_stdout(out), redirect_stderr(err):
        try:
            main()
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except Exception:
            traceback.print_exc()
            code = 1
    print(json.dumps([code, *(told.buffer.getvalue().decode() for told in (out, err))]), file=answers, flush=True)
"""
"""`tocsin` commands in one program as they come: most of the time of each is its start-up."""

COMMANDS = "tocsin.cli"
SHELLS = 2
"""Such programs at once: one more costs its start-up, and they have nothing to wait for but the machine."""

FOREIGN_SETTINGS = ("TOCSIN_DATABASE_URL", "TOCSIN_DATA", "TOCSIN_PEER_TOKEN")
"""Of the shell the demo was started in; its nodes are their own."""

SETTINGS = {"pull_seconds": "0", "sighting_delay_seconds": "0", "watch_seconds": "0.5", "sum_seconds": "0.5"}
"""Pulls and sightings happen when the script says so: nobody wants to watch an hour's delay."""

_LOOKS = re.compile(rb"^tocsin_watch_seconds_count (\S+)$", re.MULTILINE)


class DemoError(TocsinError):
    """A step of the demo could not be done. Says which program, and its last words."""

    code = "demo-fault"


class Children:
    """Every program the demo starts. When the `with` ends, however it ends, each of them has ended."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._living: dict[int, subprocess.Popen[bytes]] = {}
        self._ending = False

    def __enter__(self) -> "Children":
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def start(self, command: Sequence[str], **options: Any) -> "subprocess.Popen[bytes]":
        """Start a program and remember it. Raises DemoError once the end has begun."""
        environment = {name: value for name, value in os.environ.items() if name not in FOREIGN_SETTINGS}
        with self._lock:
            if self._ending:
                raise DemoError("the demo is ending")
            child = subprocess.Popen(command, env=environment, **options)  # noqa: S603  # our own program
            self._living[child.pid] = child
        return child

    def forget(self, child: "subprocess.Popen[bytes]") -> None:
        """A program that ended by itself."""
        with self._lock:
            self._living.pop(child.pid, None)

    @property
    def living(self) -> tuple[int, ...]:
        """Programs that were started and are not known to have ended."""
        with self._lock:
            return tuple(self._living)

    def end(self) -> None:
        """Ask every program to end, wait, and end those that did not."""
        with self._lock:
            self._ending = True
            living = list(self._living.values())
        for child in living:
            child.terminate()
        deadline = time.monotonic() + END_SECONDS
        for child in living:
            try:
                child.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


class Shells:
    """Programs in which operators type: commands of all nodes run in a few, each command on the folder that it names.

    A module whose `main` is the command line stands in for `tocsin.cli` where a test wants another build.
    """

    def __init__(self, children: Children, module: str = COMMANDS) -> None:
        self._children = children
        self._module = module
        self._room = threading.Semaphore(SHELLS)
        self._idle: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> "Shells":
        return self

    def __exit__(self, *_: object) -> None:
        while self._idle:
            self._end(self._idle.pop())

    def run(self, words: Sequence[str]) -> tuple[int, bytes, bytes]:
        """How one command ended and what it said. Raises TimeoutError, and DemoError where the program is gone."""
        with self._room:
            shell = self._idle.pop() if self._idle else self._begun()
            try:
                answer = _typed(shell, words)
            except BaseException as error:
                shell.kill()
                self._end(shell)
                if isinstance(error, BrokenPipeError):
                    raise DemoError("the program that runs commands has ended") from None
                raise
            self._idle.append(shell)
        code, out, said = msgspec.json.decode(answer, type=tuple[int, str, str])
        return code, out.encode(), said.encode()

    def _begun(self) -> "subprocess.Popen[bytes]":
        command = (sys.executable, "-c", SHELL, self._module)
        return self._children.start(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )

    def _end(self, shell: "subprocess.Popen[bytes]") -> None:
        """Its input ends, and so does it."""
        with suppress(subprocess.TimeoutExpired):
            shell.communicate(timeout=END_SECONDS)
            self._children.forget(shell)


def _typed(shell: "subprocess.Popen[bytes]", words: Sequence[str]) -> bytes:
    """One command's answer as its shell tells it. Raises TimeoutError, BrokenPipeError where it has ended."""
    typing, answers = shell.stdin, shell.stdout
    if typing is None or answers is None:
        raise BrokenPipeError
    typing.write(msgspec.json.encode(words) + b"\n")
    typing.flush()
    if not select.select([answers], [], [], COMMAND_SECONDS)[0]:
        raise TimeoutError
    answer = answers.readline()
    if not answer:
        raise BrokenPipeError
    return answer


class DemoNode:
    """One node: its folder, its program, its tokens. `name` is what the others call it."""

    def __init__(
        self, name: str, data: Path, children: Children, shells: Shells, command: Sequence[str]
    ) -> None:
        self.name = name
        self.data = data
        self.port = free_port()
        self.admin_token = ""
        self.fingerprint = ""
        self.sent = 0
        self._source_token = ""
        self._children = children
        self._shells = shells
        self._command = tuple(command)
        self._log = data.parent / f"{data.name}.log"
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def run(self, *words: str) -> Any:
        """One `tocsin` command on this node's folder; returns its JSON document. Raises DemoError."""
        what = f"`tocsin {' '.join(words[:2])}`"
        try:
            code, out, said = self._shells.run((*words, "--data", str(self.data), "--json"))
        except TimeoutError:
            raise self._fault(f"{what} took more than {COMMAND_SECONDS:.0f} s") from None
        if code:
            raise self._fault(f"{what} ended with {code}", said)
        return msgspec.json.decode(out)

    def make(self) -> None:
        """`tocsin init`, the demo's settings, and a source that may send events."""
        self.admin_token = self.run("init", "--name", self.name)["admin_token"]
        path = self.data / FILE_NAME
        text = path.read_text("utf-8")
        for name, value in SETTINGS.items():
            text = re.sub(rf"^{name} = .*$", f"{name} = {value}", text, flags=re.MULTILINE)
        path.write_text(text, "utf-8")
        self._source_token = self.run("user", "add", "feed", "--role", "source")["token"]

    def serve(self) -> None:
        """`tocsin serve`, until `/readyz` answers 200."""
        with self._log.open("ab") as log:
            self._server = self._children.start(
                (*self._command, "serve", "--data", str(self.data), "--port", str(self.port)),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            if self._server.poll() is not None:
                raise self._fault("`tocsin serve` ended at once", self._log.read_bytes())
            if self._is_ready():
                self.fingerprint = self._own_fingerprint()
                return
            time.sleep(PAUSE_SECONDS)
        raise self._fault(f"is not ready after {READY_SECONDS:.0f} s", self._log.read_bytes())

    def _own_fingerprint(self) -> str:
        """As its operator sees it at the node itself, and not through the line that a peer uses."""
        status, answer = self._ask("GET", "/v1/identity", None, self._as_admin())
        if status != 200:
            raise self._fault(f"answered {status} to /v1/identity", answer)
        return fingerprint(bytes.fromhex(msgspec.json.decode(answer)["public_key"]))

    def _as_admin(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.admin_token}"}

    def _is_ready(self) -> bool:
        try:
            return self._ask("GET", "/readyz")[0] == 200
        except OSError:
            return False

    def send(self, lines: Sequence[bytes]) -> Iterator[int]:
        """POST event lines in gzip batches as a source does; yields how many each batch held.

        Raises DemoError when the node takes fewer than were sent.
        """
        for start in range(0, len(lines), BATCH_LINES):
            batch = lines[start : start + BATCH_LINES]
            body = gzip.compress(b"\n".join(batch) + b"\n", 1)
            headers = {
                "Authorization": f"Bearer {self._source_token}",
                "Content-Type": "application/x-ndjson",
                "Content-Encoding": "gzip",
            }
            status, answer = self._ask("POST", "/v1/events", body, headers)
            taken = msgspec.json.decode(answer) if status == 200 else {}
            if status != 200 or taken["refused"]:
                raise self._fault(f"answered {status} to events", answer)
            self.sent += taken["accepted"]
            yield len(batch)

    def send_all(self, lines: Sequence[bytes]) -> Iterator[int]:
        """Send every line (no event id twice), and wait until the node's own watch has looked at them.

        The watch looks when there is news, one look after the other. So two lines are kept back. A look that ends
        after the first of them was sent may have begun before all was there; the next one began after it.
        """
        yield from self.send(lines[:-2])
        for line in lines[-2:]:
            looks = self.looks()
            yield from self.send((line,))
            self.wait_for_look(looks)

    def looks(self) -> int:
        """How often the node's watch has looked so far."""
        status, answer = self._ask("GET", "/metrics", None, self._as_admin())
        if status != 200:
            raise self._fault(f"answered {status} to /metrics", answer)
        seen = _LOOKS.search(answer)
        return int(float(seen.group(1))) if seen else 0

    def wait_for_look(self, after: int) -> None:
        """Wait until the watch has looked more than `after` times."""
        deadline = time.monotonic() + LOOK_SECONDS
        while self.looks() <= after:
            if time.monotonic() > deadline:
                raise self._fault(f"did not look within {LOOK_SECONDS:.0f} s", self._log.read_bytes())
            time.sleep(2 * PAUSE_SECONDS)

    def _ask(
        self, method: str, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> tuple[int, bytes]:
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=COMMAND_SECONDS)
        try:
            connection.request(method, path, body=body, headers=dict(headers or {}))
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _fault(self, what: str, said: bytes = b"") -> DemoError:
        tail = said.decode("utf-8", "replace").strip()[-MAX_TAIL_CHARS:]
        return DemoError(f"node {self.name}: {what}" + (f"; its last words:\n{tail}" if tail else ""))


def free_port() -> int:
    """A loopback port that nobody holds now."""
    with socket.create_server((LOOPBACK, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def ended_by_signals() -> Iterator[None]:
    """SIGTERM and SIGHUP end the `with` as Ctrl-C does, so that no program is left behind."""

    def stop(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
