"""One report from its first word to a decision that is overturned, as the people in it meet it: in Chromium.

Somebody without an account writes in Mongolian; an analyst claims, verifies and decides; they read the reasons and
object; a reviewer who had no part in it overturns; they read that too.
"""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import Watched, chromium, served, watched
from tests.fixtures import Made
from tests.kept_cases import Staff, staff
from tests.public_reporters import PNG, open_door
from tocsin.app.node import Node
from tocsin.kernel.cases import CaseState
from tocsin.kernel.disposing import Measure
from tocsin.web.server import create_app

pytestmark = [pytest.mark.net, pytest.mark.chromium, pytest.mark.slow]

SCREENSHOTS = "TOCSIN_SCREENSHOTS"
TOLD = "Нэг хуудас сугалааны мөнгөө буцааж өгнө гэж амлаад эхлээд хураамж нэхэж байна."
"""A page promises a refund of the lottery and asks for a fee first."""
CONTACT = "+976 0000 0000"
REASONS = "Хуудсыг устгасан. Буцаалтаас өмнө хураамж нэхэхийг үйлчилгээний нөхцөлийн 4.2 хориглодог."
OBJECTION = "Энэ хуудас ийм хураамжаас сэрэмжлүүлдэг. Хураамж нэхдэггүй."
OVERTURNED = "Хуудас хураамжаас сэрэмжлүүлдэг нь тогтоогдсон. Устгасныг буцаасан."


@pytest.fixture
def people(made: Made) -> Staff:
    """Who works here."""
    open_door(made.node.data)
    made.node.close()
    made.node = Node(made.node.data, clock=made.clock)
    return staff(made)


@pytest.fixture
def origin(made: Made, people: Staff) -> Iterator[str]:
    with served(create_app(made.node, jobs=False)) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def log_in(visit: Watched, token: str) -> Page:
    visit.open("/login?lang=en")
    visit.page.get_by_label("Access token").fill(token)
    visit.page.get_by_role("button", name="Log in").click()
    expect(visit.page.get_by_role("heading", level=1)).to_be_visible()
    return visit.page


def keep(page: Page, name: str) -> None:
    """Write a picture when the documentation asks for it."""
    folder = os.environ.get(SCREENSHOTS)
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / name, full_page=True)


def decide(page: Page, *, outcome: str, measure: str, reasons: str) -> None:
    """Fill in what a decision needs."""
    page.get_by_label("What was found").select_option(outcome)
    page.get_by_label(measure, exact=True).check()
    page.get_by_label("Legal ground").select_option("none" if measure == "None" else "incompatible-content")
    page.get_by_label("Which law, or which rule of the terms").fill("Terms of use, 4.2")
    page.get_by_label("The facts it rests on").fill("The page was read on the day of the report.")
    page.get_by_label("Why the facts fall under that ground").fill(
        "Rule 4.2 speaks of fees before a payment."
    )
    page.get_by_label("Language of the reasons").select_option("mn")
    page.get_by_label("Reasons, for the person to read").last.fill(reasons)


def test_from_a_report_without_an_account_to_a_decision_overturned(
    browser: Browser, origin: str, made: Made, people: Staff, tmp_path: Path
) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(PNG)
    with watched(browser, origin, locale="mn-MN", java_script_enabled=False) as reporter:
        page = reporter.page
        reporter.open("/report?lang=mn")
        keep(page, "report-start-mn.png")
        reporter.open("/report/new?lang=mn")
        expect(page.locator("html")).to_have_attribute("lang", "mn")
        page.locator("#what").fill(TOLD)
        page.locator("#where").fill("https://refund.example/pay")
        page.locator("#contact").fill(CONTACT)
        page.locator("#files").set_input_files(picture)
        keep(page, "report-form-mn.png")
        made.now += timedelta(minutes=2)
        page.locator("main form button[type=submit]").click()
        number, secret = page.locator("dl.receipt code").all_inner_texts()
        keep(page, "report-receipt-mn.png")

        (listed,) = made.node.cases.page(people.analyst).cases
        case = f"/cases/{listed.id}"
        with watched(browser, origin, locale="en-GB") as analyst:
            console = log_in(analyst, people.tokens["ana"])
            analyst.open("/cases")
            expect(console.get_by_text(TOLD)).to_have_count(0)
            keep(console, "cases-en.png")
            console.locator("tbody th a").first.click()
            console.get_by_role("button", name="Claim").click()
            expect(console.get_by_text(TOLD)).to_be_visible()
            expect(console.get_by_text(CONTACT)).to_have_count(0)
            expect(console.locator("#h-exhibits")).to_be_visible()
            console.get_by_label("Category of conduct").select_option("fraud.scam")
            console.get_by_label("Why, in your words").first.fill("It asks for a fee before a refund.")
            console.get_by_role("button", name="Sort", exact=True).click()
            console.get_by_label("What was found").select_option("borne-out")
            console.get_by_label("What shows it").fill("The page was opened and read.")
            console.get_by_role("button", name="Verify").click()
            decide(console, outcome="borne-out", measure="Content removed", reasons=REASONS)
            keep(console, "case-decide-en.png")
            console.get_by_role("button", name="Decide", exact=True).click()
            expect(console.locator("#h-decided")).to_be_visible()
            keep(console, "case-en.png")
            analyst.open(f"{case}?lang=zh")
            keep(console, "case-zh.png")
            analyst.check()
        assert made.node.cases.get(people.analyst, listed.id).state is CaseState.DISPOSED

        made.now += timedelta(days=1)
        follow(page, reporter, number, secret)
        expect(page.get_by_text(REASONS)).to_be_visible()
        keep(page, "report-decided-mn.png")
        page.locator("#appeal").fill(OBJECTION)
        page.locator("form[action*='appeal'] button").click()
        assert made.node.cases.get(people.analyst, listed.id).state is CaseState.APPEALED

        with watched(browser, origin, locale="en-GB") as judge:
            console = log_in(judge, people.tokens["bela"])
            judge.open("/cases?appeals=1")
            console.locator("tbody th a").first.click()
            console.get_by_role("button", name="Claim").click()
            expect(console.get_by_text(OBJECTION)).to_be_visible()
            console.get_by_text("Another decision takes its place").click()
            decide(console, outcome="not-borne-out", measure="None", reasons=OVERTURNED)
            console.get_by_role("button", name="Overturn").click()
            expect(console.get_by_text("Overturned").first).to_be_visible()
            keep(console, "case-overturned-en.png")
            judge.check()

        follow(page, reporter, number, secret)
        expect(page.get_by_text(OVERTURNED).first).to_be_visible()
        keep(page, "report-overturned-mn.png")
        reporter.check()

    decided = made.node.cases.get(people.reviewer, listed.id)
    assert decided.state is CaseState.OVERTURNED
    assert decided.disposition is not None
    assert decided.disposition.measures == (Measure.NONE,)
    assert decided.appeal is not None
    assert decided.appeal.judged_by == people.reviewer.user != people.analyst.user
    done = [one.act for one in made.node.cases.acts(people.reviewer, listed.id)]
    assert done == ["received", "claim", "triage", "verify", "dispose", "appeal", "claim", "overturn"]


def follow(page: Page, reporter: Watched, number: str, secret: str) -> None:
    """Number and secret, typed again."""
    reporter.open("/report/follow?lang=mn")
    page.locator("#number").fill(number)
    page.locator("#secret").fill(secret)
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(number)
