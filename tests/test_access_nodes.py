"""A restricted capability over HTTP, with two nodes: one verifies the end user, the other has the model."""

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.admission import body, restricted_model
from tests.nodes import Serving, make_node, serving, tocsin
from tocsin.app.admission import STALE_SECONDS


def _until(done: Callable[[], bool], seconds: float) -> float:
    """Seconds until something is so; fails when it is not in time."""
    begun = time.monotonic()
    while not done():
        assert time.monotonic() - begun < seconds
        time.sleep(0.05)
    return time.monotonic() - begun


@pytest.mark.net
def test_refused_granted_to_a_vetted_one_and_refused_within_five_seconds(tmp_path: Path) -> None:
    lab, verifier = tmp_path / "lab", tmp_path / "verifier"
    tokens = {data: make_node(data) for data in (lab, verifier)}
    models = {data: restricted_model(data, token) for data, token in tokens.items()}
    (model, _), _ = models.values()
    resource = {"type": "model", "id": model, "properties": {"capability": "chat"}}

    def asked(node: Serving, subject: str) -> dict[str, Any]:
        answer = node.http.request(
            "POST",
            f"{node.url}/v1/access/decide",
            body=body(subject, resource=resource),
            headers={"Authorization": f"Bearer {models[node.data][1]}"},
        )
        assert answer.status == 200
        told: dict[str, Any] = answer.json()
        return told

    def rules(told: dict[str, Any]) -> list[str]:
        return [one["id"].removeprefix("admission.") for one in told["context"]["reasons"]]

    with serving(lab, tokens[lab]) as here, serving(verifier, tokens[verifier]) as there:
        assert rules(asked(here, "ps_ada")) == ["identity-not-verified", "not-named", "not-vetted"]
        made = json.loads(
            tocsin(
                *(
                    "access",
                    "grant",
                    model,
                    "--data",
                    str(lab),
                    "--subject",
                    "ps_ada",
                    "--purpose",
                    "teaching",
                ),
                *(
                    "--vouches",
                    "vetted",
                    "--evidence",
                    "ef" * 32,
                    "--reason",
                    "vetted at the other node",
                    "--json",
                ),
            ).stdout
        )
        assert _until(lambda: asked(here, "ps_ada")["decision"], STALE_SECONDS) < STALE_SECONDS
        assert not asked(here, "ps_bo")["decision"]
        assert not asked(there, "ps_ada")["decision"], "a grant is of the node that gave it"
        tocsin("access", "revoke", made["id"], "--data", str(lab), "--reason", "it was used to defraud")
        _until(lambda: not asked(here, "ps_ada")["decision"], STALE_SECONDS)
        assert rules(asked(here, "ps_ada")) == ["identity-not-verified", "not-named", "not-vetted"]
        _until(lambda: {"access.grant", "access.revoke"} <= _logged(lab), 20)
        answers = json.loads(tocsin("access", "answers", "--data", str(lab), "--json").stdout)["answers"]
    assert {(one["granted"], tuple(one["rules"])) for one in answers} == {
        (True, ("admission.released",)),
        (False, tuple(f"admission.{name}" for name in ("identity-not-verified", "not-named", "not-vetted"))),
    }
    assert "ps_ada" not in json.dumps(answers)


def _logged(data: Path) -> set[str]:
    told = json.loads(tocsin("share", "log", "show", "--data", str(data), "--json").stdout)
    return {one["act"] for one in told["entries"] if one["place"] >= 0}
