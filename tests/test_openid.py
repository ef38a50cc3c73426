"""Log-in with a provider that somebody else wrote (oidc-provider-mock, on Authlib), as its own process."""

import re
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.applicants import BASE, World
from tests.fixtures import Made
from tests.nodes import free_port
from tests.people import node_with
from tocsin.app.access import Opened
from tocsin.app.applicant_logins import ApplicantLogins
from tocsin.kernel.admission import VerificationLevel

pytestmark = [pytest.mark.net, pytest.mark.slow]

START_SECONDS = 60


@pytest.fixture
def issuer() -> Iterator[str]:
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "oidc_provider_mock", "--port", str(port)]
    command += ["--user-claims", '{"sub": "chen", "groups": ["analysts"], "preferred_username": "Chen"}']
    mail = '"email": "quill@university.example", "email_verified": true'
    command += ["--user-claims", f'{{"sub": "quill", {mail}}}']
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            url = f"http://localhost:{port}"
            end = time.monotonic() + START_SECONDS
            while time.monotonic() < end:
                try:
                    httpx.get(f"{url}/.well-known/openid-configuration")
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield url
        finally:
            process.terminate()


def test_a_person_logs_in_by_the_form_of_a_real_provider(tmp_path: Path, issuer: str) -> None:
    made = Made(tmp_path / "node", datetime.now(UTC))
    try:
        found = httpx.get(f"{issuer}/.well-known/openid-configuration").json()["issuer"]
        made.node.keys.keep_client_secret("lottery refund & more")
        with node_with(made, found) as node:
            assert node.openid is not None
            begun = node.openid.begin("/left")
            with httpx.Client() as browser:
                form = browser.get(begun.address)
                assert form.status_code == 200
                answer = browser.post(begun.address, data={"sub": "chen"})
            back = answer.headers["location"]
            assert back.startswith("http://testserver.local/login/back?")
            query = dict(httpx.URL(back).params)
            finished = node.openid.finish(begun.cookie, query)
            assert isinstance(finished.found, Opened)
            assert finished.onward == "/left"
            assert re.match("Chen ", finished.found.caller.name)
            assert [link.subject for link in node.store.credentials.links()] == ["chen"]
    finally:
        made.node.close()


def test_an_applicant_is_verified_by_a_real_provider(tmp_path: Path, issuer: str) -> None:
    made = Made(tmp_path / "node", datetime.now(UTC))
    try:
        found = httpx.get(f"{issuer}/.well-known/openid-configuration").json()["issuer"]
        source = {"name": "campus", "issuer": found, "client": "tocsin-node", "allow_private": True}
        world = World(made, providers=[source | {"organisations": ["university.example"]}])
        node = made.node
        node.keys.keep_client_secret("lottery refund & more", "campus")
        receipt = node.applicants.apply()
        logins = ApplicantLogins(
            node.store,
            node.keys,
            node.applicants,
            lambda: world.questions,
            made.clock,
            public_url=BASE,
        )
        with httpx.Client() as browser:
            begun = logins.begin(receipt.number, receipt.secret, "campus")
            assert browser.get(begun.link).status_code == 200
            back = browser.post(begun.link, data={"sub": "quill"}).headers["location"]
        assert back.startswith(f"{BASE}/apply/login?")
        code = logins.finish(dict(httpx.URL(back).params))
        taken = world.questions.take(receipt.number, receipt.secret, code)
        assert taken.level is VerificationLevel.ORGANISATION
    finally:
        made.node.close()
