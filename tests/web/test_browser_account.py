"""A person's own account in Chromium: a second factor set up by reading the page, then used at the door."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser import chromium, served, watched
from tests.fixtures import Made
from tests.nodes import free_port
from tests.openid_provider import OpenIdProvider
from tests.people import WORDS, code, node_with, secret_of, with_password
from tests.web.test_browser import OVERFLOW, SMALL_TARGETS, keep
from tocsin.kernel import Role
from tocsin.web.server import create_app

pytestmark = [pytest.mark.net, pytest.mark.chromium, pytest.mark.slow]

WIDE: ViewportSize = {"width": 1280, "height": 900}


@pytest.fixture
def origin(made: Made) -> Iterator[str]:
    with_password(made, "chen", Role.ANALYST, Role.REVIEWER)
    made.node.access.issue_token(made.node.access.operator(), "chen", label="laptop")
    made.node.accounts.by_password("chen", WORDS, "192.0.2.7")
    with served(create_app(made.node, jobs=False)) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One for all: each visit has a context of its own."""
    with chromium() as browser:
        yield browser


def log_in(page: Page) -> None:
    page.get_by_label("Name", exact=True).fill("chen")
    page.get_by_label("Password", exact=True).fill(WORDS)
    page.get_by_role("button", name="Log in").first.click()


def test_from_a_password_to_a_second_factor_and_back_in(browser: Browser, origin: str, made: Made) -> None:
    with watched(browser, origin, viewport=WIDE, locale="en-GB") as visit:
        page = visit.page
        visit.open("/account")
        keep(page, "door-password.png")
        log_in(page)
        expect(page).to_have_url(f"{origin}/account")
        expect(page.get_by_role("heading", level=1)).to_have_text("chen")
        expect(page.get_by_text("192.0.2.7")).to_be_visible()
        keep(page, "account-en.png")
        page.get_by_role("button", name="Close").click()
        expect(page.get_by_role("status")).to_have_text("The session is closed.")
        page.get_by_role("button", name="Set up a second factor").click()
        expect(page.get_by_role("img", name="QR code of the secret")).to_be_visible()
        keep(page, "second-factor.png")
        secret = secret_of(page.locator(".spelt").inner_text())
        page.get_by_label("Code", exact=True).fill(code(made, secret))
        page.get_by_role("button", name="Confirm").click()
        expect(page.locator(".codes li")).to_have_count(10)
        keep(page, "recovery-codes.png")
        recovery = page.locator(".codes code").first.inner_text()
        page.get_by_role("link", name="I have kept them").click()
        expect(page.get_by_text("10 recovery codes are left.")).to_be_visible()
        keep(page, "account-factor.png")

        page.get_by_role("button", name="Log out").click()
        log_in(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("Second factor")
        keep(page, "code.png")
        made.now += timedelta(seconds=30)
        page.get_by_label("Code", exact=True).fill(code(made, secret))
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{origin}/warnings")

        page.get_by_role("link", name="中文").click()
        page.get_by_role("link", name="我的账户：chen").click()
        expect(page.get_by_text("已用第二因素")).to_be_visible()
        keep(page, "account-zh.png")
        page.get_by_role("button", name="退出登录").click()
        page.get_by_label("用户名").fill("chen")
        page.get_by_label("密码").fill(WORDS)
        page.get_by_role("button", name="登录").first.click()
        page.get_by_label("验证码").fill(recovery)
        page.keyboard.press("Enter")
        expect(page).to_have_url(f"{origin}/warnings")


def test_to_the_provider_and_back_across_sites(browser: Browser, made: Made) -> None:
    """The console is at localhost and the provider at 127.0.0.1: two sites, so that a strict cookie shows its teeth."""
    port = free_port()
    with (
        OpenIdProvider(lambda: made.now.timestamp()) as provider,
        node_with(made, provider.issuer, public_url=f'"http://localhost:{port}"') as node,
        served(create_app(node, jobs=False), port),
    ):
        context = browser.new_context(viewport=WIDE, locale="en-GB")
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda message: said.append(message.text))
        page.goto(f"http://localhost:{port}/left")
        keep(page, "door-provider.png")
        page.get_by_role("link", name="Log in with").click()
        expect(page).to_have_url(f"http://localhost:{port}/left")
        expect(page.get_by_role("link", name="My account: chen")).to_be_visible()
        page.get_by_role("button", name="Log out").click()
        provider.claims["groups"] = ["choir"]
        page.get_by_role("link", name="Log in with").click()
        expect(page.get_by_role("alert")).to_contain_text("none of your groups has a role")
        keep(page, "not-let-in.png")
        assert [text for text in said if "403" not in text] == []
        context.close()


@pytest.mark.parametrize("width", [320, 1000, 2200])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_fit(browser: Browser, origin: str, made: Made, width: int, scheme: str) -> None:
    size: ViewportSize = {"width": width, "height": 800}
    with watched(browser, origin, viewport=size, color_scheme=scheme, locale="en-GB") as visit:
        visit.open("/login")
        log_in(visit.page)
        expect(visit.page).to_have_url(f"{origin}/warnings")
        visit.open("/account")
        visit.page.get_by_role("button", name="Set up a second factor").click()
        for path in ("/account/second-factor", "/account", "/login?again=1"):
            for language in ("en", "zh"):
                visit.open(f"{path}{'&' if '?' in path else '?'}lang={language}")
                keep(visit.page, f"fit-{width}-{scheme}-{language}-{path.split('/')[-1].split('?')[0]}.png")
                assert visit.page.evaluate(OVERFLOW) == 0, f"{path} scrolls sideways at {width} px"
                assert visit.page.evaluate(SMALL_TARGETS) == []
                visit.check()
