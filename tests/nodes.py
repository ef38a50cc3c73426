"""Real nodes as real processes, on loopback, ended by the pid that was started."""

import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest import mock

import urllib3

from tocsin.cli import main

READY_SECONDS = 60


def free_port() -> int:
    """A port nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def tocsin(*arguments: str, check: bool = True, typed: str = "") -> subprocess.CompletedProcess[str]:
    """Run the command line in this process: it says and ends the same, and nothing is imported once more."""
    given, out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(3))
    given.write(typed)
    given.seek(0)
    status = 0
    with (
        mock.patch.object(sys, "argv", ["tocsin", *arguments]),
        mock.patch.object(sys, "stdin", given),
        redirect_stdout(out),
        redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
    said = [stream.buffer.getvalue().decode() for stream in (out, err)]
    return _checked(subprocess.CompletedProcess(["tocsin", *arguments], status, *said), check=check)


def tocsin_process(*arguments: str, check: bool = True, **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the command line in a process of its own, as a user would."""
    done = subprocess.run(
        [sys.executable, "-m", "tocsin", *arguments], capture_output=True, text=True, timeout=120, **options
    )
    return _checked(done, check=check)


def _checked(done: subprocess.CompletedProcess[str], *, check: bool) -> subprocess.CompletedProcess[str]:
    if check and done.returncode:
        raise AssertionError(f"{' '.join(done.args)}: {done.returncode}\n{done.stderr}")
    return done


class Serving:
    """A node that serves."""

    def __init__(
        self, data: Path, port: int, process: subprocess.Popen[bytes], token: str, scheme: str
    ) -> None:
        self.data = data
        self.url = f"{scheme}://127.0.0.1:{port}"
        self.process = process
        self.token = token
        own = str(data / "keys" / "tls.pem") if scheme == "https" else None
        self.http = urllib3.PoolManager(retries=False, timeout=60, ca_certs=own)

    def request(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> urllib3.BaseHTTPResponse:
        """One request with the admin's token."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.request(
            method, self.url + path, body=body, headers={"Authorization": f"Bearer {self.token}"} | named
        )

    def kill(self) -> None:
        """Kill -9, and wait until it is gone."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)


def make_node(data: Path, **settings: object) -> str:
    """`tocsin init`; returns the admin's token. `settings` are written over the defaults."""
    made = json.loads(tocsin("init", "--data", str(data), "--name", data.name, "--json").stdout)
    file = data / "settings.toml"
    lines = [line for line in file.read_text("utf-8").splitlines() if line.split(" = ")[0] not in settings]
    lines += [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    file.write_text("\n".join(lines) + "\n", "utf-8")
    token: str = made["admin_token"]
    return token


@contextmanager
def serving(
    data: Path, token: str, port: int | None = None, *extra: str, scheme: str = "http"
) -> Iterator[Serving]:
    """`tocsin serve` until the block ends."""
    port = port or free_port()
    with (data.parent / f"{data.name}.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tocsin", "serve", "--data", str(data), "--port", str(port), *extra],
            stdout=log,
            stderr=log,
            env=os.environ | {"PYTHONUNBUFFERED": "1"},
        )
        node = Serving(data, port, process, token, scheme)
        try:
            _wait(node)
            yield node
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)
            node.http.clear()


def _wait(node: Serving) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end:
        if node.process.poll() is not None:
            break
        try:
            if node.request("GET", "/readyz").status == 200:
                return
        except (urllib3.exceptions.HTTPError, OSError):  # the certificate comes with the first start
            time.sleep(0.1)
    log = (node.data.parent / f"{node.data.name}.log").read_text("utf-8")
    raise AssertionError(f"the node did not get ready:\n{log[-4000:]}")
