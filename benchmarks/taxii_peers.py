"""medallion and OpenTAXII as they come, each as its own process on loopback, in an environment of their own.

They share no versions with ours, so they live in `.cache/bench-taxii`, installed from lock/bench-taxii.txt by hash.
"""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import urllib3
from urllib3.util import make_headers

LOCK = Path("lock/bench-taxii.txt")
PLACE = Path(".cache/bench-taxii")
READY_SECONDS = 60
MEDIA_TYPE = "application/taxii+json;version=2.1"
_COLLECTION = "472c94ae-3113-4e3e-a4dd-a9f4ac7471d4"


class Server(NamedTuple):
    """A running TAXII server: where its collection's objects are, and the headers to ask with."""

    name: str
    objects: str
    headers: dict[str, str]
    process: int
    page_size: int = 1_000

    def cpu_seconds(self) -> float:
        """CPU time of the server so far, all its threads: what the machine does besides does not count."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peers_python() -> Path:
    """The interpreter of the peers' environment, made on first use. Raises OSError or CalledProcessError."""
    python = PLACE / "bin" / "python"
    if not python.exists():
        print("setting up the TAXII peers ...", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", PLACE], check=True)
        pip: list[str | Path] = [python, "-m", "pip", "--disable-pip-version-check", "-q", "install"]
        subprocess.run([*pip, "--require-hashes", "--no-deps", "-r", LOCK], check=True)
    return python.absolute()


@contextmanager
def tocsin(folder: Path, port: int, *, fill: Callable[[Path], None] | None = None) -> Iterator[Server]:
    """A node of ours with every check on: the token of a person, the inbox; `fill` puts things there before."""
    made = subprocess.run(
        [sys.executable, "-m", "tocsin", "init", "--data", folder / "node", "--json"],
        check=True,
        capture_output=True,
    )
    token = json.loads(made.stdout)["admin_token"]
    if fill is not None:
        fill(folder / "node")
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "tocsin",
        "serve",
        "--data",
        folder / "node",
        "--port",
        str(port),
    ]
    headers = {"Authorization": f"Bearer {token}"}
    with running(command, folder, f"http://127.0.0.1:{port}/readyz", headers) as process:
        url = f"http://127.0.0.1:{port}/taxii2/tocsin/collections/inbox/objects/"
        yield Server("Tocsin", url, headers, process)


@contextmanager
def floor(folder: Path, port: int) -> Iterator[Server]:
    """The bare floor (`taxii_floor`)."""
    command: list[str | Path] = [
        sys.executable,
        "-m",
        "benchmarks.taxii_floor",
        folder / "floor.db",
        str(port),
    ]
    url = f"http://127.0.0.1:{port}/objects/"
    with running(command, folder, url, {}) as process:
        yield Server("the floor", url, {}, process)


@contextmanager
def medallion(folder: Path, port: int) -> Iterator[Server]:
    """medallion with its memory backend, the fastest it has, and the largest page asked for."""
    (folder / "data.json").write_text(json.dumps(_MEDALLION_DATA))
    settings = {
        "users": {"bench": "bench"},
        "taxii": {"max_page_size": 1_000, "interop_requirements": False},
        "backend": {
            "module": "medallion.backends.memory_backend",
            "module_class": "MemoryBackend",
            "filename": str(folder / "data.json"),
        },
    }
    (folder / "medallion.json").write_text(json.dumps(settings))
    start = "from medallion.scripts.run import main; main()"
    command: list[str | Path] = [peers_python(), "-c", start, "--port", str(port), folder / "medallion.json"]
    headers = make_headers(basic_auth="bench:bench") | {"Accept": MEDIA_TYPE}
    with running(command, folder, f"http://127.0.0.1:{port}/taxii2/", headers) as process:
        url = f"http://127.0.0.1:{port}/trustgroup1/collections/{_COLLECTION}/objects/"
        yield Server("medallion", url, headers, process)


@contextmanager
def opentaxii(folder: Path, port: int) -> Iterator[Server]:
    """OpenTAXII on SQLite with a public collection: it need not check a password at each request, we do."""
    (folder / "opentaxii.yml").write_text(
        f"""
domain: "127.0.0.1:{port}"
taxii1:
auth_api:
  class: opentaxii.auth.sqldb.SQLDatabaseAPI
  parameters: {{db_connection: "sqlite:///{folder}/auth.db", create_tables: yes, secret: bench}}
taxii2:
  title: bench
  public_discovery: true
  max_content_length: 16777216
  persistence_api:
    class: opentaxii.persistence.sqldb.Taxii2SQLDatabaseAPI
    parameters: {{db_connection: "sqlite:///{folder}/data.db", create_tables: yes}}
logging: {{opentaxii: error, root: error}}
"""
    )
    python = peers_python()
    environment = os.environ | {"OPENTAXII_CONFIG": str(folder / "opentaxii.yml")}
    made = subprocess.run(
        [python, "-c", _OPENTAXII_SET_UP], check=True, capture_output=True, text=True, env=environment
    )
    found = re.search(r"root=(\S+)", made.stdout)
    assert found, made.stdout
    serve = _OPENTAXII_SERVE.format(port=port)
    headers = {"Accept": MEDIA_TYPE}
    ready = f"http://127.0.0.1:{port}/taxii2/"
    with running([python, "-c", serve], folder, ready, headers, environment) as process:
        url = f"http://127.0.0.1:{port}/taxii2/{found[1]}/collections/bench/objects/"
        yield Server("OpenTAXII", url, headers, process)


# On SQLite its answer to a POST holds a UUID, which its encoder cannot write: 500, after the objects were kept.
_OPENTAXII_SERVE = """
import functools, json, types
import opentaxii.taxii2.http as http
http.json = types.SimpleNamespace(dumps=functools.partial(json.dumps, default=str))
from opentaxii.cli import app
app.debug = False
app.run(port={port}, debug=False)
"""

_OPENTAXII_SET_UP = """
from opentaxii.cli import app
with app.app_context():
    api = app.taxii_server.servers.taxii2.persistence.api
    root = api.add_api_root(title="bench", default=True, is_public=True)
    api.add_collection(api_root_id=root.id, title="bench", alias="bench", is_public=True, is_public_write=True)
    print(f"root={root.id}")
"""

_MEDALLION_DATA = {
    "/discovery": {"title": "bench", "default": "/trustgroup1/", "api_roots": ["/trustgroup1/"]},
    "trustgroup1": {
        "information": {"title": "bench", "versions": [MEDIA_TYPE], "max_content_length": 16_777_216},
        "status": [],
        "collections": [
            {
                "id": _COLLECTION,
                "title": "bench",
                "can_read": True,
                "can_write": True,
                "media_types": ["application/stix+json;version=2.1"],
                "objects": [],
                "manifest": [],
            }
        ],
    },
}


@contextmanager
def running(
    command: list[str | Path],
    folder: Path,
    ready: str,
    headers: dict[str, str],
    environment: dict[str, str] | None = None,
) -> Iterator[int]:
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env=environment)
        try:
            _wait(process, ready, headers, folder / "server.log")
            yield process.pid
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(10)


def _wait(process: subprocess.Popen[bytes], url: str, headers: dict[str, str], log: Path) -> None:
    end = time.monotonic() + READY_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            if urllib3.request("GET", url, headers=headers, retries=False, timeout=5).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.1)
    raise RuntimeError(f"the server did not get ready:\n{log.read_text()[-2000:]}")
