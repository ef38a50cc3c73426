"""A restricted capability over HTTP, with two nodes that have the model: one of them verified the end user."""

import json
import shutil
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import urllib3

from tests.admission import body, gateway, put_in_force, released, restricted_model
from tests.app.test_applicants import vetted
from tests.applicants import PURPOSE, World
from tests.fixtures import Made
from tests.web.enforcing.test_asgi import served
from tocsin.app.admission import STALE_SECONDS
from tocsin.kernel import system_clock
from tocsin.kernel.disposing import Measure
from tocsin.kernel.release import Tier
from tocsin.web.server import create_app

REFUSED = ["identity-not-verified", "not-named", "not-vetted"]


class _Running(Made):
    """A node whose clock goes on."""

    def clock(self) -> datetime:
        return system_clock()


def _until(done: Callable[[], bool], seconds: float) -> None:
    """Waits until something is so; fails when it is not in time."""
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.1)


@pytest.mark.net
def test_refused_granted_to_a_vetted_one_and_refused_within_five_seconds(
    copied: Made, prepared: tuple[Path, str], tmp_path: Path
) -> None:
    data, token = shutil.copytree(prepared[0], tmp_path / "lab"), prepared[1]
    model, asks = restricted_model(data, token)
    lab, pool = _Running(data, system_clock(), token), urllib3.PoolManager(retries=False, timeout=20)
    put_in_force(copied, released(Tier.RESTRICTED, artefact=model))
    tokens = {lab: asks, copied: gateway(copied)}

    def asked(made: Made, url: str, subject: str) -> dict[str, Any]:
        resource = {"type": "model", "id": model, "properties": {"capability": "chat"}}
        answer = pool.request(
            "POST",
            f"{url}/v1/access/decide",
            body=body(subject, resource=resource, context={"purpose": PURPOSE, "terms_accepted": True}),
            headers={"Authorization": f"Bearer {tokens[made]}"},
        )
        assert answer.status == 200
        told: dict[str, Any] = answer.json()
        return told

    def rules(told: dict[str, Any]) -> list[str]:
        return [one["id"].removeprefix("admission.") for one in told["context"]["reasons"]]

    world, operator = World(lab), lab.node.access.operator()
    with (
        served(create_app(lab.node, jobs=False)) as here,
        served(create_app(copied.node, jobs=False)) as there,
    ):
        unverified = lab.node.applicants.apply()
        nobody = lab.node.applicants.follow(unverified.number, unverified.secret).subject.id
        assert rules(asked(lab, here, nobody)) == REFUSED
        # a wallet shows a credential, people vet in a case, and the model's holder names them
        receipt, _ = vetted(world)
        subject = lab.node.applicants.follow(receipt.number, receipt.secret).subject.id
        assert rules(asked(lab, here, subject)) == ["not-named"]
        lab.node.admitting.grant(
            operator, subject, model, purpose=PURPOSE, days=30, reason="a study of refund letters"
        )
        _until(lambda: asked(lab, here, subject)["decision"], STALE_SECONDS)
        assert rules(asked(lab, here, nobody)) == REFUSED
        assert rules(asked(copied, there, subject)) == REFUSED, "what one node found counts there alone"
        # their access is in question: at once, and before the case decides
        opened = world.node.applicant_reviews.question(
            world.reviewer(), receipt.number, "It wrote refund letters to people."
        )
        _until(lambda: not asked(lab, here, subject)["decision"], STALE_SECONDS)
        (reason,) = asked(lab, here, subject)["context"]["reasons"]
        assert reason["id"] == "admission.standing"
        assert "the user can appeal" in reason["says"]["en"]
        world.decided(opened.case, Measure.PROVISION_TERMINATED, of="fraud.scam")
        assert rules(asked(lab, here, subject)) == ["standing"]
    lab.node.admission.flush()
    counted = lab.node.store.admission.counted()
    assert {(one.granted, one.rules) for one in counted} == {
        (granted, tuple(f"admission.{name}" for name in names))
        for granted, names in (
            (True, ["released"]),
            (False, REFUSED),
            (False, ["not-named"]),
            (False, ["standing"]),
        )
    }
    assert subject not in json.dumps([repr(one) for one in counted])
    lab.node.transparency_log.tick()
    kinds = {entry.kind for entry in lab.node.store.log.entries()}
    assert {"applicant.verified", "applicant.vet", "access.grant", "applicant.standing"} <= kinds
    lab.node.close()
    pool.clear()
