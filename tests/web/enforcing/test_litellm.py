"""The callback in a real LiteLLM proxy, in an environment of its own, asking a real node over loopback."""

import json
import os
import subprocess
from pathlib import Path

import pytest
import urllib3

from tests.admission import gateway, put_in_force, released
from tests.app.test_admission import grant
from tests.fixtures import Made
from tests.gate.making import ARTEFACT
from tests.nodes import free_port
from tests.web.enforcing.test_asgi import served
from tests.web.enforcing.test_envoy import _first
from tocsin.kernel.release import Tier
from tocsin.web.server import create_app

KEPT = Path(".cache/bench-litellm/bin/litellm")

KEYS = """
from litellm.proxy._types import UserAPIKeyAuth

async def who(request, api_key):
    held = {"tocsin_capability": "chat", "tocsin_purpose": "teaching", "tocsin_terms": True}
    return UserAPIKeyAuth(api_key=api_key, user_id=api_key, metadata=held)
"""

CONFIGURATION = {
    "model_list": [
        {
            "model_name": name,
            "litellm_params": {"model": "openai/none", "api_key": "x", "mock_response": "sunny"},
        }
        for name in ("weather", "other")
    ],
    "litellm_settings": {"callbacks": ["guard.access"]},
    "general_settings": {"custom_auth": "keys.who"},
}


@pytest.mark.net
def test_a_real_litellm_proxy_calls_no_model_that_is_refused(copied: Made, tmp_path: Path) -> None:
    if not KEPT.exists():
        pytest.skip("no LiteLLM here: `pip install litellm[proxy]` in .cache/bench-litellm brings it")
    put_in_force(copied, released(Tier.RESTRICTED))
    grant(copied)
    (tmp_path / "config.json").write_text(json.dumps(CONFIGURATION))
    (tmp_path / "keys.py").write_text(KEYS)
    (tmp_path / "guard.py").write_text("from tocsin.web.enforcing.litellm_hook import access\n")
    pool, listens = urllib3.PoolManager(retries=False, timeout=20), free_port()

    def call(who: str, model: str = "weather") -> urllib3.BaseHTTPResponse:
        body = json.dumps(
            {"model": model, "user": "ps_ada", "messages": [{"role": "user", "content": "rain?"}]}
        )
        return pool.request(
            "POST",
            f"http://127.0.0.1:{listens}/v1/chat/completions",
            body=body.encode(),
            headers={"Authorization": f"Bearer {who}", "Content-Type": "application/json"},
        )

    with served(create_app(copied.node, jobs=False)) as node, (tmp_path / "log").open("wb") as log:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "PYTHONPATH": f"{Path('src').resolve()}:{tmp_path}",
            "TOCSIN_URL": node,
            "TOCSIN_TOKEN": gateway(copied),
            "TOCSIN_MODELS": json.dumps({"weather": ARTEFACT}),
            "TOCSIN_FULFILS": "log",
            "LITELLM_MASTER_KEY": f"sk-{os.urandom(32).hex()}",
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        }
        process = subprocess.Popen(
            [str(KEPT.absolute()), "--config", "config.json", "--host", "127.0.0.1", "--port", str(listens)],
            cwd=tmp_path,
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            let = _first(lambda: call("ps_ada"), 90.0)
            assert let.status == 200, (tmp_path / "log").read_text()[-2000:]
            assert let.json()["choices"][0]["message"]["content"] == "sunny"
            refused = call("ps_bo")
            assert refused.status == 403
            assert b"no grant names this one" in refused.data
            assert call("ps_ada", "other").status == 403
        finally:
            process.terminate()
            process.wait(30)
    pool.clear()
