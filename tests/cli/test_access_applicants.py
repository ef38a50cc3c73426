import json

import pytest
from typer.testing import CliRunner

from tests.applicants import PURPOSE, World
from tests.fixtures import Made
from tests.nodes import tocsin
from tocsin.cli.main import app
from tocsin.kernel import Role


@pytest.fixture
def world(copied: Made) -> World:
    return World(copied)


def run(world: World, *arguments: str) -> object:
    command = ("access", "applicants", *arguments, "--data", str(world.node.data), "--json")
    return json.loads(tocsin(*command).stdout)


def test_applicants_at_the_command_line(world: World) -> None:
    receipt = world.applied()
    world.shown(receipt)
    listed = run(world, "list")
    assert isinstance(listed, dict)
    assert [(one["number"], one["level"]) for one in listed["applicants"]] == [
        (receipt.number, "legal-identity")
    ]

    reviews = world.node.applicant_reviews
    reviews.ask(receipt.number, receipt.secret, PURPOSE, "To study refund letters.")
    data = ("--data", str(world.node.data))
    vetting = ("access", "applicants", "vet", receipt.number, "--purpose", PURPOSE, *data)
    assert tocsin(*vetting, check=False).returncode != 0  # undecided
    (one,) = reviews.followed(receipt.number, receipt.secret)
    world.decided(one.review.case)
    assert tocsin(*vetting, "--days", "9").stdout.startswith(f"Vetted for {PURPOSE} until")
    run(world, "renew", receipt.number, "--purpose", PURPOSE, "--days", "12")
    shown = run(world, "show", receipt.number)
    assert isinstance(shown, dict)
    assert shown["purposes"] == [PURPOSE]
    assert [one["method"] for one in shown["results"]] == ["presentation", "review", "review"]
    plain = tocsin("access", "applicants", "show", receipt.number, *data).stdout
    assert "vetted for misuse-research" in plain
    assert isinstance(run(world, "revoke", receipt.number, "--reason", "It wrote refund letters."), dict)
    assert "suspended" in tocsin("access", "applicants", "list", *data).stdout
    assert run(world, "drop", world.issuer.name, "--reason", "Its keys were stolen.") == {"ended": 1}


def test_an_auditor_sees_pseudonyms(world: World) -> None:
    receipt = world.applied()
    access = world.node.access
    access.add_user(access.operator(), "audrey", (Role.AUDITOR,))
    token = access.issue_token(access.operator(), "audrey")
    listed = run(world, "list", "--token", token)
    assert isinstance(listed, dict)
    assert receipt.number not in json.dumps(listed)
    assert listed["applicants"][0]["number"].startswith("ps_")


def test_a_providers_secret_is_asked_for_and_sealed(copied: Made) -> None:
    source = {"name": "campus", "issuer": "https://login.example", "client": "node", "email": True}
    world = World(copied, providers=[source])
    secret = ["access", "applicants", "secret", "--data", str(world.node.data)]
    kept = CliRunner().invoke(app, [*secret, "campus"], input="lottery refund\n")
    assert kept.exit_code == 0
    assert "/apply/login" in kept.output
    assert "lottery" not in kept.output
    file = world.node.data / "keys" / "oidc-campus.secret"
    assert b"lottery" not in file.read_bytes()
    assert world.node.keys.client_secret("campus") == "lottery refund"
    assert world.node.keys.client_secret() is None
    assert CliRunner().invoke(app, [*secret, "../master"], input="x\n").exit_code != 0
    assert CliRunner().invoke(app, [*secret, "campus", "--clear"]).exit_code == 0
    assert not file.exists()
