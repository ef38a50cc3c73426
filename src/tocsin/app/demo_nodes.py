"""Nodes of the demo: real programs in real folders, made, served, asked and ended as an operator would.

Only `demo` uses this. The driver plays the outside: the operator at a terminal, and a source that sends
events over HTTP. So its requests go out here and not through `net`, which is for a node's own.
"""

import gzip
import http.client
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import msgspec

from tocsin.app.settings import FILE_NAME
from tocsin.kernel import TocsinError
from tocsin.trust.identity import fingerprint

LOOPBACK = "127.0.0.1"
COMMAND_SECONDS = 60.0
READY_SECONDS = 45.0
LOOK_SECONDS = 120.0
"""How long a node may take to look at all that it was sent."""
END_SECONDS = 10.0
PAUSE_SECONDS = 0.05
BATCH_LINES = 2_000
MAX_TAIL_CHARS = 600
"""Of a failing program's words, the last so many are shown."""

NODE_COMMAND = (sys.executable, "-c", "from tocsin.cli import main; main()")
SHELL = """
import io, json, sys
from contextlib import redirect_stdout
from tocsin.cli import main
told = []
for words in json.load(sys.stdin):
    sys.argv = ["tocsin", *words]
    with redirect_stdout(io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)) as out:
        try:
            main()
        except SystemExit as end:
            if end.code:
                raise
    told.append(json.loads(out.buffer.getvalue()))
print(json.dumps(told))
"""
"""Several `tocsin` commands in one program, one after the other: most of the time of each is its start-up."""

FOREIGN_SETTINGS = ("TOCSIN_DATABASE_URL", "TOCSIN_DATA", "TOCSIN_PEER_TOKEN")
"""Of the shell the demo was started in; its nodes are their own."""

SETTINGS = {"pull_seconds": "0", "sighting_delay_seconds": "0", "watch_seconds": "0.5", "sum_seconds": "0.2"}
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


class DemoNode:
    """One node: its folder, its program, its tokens. `name` is what the others call it."""

    def __init__(self, name: str, data: Path, children: Children, command: Sequence[str]) -> None:
        self.name = name
        self.data = data
        self.port = free_port()
        self.admin_token = ""
        self.fingerprint = ""
        self.sent = 0
        self._source_token = ""
        self._children = children
        self._command = tuple(command)
        self._log = data.parent / f"{data.name}.log"
        self._server: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def run(self, *words: str) -> Any:
        """One `tocsin` command on this node's folder; returns its JSON document. Raises DemoError."""
        return self._run((*self._command, *self._on_folder(words)), words, b"")

    def run_all(self, commands: Sequence[Sequence[str]]) -> list[Any]:
        """Several commands one after the other; returns their JSON documents. Raises DemoError."""
        every = [self._on_folder(words) for words in commands]
        told: list[Any] = self._run((sys.executable, "-c", SHELL), commands[0], msgspec.json.encode(every))
        return told

    def _on_folder(self, words: Sequence[str]) -> tuple[str, ...]:
        return (*words, "--data", str(self.data), "--json")

    def _run(self, command: Sequence[str], words: Sequence[str], given: bytes) -> Any:
        child = self._children.start(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        try:
            out, said = child.communicate(given, timeout=COMMAND_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            raise self._fault(
                f"`tocsin {' '.join(words[:2])}` took more than {COMMAND_SECONDS:.0f} s"
            ) from None
        finally:
            self._children.forget(child)
        if child.returncode != 0:
            raise self._fault(f"`tocsin {' '.join(words[:2])}` ended with {child.returncode}", said)
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
