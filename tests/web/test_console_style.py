"""The look, as far as it can be measured: contrast, no inline style, no other host, names for controls."""

import re

import pytest

from tests.console import Client, Markup, furnish, log_in, send
from tests.fixtures import Made
from tocsin.web.console.render import STATIC, TEMPLATES

STYLE = (STATIC / "console.css").read_text("utf-8")
TEXT, GRAPHIC = 4.5, 3.0
"""WCAG 2.2, 1.4.3 (text) and 1.4.11 (what must be seen to use or understand)."""

PAIRS = [
    (fore, ground, TEXT)
    for fore in ("ink", "muted", "link", "brass", "bad", "good")
    for ground in ("ground", "paper", "sunk")
]
PAIRS += [
    ("mast-ink", "mast", TEXT),
    ("mast-brass", "mast", TEXT),
    ("button-ink", "button", TEXT),
    ("good", "good-ground", TEXT),
    ("bad", "bad-ground", TEXT),
    ("ink", "good-ground", TEXT),
    ("ink", "bad-ground", TEXT),
    ("link", "good-ground", TEXT),
    ("link", "bad-ground", TEXT),
    ("muted", "bad-ground", TEXT),
    ("bar", "paper", GRAPHIC),
    ("edge", "paper", GRAPHIC),
    ("edge", "sunk", GRAPHIC),
    ("focus", "ground", GRAPHIC),
    ("focus", "paper", GRAPHIC),
    ("focus", "sunk", GRAPHIC),
    ("button", "paper", GRAPHIC),
]


def colours(scheme: str) -> dict[str, str]:
    """The custom properties of a scheme."""
    blocks = re.findall(r":root \{(.*?)\}", STYLE, flags=re.DOTALL)
    light = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", blocks[0]))
    return light if scheme == "light" else light | dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", blocks[1]))


def luminance(colour: str) -> float:
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("fore", "ground", "least"), PAIRS)
def test_contrast(scheme: str, fore: str, ground: str, least: float) -> None:
    named = colours(scheme)
    bright, dark = sorted((luminance(named[fore]), luminance(named[ground])), reverse=True)
    ratio = (bright + 0.05) / (dark + 0.05)
    assert ratio >= least, f"{fore} on {ground}: {ratio:.2f}"


def test_the_style_fetches_nothing() -> None:
    assert "url(" not in STYLE
    assert "@import" not in STYLE
    assert "@font-face" not in STYLE


def test_templates_hold_no_style_no_handler_no_script_and_no_host() -> None:
    for path in TEMPLATES.glob("*.html"):
        text = path.read_text("utf-8")
        assert not re.search(r"\bstyle=|\bon[a-z]+=|<script|<style|javascript:", text), path.name
        assert "http:" not in text, path.name
        assert "https:" not in text, path.name


MORE_PAGES = (
    "/log",
    "/trends",
    "/counts",
    "/records",
    "/records/campaign--0b9c7f0e-6d2c-5a2f-9a0e-3f1f0f1d2c3b",
    "/taxonomy?q=fraud",
    "/taxonomy/concepts/fraud.scam",
    "/guards",
    "/channels",
    "/taxonomy/schemes/atlas",
    "/taxonomy/compare?first=nist-ai-600-1&second=tc260-3",
)


def test_every_control_has_a_name_and_every_table_its_headings(client: Client, made: Made) -> None:
    furnish(made)
    log_in(client, made.token)
    warning = "/warnings/00000000-0000-5000-8000-000000000000"
    pages = [
        client.get(path).text
        for path in (
            "/warnings",
            warning,
            "/peers",
            "/left",
            "/audit",
            "/share?peer=lab&purpose=x",
            *MORE_PAGES,
        )
    ]
    pages += [send(client, f"{warning}/review", warning, verdict="confirmed").text, client.get("/login").text]
    for page in pages:
        markup = Markup(page)
        labelled = {tag["for"] for tag in markup.all("label")}
        controls = [
            tag
            for tag in markup.all("input", "select", "textarea")
            if tag.get("type") != "hidden" and "hidden" not in tag
        ]
        assert {tag["id"] for tag in controls} == labelled
        ids = [tag["id"] for _, tag in markup.tags if "id" in tag]
        assert len(ids) == len(set(ids)), "an id stands once"
        pointed = " ".join(
            tag[name]
            for _, tag in markup.tags
            for name in ("aria-describedby", "aria-labelledby")
            if name in tag
        )
        assert set(pointed.split()) <= set(ids)
        assert all(tag.get("scope") in ("col", "row") for tag in markup.all("th"))
        assert len(markup.all("h1")) == 1
        assert len(markup.all("main")) == 1
        assert markup.all("a")[0]["href"] == "#main", "the skip link comes first"
        assert {tag["method"] for tag in markup.all("form")} <= {"get", "post"}
        tokens = [tag for tag in markup.all("input") if tag.get("name") == "csrf"]
        assert len(tokens) >= len([tag for tag in markup.all("form") if tag["method"] == "post"]) - (
            "/login" in page
        )
