"""The console as people meet it: in Chromium, by mouse, by keyboard alone, on a small screen, without scripts."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser import chromium, served, watched
from tests.console import furnish
from tests.fixtures import Made
from tests.incidents import NIS2, an_incident
from tests.kept_cases import keep_cases
from tests.kept_evaluations import keep_evaluations
from tests.kept_models import BAD, keep_models, know_of_models
from tests.kept_releases import keep_releases
from tocsin.web.server import create_app

pytestmark = [pytest.mark.net, pytest.mark.chromium, pytest.mark.slow]

SCREENSHOTS = "TOCSIN_SCREENSHOTS"
"""A folder: the pictures of the documentation are written there."""

FIRST = "/warnings/00000000-0000-5000-8000-000000000000"
PAGES = (
    "/warnings",
    FIRST,
    "/actors",
    FIRST.replace("warnings", "actors"),
    "/rules",
    "/models",
    f"/models/{BAD}",
    "/peers",
    "/left",
    f"/left/lab/{'cd' * 32}",
    "/audit",
    "/log",
    "/openings",
    "/records",
    "/records/campaign--0b9c7f0e-6d2c-5a2f-9a0e-3f1f0f1d2c3b",
    "/guards",
    "/channels",
    "/trends",
    "/counts",
    "/access",
    "/matches",
    "/sums",
    "/distinct",
    "/trends?category=fraud.scam",
    "/taxonomy",
    "/taxonomy/concepts/fraud.scam",
    "/taxonomy/schemes/atlas",
    "/taxonomy/compare?first=nist-ai-600-1&second=tc260-3",
    "/share?peer=lab&purpose=misuse-defence",
)
MEASURED: list[str] = []
"""Pages of what was measured and decided: their ids are drawn anew each time."""

WIDE: ViewportSize = {"width": 1280, "height": 900}
WIDTHS = (320, 768, 1000, 1160, 2200)

OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
SMALL_TARGETS = """
[...document.querySelectorAll('button, select, summary, input:not([type=hidden]), nav a, thead a')]
  .filter((e) => e.checkVisibility() && !e.hidden)
  .map((e) => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])
  .filter(([, box]) => box.height < 24 || box.width < 24)
  .map(([html, box]) => html + ' ' + box.width + 'x' + box.height)
"""
FOCUSED = """
(() => {
  const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
  return {text: (e.innerText || e.name || '').trim().slice(0, 40), href: e.getAttribute('href') || '',
          outline: style.outlineStyle === 'none' ? 0 : parseFloat(style.outlineWidth),
          visible: box.width > 0 && box.height > 0};
})()
"""


@pytest.fixture
def origin(made: Made, tmp_path: Path) -> Iterator[str]:
    """A furnished node, served without background jobs, so that every picture is the same."""
    furnish(made)
    keep_models(made)
    know_of_models(made)
    over, held, _ = keep_evaluations(made)
    decided = keep_releases(made, tmp_path)
    _, found = keep_cases(made)
    officer = made.node.access.operator("dov")
    incident = an_incident(made, officer)
    report = made.node.duty_reports.draft(officer, incident.id, NIS2, "early-warning", "en")
    MEASURED[:] = [
        "/evaluations",
        f"/evaluations/{over.id}",
        f"/evaluations/plans/{over.registration}",
        f"/evaluations/compare?a={over.id}&b={held.id}",
        "/evaluations/recognitions",
        "/releases",
        *(f"/releases/{one.id}" for one in decided),
        "/cases",
        *(f"/cases/{one.id}" for one in found.values()),
        "/incidents",
        f"/incidents/{incident.id}",
        f"/duty-reports/{report.id}",
        "/red-lines",
        f"/red-lines/{made.node.red_lines.in_force()[0].id}",
    ]
    with served(create_app(made.node, jobs=False)) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for all: each visit has a context of its own."""
    with chromium() as browser:
        yield browser


def log_in(page: Page, token: str) -> None:
    page.get_by_label("Access token").fill(token)
    page.get_by_role("button", name="Log in").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def keep(page: Page, name: str) -> None:
    """Write a picture when the documentation asks for it."""
    folder = os.environ.get(SCREENSHOTS)
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / name, full_page=True)


def test_from_the_door_to_a_decision(browser: Browser, origin: str, made: Made) -> None:
    with watched(browser, origin, viewport=WIDE, locale="en-GB") as visit:
        page = visit.page
        visit.open("/")
        log_in(page, made.token)
        expect(page).to_have_url(f"{origin}/warnings")
        rows = page.locator("tbody tr")
        expect(rows).to_have_count(9)

        page.get_by_role("columnheader", name="Accounts").get_by_role("link").click()
        expect(page.get_by_role("columnheader", name="Accounts")).to_have_attribute("aria-sort", "descending")
        expect(rows.first.locator("td").nth(1)).to_have_text("54")
        page.get_by_role("columnheader", name="Accounts").get_by_role("link").click()
        expect(rows.first.locator("td").nth(1)).to_have_text("14")

        page.get_by_label("Category").select_option("fraud.scam")
        page.get_by_label("Status").select_option("open")
        page.get_by_role("button", name="Filter").click()
        expect(rows).to_have_count(3)

        page.get_by_role("link", name="Scam").first.click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Scam")
        expect(page.get_by_role("img", name="Events by day")).to_be_visible()
        page.get_by_label("For what purpose do you open them?").fill("To judge this warning")
        page.get_by_role("button", name="Open the samples").click()
        expect(page.locator(".samples li")).to_have_count(3)
        expect(page.locator(".samples")).not_to_contain_text("clerk@lottery.example")
        keep(page, "warning-en.png")

        page.get_by_label("Basis for acting").fill("Terms of use, rule 4.2")
        page.get_by_label("Why, in your words").fill(
            "One refund text from new accounts that pay to one wallet."
        )
        page.get_by_role("button", name="Confirm", exact=True).click()
        expect(page.get_by_role("status")).to_contain_text("Its records are made")

        page.get_by_role("navigation", name="Watch").get_by_role("link", name="Warnings").click()
        page.get_by_label("Status").select_option("confirmed")
        page.get_by_role("button", name="Filter").click()
        expect(rows).to_have_count(1)
        expect(rows.first).to_contain_text("Confirmed")

        page.get_by_role("link", name="中文").click()
        expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
        expect(rows.first).to_contain_text("已确认")
        page.get_by_role("link", name="诈骗").first.click()
        expect(page.get_by_role("heading", name="报警理由")).to_be_visible()
        keep(page, "warning-zh.png")
        page.get_by_role("button", name="退出登录").click()
        expect(page.get_by_label("访问令牌")).to_be_visible()


def test_preview_approve_publish(browser: Browser, origin: str, made: Made) -> None:
    with watched(browser, origin, viewport=WIDE, locale="en-GB") as visit:
        page = visit.page
        visit.open(FIRST)
        log_in(page, made.token)
        page.get_by_label("Basis for acting").fill("Terms of use, rule 4.2")
        page.get_by_label("Why, in your words").fill("One refund text from new accounts.")
        page.get_by_role("button", name="Confirm", exact=True).click()
        page.get_by_role("link", name="Preview what would leave").click()
        page.get_by_label("To which peer").select_option("lab")
        page.get_by_role("button", name="Preview").click()
        expect(page.get_by_text("Preview: nothing has been sent")).to_be_visible()
        seen = page.locator(".hashes code").first.inner_text()
        page.get_by_role("button", name="Approve and publish").click()
        expect(page.get_by_role("status")).to_contain_text("Published.")
        expect(page.locator(".hashes code").first).to_have_text(seen)


def test_by_keyboard_alone(browser: Browser, origin: str, made: Made) -> None:
    with watched(browser, origin, viewport=WIDE, locale="en-GB") as visit:
        page = visit.page
        visit.open("/")
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUSED)["text"] == "Skip to the content"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        page.keyboard.type(made.token)
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{origin}/warnings")
        stops = tab_until(page, lambda focus: focus["href"] == FIRST)
        assert all(stop["outline"] >= 2 for stop in stops), "what has the focus is seen to have it"
        assert all(stop["visible"] for stop in stops)
        page.keyboard.press("Enter")
        expect(page).to_have_url(origin + FIRST)
        tab_until(page, lambda focus: focus["text"] == "purpose")
        page.keyboard.type("To judge this warning")
        page.keyboard.press("Enter")
        expect(page.locator(".samples li")).to_have_count(3)
        tab_until(page, lambda focus: focus["text"] == "Dismiss it")
        page.keyboard.press("Enter")
        tab_until(page, lambda focus: focus["text"] == "statement")
        page.keyboard.type("A refund that the lottery itself announced.")
        tab_until(page, lambda focus: focus["text"] == "Dismiss")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("Dismissed.")


def tab_until(page: Page, there: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """Press Tab until something has the focus; returns every stop on the way."""
    stops: list[dict[str, Any]] = []
    for _ in range(80):
        page.keyboard.press("Tab")
        stops.append(page.evaluate(FOCUSED))
        if there(stops[-1]):
            return stops
    raise AssertionError(f"not reached by Tab; passed {[stop['text'] for stop in stops]}")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits(browser: Browser, origin: str, made: Made, scheme: str) -> None:
    with watched(browser, origin, viewport=WIDE, color_scheme=scheme, locale="en-GB") as visit:
        visit.open("/")
        fits_at_every_width(visit.page, "/")
        log_in(visit.page, made.token)
        for language in ("en", "zh"):
            for path in (*PAGES, *MEASURED):
                visit.open(f"{path}{'&' if '?' in path else '?'}lang={language}")
                fits_at_every_width(visit.page, path)
                visit.check()


def fits_at_every_width(page: Page, path: str) -> None:
    """One load, laid out anew at each width: nothing about a page but its layout knows how wide it is."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        assert page.evaluate(OVERFLOW) == 0, f"{path} scrolls sideways at {width} px"
        assert page.evaluate(SMALL_TARGETS) == [], (
            f"{path}: targets under 24 px at {width} px (WCAG 2.2, 2.5.8)"
        )


def test_a_decision_is_drawn(browser: Browser, origin: str, made: Made) -> None:
    with watched(browser, origin, viewport=WIDE, locale="en-GB") as visit:
        visit.open("/")
        log_in(visit.page, made.token)
        decided = [path for path in MEASURED if path.startswith("/releases/")]
        for language in ("en", "zh"):
            visit.open(f"{decided[-1]}?lang={language}")
            expect(visit.page.locator(".strip-interval")).to_have_count(2)
            expect(visit.page.locator(".strip-line")).to_have_count(2)
            keep(visit.page, f"release-{language}.png")


def test_without_scripts(browser: Browser, origin: str, made: Made) -> None:
    context = browser.new_context(java_script_enabled=False, locale="zh-CN", viewport=WIDE)
    try:
        page = context.new_page()
        page.goto(origin)
        expect(page.get_by_role("heading", level=1)).to_have_text("登录")
        page.get_by_label("访问令牌").fill(made.token)
        page.get_by_role("button", name="登录").click()
        page.get_by_role("columnheader", name="账号").get_by_role("link").click()
        expect(page.get_by_role("columnheader", name="账号")).to_have_attribute("aria-sort", "descending")
    finally:
        context.close()
