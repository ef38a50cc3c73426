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
from tests.people import WORDS, secret_of
from tocsin.cli.main import app
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
