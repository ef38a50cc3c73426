"""The pages of applicants, for reviewers and auditors."""

import pytest

from tests.applicants import PURPOSE, World
from tests.console import Client, log_in, send, token_for
from tests.fixtures import Made
from tocsin.kernel import Role


@pytest.fixture
def world(made: Made) -> World:
    return World(made)


def test_a_reviewer_vets_and_stops(world: World, client: Client) -> None:
    receipt = world.applied(PURPOSE)
    world.shown(receipt)
    reviews = world.node.applicant_reviews
    reviews.ask(receipt.number, receipt.secret, PURPOSE, "To study refund letters.")
    (one,) = reviews.followed(receipt.number, receipt.secret)
    subject = world.node.applicants.named(receipt.number).subject
    log_in(client, token_for(world.made, "tuya", Role.REVIEWER))
    page = client.get("/applicants").text
    assert f'href="/applicants/{subject}"' in page
    assert "legal identity" in page
    own = f"/applicants/{subject}"
    assert f'href="/cases/{one.review.case}"' in client.get(own).text
    vetting = {"subject": subject, "purpose": PURPOSE, "days": "20"}
    assert send(client, "/applicants/vet", own, **vetting).status_code == 409
    world.decided(one.review.case)
    assert send(client, "/applicants/vet", own, **vetting).headers["location"] == f"{own}?done=vetted"
    page = client.get(f"{own}?done=vetted").text
    assert "Research into misuse" in page
    assert "滥用研究" in client.get(f"{own}?lang=zh").text
    assert send(client, "/applicants/vet", own, **{**vetting, "days": "x"}).status_code == 400
    assert (
        send(client, "/applicants/stop", own, subject="../x", reasons="It wrote letters.").status_code == 400
    )
    stopped = send(client, "/applicants/stop", own, subject=subject, reasons="It wrote refund letters.")
    assert stopped.headers["location"] == f"{own}?done=stopped"
    assert "stopped, a case decides" in client.get(f"{own}?lang=en").text
    assert client.get("/applicants?after=x").status_code == 400
    assert client.get("/applicants/ps_none").status_code == 404


def test_an_auditor_reads_pseudonyms_and_does_nothing(world: World, client: Client) -> None:
    receipt = world.applied()
    subject = world.node.applicants.named(receipt.number).subject
    log_in(client, token_for(world.made, "ines", Role.AUDITOR))
    for path in ("/applicants", f"/applicants/{subject}"):
        page = client.get(path)
        assert page.status_code == 200
        assert receipt.number not in page.text
        assert "/applicants/stop" not in page.text


@pytest.mark.parametrize("role", [Role.ANALYST, Role.ADMIN])
def test_others_are_refused(made: Made, client: Client, role: Role) -> None:
    log_in(client, token_for(made, "other", role))
    assert client.get("/applicants").status_code == 403


def test_a_node_without_applicants_says_how_to_begin(made: Made, client: Client) -> None:
    log_in(client, token_for(made, "tuya", Role.REVIEWER))
    assert "applicants = true" in client.get("/applicants").text
