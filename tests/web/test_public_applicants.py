"""The door for applicants, and a wallet that is not ours, over HTTP."""

import re
import shutil
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from tests.applicants import BASE, PURPOSE, World, code_in
from tests.fixtures import Made, answering
from tests.openid_provider import CLIENT, OpenIdProvider
from tests.public_reporters import field, open_door, read_form, receipt_in
from tocsin.kernel import Peer, PeerStatus
from tocsin.kernel.disposing import Outcome
from tocsin.kernel.reports import ReportReceipt
from tocsin.trust.identity import NodeIdentity, node_id
from tocsin.trust.presentations.passes import read_pass

Client = TestClient[Litestar]


@pytest.fixture
def world(prepared: tuple[Path, str], tmp_path: Path, now: Any) -> Iterator[World]:
    data, token = prepared
    data = shutil.copytree(data, tmp_path / "node")
    open_door(data, public_reports=False, applicants=True, public_url=BASE)
    made = Made(data, now, token)
    yield World(made, mail="post")
    made.node.close()


@pytest.fixture
def client(world: World) -> Iterator[Client]:
    with answering(world.node) as client:
        yield client


def applied(world: World, client: Client, **fields: str) -> ReportReceipt:
    ticket = read_form(world.made, client, "/apply")
    page = client.post("/apply", data={"ticket": ticket, **fields})
    assert page.status_code == 201
    return receipt_in(page.text)


def key(receipt: ReportReceipt) -> dict[str, str]:
    return {"number": receipt.number, "secret": receipt.secret}


def answered(world: World, client: Client, receipt: ReportReceipt) -> Any:
    """The person opens their wallet; it fetches, presents, posts."""
    page = client.post("/apply/mine/wallet", data={**key(receipt), "issuer": "wallet"}).text
    link = re.search(r'href="openid4vp://authorize\?([^"]+)"', page)
    assert link
    query = {name: values[0] for name, values in parse_qs(link[1].replace("&amp;", "&")).items()}
    fetched = client.get(query["request_uri"].removeprefix(BASE))
    assert fetched.headers["content-type"].startswith("application/oauth-authz-req+jwt")
    form = world.wallet.answer(fetched.text, query["client_id"], world.seconds)
    asked = world.wallet.read_request(fetched.text, query["client_id"])
    return client.post(asked["response_uri"].removeprefix(BASE), data=form), form, asked


def test_from_the_first_page_to_a_result_that_counts(world: World, client: Client) -> None:
    world.credential()
    receipt = applied(world, client)
    posted, form, asked = answered(world, client, receipt)
    assert posted.status_code == 200
    onward = posted.json()["redirect_uri"]
    back = client.get(onward.removeprefix(BASE)).text
    assert field(back, "code") == code_in(onward)
    wrong = client.post(
        "/apply/mine/take", data={**key(receipt), "secret": "0" * 28, "code": code_in(onward)}
    )
    assert wrong.status_code == 404
    page = client.post("/apply/mine/take", data={**key(receipt), "code": code_in(onward)})
    assert page.status_code == 200
    assert "A legal identity, by a wallet" in page.text
    # a second time: the answer, and the code
    again = client.post(asked["response_uri"].removeprefix(BASE), data=form)
    assert (again.status_code, again.json()["type"].rpartition("/")[2] != "") == (403, True)
    assert "presentation-refused" in again.text
    assert client.post("/apply/mine/take", data={**key(receipt), "code": code_in(onward)}).status_code == 422


def test_a_pass_for_a_peer(world: World, client: Client) -> None:
    world.node.store.peers.add(
        Peer(
            name="lab",
            url="https://lab.example",
            status=PeerStatus.TRUSTED,
            node_key=NodeIdentity(bytes(32)).public,
        )
    )
    world.credential()
    receipt = applied(world, client)
    asked = {**key(receipt), "node": "lab"}
    assert client.post("/apply/pass", data=asked).status_code == 409  # nothing was shown yet
    world.shown(receipt)
    told = client.post("/apply/pass", data=asked)
    assert told.status_code == 200
    audience = node_id(NodeIdentity(bytes(32)).public)
    now = world.seconds
    keys = {world.node.node_id: world.node.keys.identity.public}
    found = read_pass(told.json()["pass"], keys, audience=audience, now=now)
    assert (found.level, found.exp - now) == ("legal-identity", 300)
    assert client.post("/apply/pass", data={**asked, "node": "stranger"}).status_code == 404
    assert client.post("/apply/pass", data={**asked, "secret": "0" * 28}).status_code == 404


def test_a_refused_wallet_is_told_on_the_page(world: World, client: Client) -> None:
    world.wallet.credential = world.issuer.issue(world.wallet, world.seconds - 40 * 86_400)
    receipt = applied(world, client)
    assert answered(world, client, receipt)[0].status_code == 403
    assert "has run out" in client.post("/apply/mine", data=key(receipt)).text
    assert client.get("/apply/request/" + "0" * 64).status_code == 403
    assert client.post("/apply/answer/" + "0" * 64, data={"vp_token": "{}"}).status_code == 403
    assert (
        client.post("/apply/answer/x", content=b"\xff", headers={"content-type": "text/plain"}).status_code
        == 400
    )


def test_people_look_and_are_objected_to(world: World, client: Client) -> None:
    world.credential()
    receipt = applied(world, client, **{f"consent-{PURPOSE}": "1"})
    assert world.node.applicants.follow(receipt.number, receipt.secret).applicant.consents == (PURPOSE,)
    asked = {**key(receipt), "purpose": PURPOSE, "text": "To study refund letters."}
    page = client.post("/apply/mine/review", data=asked)
    assert "People here will look at it." in page.text
    assert client.post("/apply/mine/review", data=asked).status_code == 422
    (one,) = world.node.applicant_reviews.followed(receipt.number, receipt.secret)
    world.decided(one.review.case, outcome=Outcome.NO_FINDING)
    page = client.post("/apply/mine", data=key(receipt))
    assert "here is why" in page.text
    objected = {**key(receipt), "report": one.review.report, "text": "You overlooked what I sent."}
    assert "Your objection has arrived" in client.post("/apply/mine/appeal", data=objected).text
    other = {**objected, "report": "0000-0000-0000"}
    assert client.post("/apply/mine/appeal", data=other).status_code == 404
    client.post("/apply/mine/consent", data=key(receipt))
    assert world.node.applicants.follow(receipt.number, receipt.secret).applicant.consents == ()
    assert "It is deleted" in client.post("/apply/mine/leave", data=key(receipt)).text
    assert client.post("/apply/mine", data=key(receipt)).status_code == 404


@pytest.mark.net
def test_a_log_in_at_a_named_provider(world: World) -> None:
    with OpenIdProvider(lambda: world.made.now.timestamp()) as provider:
        source = {
            "name": "campus", "issuer": provider.issuer, "client": CLIENT, "email": True, "allow_private": True,
        }  # fmt: skip
        World(world.made, providers=[source])
        provider.claims = {"email": "quill@mail.example", "email_verified": True}
        with answering(world.node) as client:
            assert "A log-in at \u2068campus\u2069" in client.get("/apply").text
            receipt = applied(world, client)
            begun = {**key(receipt), "provider": "campus"}

            def back() -> str:
                page = client.post("/apply/mine/login", data=begun).text
                link = re.search(r'class="button" href="([^"]+)"', page)
                assert link
                return f"/apply/login?{urlencode(provider.let_in(unescape(link[1])))}"

            address = back()
            page = client.get(address).text
            assert "You logged in there." in page
            taken = {**key(receipt), "code": field(page, "code")}
            assert "A mail address, by a log-in" in client.post("/apply/mine/take", data=taken).text
            again = client.get(address)
            assert (again.status_code, "too late or twice" in again.text) == (403, True)
            provider.claims = {}
            refused = client.get(back())
            assert (refused.status_code, 'name="code"' in refused.text) == (403, False)
            assert "nothing that counts here" in client.post("/apply/mine", data=key(receipt)).text
            for lang in ("zh", "mn"):
                assert "campus" in client.post(f"/apply/mine/login?lang={lang}", data=begun).text
            other = {**begun, "provider": "elsewhere"}
            assert client.post("/apply/mine/login", data=other).status_code == 422


def test_a_code_by_mail(world: World, client: Client) -> None:
    receipt = applied(world, client)
    page = client.post("/apply/mine/mail", data={**key(receipt), "mail": "quill@mail.example"})
    assert page.status_code == 200
    assert client.post("/apply/mine/mail", data={**key(receipt), "mail": "quill"}).status_code == 422
    taken = client.post("/apply/mine/take", data={**key(receipt), "code": world.sent[0][2].lower()})
    assert "A mail address, by a code" in taken.text


def test_the_pages_ask_for_nobodys_name_and_speak_three_languages(world: World, client: Client) -> None:
    receipt = applied(world, client)
    for lang in ("en", "zh", "mn"):
        pages = [
            client.get(f"/apply?lang={lang}").text,
            client.get(f"/apply/mine?lang={lang}").text,
            client.post(f"/apply/mine?lang={lang}", data=key(receipt)).text,
        ]
        asked = {name for page in pages for name in re.findall(r'name="([^"]+)"', page)}
        assert asked <= {
            "viewport", "color-scheme", "robots", "ticket", "number", "secret", "issuer", "mail", "code",
            "provider", "purpose", "text", "report", f"consent-{PURPOSE}",
        }  # fmt: skip
        assert all("<script" not in page for page in pages)
        assert ("Apply for access" in pages[0]) == (lang == "en")
    assert client.get("/report").status_code == 404
    world.made.now += timedelta(minutes=1)


def test_without_the_setting_there_is_no_door(made: Made) -> None:
    with answering(made.node) as client:
        assert client.get("/apply").status_code == 404
