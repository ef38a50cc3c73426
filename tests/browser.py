"""A real browser before a real node: Debian's Chromium, driven by Playwright, on loopback.

A page that says anything on its console, breaks its own content policy, or asks another host, fails its test.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from litestar import Litestar
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.conftest import missing

CHROMIUM = Path("/usr/bin/chromium")
START_SECONDS = 20.0

_LISTEN = """
window.__broken = [];
document.addEventListener('securitypolicyviolation', (e) =>
  window.__broken.push(e.violatedDirective + ' ' + e.blockedURI));
"""


@contextmanager
def chromium() -> Iterator[Browser]:
    """A browser without a window; the test is skipped with a line, or fails, where there is none."""
    if not CHROMIUM.exists():
        missing(f"a browser at {CHROMIUM}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def served(app: Litestar, port: int = 0) -> Iterator[str]:
    """The application on a free port of loopback, or the given one; yields its address."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", port))
        server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, server_header=False))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        end = time.monotonic() + START_SECONDS
        while not server.started:
            assert time.monotonic() < end, "the application did not start"
            time.sleep(0.02)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(START_SECONDS)


class Watched:
    """A page and everything it did that it must not do."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.origin = origin
        self.wrong: list[str] = []
        context.add_init_script(_LISTEN)
        context.on("request", lambda request: self._asked(request.url))
        self.page: Page = context.new_page()
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))

    def open(self, path: str) -> None:
        """Go to a page of the console."""
        self.page.goto(self.origin + path)

    def check(self) -> None:
        """Nothing was said on the console, the policy held, no other host was asked."""
        broken: list[str] = self.page.evaluate("window.__broken ?? []")
        assert self.wrong + broken == []

    def _asked(self, url: str) -> None:
        if urlsplit(url).netloc != urlsplit(self.origin).netloc:
            self.wrong.append(f"asked {url}")

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"console {message.type}: {message.text}")


@contextmanager
def watched(browser: Browser, origin: str, **options: Any) -> Iterator[Watched]:
    """A fresh context with one watched page; checked at the end."""
    context = browser.new_context(**options)
    try:
        visit = Watched(context, origin)
        yield visit
        visit.check()
    finally:
        context.close()
