"""tocsin user: what an operator does for people; nothing secret among the arguments."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.fixtures import Made
from tests.openid_provider import OpenIdProvider
from tests.people import WORDS, secret_of
from tocsin.cli.main import app
from tocsin.kernel import BadInput, ProviderFault
from tocsin.trust import second_factor


@pytest.fixture
def data(made: Made) -> Path:
    made.node.store.close()
    return made.node.data


def run(data: Path, *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, [*arguments, "--data", str(data)], input=typed)


def listed(data: Path, name: str) -> dict[str, object]:
    users = json.loads(run(data, "user", "list", "--json").stdout)["users"]
    found: dict[str, object] = next(user for user in users if user["name"] == name)
    return found


def test_a_users_life(data: Path) -> None:
    assert run(data, "user", "add", "chen", "--role", "analyst").exit_code == 0
    assert listed(data, "chen")["roles"] == ["analyst"]
    assert run(data, "user", "roles", "chen", "--role", "reviewer", "--role", "auditor").exit_code == 0
    assert listed(data, "chen")["roles"] == ["reviewer", "auditor"]
    assert run(data, "user", "disable", "chen").exit_code == 0
    assert listed(data, "chen")["disabled"] is True
    assert "disabled" in run(data, "user", "list").stdout
    assert run(data, "user", "enable", "chen").exit_code == 0
    assert listed(data, "chen")["disabled"] is False


def test_a_password_is_asked_for_and_never_shown(data: Path) -> None:
    run(data, "user", "add", "chen", "--role", "analyst")
    done = run(data, "user", "password", "chen", typed=f"{WORDS}\n{WORDS}\n")
    assert done.exit_code == 0
    assert WORDS not in done.output
    assert listed(data, "chen")["password"] is True
    assert run(data, "user", "password", "chen", "--clear").exit_code == 0
    assert listed(data, "chen")["password"] is False


def test_a_plain_password_is_refused(data: Path) -> None:
    run(data, "user", "add", "chen", "--role", "analyst")
    refused = run(data, "user", "password", "chen", typed="short\nshort\n")
    assert refused.exit_code != 0
    assert listed(data, "chen")["password"] is False


def test_a_second_factor_is_enrolled_by_the_code_it_shows_and_reset(data: Path) -> None:
    """A person reads the secret off the terminal, and types what their authenticator makes of it."""
    run(data, "user", "add", "chen", "--role", "reviewer")
    environment = os.environ | {"TOCSIN_DATA": str(data), "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [sys.executable, "-m", "tocsin", "user", "totp", "enrol", "chen"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment,
        text=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in process.stdout:
            if spelt := re.fullmatch(r"  ([A-Z2-7]{4}(?: [A-Z2-7]{4}){7})\n", line):
                secret = secret_of(spelt[1])
                break
        else:
            pytest.fail("no secret was shown")
        process.stdin.write(second_factor.code_at(secret, time.time()) + "\n")
        process.stdin.flush()
        rest = process.stdout.read()
    assert process.returncode == 0
    assert len(re.findall(r"^  [a-z2-7]{4}(?:-[a-z2-7]{4}){3}$", rest, flags=re.MULTILINE)) == 10
    assert listed(data, "chen")["second_factor"] is True
    assert "code" in run(data, "user", "list").stdout
    assert run(data, "user", "totp", "reset", "chen").exit_code == 0
    assert listed(data, "chen")["second_factor"] is False
    assert run(data, "user", "totp", "reset", "chen").exit_code != 0


def test_a_user_is_linked_to_the_provider_and_parted_again(data: Path) -> None:
    run(data, "user", "add", "chen", "--role", "reviewer")
    refused = run(data, "user", "link", "chen", "248289761001")
    assert isinstance(refused.exception, BadInput)
    assert "oidc_issuer" in refused.exception.message
    choose(
        data, oidc_issuer="https://login.example", oidc_client_id="node", public_url="https://node.example"
    )
    assert run(data, "user", "link", "chen", "248289761001").exit_code == 0
    assert listed(data, "chen")["links"] == [
        {"issuer": "https://login.example", "subject": "248289761001", "managed": False}
    ]
    assert run(data, "user", "unlink", "chen").exit_code == 0
    assert listed(data, "chen")["links"] == []


def test_the_clients_secret_is_asked_for_and_forgotten(data: Path) -> None:
    done = run(data, "oidc", "secret", typed="lottery refund\n")
    assert done.exit_code == 0
    assert "lottery refund" not in done.output
    kept = data / "keys" / "oidc.secret"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert b"lottery" not in kept.read_bytes()
    assert run(data, "oidc", "secret", "--clear").exit_code == 0
    assert not kept.exists()


@pytest.mark.net
def test_the_provider_is_checked_before_people_need_it(data: Path) -> None:
    assert run(data, "oidc", "check").exit_code != 0
    with OpenIdProvider(time.time) as provider:
        choose(data, oidc_issuer=provider.issuer, oidc_client_id="node", public_url="https://node.example/")
        found = json.loads(run(data, "oidc", "check", "--json").stdout)
        assert found["redirect_uri"] == "https://node.example/login/back"
        assert found["token"] == f"{provider.issuer}/token"
        provider.discovery["issuer"] = "https://login.example"
        assert isinstance(run(data, "oidc", "check").exception, ProviderFault)


def choose(data: Path, **settings: str) -> None:
    file = data / "settings.toml"
    lines = [line for line in file.read_text("utf-8").splitlines() if line.split(" = ")[0] not in settings]
    lines += [f"{name} = {json.dumps(value)}" for name, value in settings.items()]
    allowed = settings.get("oidc_issuer", "").startswith("http://")
    lines = [
        f"oidc_allow_private = {str(allowed).lower()}" if "oidc_allow_private" in line else line
        for line in lines
    ]
    file.write_text("\n".join(lines) + "\n", "utf-8")
