"""The middleware before a real Litestar application on a real uvicorn, asking a real node over loopback."""

import asyncio
import json
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import urllib3
import uvicorn
from litestar import Litestar, Request, get

from tests.admission import gateway, put_in_force, released
from tests.app.test_admission import grant
from tests.fixtures import Made
from tests.gate.making import ARTEFACT
from tests.nodes import free_port
from tocsin.kernel.release import Tier
from tocsin.web.enforcing.asgi import KEY, AccessMiddleware
from tocsin.web.enforcing.asking import Asker, Verdict, WhenUnreachable, question
from tocsin.web.server import create_app


@contextmanager
def served(app: Any) -> Iterator[str]:
    """An application on a port of loopback, until the block ends."""
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=free_port(), log_config=None, lifespan="off")
    )
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            assert thread.is_alive()
            threading.Event().wait(0.01)
        yield f"http://127.0.0.1:{server.config.port}"
    finally:
        server.should_exit = True
        thread.join(10)


@get("/chat")
async def chat(request: Request[Any, Any, Any]) -> dict[str, list[str]]:
    verdict: Verdict = request.scope[KEY]  # type: ignore[literal-required]
    return {"obliged": sorted(verdict.obligations)}


@get("/about")
async def about() -> str:
    return "weather"


def asked_of(scope: Any) -> dict[str, Any] | None:
    """Who asks, as the application's own log-in would say; here a header stands for it."""
    if scope["path"] == "/about":
        return None
    who = dict(scope["headers"])[b"x-logged-in"].decode()
    return question(who, ARTEFACT, capability="chat", purpose="teaching", terms_accepted=True)


def guarded(asker: Asker) -> Any:
    return AccessMiddleware(Litestar([chat, about]), asker, asked_of)  # type: ignore[arg-type]


@pytest.mark.net
def test_what_the_node_refuses_does_not_reach_the_application(copied: Made) -> None:
    put_in_force(copied, released(Tier.RESTRICTED))
    grant(copied)
    http = urllib3.PoolManager(retries=False)
    with served(create_app(copied.node, jobs=False)) as node:
        asker = Asker(node, gateway(copied), fulfils=frozenset({"log"}))
        with served(guarded(asker)) as url:
            let = http.request("GET", f"{url}/chat", headers={"x-logged-in": "ps_ada"})
            assert (let.status, let.json()) == (200, {"obliged": ["log"]})
            refused = http.request("GET", f"{url}/chat", headers={"x-logged-in": "ps_bo"})
            assert (refused.status, refused.headers["content-type"]) == (403, "application/problem+json")
            assert "no grant names this one" in refused.json()["detail"]
            assert refused.json()["obligations"] == {
                "step-up-verification": {"level": "vetted", "purpose": "teaching"}
            }
            assert http.request("GET", f"{url}/chat").status == 403
            assert http.request("GET", f"{url}/about").status == 200
        with served(guarded(Asker(node, "no token", fulfils=frozenset({"log"})))) as url:
            assert http.request("GET", f"{url}/chat", headers={"x-logged-in": "ps_ada"}).status == 403
        nobody_logs = Asker(node, asker._headers["Authorization"].removeprefix("Bearer "))
        verdict = nobody_logs.ask_now(
            asked_of({"path": "/chat", "headers": [(b"x-logged-in", b"ps_ada")]}) or {}
        )
        assert (verdict.granted, verdict.reasons) == (False, ("nobody here fulfils: log",))
    with served(guarded(asker)) as url:
        gone = http.request("GET", f"{url}/chat", headers={"x-logged-in": "ps_ada"})
        assert (gone.status, gone.json()["detail"]) == (403, "the node that decides cannot be asked just now")
    http.clear()
    for one in (asker, nobody_logs):
        one.close()


def test_without_the_node_it_refuses_unless_the_unsafe_was_chosen(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreachable(*_: object) -> bytes:
        raise ConnectionRefusedError

    monkeypatch.setattr(Asker, "_posted", unreachable)
    caplog.set_level(logging.WARNING, logger="tocsin.enforcing")
    asked = question("ps_ada", ARTEFACT)
    refused = Asker("http://127.0.0.1:1", "t").ask_now(asked)
    assert (refused.granted, refused.asked) == (False, False)
    chosen = Asker("http://127.0.0.1:1", "t", when_unreachable=WhenUnreachable.UNSAFE_LET_THROUGH)
    assert (chosen.ask_now(asked).granted, chosen.ask_now(asked).asked) == (True, False)
    assert "let through unasked" in caplog.text


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"{}",
        b"[]",
        b'{"decision": true}',
        b'{"decision": true, "context": {"reasons": [], "obligations": [1], "overlays": []}}',
        b'{"decision": "yes", "context": {"reasons": [], "obligations": [], "overlays": []}}',
    ],
)
def test_an_answer_that_is_none_grants_nothing(said: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Asker, "_posted", lambda *_: said)
    assert not Asker("http://127.0.0.1:1", "t").ask_now(question("ps_ada", ARTEFACT)).granted


def test_a_websocket_is_closed_before_it_opens() -> None:
    class Refuses:
        async def ask(self, asked: dict[str, Any]) -> Verdict:
            return Verdict(False, ("no",))

    sent: list[Any] = []

    async def receive() -> dict[str, str]:
        return {"type": "websocket.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    async def never(*_: Any) -> None:
        raise AssertionError

    middleware = AccessMiddleware(never, Refuses(), lambda scope: question("ps_ada", ARTEFACT))
    asyncio.run(middleware({"type": "websocket", "path": "/"}, receive, send))
    assert [(one["type"], one["code"]) for one in sent] == [("websocket.close", 1008)]


def test_the_middleware_runs_where_nothing_of_ours_is_installed() -> None:
    """What it imports, it imports from the standard library."""
    import subprocess
    import sys

    code = (
        "import sys; from tocsin.web.enforcing import asking, asgi, litellm_hook; "
        "import json; names = {name.partition('.')[0] for name in sys.modules}; "
        "print(json.dumps(sorted(names - set(sys.stdlib_module_names))))"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"import sys; sys.path.insert(0, 'src'); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert [name for name in json.loads(done.stdout) if not name.startswith("_")] == ["tocsin"]
